"""The causes as knowledge: complete, bilingual, with examples that are told right."""

from __future__ import annotations

import pytest

from app.core.causes import CauseBook, family_title, question
from app.core.causes_check import check_causes
from app.core.clients import Client
from app.settings import PROJECT_ROOT
from tests.cause_book import CAUSES
from tests.redactor import REDACTOR

SLUGS = {path.stem for path in (PROJECT_ROOT / "kb/en").glob("*.md")} & {path.stem for path in (PROJECT_ROOT / "kb/zh").glob("*.md")}
ATOM = {
    "id": "made-up",
    "title": {"en": "t", "zh": "题"},
    "definition": {"en": "d", "zh": "义"},
    "user_advice": {"en": "u", "zh": "用"},
    "staff_advice": {"en": "s", "zh": "客"},
    "who_acts": {"en": "w", "zh": "谁"},
    "family": "auth",
    "layer": "client",
    "origin": "user",
    "retryable": "no",
    "required": [],
    "article": "nowhere",
    "prior": 1,
}


def test_every_cause_passes_its_check() -> None:
    assert check_causes(CAUSES, SLUGS, REDACTOR.clean) == []


def test_there_are_47_causes_and_unknown_is_one_of_them() -> None:
    assert len(CAUSES) == 47
    assert "unknown" in CAUSES


def test_a_cause_that_lacks_everything_is_reported_in_sentences() -> None:
    faults = check_causes(CauseBook({"cause": [ATOM]}), {"somewhere"}, REDACTOR.clean)
    assert "made-up: no article nowhere" in faults
    assert "made-up: unknown family auth" in faults
    assert "made-up: needs at least one hit and one miss" in faults
    assert "there is no cause for what cannot be told" in faults


def test_a_missing_translation_is_reported() -> None:
    half = {**ATOM, "title": {"en": "t"}}
    assert "made-up: title has no text in zh" in check_causes(CauseBook({"cause": [half]}), {"nowhere"}, REDACTOR.clean)


def test_an_unknown_cause_id_raises_key_error() -> None:
    with pytest.raises(KeyError):
        CAUSES["no-such-cause"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_family_of_a_cause_has_a_title(language: str) -> None:
    assert all(family_title(CAUSES, cause.family, language) != cause.family for cause in CAUSES)


def test_a_question_says_where_to_look_in_the_users_program() -> None:
    client = Client("made", "Made Up", (), (), (), (), {"base_url": {"en": "look under Settings.", "zh": "在设置里。"}})
    assert question(CAUSES, "base_url", "en", client).endswith("In Made Up: look under Settings.")
    assert question(CAUSES, "base_url", "zh", client).endswith("在 Made Up 里：在设置里。")


def test_a_question_without_a_known_program_says_where_such_facts_usually_stand() -> None:
    assert "provider settings" in question(CAUSES, "base_url", "en")
    assert "服务商设置" in question(CAUSES, "base_url", "zh")


def test_a_field_without_a_question_is_asked_by_its_name() -> None:
    assert question(CAUSES, "no_such_field", "en") == "no_such_field"


def test_public_advice_asks_for_no_secret_and_no_amount() -> None:
    asked = [
        cause.id
        for cause in CAUSES
        if any(word in cause.user_advice["en"].lower() for word in ("send us your key", "send the full key", "screenshot of"))
    ]
    assert asked == []
