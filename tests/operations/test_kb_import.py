"""Files into the desk and back: idempotent, the desk's text wins over older files, private facts never come in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from app.core.article import ArticleContent, ArticleState, parse_article, print_article
from app.core.roles import Role
from app.operations import accounts
from app.operations.articles import revise, save_draft, submit_for_review
from app.operations.kb_files import ImportReport, check_kb, export_kb, import_kb
from app.operations.publishing import approve_and_publish
from app.store import articles
from app.store.database import db
from app.store.kb_files import write_article
from app.store.models import Article, ArticleRevision
from tests.articles import book, chinese, content
from tests.sql import statements

NAME = "en/rate-limit.md"


@pytest.fixture
def kb_dir(app: Flask) -> Path:
    return app.extensions["settings"].kb_dir  # type: ignore[no-any-return]


def put(kb_dir: Path, text: ArticleContent, slug: str = "rate-limit", language: str = "en") -> None:
    write_article(kb_dir, language, slug, print_article(text))


def take(kb_dir: Path, now: datetime, **options: bool) -> ImportReport:
    return import_kb(kb_dir, book(), now, **options)


def title() -> str:
    article = articles.published("en", "rate-limit")
    assert article is not None
    return str(article.title)


def rewrite_in_desk(text: ArticleContent, kb_dir: Path, now: datetime) -> None:
    writer, reviewer = (accounts.create_account(name, name, Role.EDITOR, book().redactor, now) for name in ("writer", "reviewer"))
    article = articles.by_slug("en", "rate-limit")
    assert article is not None
    edit = revise(article, writer, book(), now).edit
    edit = save_draft(article, text, edit, writer, book(), now).edit
    submit_for_review(article, edit, writer, book(), now)
    approve_and_publish(article, edit, reviewer, book(), kb_dir, now)


def test_new_files_become_published_articles_in_both_languages(kb_dir: Path, now: datetime) -> None:
    put(kb_dir, content())
    put(kb_dir, chinese(), language="zh")
    assert take(kb_dir, now).created == [NAME, "zh/rate-limit.md"]
    assert {language: each.title for language, each in articles.translations("rate-limit").items()} == {
        "en": content().title,
        "zh": chinese().title,
    }


def test_importing_again_changes_nothing(kb_dir: Path, now: datetime) -> None:
    put(kb_dir, content())
    take(kb_dir, now)
    for _ in range(2):
        report = take(kb_dir, now)
        assert (report.created, report.updated, report.unchanged) == ([], [], [NAME])
    assert db.session.query(ArticleRevision).count() == 1


def test_a_changed_file_becomes_the_next_version(kb_dir: Path, now: datetime) -> None:
    put(kb_dir, content())
    take(kb_dir, now)
    put(kb_dir, content(title="Changed"))
    assert take(kb_dir, now).updated == [NAME]
    assert title() == "Changed"
    assert db.session.query(ArticleRevision).count() == 2


def test_an_older_file_never_replaces_what_the_desk_published(kb_dir: Path, now: datetime) -> None:
    put(kb_dir, content())
    take(kb_dir, now)
    rewrite_in_desk(content(title="From the desk"), kb_dir, now)
    put(kb_dir, content())  # the old file is back, as after a new deployment
    assert take(kb_dir, now).unchanged == [NAME]
    assert title() == "From the desk"


def test_an_exported_file_edited_by_hand_is_taken(kb_dir: Path, now: datetime) -> None:
    put(kb_dir, content())
    take(kb_dir, now)
    rewrite_in_desk(content(title="From the desk"), kb_dir, now)
    exported = parse_article((kb_dir / NAME).read_text(encoding="utf-8"))
    assert exported.version == 2
    put(kb_dir, replace(exported, title="Edited file"))
    assert take(kb_dir, now).updated == [NAME]
    assert title() == "Edited file"


def test_a_foreign_change_beside_a_desk_change_is_a_conflict_until_overwritten(kb_dir: Path, now: datetime) -> None:
    put(kb_dir, content())
    take(kb_dir, now)
    rewrite_in_desk(content(title="From the desk"), kb_dir, now)
    put(kb_dir, content(title="From a release"))
    assert take(kb_dir, now).conflicts == [NAME]
    assert title() == "From the desk"
    assert take(kb_dir, now, overwrite=True).updated == [NAME]
    assert title() == "From a release"


def test_publishing_exports_what_an_import_then_knows(kb_dir: Path, now: datetime) -> None:
    put(kb_dir, content())
    take(kb_dir, now)
    rewrite_in_desk(content(title="From the desk"), kb_dir, now)
    assert take(kb_dir, now).unchanged == [NAME]


def test_a_file_with_a_private_fact_is_refused(kb_dir: Path, now: datetime) -> None:
    key = "sk-" + "Ab3dEf6hIj9k" * 4
    put(kb_dir, content(body=content().body + f"\nUse {key}."))
    put(kb_dir, content(body=content().body + "\nYou have $12 left."), "amount")
    report = take(kb_dir, now)
    assert set(report.refused) == {NAME, "en/amount.md"}
    assert db.session.query(Article).count() == 0


def test_a_file_with_a_gap_is_taken_and_reported(kb_dir: Path, now: datetime) -> None:
    put(kb_dir, content(body="## What you see\n\nText.\n"))
    report = take(kb_dir, now)
    assert report.created == [NAME]
    assert {problem.rule for problem in report.faulty[NAME]} == {"section-missing"}


def test_an_unreadable_file_stops_nobody_else(kb_dir: Path, now: datetime) -> None:
    put(kb_dir, content())
    (kb_dir / "en/broken.md").write_text("no front matter", encoding="utf-8")
    report = take(kb_dir, now)
    assert (report.created, list(report.unreadable)) == ([NAME], ["en/broken.md"])


def test_an_import_of_known_files_costs_the_same_number_of_queries(kb_dir: Path, now: datetime) -> None:
    counts = []
    for number in range(4):
        put(kb_dir, content(), f"article-{number}")
        take(kb_dir, now)
        with statements() as seen:
            take(kb_dir, now)
        counts.append(len(seen))
    assert len(set(counts)) == 1


def test_export_writes_every_published_article(kb_dir: Path, now: datetime, tmp_path: Path) -> None:
    put(kb_dir, content())
    put(kb_dir, chinese(), language="zh")
    take(kb_dir, now)
    assert export_kb(tmp_path / "copy") == 2
    assert parse_article((tmp_path / "copy" / NAME).read_text(encoding="utf-8")) == content(version=1)


def test_check_finds_missing_twins_and_related_pages(kb_dir: Path) -> None:
    put(kb_dir, content(related=("nowhere",)))
    report = check_kb(kb_dir, book())
    assert [problem.rule for problem in report.refused[NAME]] == ["related-unknown", "twin-missing"]
    assert db.session.query(Article).count() == 0


def test_a_published_article_has_its_state_and_confidence(kb_dir: Path, now: datetime) -> None:
    put(kb_dir, content())
    take(kb_dir, now)
    article = articles.by_slug("en", "rate-limit")
    assert article is not None
    assert (article.state, article.confidence, article.version) == (ArticleState.PUBLISHED, "validated", 1)
