"""The audit page: who did or read what, when, from what to what; narrowed by the address, page by page, and as a file."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.roles import Role
from app.operations import accounts, audit
from app.store.database import db
from app.store.models import Change
from tests.conftest import NOW
from tests.pages import read
from tests.sql import statements
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def owner(world: World) -> FlaskClient:
    return world.client(Role.OWNER)


def rows(client: FlaskClient, query: str = "") -> list[str]:
    """The lines of the page, as words."""
    page = client.get(f"/admin/audit{query}").text
    return [read_row(part) for part in page.split("<tr data-row>")[1:]]


def read_row(html: str) -> str:
    from tests.pages import Page

    return Page(html.split("</tr>", maxsplit=1)[0]).text


def test_changes_and_reads_stand_in_one_list_with_from_what_to_what(world: World, owner: FlaskClient) -> None:
    agent, ticket = world.client(Role.AGENT), f"/desk/tickets/{world.guest_ticket}"
    agent.get(ticket)
    agent.post(f"{ticket}/state", data={"state": "pending"})
    agent.post(f"{ticket}/notes", data={"body": "the walrus knows"})
    agent.get("/desk/search?q=walrus")
    agent.get(f"/logs/{world.request_id}")
    agent.post(f"{ticket}/tags", data={"tag": "vip"})
    agent.post(f"{ticket}/tags/removal", data={"tag": "vip"})
    accounts.change_role(world.users[Role.USER], Role.EDITOR, NOW, world.users[Role.OWNER])
    text = "\n".join(rows(owner))
    number = world.guest_ticket
    for expected in (
        f"Test agent test-agent opened ticket {number}",
        f"test-agent state ticket {number} new → pending",
        f"test-agent wrote a private note ticket {number}",
        f"test-agent was shown notes by a search ticket {number}",
        "test-agent opened log record",
        f"test-agent added a tag ticket {number} – → vip",
        f"test-agent removed a tag ticket {number} vip → –",
        "test-owner role account",
        "user → editor",
    ):
        assert expected in text, expected
    assert "walrus" not in text


def test_a_tag_that_is_not_there_is_not_removed(world: World) -> None:
    agent, ticket = world.client(Role.AGENT), f"/desk/tickets/{world.guest_ticket}"
    agent.post(f"{ticket}/tags", data={"tag": "vip"})
    agent.post(f"{ticket}/tags", data={"tag": "later"})
    agent.post(f"{ticket}/tags/removal", data={"tag": "vip"})
    agent.post(f"{ticket}/tags/removal", data={"tag": "never"})
    text = agent.get(ticket).text
    assert ('value="vip"' in text, 'value="later"' in text) == (False, True)


def test_the_address_narrows_and_nonsense_is_ignored(world: World, owner: FlaskClient) -> None:
    agent = world.users[Role.AGENT]
    audit.record("read", "key", 7, NOW, agent)
    audit.record("read", "ticket", 7, NOW - timedelta(days=40), agent)
    db.session.add(Change(ticket_id=world.own_ticket, actor_id=None, what="state", before="new", after="open", created_at=NOW))
    db.session.commit()
    assert len(rows(owner, f"?actor={agent.id}&action=read")) == 2
    assert len(rows(owner, f"?actor={agent.id}&action=read&days=30")) == 1
    assert len(rows(owner, f"?actor={agent.id}&kind=key&object=7")) == 1
    assert rows(owner, f"?kind=ticket&object={world.own_ticket}&action=state")[0].endswith("new → open")
    assert len(rows(owner, "?actor=none&action=state")) == 1
    everything = len(rows(owner))
    assert len(rows(owner, "?actor=x&action=%27&kind=..&object=%3Cb%3E&days=-1&after=1-2-3")) == everything


def test_the_page_asks_the_same_few_questions_however_much_there_is(world: World, owner: FlaskClient) -> None:
    counted = []
    for _round in range(2):
        with statements() as asked:
            page = owner.get("/admin/audit")
        counted.append(len(asked))
        for place in range(150):
            audit.record("read", "key", place, NOW, world.users[Role.AGENT])
        db.session.commit()
    assert counted[0] == counted[1]
    older = next(link for link in read(owner.get("/admin/audit")).links if "after=" in link)
    assert "test-agent" in owner.get(older).text
    assert page.status_code == 200


def test_what_is_shown_goes_out_as_a_file_that_no_spreadsheet_runs_and_that_is_recorded(world: World, owner: FlaskClient) -> None:
    db.session.add(Change(ticket_id=world.own_ticket, actor_id=None, what="tag", before=None, after="=cmd()", created_at=NOW))
    db.session.commit()
    with owner.get("/admin/audit.csv?action=tag") as answer:
        table = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert [(row["action"], row["after"], row["object_id"]) for row in table] == [("tag", "'=cmd()", str(world.own_ticket))]
    with owner.get("/admin/audit.ndjson?action=export") as answer:
        lines = [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]
    assert ("test-owner", "audit", "csv") in {(line["actor"], line["object_kind"], line["object_id"]) for line in lines}


def test_the_staff_page_tells_what_was_told_and_when_on_both_clocks(world: World) -> None:
    from app.store import tickets

    found = tickets.by_id(world.guest_ticket)
    assert found is not None
    found.told_facts = {"elapsed_seconds": 61, "via_proxy": True, "charged": False, "gateway": "own"}
    found.time_zone, found.request_type = "Asia/Shanghai", "video"
    db.session.commit()
    text = read(world.client(Role.AGENT).get(f"/desk/tickets/{world.guest_ticket}")).text
    for expected in (
        "Kind of request video",
        "Failed after 61 s",
        "VPN or proxy yes",
        "Charged or not no",
        "2026-11-20 16:26 Asia/Shanghai",
        "08:26",
    ):
        assert expected in text, expected
