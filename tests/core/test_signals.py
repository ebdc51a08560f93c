"""Signals: phrases that may be anywhere, phrases at a word's edge, groups that must all be met."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.plain_text import plain
from app.core.signals import Phrase, PhraseFinder, read_signal

SIGNAL = {"id": "s", "weight": 2, "text": ["a-key"], "en": "e", "zh": "z"}


def test_json_python_and_full_width_spellings_read_alike() -> None:
    assert plain('{"code": "x"}') == plain("{'code':'x'}") == plain("{`code`：“x”}")


def test_escapes_and_line_breaks_read_like_spaces() -> None:
    assert plain("one\\n two\nthree") == " one two three "


def test_a_very_long_text_keeps_its_start_and_its_end() -> None:
    text = plain("start " + "x" * 50_000 + " end")
    assert text.startswith(" start")
    assert text.endswith("end ")
    assert len(text) < 20_000


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("|waf|", "blocked by waf", True),
        ("|waf|", "software", False),
        ("|api_error|", "new_api_error", False),
        ("rate limit", "Rate Limit", True),
        ("|ip|", "IP 不在白名单", True),
    ],
)
def test_a_bar_asks_for_a_words_edge(source: str, text: str, found: bool) -> None:
    finder = PhraseFinder([Phrase("text", source)])
    assert bool(finder.find(plain(text))) is found


@given(st.lists(st.text("abc限流 ", min_size=1, max_size=6), max_size=12, unique=True), st.text("abc限流 ", max_size=60))
def test_the_finder_finds_exactly_the_phrases_the_text_holds(sources: list[str], text: str) -> None:
    phrases = [phrase for phrase in (Phrase("text", source) for source in sources) if phrase.bare]
    assert set(PhraseFinder(phrases).find(plain(text))) == {phrase.token for phrase in phrases if phrase.bare in plain(text)}


def test_all_groups_must_be_met_and_nothing_forbidden_present() -> None:
    rule = read_signal("c", {**SIGNAL, "with_text": ["b"], "status": [429], "without_client": ["sdk"]})
    held = {"text=a-key", "text=b", "status=429"}
    assert rule.holds(held, "")
    assert not rule.holds(held - {"status=429"}, "")
    assert not rule.holds(held | {"client=sdk"}, "")


def test_a_pattern_is_looked_for_only_when_the_phrases_are_there() -> None:
    rule = read_signal("c", {**SIGNAL, "pattern": ["a-key-[0-9]"]})
    assert rule.holds({"text=a-key"}, " a-key-7 ")
    assert not rule.holds({"text=a-key"}, " a-key ")


def test_a_signal_without_a_condition_is_refused() -> None:
    with pytest.raises(KeyError):
        read_signal("c", {"id": "s", "weight": 1, "en": "e", "zh": "z"})
