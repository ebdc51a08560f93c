"""Facts of an article beside its text: who may change it, its sources, its pictures, which tickets it is about."""

from __future__ import annotations

import pytest

from app.core.article import BadArticle, content_hash, parse_article, print_article
from app.core.article_pictures import missing_pictures, picture_address, picture_problems, shown
from app.core.article_rights import may_edit
from app.core.article_signature import Signature, has_signature, why_suggested
from app.core.article_sources import outside_links, read_source, source_problems
from app.core.roles import Role
from tests.articles import content

PICTURE = picture_address("ab" * 16, "image/png")


def test_a_file_that_never_spoke_of_them_stays_as_it_is() -> None:
    printed = print_article(content())
    assert not any(key in printed for key in ("governance:", "volatile:", "sources:", "author:"))
    assert parse_article(printed).governance == "editors"


def test_the_new_facts_survive_the_file_form() -> None:
    whole = content(governance="owner", volatile=True, sources=("https://example.com/a 2026-11-20",), author="The team of Lin")
    read = parse_article(print_article(whole))
    assert (read.governance, read.volatile, read.sources, read.author) == ("owner", True, whole.sources, whole.author)
    assert content_hash(read) == content_hash(whole) != content_hash(content())


def test_a_flag_is_yes_or_no() -> None:
    printed = print_article(content(volatile=True))
    assert parse_article(printed.replace("volatile: yes", "volatile: No")).volatile is False
    with pytest.raises(BadArticle, match="yes or no"):
        parse_article(printed.replace("volatile: yes", "volatile: perhaps"))


@pytest.mark.parametrize(
    ("governance", "role", "person", "allowed"),
    [
        ("staff", Role.AGENT, 9, True),
        ("editors", Role.AGENT, 9, False),
        ("editors", Role.EDITOR, 9, True),
        ("owner", Role.EDITOR, 9, False),
        ("owner", Role.EDITOR, 1, True),
        ("owner", Role.AGENT, 2, True),
        ("owner", Role.OWNER, 9, True),
        ("staff", Role.USER, 9, False),
        ("nonsense", Role.EDITOR, 9, True),
    ],
)
def test_governance_says_who_may_change_an_article(governance: str, role: Role, person: int, allowed: bool) -> None:
    assert may_edit(governance, role, person, owner=1, backup=2) is allowed


def test_what_nobody_owns_is_the_editors() -> None:
    assert may_edit("owner", Role.EDITOR, 9, owner=None, backup=None)


@pytest.mark.parametrize(
    "line", ["https://example.com/x", "example.com 2026-11-20", "https://example.com 2026-13-01", "ftp://x.org 2026-11-20"]
)
def test_a_source_needs_an_address_and_a_day(line: str) -> None:
    assert read_source(line) is None
    assert [problem.rule for problem in source_problems([line])] == ["source-malformed"]


def test_a_source_is_read() -> None:
    source = read_source("https://example.com/x?y=1 2026-11-20")
    assert source is not None
    assert (source.url, source.checked_on) == ("https://example.com/x?y=1", "2026-11-20")


def test_links_to_elsewhere_are_found_once() -> None:
    assert outside_links("[a](https://a.org/x) [b](/kb/en/x) [a](https://a.org/x)") == ["https://a.org/x"]


def test_a_picture_is_ours_and_has_words() -> None:
    assert list(picture_problems(f"![The menu with its key field]({PICTURE})")) == []
    assert [each.rule for each in picture_problems(f"text\n![]({PICTURE})")] == ["picture-wordless"]
    assert [each.rule for each in picture_problems("![words here](https://elsewhere.example/x.png)")] == ["picture-elsewhere"]
    assert shown(f"![a menu]({PICTURE}) again ![a menu]({PICTURE})") == ["ab" * 16]


def test_a_picture_nobody_kept_is_named_with_its_line() -> None:
    body = f"Text.\n![The menu]({PICTURE})"
    assert [(each.rule, each.line) for each in missing_pictures(body, set())] == [("picture-missing", 2)]
    assert list(missing_pictures(body, {"ab" * 16})) == []


def test_code_about_pictures_shows_none() -> None:
    assert list(picture_problems("`![](x)`")) == []


@pytest.mark.parametrize(
    ("clients", "models", "ticket", "met"),
    [
        ((), (), Signature("rate-limit-rpm", None, None), True),
        ((), (), Signature("timeout", "cursor", None), False),
        (("cursor",), (), Signature("rate-limit-rpm", "cursor", "gpt"), True),
        (("cursor",), (), Signature("rate-limit-rpm", None, "gpt"), False),
        ((), ("gpt",), Signature("rate-limit-rpm", "cursor", "claude"), False),
        ((), (), Signature(None, "cursor", None), False),
    ],
)
def test_an_article_is_about_tickets_with_its_signature(
    clients: tuple[str, ...], models: tuple[str, ...], ticket: Signature, met: bool
) -> None:
    assert has_signature(content(clients=clients, models=models), ticket) is met


def test_what_they_have_in_common_is_said() -> None:
    whole = content(clients=("cursor",), models=("gpt",))
    assert why_suggested(whole, Signature("rate-limit-rpm", "cursor", "claude")) == ("cause", "client")
