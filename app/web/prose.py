"""Markdown as safe HTML: the one sanitiser. Its parts are made once a thread, and plain sentences need none of them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import cached_property, lru_cache
from html import escape

import bleach
import markdown
from markupsafe import Markup

from app.core.article_pictures import is_own

TAGS = frozenset(
    {
        *("h1", "h2", "h3", "h4", "p", "br", "hr", "ul", "ol", "li", "strong", "em", "del", "code", "pre", "kbd", "sup", "sub"),
        *("blockquote", "table", "thead", "tbody", "tr", "th", "td", "a", "dl", "dt", "dd"),
    }
)


def _of_picture(_tag: str, name: str, value: str) -> bool:
    """A picture has words, and an address of our own; one from elsewhere keeps its words only."""
    return name == "alt" or (name == "src" and is_own(value))


ATTRIBUTES: dict[str, list[str] | Callable[[str, str, str], bool]] = {
    "a": ["href", "title"],
    **{name: ["align"] for name in ("th", "td")},
    **{name: ["id"] for name in ("h2", "h3")},
    "code": ["class"],
    "ol": ["start"],
}
PROTOCOLS = frozenset({"https", "http", "mailto"})
EXTENSIONS = ("tables", "fenced_code", "sane_lists", "toc")
# A line that starts with a letter and holds nothing that Markdown or HTML gives a meaning comes out as it goes in.
_WRITTEN = r"A-Za-z0-9\u00c0-\u024f\u2010-\u2027\u3001-\u303f\u3400-\u9fff\uff01-\uff5e.,;:?!'\"()%/@$=+-"
_LINE = rf"[A-Za-z\u3400-\u9fff](?:[ {_WRITTEN}]*[{_WRITTEN}])?"
_PLAIN = re.compile(rf"{_LINE}(?:\n+{_LINE})*")
_POINT = re.compile(r"(<li>(?:\n?<p>)?)\[ \] ")  # a point of a checklist
_NOT_OURS = re.compile(r'<img(?: alt="([^"]*)")?>')  # of a picture from elsewhere its words stay
_BETWEEN = re.compile(r"\n\n+")


class _Parts(threading.local):
    """The converter and the cleaner; neither may be shared between threads."""

    @cached_property
    def converter(self) -> markdown.Markdown:
        return markdown.Markdown(extensions=list(EXTENSIONS), output_format="html")

    @cached_property
    def cleaner(self) -> bleach.sanitizer.Cleaner:
        return bleach.sanitizer.Cleaner(tags=TAGS, attributes=ATTRIBUTES, protocols=PROTOCOLS, strip=True)

    @cached_property
    def with_pictures(self) -> bleach.sanitizer.Cleaner:
        return bleach.sanitizer.Cleaner(tags=TAGS | {"img"}, attributes=ATTRIBUTES | {"img": _of_picture}, protocols=PROTOCOLS, strip=True)


_parts = _Parts()


def markdown_html(text: str) -> Markup:
    """Markdown as safe HTML: allow-listed tags and attributes, no script, no style, no images from elsewhere."""
    if _PLAIN.fullmatch(text):
        paragraphs = (f"<p>{escape(part, quote=False)}</p>" for part in _BETWEEN.split(text))
        return Markup("\n".join(paragraphs))  # noqa: S704 - escaped in the line above
    return Markup(_parts.cleaner.clean(_converted(text)))  # noqa: S704 - sanitised in this line


@lru_cache(maxsize=1_024)
def rule_html(text: str) -> Markup:
    """The same of a text of the rules, kept: there are few of them, they are shown all day, and none is anybody's own words."""
    return markdown_html(text)


def article_html(text: str) -> Markup:
    """The Markdown of an article: the same, with our own pictures, and boxes before the points of a checklist."""
    html = _POINT.sub(r"\1☐ ", _parts.with_pictures.clean(_converted(text)))
    return Markup(_NOT_OURS.sub(r"\1", html))  # noqa: S704 - sanitised in the line above; what is put in are words it let through


def _converted(text: str) -> str:
    return _parts.converter.reset().convert(text)
