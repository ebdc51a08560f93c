"""Sealed text opens under its own secret only, is found again by its mark, and shows itself nowhere."""

from __future__ import annotations

import pickle

import pytest

from app.core.mail_address import masked, read_address, seal_address
from app.core.sealed_text import SealedText, Sealer

SEALER = Sealer("s" * 40)


def test_what_was_sealed_opens_again_and_only_under_its_secret() -> None:
    value = SEALER.seal("lina@guest.example")
    assert SEALER.open(value) == "lina@guest.example"
    assert Sealer("t" * 40).open(value) is None


def test_what_was_touched_or_is_none_of_ours_does_not_open() -> None:
    value = str.__str__(SEALER.seal("lina@guest.example"))
    for wrong in (value[:-6] + "AAAAA=", "gAAAA", "", "é", None):
        assert SEALER.open(wrong) is None


def test_the_cipher_differs_each_time_and_the_mark_never() -> None:
    assert str.__str__(SEALER.seal("a@b.example")) != str.__str__(SEALER.seal("a@b.example"))
    assert SEALER.mark("a@b.example") == SEALER.mark("a@b.example") != Sealer("t" * 40).mark("a@b.example")


def test_nothing_becomes_sealed_by_being_renamed_nor_travels() -> None:
    with pytest.raises(TypeError):
        SealedText("plain")
    with pytest.raises(TypeError):
        pickle.dumps(SEALER.seal("x"))
    assert "x@" not in repr(seal_address("x@y.example", SEALER))
    assert repr(SEALER.seal("x")) == "<sealed>"


@pytest.mark.parametrize("typed", [" Lina.W+desk@Guest.Example ", "a@b.co", "o'neil@x-y.example.org"])
def test_an_address_is_read_in_one_form(typed: str) -> None:
    assert read_address(typed) == typed.strip().lower()


@pytest.mark.parametrize(
    "typed",
    ["", "lina", "lina@", "@x.example", "a@b", "a b@c.example", "a@b.example\nBcc: x@y.example", "a..b@c.example", "a" * 250 + "@b.co"],
)
def test_what_is_no_address_is_none(typed: str) -> None:
    assert read_address(typed) is None


def test_an_address_is_shown_by_its_first_letter_and_its_domain() -> None:
    assert masked("lina@guest.example") == "l…@guest.example"
