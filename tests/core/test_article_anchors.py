"""Anchors stay: known sections by their id, others by their words, each once; nothing but ids is added."""

from __future__ import annotations

from app.core.article_anchors import anchor_of, anchored
from app.core.article_json_ld import script_safe


def test_known_sections_have_the_same_anchor_in_any_language() -> None:
    known = {"先检查": "check"}
    assert anchored('<h2 id="_1">先检查</h2><p>x</p>', known) == ('<h2 id="check">先检查</h2><p>x</p>', [("check", "先检查")])


def test_other_headings_are_named_by_their_words() -> None:
    html, contents = anchored("<h2>What you <code>see</code></h2><h3>第一步：检查</h3><h2>A &amp; B</h2>", {})
    assert [anchor for anchor, _words in contents] == ["what-you-see", "a-b"]
    assert '<h3 id="第一步-检查">' in html
    assert contents[1][1] == "A & B"


def test_the_same_heading_twice_has_two_anchors() -> None:
    html, _contents = anchored("<h2>Step</h2><h3>Step</h3><h3>Step</h3>", {})
    assert [f'id="{anchor}"' in html for anchor in ("step", "step-2", "step-3")] == [True] * 3


def test_an_anchor_holds_no_markup() -> None:
    assert anchor_of('"><script>') == "script"
    assert anchor_of("!!!") == "section"


def test_json_cannot_end_its_element() -> None:
    assert script_safe("</script>&") == "\\u003c/script\\u003e\\u0026"


def test_tables_can_be_reached_by_the_keyboard() -> None:
    html, _contents = anchored("<h2>A</h2><table><tr><td>x</td></tr></table>", {})
    assert html == '<h2 id="a">A</h2><table tabindex="0"><tr><td>x</td></tr></table>'
