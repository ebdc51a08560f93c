"""Which language a page is in, and the address of the same page in the other one."""

from __future__ import annotations

from flask import Flask, g, request, session
from flask_babel import Babel
from flask_login import current_user

LANGUAGES = ("en", "zh")
_LOCALES = {"en": "en", "zh": "zh_Hans_CN"}
babel = Babel()


def init(app: Flask) -> None:
    """Choose the locale of each request; `?lang=zh` is remembered in the session."""
    babel.init_app(app, locale_selector=lambda: _LOCALES[ui_language()])

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
    """This page's address in the other language; keeps the rest of a GET's query."""
    given = g.get("other_language_url")
    if given:
        return str(given)
    other = "zh" if ui_language() == "en" else "en"
    keep = request.args.copy() if request.method == "GET" else request.args.__class__()
    keep["lang"] = other
    query = "&".join(f"{name}={value}" for name, value in _safe_pairs(keep))
    return f"{request.path}?{query}"


def _safe_pairs(arguments: object) -> list[tuple[str, str]]:
    """Only short, plain arguments travel on; pasted text does not belong into addresses."""
    pairs = arguments.items() if hasattr(arguments, "items") else []
    return [(name, value) for name, value in pairs if len(value) <= 40 and value.replace("-", "").replace("_", "").isalnum()]


def _account_language() -> str | None:
    """The signed-in person's language."""
    return current_user.language if current_user.is_authenticated else None


def _browser_language() -> str:
    """Chinese when the browser prefers it, else English."""
    return "zh" if (request.accept_languages.best or "en").lower().startswith("zh") else "en"
