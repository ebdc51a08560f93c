"""Turning values into pages: partials, and what every template may use."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from babel.dates import format_timedelta
from flask import Flask, Response, current_app, g, make_response, render_template, url_for
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf
from htmx_flask import request
from htmx_flask.requests import HtmxAwareRequest
from markupsafe import Markup, escape

from app.core.roles import Audience, admits
from app.web.access import current_role
from app.web.i18n import other_language_url, ui_language
from app.web.prose import markdown_html

SPANS = (60, 3_600, 86_400)  # below each the unit before it: seconds, minutes, hours; then days


def page_or_partial(page: str, partial: str, **context: Any) -> Response:
    """The part alone when only that is asked for; else the page."""
    response = make_response(render_template(partial if wants_part() else page, **context))
    response.headers["Vary"] = "HX-Request"
    return response


def wants_part() -> bool:
    """Whether this is an htmx request that is neither boosted nor a history restore: only a part of the page is needed."""
    htmx = cast("HtmxAwareRequest", request).htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def now() -> datetime:
    """The request's moment: read once, so that one page tells one time."""
    moment: datetime | None = g.get("now")
    if moment is None:
        moment = g.now = current_app.config.get("CLOCK", _clock)()
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
    return _asset(path, request.script_root)


@lru_cache(maxsize=256)
def _asset(path: str, root: str) -> str:  # noqa: ARG001 - the address begins with it
    return url_for("static", filename=path, v=_content_hash(Path(current_app.static_folder or "") / path))


def icon_tag(name: str, label: str = "") -> Markup:
    """A picture of static/icons.svg: decorative, or with words of its own."""
    return _icon_tag(name, label, request.script_root)


@lru_cache(maxsize=512)
def _icon_tag(name: str, label: str, root: str) -> Markup:
    pictures = _asset("icons.svg", root)
    told = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"/></svg>').format(told, pictures, name)


def csrf_input() -> Markup:
    """The hidden field that proves a form to be ours; written once, because a page has dozens of forms."""
    written: Markup | None = g.get("csrf_input")
    if written is None:
        written = g.csrf_input = Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())
    return written


def utc(moment: datetime) -> str:
    """`2026-11-20 08:30:05 UTC`."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(' ', 'seconds')} UTC"


def time_tag(moment: datetime, css: str = "") -> Markup:
    """A moment as an element: how long ago in the text, UTC in the title."""
    iso = moment.isoformat() if moment.tzinfo else f"{moment.isoformat(timespec='seconds')}Z"
    kind = f' class="{css}"' if css else ""
    return Markup(f'<time{kind} datetime="{iso}" title="{utc(moment)}" data-relative>{escape(relative(moment))}</time>')  # noqa: S704 - figures


def option_list(options: Iterable[tuple[Any, Any]], selected: Any) -> Markup:
    """(value, words) as the options of a select, the chosen one marked."""
    return _option_list(tuple(options), str(selected))


@lru_cache(maxsize=512)  # most are the same on every page
def _option_list(options: tuple[tuple[Any, Any], ...], selected: str) -> Markup:
    chosen = {True: " selected", False: ""}
    shown = (f'<option value="{escape(value)}"{chosen[str(value) == selected]}>{escape(words)}</option>' for value, words in options)
    return Markup("".join(shown))  # noqa: S704 - escaped


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
        time_tag=time_tag,
        option_list=option_list,
        icon_tag=icon_tag,
        csrf_input=csrf_input,
        now=now,
        request_number=request_number,
        can=can,
        get_locale=get_locale,
    )
    app.jinja_env.filters.update(utc=utc, epoch=epoch, markdown=markdown_html, relative=relative)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def relative(moment: datetime) -> str:
    """`3 minutes ago` in the reader's language; rounded first, so that a page of them is told from few phrases."""
    seconds = round((moment - now()).total_seconds())
    size = next((unit for unit, limit in zip((1, *SPANS), SPANS, strict=False) if abs(seconds) < limit), SPANS[-1])
    return _span(round(seconds / size) * size, _locale_name())


@lru_cache(maxsize=8_192)
def _span(seconds: int, locale: str) -> str:
    return format_timedelta(seconds, granularity="second", add_direction=True, locale=locale)


def _locale_name() -> str:
    name: str | None = g.get("locale_name")
    if name is None:
        name = g.locale_name = str(get_locale())
    return name


def _clock() -> datetime:
    """The wall clock; tests put their own into app.config["CLOCK"]."""
    return datetime.now(UTC)


def _content_hash(path: Path) -> str:
    """First ten hex digits of the file's SHA-256; empty when there is no such file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""
