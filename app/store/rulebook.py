"""Read app/rules/*.toml into the rulebook."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from app.core.article_gate import ArticleGate
from app.core.causes import CauseBook
from app.core.clients import ClientBook
from app.core.matching import MatchWeights
from app.core.metrics import MetricBook
from app.core.model_names import ModelNames
from app.core.playbook import PlaybookBook
from app.core.redaction import Redactor
from app.core.rulebook import Rulebook
from app.core.search_text import Lexicon
from app.core.warning import WarningBook
from app.store.learnt_weights import read_learnt

RULES_DIR = Path(__file__).resolve().parent.parent / "rules"


def load_rulebook(pepper: bytes, rules_dir: Path = RULES_DIR, learnt: Path | None = None) -> Rulebook:
    """All rules of `rules_dir`, and over them the matching weights that were `learnt`.

    Raises tomllib.TOMLDecodeError or KeyError on a broken file.
    """
    return Rulebook(
        redactor=Redactor(read_rules(rules_dir, "redaction"), pepper),
        causes=CauseBook(read_rules(rules_dir, "causes") | read_rules(rules_dir, "questions")),
        clients=ClientBook(read_rules(rules_dir, "clients")),
        model_names=ModelNames(read_rules(rules_dir, "models")),
        matching=MatchWeights(read_rules(rules_dir, "matching"), read_learnt(learnt) if learnt else None),
        digest=_digest(rules_dir),
        gate=ArticleGate(read_rules(rules_dir, "articles")),
        lexicon=Lexicon(read_rules(rules_dir, "synonyms")),
        playbooks=PlaybookBook(read_rules(rules_dir, "playbooks")),
        metrics=MetricBook(read_rules(rules_dir, "metrics")),
        warnings=WarningBook(read_rules(rules_dir, "warnings")),
    )


def read_rules(rules_dir: Path, name: str) -> dict[str, Any]:
    """One rule file, or all files of the folder of that name merged: lists are joined in file order, tables united."""
    folder = rules_dir / name
    paths = sorted(folder.glob("*.toml")) if folder.is_dir() else [rules_dir / f"{name}.toml"]
    merged: dict[str, Any] = {}
    for path in paths:
        for key, value in tomllib.loads(path.read_text(encoding="utf-8")).items():
            known = merged.get(key)
            merged[key] = value if known is None else known + value if isinstance(known, list) else known | value
    return merged


def _digest(rules_dir: Path) -> str:
    """SHA-256 over every rule file, names included."""
    digest = hashlib.sha256()
    for path in sorted(rules_dir.rglob("*.toml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
