"""All knowledge loaded once: redaction, causes, clients, models, matching, the articles' gate, synonyms, playbooks, figures."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.core.article_gate import ArticleGate
from app.core.causes import CauseBook
from app.core.clients import ClientBook
from app.core.matching import MatchWeights
from app.core.metrics import MetricBook
from app.core.model_names import ModelNames
from app.core.playbook import PlaybookBook
from app.core.redaction import Redactor
from app.core.search_text import Lexicon
from app.core.warning import WarningBook


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules in force. digest: SHA-256 over the rule files, stored with every diagnosis."""

    redactor: Redactor
    causes: CauseBook
    clients: ClientBook
    model_names: ModelNames
    matching: MatchWeights
    digest: str
    gate: ArticleGate = field(default_factory=lambda: ArticleGate({}))
    lexicon: Lexicon = field(default_factory=lambda: Lexicon({}))
    playbooks: PlaybookBook = field(default_factory=lambda: PlaybookBook({}))
    metrics: MetricBook = field(default_factory=lambda: MetricBook({}))
    warnings: WarningBook = field(default_factory=lambda: WarningBook({}))
