"""Markdown as safe HTML: what leaves the sanitiser, and that the short way for plain sentences says the same as the long one."""

from __future__ import annotations

import bleach
import markdown
from hypothesis import given, settings
from hypothesis import strategies as st

from app.web import prose

WORDS = st.sampled_from(
    [
        "Please try again",
        "in 5 minutes",
        "请求超时，",
        "余额不足。",
        "(see below):",
        "a-b",
        "- c",
        "1. d",
        "+ e",
        "= f",
        "it's",
        '"so"',
        "x = y",
        "50 %",
        "@me",
    ]
)
SIGNS = st.sampled_from(
    [
        "\n",
        "\n\n",
        "\n\n\n",
        " ",
        "  ",
        "\t",
        "*",
        "_",
        "`",
        "#",
        ">",
        "|",
        "<b>",
        "&amp;",
        "\\",
        "[a](javascript:x)",
        "~",
        "\u2028",
        "---",
        "===",
    ]
)


def long_way(text: str) -> str:
    html = markdown.markdown(text, extensions=list(prose.EXTENSIONS), output_format="html")
    return bleach.clean(html, tags=prose.TAGS, attributes=prose.ATTRIBUTES, protocols=prose.PROTOCOLS, strip=True)


@given(st.lists(st.one_of(WORDS, WORDS, SIGNS), max_size=8).map("".join))
@settings(max_examples=300)
def test_the_short_way_and_kept_parts_say_what_the_long_way_says(text: str) -> None:
    assert prose.markdown_html(text) == long_way(text)


def test_a_plain_answer_needs_no_converter() -> None:
    prose._parts.__dict__.pop("converter", None)
    assert prose.markdown_html("Please try again.\n\n请求超时，请稍后重试。") == "<p>Please try again.</p>\n<p>请求超时，请稍后重试。</p>"
    assert "converter" not in prose._parts.__dict__


def test_scripts_and_foreign_addresses_do_not_pass() -> None:
    html = prose.markdown_html('<script>alert(1)</script> [x](javascript:alert) <a href="https://a.example" onclick="x">y</a>')
    assert "<script" not in html
    assert "javascript" not in html
    assert "onclick" not in html
    assert 'href="https://a.example"' in html
