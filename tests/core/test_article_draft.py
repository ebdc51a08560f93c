"""A draft says what the allow-list lends it, in the ticket's language, and leaves the rest to the editor."""

from __future__ import annotations

from app.core.article import is_slug
from app.core.article_draft import LONGEST_QUESTION, DraftFacts, draft_content, draft_slug
from app.core.checklist import points
from tests.articles import SECTIONS, SECTIONS_ZH, book

CAUSE = book().causes["rate-limit-rpm"]
FACTS = DraftFacts(CAUSE, 429, "cherry-studio", "Cherry Studio", "gpt", "Why is it refused?\nSince today.")


def test_the_draft_has_every_section_in_the_tickets_language() -> None:
    for language, headings in (("en", SECTIONS), ("zh", SECTIONS_ZH)):
        body = draft_content(FACTS, "faq", language, book().gate).body
        assert [line.removeprefix("## ") for line in body.splitlines() if line.startswith("## ")] == list(headings)


def test_the_question_is_quoted_and_the_facts_are_filled_in() -> None:
    draft = draft_content(FACTS, "faq", "en", book().gate)
    assert "> Why is it refused?\n> Since today." in draft.body
    assert "429" in draft.title
    assert "Cherry Studio" in draft.title
    assert (draft.causes, draft.clients, draft.models) == (("rate-limit-rpm",), ("cherry-studio",), ("gpt",))
    assert draft.summary == CAUSE.user_advice["en"]


def test_a_ticket_that_says_nothing_still_makes_a_draft() -> None:
    draft = draft_content(DraftFacts(None, None, None, None, None, ""), "faq", "zh", book().gate)
    assert draft.title
    assert draft.causes == ()


def test_the_draft_is_not_ready_to_publish() -> None:
    problems = book().gate.problems(draft_content(FACTS, "faq", "en", book().gate), "en", book().redactor, book().causes.causes)
    assert {problem.rule for problem in problems} == {"section-empty"}


def test_a_long_question_is_cut() -> None:
    facts = DraftFacts(None, None, None, None, None, "x" * 5_000)
    assert len(draft_content(facts, "faq", "en", book().gate).body) < LONGEST_QUESTION + 1_000


def test_every_cause_and_client_makes_a_slug() -> None:
    for cause in book().causes.causes.values():
        for client in book().clients.clients:
            assert is_slug(draft_slug(DraftFacts(cause, None, client.id, client.name, None, "")))


def test_each_kind_a_ticket_becomes_has_what_only_it_needs() -> None:
    drafts = {kind: draft_content(FACTS, kind, "en", book().gate).body for kind in ("checklist", "template", "case")}
    assert points(drafts["checklist"])
    assert "{{client}}" in drafts["template"]
    assert "stay in the ticket" in drafts["case"]
