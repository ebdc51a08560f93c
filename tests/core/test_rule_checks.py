"""The rule files hold, and each check notices what it is there for."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from app.core.article_gate import ArticleGate
from app.core.causes import CauseBook
from app.core.clients import ClientBook
from app.core.matching import MatchWeights
from app.core.model_names import ModelNames
from app.core.rule_checks import CHECKS, Rules
from app.core.search_text import Lexicon
from app.settings import PROJECT_ROOT
from app.store.kb_files import article_files
from app.store.rulebook import RULES_DIR, load_rulebook, read_rules
from tests.conftest import PEPPER

MAKERS: dict[str, tuple[str, Any]] = {
    "clients": ("clients", ClientBook),
    "models": ("model_names", ModelNames),
    "matching": ("matching", MatchWeights),
    "synonyms": ("lexicon", Lexicon),
    "articles": ("gate", ArticleGate),
}


@pytest.fixture(scope="module")
def rules() -> Rules:
    slugs = frozenset(file.slug for file in article_files(PROJECT_ROOT / "kb"))
    return Rules(load_rulebook(PEPPER), {name: read_rules(RULES_DIR, name) for name in CHECKS}, slugs)


@pytest.mark.parametrize("name", CHECKS)
def test_the_rules_in_force_hold(rules: Rules, name: str) -> None:
    assert CHECKS[name](rules) == []


def changed(rules: Rules, name: str, change: Any) -> list[str]:
    """Faults of a rule file after `change` has been at its data."""
    data = copy.deepcopy(dict(rules.data[name]))
    change(data)
    if name == "questions":
        book = replace(rules.book, causes=CauseBook({**rules.data["causes"], **data}))
    else:
        place, maker = MAKERS[name]
        book = replace(rules.book, **{place: maker(data)})
    return CHECKS[name](Rules(book, {**rules.data, name: data}, rules.article_slugs))


@pytest.mark.parametrize(
    ("name", "change", "fault"),
    [
        ("questions", lambda data: data["question"]["model"].update(sure=1.5), "sure is a share"),
        ("questions", lambda data: data["question"]["model"].update(groups=[["no-such-cause"]]), "names no-such-cause"),
        ("questions", lambda data: data["question"].update(mood=data["question"]["model"]), "no such evidence field"),
        ("clients", lambda data: data["client"][0]["facts"].append("flies"), "trait flies is not known"),
        ("clients", lambda data: data["client"][0]["aliases"].append(data["client"][1]["name"].lower()), "is told as another client"),
        ("clients", lambda data: data["client"][0]["where"]["base_url"].update(zh=""), "no text in zh"),
        ("models", lambda data: data["model"][0]["aliases"].append(data["model"][1]["id"]), "is told as"),
        ("models", lambda data: data["model"].append({"id": "zzz-unheard-of"}), "belongs to no family"),
        ("matching", lambda data: data["field"]["request_id"]["same"].update(u=0.0), "is not a share"),
        ("matching", lambda data: data["field"]["request_id"]["same"].update(zh="{gap} 相同"), "name different facts"),
        ("synonyms", lambda data: data["hits"].append(["keyboard", "balance"]), "does not speak of balance"),
        ("synonyms", lambda data: data["misses"].append(["欠费", "balance"]), "speaks of balance"),
        ("articles", lambda data: data["private"][1]["hits"].append("nothing private"), "passes"),
        ("articles", lambda data: data["private"][1]["misses"].append("$12.40"), "is stopped"),
    ],
)
def test_a_check_notices(rules: Rules, name: str, change: Any, fault: str) -> None:
    faults = changed(rules, name, change)
    assert any(fault in line for line in faults), faults


def test_a_cause_without_an_article_is_noticed(rules: Rules) -> None:
    assert any("no article" in line for line in CHECKS["causes"](replace(rules, article_slugs=frozenset())))
