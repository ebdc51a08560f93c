"""A checklist is gone through: what a run keeps, who ticked what, and that a later version reaches no older run."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from app.core.article import print_article
from app.core.roles import Role
from app.operations.checklists import Ended, NothingToTick, OpenPoints, begin_run, end_run, note_on_run, reopen_run, tick_point
from app.operations.kb_files import import_kb
from app.store import articles, checklists, tickets
from app.store.database import db
from app.store.kb_files import write_article
from app.store.models import Article
from tests.articles import book, content
from tests.world import World, inhabit

SECTIONS = ("When to use it", "Checklist", "When it is done", "Only by hand")
GATEWAY = ("https://gw.example.com/v1", "Gate")


def checklist(*lines: str) -> str:
    body = "\n\n".join(f"## {name}\n\nText." for name in SECTIONS).replace("## Checklist\n\nText.", "## Checklist\n\n" + "\n".join(lines))
    return print_article(content(title="Before the first call", body=body + "\n", kind="checklist", causes=()))


@pytest.fixture
def world(app: Flask, now: datetime) -> World:
    put(app.extensions["settings"].kb_dir, now, "- [ ] A key is made.", "- [ ] The address is {{gateway_url}}.")
    return inhabit(app)


def put(kb_dir: Path, now: datetime, *lines: str) -> None:
    write_article(kb_dir, "en", "first-call", checklist(*lines))
    write_article(kb_dir, "en", "no-list", print_article(content()))
    import_kb(kb_dir, book(), now)


def article(slug: str = "first-call") -> Article:
    found = articles.by_slug("en", slug)
    assert found is not None
    return found


def test_a_run_keeps_its_points_whatever_becomes_of_the_checklist(world: World, now: datetime) -> None:
    agent, clean = world.users[Role.AGENT], book().redactor
    run = begin_run(article(), None, agent, clean, now, GATEWAY)
    put(world.app.extensions["settings"].kb_dir, now, "- [ ] Something else.")
    db.session.expire_all()
    assert [point["text"] for point in run.points] == ["A key is made.", "The address is https://gw.example.com/v1."]
    assert (run.version, article().version) == (1, 2)
    assert [point["text"] for point in begin_run(article(), None, agent, clean, now, GATEWAY).points] == ["Something else."]


def test_every_tick_says_who_and_can_be_taken_back(world: World, now: datetime) -> None:
    agent, manager = world.users[Role.AGENT], world.users[Role.MANAGER]
    ticket = tickets.by_id(world.guest_ticket)
    run = begin_run(article(), ticket, agent, book().redactor, now, GATEWAY)
    first, second = (point["id"] for point in run.points)
    tick_point(run, first, agent, now, done=True)
    tick_point(run, second, manager, now, done=True)
    tick_point(run, second, agent, now, done=False)
    ticks = checklists.ticks(run.id)
    assert [(ticks[point].done, ticks[point].actor.id) for point in (first, second)] == [(True, agent.id), (False, agent.id)]
    assert checklists.ticked_counts([run.id]) == {run.id: 1}
    assert [each.id for each in checklists.of_ticket(world.guest_ticket)] == [run.id]
    assert "checklist" in [change.what for change in tickets.changes(world.guest_ticket)]
    with pytest.raises(KeyError):
        tick_point(run, "nonsense", agent, now, done=True)


def test_a_run_ends_with_every_point_ticked_or_a_reason(world: World, now: datetime) -> None:
    agent = world.users[Role.AGENT]
    run = begin_run(article(), None, agent, book().redactor, now, GATEWAY)
    with pytest.raises(OpenPoints):
        end_run(run, agent, now)
    note_on_run(run, book().redactor.clean("The key came later."))
    end_run(run, agent, now)
    assert (run.finished_at, run.finished_by_id) == (now, agent.id)
    with pytest.raises(Ended):
        tick_point(run, run.points[0]["id"], agent, now, done=True)
    reopen_run(run, agent, now)
    tick_point(run, run.points[0]["id"], agent, now, done=True)
    assert run.finished_at is None


def test_only_a_published_checklist_is_run(world: World, now: datetime) -> None:
    with pytest.raises(NothingToTick):
        begin_run(article("no-list"), None, world.users[Role.AGENT], book().redactor, now, GATEWAY)
