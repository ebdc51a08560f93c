"""The macros prove themselves: both languages, known variables, short sentences, each with what to make sure of."""

from __future__ import annotations

from app.core.macros import MacroBook, check_macros, fits
from app.store.macro_rules import macro_book
from tests.articles import book


def test_the_shipped_macros_have_no_fault() -> None:
    assert check_macros(macro_book()) == []


def test_there_is_one_for_each_kind_and_playbooks_bring_one_for_each_family() -> None:
    assert {macro.kind for macro in macro_book()} == set(macro_book().kinds)
    assert [cause.id for cause in book().causes if not book().playbooks.of(cause)] == []
    assert all(playbook.replies for playbook in book().playbooks)


def test_no_macro_tells_anything_private() -> None:
    for macro in macro_book():
        for text in macro.reply.text.values():
            assert book().gate.private_problems("body", text, book().redactor) == ()


def test_a_macro_is_found_by_every_word_in_either_language() -> None:
    assert fits("余额 金额", "金额请咨询密钥负责人", "余额")
    assert fits("WAIT", "Still waiting for an answer")
    assert not fits("wait forever", "Still waiting")
    assert fits("", "anything")


def test_faults_are_named() -> None:
    texts = {"en": "x {{secret}}", "zh": ""}
    item = {"id": "m", "kind": "gone", "title": {"en": "T", "zh": "T"}, "text": texts, "safety": {"en": "s", "zh": "s"}}
    faults = check_macros(MacroBook({"macro": [item, item], "kind": {}}))
    for part in ("there is no kind gone", "unknown variables secret", "in zh", "there twice"):
        assert any(part in fault for fault in faults)
