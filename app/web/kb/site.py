"""What all pages of the knowledge base share: the blueprint, who reads, absolute addresses."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for

from app.core.article import fill_in
from app.core.roles import Audience, admits
from app.store import articles
from app.web.access import current_role
from app.web.context import person_or_none, settings

blueprint = Blueprint("kb", __name__)
HREFLANG = {"en": "en", "zh": "zh-Hans"}
OTHER = {"en": "zh", "zh": "en"}
LANGUAGE = "<any(en,zh):language>"


def absolute(endpoint: str, **values: Any) -> str:
    """The address of a page for those who are elsewhere: feeds, search engines, mail."""
    return settings().public_url + url_for(endpoint, **values)


def filled(text: str) -> str:
    """An article's text with this installation's address and name."""
    return fill_in(text, settings().gateway_url, settings().gateway_name)


def is_staff() -> bool:
    """Agents and editors also see articles for staff."""
    return admits(Audience.DESK, current_role()) or admits(Audience.CONTENT, current_role())


def audiences() -> tuple[str, ...]:
    """Whose articles this reader may see."""
    return articles.STAFF if is_staff() else articles.USERS if person_or_none() else articles.PUBLIC
