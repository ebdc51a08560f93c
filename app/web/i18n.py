"""Which language a page is in, and the address of the same page in the other one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, g, request, session
from flask_babel import Babel, get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from app.web.context import person_or_none

LANGUAGES = ("en", "zh")
LONGEST_CODE = 24
PLAIN = re.compile(r"[a-z0-9_-]+\Z")
_LOCALES = {"en": "en", "zh": "zh_Hans_CN"}
babel = Babel()


def init(app: Flask) -> None:
    """Choose the locale of each request; `?lang=zh` is remembered in the session."""
    babel.init_app(app, locale_selector=lambda: _LOCALES[ui_language()])
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of Jinja's i18n extension, which Flask-Babel adds
        lambda text: _catalogue().ugettext(text),
        lambda one, many, count: _catalogue().ungettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"] = _told

    @app.before_request
    def _remember_choice() -> None:
        chosen = request.args.get("lang")
        if chosen in LANGUAGES and session.get("language") != chosen:
            session["language"] = chosen


def ui_language() -> str:
    """`en` or `zh`: asked for now, fixed by the page, chosen before, the account's, the browser's; else English."""
    for candidate in (request.args.get("lang"), g.get("page_language"), session.get("language"), _account_language()):
        if candidate in LANGUAGES:
            return str(candidate)
    return _browser_language()


def other_language_url() -> str:
    """The address of this page in the other language; keeps the rest of a GET's query."""
    given = g.get("other_language_url")
    if given:
        return str(given)
    other = "zh" if ui_language() == "en" else "en"
    return own_address(lang=other)


def own_address(**arguments: str) -> str:
    """Give the address of this page with what of a GET's query may travel on: short codes and numbers, never pasted text."""
    plain = {name: value for name, value in request.args.items() if len(value) <= LONGEST_CODE and PLAIN.match(value)}
    kept = (plain if request.method == "GET" else {}) | arguments
    path = "/" + quote(request.path.lstrip("/"))  # "//name/" would be another host
    return f"{path}?{urlencode(kept)}" if kept else path


@pass_eval_context
def _told(context: EvalContext, text: str, **values: Any) -> str:
    """A text in the page's language, its values escaped: what the i18n extension's own does, with the plain texts kept ready."""
    said: str = _ready(_catalogue(), text) if context.autoescape else _catalogue().ugettext(text)
    return said % values if "%" in said else said


@lru_cache(maxsize=8_192)
def _ready(catalogue: Any, text: str) -> Markup:
    """A text of the templates, translated; none of them is anybody's own words."""
    return Markup(catalogue.ugettext(text))  # noqa: S704 - written by the translators


def _catalogue() -> Any:
    """The translations of this page's language: looked up once, because a page asks for hundreds of texts."""
    found = g.get("catalogue")
    if found is None:
        found = g.catalogue = get_translations()
    return found


def _account_language() -> str | None:
    """The signed-in person's language."""
    person = person_or_none()
    return person.language if person else None


def _browser_language() -> str:
    """Chinese when the browser prefers it, else English."""
    return "zh" if (request.accept_languages.best or "en").lower().startswith("zh") else "en"
