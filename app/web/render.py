"""Turning values into pages: the one Markdown sanitiser, partials, and what every template may use."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import bleach
import markdown
from flask import Flask, Response, current_app, g, make_response, render_template, url_for
from flask_babel import format_timedelta, get_locale
from htmx_flask import request
from htmx_flask.requests import HtmxAwareRequest
from markupsafe import Markup

from app.core.roles import Audience, admits
from app.web.access import current_role
from app.web.i18n import other_language_url, ui_language

TAGS = frozenset(
    {
        *("h1", "h2", "h3", "h4", "p", "br", "hr", "ul", "ol", "li", "strong", "em", "del", "code", "pre", "kbd", "sup", "sub"),
        *("blockquote", "table", "thead", "tbody", "tr", "th", "td", "a", "dl", "dt", "dd"),
    }
)
ATTRIBUTES = {"a": ["href", "title"], "th": ["align"], "td": ["align"], "h2": ["id"], "h3": ["id"], "code": ["class"], "ol": ["start"]}
PROTOCOLS = frozenset({"https", "http", "mailto"})
EXTENSIONS = ("tables", "fenced_code", "sane_lists", "toc")


def markdown_html(text: str) -> Markup:
    """Markdown as safe HTML: allow-listed tags and attributes, no script, no style, no images from elsewhere."""
    html = markdown.markdown(text, extensions=list(EXTENSIONS), output_format="html")
    return Markup(bleach.clean(html, tags=TAGS, attributes=ATTRIBUTES, protocols=PROTOCOLS, strip=True))  # noqa: S704 - sanitised in this line


def page_or_partial(page: str, partial: str, **context: Any) -> Response:
    """The part alone for an htmx request that is neither boosted nor a history restore; else the page."""
    htmx = cast("HtmxAwareRequest", request).htmx
    alone = bool(htmx) and not htmx.boosted and not htmx.history_restore_request
    response = make_response(render_template(partial if alone else page, **context))
    response.headers["Vary"] = "HX-Request"
    return response


def now() -> datetime:
    """The request's moment: read once, so that one page tells one time."""
    if "now" not in g:
        g.now = current_app.config.get("CLOCK", _clock)()
    moment: datetime = g.now
    return moment


def request_number() -> str:
    """Our own id of this request: shown on error pages, in the log and in the X-Request-Id header."""
    if "request_number" not in g:
        g.request_number = f"gd-{secrets.token_hex(6)}"
    number: str = g.request_number
    return number


def can(audience: str) -> bool:
    """Whether the person may use pages for this audience; for navigation only, never for protection."""
    return admits(Audience(audience), current_role())


def asset(path: str) -> str:
    """A static file's address with its content hash, so that it can be cached for ever."""
    return url_for("static", filename=path, v=_content_hash(Path(current_app.static_folder or "") / path))


def utc(moment: datetime) -> str:
    """`2026-11-20 08:30:05 UTC`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def epoch(milliseconds: int) -> datetime:
    """Log times are UTC epoch milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def init(app: Flask) -> None:
    """Give every template the same few names."""
    app.jinja_env.globals.update(
        settings=app.extensions["settings"],
        ui_language=ui_language,
        other_language_url=other_language_url,
        asset=asset,
        now=now,
        request_number=request_number,
        can=can,
        get_locale=get_locale,
    )
    app.jinja_env.filters.update(utc=utc, epoch=epoch, markdown=markdown_html, relative=relative)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def relative(moment: datetime) -> str:
    """`3 minutes ago` in the reader's language."""
    return str(format_timedelta(moment - now(), granularity="second", add_direction=True))


def _clock() -> datetime:
    """The wall clock; tests put their own into app.config["CLOCK"]."""
    return datetime.now(UTC)


@lru_cache(maxsize=64)
def _content_hash(path: Path) -> str:
    """First ten hex digits of the file's SHA-256; empty when there is no such file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""
