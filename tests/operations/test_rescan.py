"""Everything stored is read again: what slipped by is named without its value, and repaired when asked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import JSON, String, select

from app.core.article import content_hash
from app.core.log_filter import LogFilter, Shown
from app.core.record_text import TEXTS
from app.core.redacted_text import seal
from app.operations.desk_search import find_texts, rebuild_search
from app.operations.kb_files import import_kb
from app.operations.rescan import Rescan, rescan
from app.settings import PROJECT_ROOT
from app.store import articles, stored_text
from app.store.database import RedactedColumn, db
from app.store.models import AuditEntry, Note, Reply
from tests.canaries import canaries
from tests.conftest import NOW
from tests.log_records import a_record
from tests.world import World, inhabit

LEAK = canaries()[0]


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def scan(app: Flask, *, fix: bool = False) -> Rescan:
    return rescan(app.extensions["rulebook"], app.extensions["log_store"], app.extensions["settings"].kb_dir, NOW, fix=fix)


def leak(world: World) -> None:
    """A note, a log record and a file that were stored when the rules did not know better."""
    db.session.add(Note(ticket_id=world.guest_ticket, author_id=1, body=seal(f"it was {LEAK.planted} and {LEAK.planted}"), created_at=NOW))
    db.session.commit()
    record = a_record("leaky", error_message=f"401 {LEAK.planted}", owner=LEAK.planted, tags=("fine", LEAK.planted))
    world.app.extensions["log_store"].append("litellm", [record], [], NOW)
    folder = world.app.extensions["settings"].kb_dir / "en"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "leaky.md").write_text(f"# Leaky\n\nUse {LEAK.planted}.\n")


def test_an_ordinary_desk_holds_nothing_to_hide(world: World) -> None:
    report = scan(world.app)
    assert report.slips == ()
    assert report.texts > 20


def test_the_knowledge_base_holds_nothing_to_hide(app: Flask) -> None:
    import_kb(PROJECT_ROOT / "kb", app.extensions["rulebook"], NOW)
    report = rescan(app.extensions["rulebook"], app.extensions["log_store"], PROJECT_ROOT / "kb", NOW)
    assert report.slips == ()


def test_slips_are_named_by_place_rule_and_count(world: World) -> None:
    leak(world)
    found = {(slip.place, slip.column, slip.rule, slip.count, slip.fixed) for slip in scan(world.app).slips}
    assert found == {
        ("note", "body", "openai-project", 2, False),
        ("log_record", "error_message", "openai-project", 1, False),
        ("log_record", "owner", "openai-project", 1, False),
        ("log_record", "tags", "openai-project", 1, False),
        ("kb", "file", "openai-project", 1, False),
    }


def test_a_scan_changes_nothing_and_tells_no_value(world: World) -> None:
    leak(world)
    report = scan(world.app)
    assert LEAK.probe not in repr(report)
    assert scan(world.app).slips == report.slips


def test_fix_repairs_every_place_with_an_audit_entry_a_row(world: World) -> None:
    leak(world)
    assert scan(world.app, fix=True).left == ()
    assert scan(world.app).slips == ()
    entries = db.session.execute(select(AuditEntry.object_kind, AuditEntry.object_id).where(AuditEntry.action == "redacted")).all()
    assert {tuple(entry) for entry in entries} == {("note", "1"), ("log_record", a_record("leaky").record_id), ("kb", "en/leaky")}
    [stored] = [
        entry for entry in world.app.extensions["log_store"].find(LogFilter(shown=Shown.ALL), 10).records if entry.request_id == "leaky"
    ]
    assert stored.error_message is not None
    assert stored.error_message.startswith("401 sk-proj-…")
    assert stored.tags[0] == "fine"


def test_what_was_hidden_is_in_no_file_any_more(world: World, tmp_path: Path) -> None:
    leak(world)
    assert holders(tmp_path) != []
    scan(world.app, fix=True)
    assert holders(tmp_path) == []


def test_what_was_hidden_is_found_by_no_search_any_more(world: World) -> None:
    leak(world)
    rebuild_search()
    assert [found for found in find_texts(LEAK.planted, notes=True) if found.kind == "note"] != []
    scan(world.app, fix=True)
    assert [found for found in find_texts(LEAK.planted, notes=True) if found.kind == "note"] == []


def holders(folder: Path) -> list[str]:
    """The files that hold the secret."""
    return [path.name for path in folder.rglob("*") if path.is_file() and LEAK.probe.encode() in path.read_bytes()]


def test_a_label_of_purged_records_is_told_by_its_dimension_alone_and_hidden(world: World) -> None:
    log_store = world.app.extensions["log_store"]
    log_store.append("litellm", [a_record("leaky", owner=LEAK.planted)], [], NOW)
    log_store.purge(NOW + timedelta(days=1), NOW + timedelta(days=1))
    told = [(slip.place, slip.column, slip.row, slip.rule, slip.fixed) for slip in scan(world.app).slips]
    assert told == [("log_rollup", "value", "owner", "openai-project", False)]
    assert [slip.fixed for slip in scan(world.app, fix=True).slips] == [True]
    assert scan(world.app).slips == ()
    assert LEAK.planted not in str(log_store.kept_labels())


def test_a_repaired_article_keeps_hash_and_file_in_step(app: Flask) -> None:
    import_kb(PROJECT_ROOT / "kb", app.extensions["rulebook"], NOW)
    article = articles.by_slug("en", "mask-a-key")
    assert article is not None
    article.summary = seal(f"{article.summary} {LEAK.planted}")
    db.session.commit()
    before = content_hash(articles.content_of(article))
    scan(app, fix=True)
    assert LEAK.probe not in article.summary
    assert article.content_hash == content_hash(articles.content_of(article)) != before


def test_a_file_that_is_nobodys_is_reported_and_left(world: World, settings: object) -> None:
    folder: Path = world.app.extensions["settings"].kb_dir / "zh"
    folder.mkdir(parents=True)
    (folder / "Not A Slug.md").write_text(LEAK.planted)
    assert [slip.place for slip in scan(world.app, fix=True).left] == ["kb"]


def test_tables_are_found_by_type_and_none_is_left_out(app: Flask) -> None:
    known = {(table, column) for table, columns in stored_text.text_columns().items() for column in columns}
    mapped = {
        (mapper.local_table.name, column.name)
        for mapper in db.Model.registry.mappers
        for column in mapper.columns
        if isinstance(column.type, RedactedColumn)
    }
    assert mapped <= known
    assert {("note", "body"), ("reply", "body"), ("ticket", "error_text"), ("article", "body")} <= known
    assert {("article", "keywords"), ("article_revision", "facts"), ("ticket_match", "request_id"), ("ticket", "told_facts")} <= known


def test_a_column_that_is_not_read_is_on_the_list_of_the_desks_own(app: Flask) -> None:
    known = {(table, column) for table, columns in stored_text.text_columns().items() for column in columns}
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, String | JSON) and not column.foreign_keys and (table.name, column.name) not in known:
                assert stored_text.OWN & {column.name, f"{table.name}.{column.name}"}, f"{table.name}.{column.name}"


def test_plain_strings_and_lists_are_read_and_repaired_too(app: Flask) -> None:
    import_kb(PROJECT_ROOT / "kb", app.extensions["rulebook"], NOW)
    article = articles.by_slug("en", "mask-a-key")
    assert article is not None
    article.keywords = [*article.keywords, f"like {LEAK.planted}"]
    db.session.commit()
    assert ("article", "keywords") in {(slip.place, slip.column) for slip in scan(app).slips}
    scan(app, fix=True)
    assert LEAK.probe not in str(article.keywords)
    assert article.keywords[-1].startswith("like sk-proj-…")


def test_tables_longer_than_a_page_are_read_to_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_text, "PAGE", 3)
    for number in range(8):
        db.session.add(Reply(ticket_id=world.guest_ticket, by_staff=False, body=seal(f"word {number}"), created_at=NOW))
    db.session.commit()
    assert [text for row in stored_text.stored_rows("reply") for column, text in row.texts if column == "body"] == [
        f"word {number}" for number in range(8)
    ]


def test_every_text_of_a_log_record_is_read() -> None:
    assert {"error_message", "fallback_reason", "owner", "group", "client", "endpoint", "request_id", "task_id", "key_alias"} <= set(TEXTS)
