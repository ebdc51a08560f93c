"""Article cards for the report page, the requester's ticket and the desk."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from app.core.diagnosis import Diagnosis
from app.core.evidence import Evidence
from app.web.i18n import ui_language


@dataclass(frozen=True, slots=True)
class ArticleCard:
    """A suggested article: where it is, what it says first, why it is shown."""

    id: int
    title: str
    summary: str
    url: str
    why: str
