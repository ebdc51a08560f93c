"""Private notes are edited and struck out with a trace; only staff ever see any of it."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core.roles import Role
from app.operations.desk_search import find_texts, rebuild_search
from app.store.database import db
from app.store.models import Note
from app.store.models_desk import Notice
from tests.pages import read
from tests.world import KEY, World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def note_of(world: World, body: str) -> Note:
    """A note by the agent, as it stands now."""
    world.client(Role.AGENT).post(f"/desk/tickets/{world.guest_ticket}/notes", data={"body": body})
    db.session.rollback()
    return db.session.query(Note).order_by(Note.id.desc()).first()  # type: ignore[return-value]  # it was just made


def hits(words: str) -> list[str]:
    db.session.rollback()
    return [found.kind for found in find_texts(words, notes=True)]


def test_an_author_edits_a_note_and_the_earlier_wording_stays(world: World) -> None:
    note, agent = note_of(world, "ask the walrus"), world.client(Role.AGENT)
    address, page = f"/desk/tickets/{world.guest_ticket}/notes/{note.id}", f"/desk/tickets/{world.guest_ticket}"
    assert read(agent.get(page)).form(address).sends["body"].strip() == "ask the walrus"
    agent.post(address, data={"body": f"ask the platypus, @test-manager, about {KEY}"})
    text = read(world.client(Role.MANAGER).get(page)).text
    assert "Edited by Test agent" in text
    assert "ask the walrus" in text
    assert "edited private note" in text
    assert KEY not in world.client(Role.MANAGER).get(page).text
    assert (hits("walrus"), hits("platypus")) == ([], ["note"])
    assert [notice.kind for notice in db.session.query(Notice).filter_by(user_id=world.users[Role.MANAGER].id)] == ["mention"]
    assert "platypus" not in world.client(None).get(f"/t/{world.guest_token}").text


def test_nobody_else_edits_it_and_nothing_is_saved_twice_or_empty(world: World) -> None:
    note = note_of(world, "ask the walrus")
    address, page = f"/desk/tickets/{world.guest_ticket}/notes/{note.id}", f"/desk/tickets/{world.guest_ticket}"
    assert world.client(Role.OWNER).post(address, data={"body": "mine now"}).status_code == 403
    agent = world.client(Role.AGENT)
    for same in ("ask the walrus", "   ", "x" * 20_001):
        agent.post(address, data={"body": same})
    assert "Edited by" not in read(agent.get(page)).text
    other = f"/desk/tickets/{world.own_ticket}/notes/{note.id}"
    assert agent.post(other, data={"body": "by another door"}).status_code == 404


def test_a_note_is_struck_out_never_deleted_and_can_be_taken_up_again(world: World) -> None:
    note, agent = note_of(world, "ask the walrus"), world.client(Role.AGENT)
    address, page = f"/desk/tickets/{world.guest_ticket}/notes/{note.id}/strike", f"/desk/tickets/{world.guest_ticket}"
    manager = world.client(Role.MANAGER)
    agent.post(address)
    text = read(agent.get(page)).text
    assert "Struck out by Test agent" in text
    assert "ask the walrus" in text
    assert hits("walrus") == []
    rebuild_search()
    assert hits("walrus") == []
    manager.post(address, data={"wish": "restore"})
    assert "Struck out by" not in read(agent.get(page)).text
    assert hits("walrus") == ["note"]
