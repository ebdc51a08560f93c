"""Replying, noting, moving and filing by the interface: through the desk's own steps and checks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.core.roles import Role
from app.operations import tickets as operations
from app.store import tickets
from app.store.database import db
from app.store.models import AuditEntry, Ticket
from tests.conftest import NOW
from tests.web.api.conftest import Call
from tests.world import KEY, World

SAID = {"body": "Please wait 20 seconds and try again."}


def ticket(number: int) -> Ticket:
    db.session.rollback()
    db.session.expire_all()
    found = tickets.by_id(number)
    assert found is not None
    return found


def acts() -> list[tuple[int | None, str | None]]:
    """What was done by tokens: by whom, and what."""
    db.session.rollback()
    rows = db.session.execute(select(AuditEntry.actor_id, AuditEntry.after).where(AuditEntry.action == "by_token").order_by(AuditEntry.id))
    return [tuple(row) for row in rows]


def test_a_reply_goes_out_in_public_as_the_account(world: World, call: Call, guests: str) -> None:
    made = call("POST", f"{guests}/replies", SAID)
    assert made.status_code == 201
    assert made.json == {"number": world.guest_ticket, "reply": 1, "state": "pending", "redacted": 0}
    assert [(word.body, word.author_id) for word in tickets.replies(world.guest_ticket)] == [(SAID["body"], world.users[Role.AGENT].id)]
    assert acts() == [(world.users[Role.AGENT].id, "reply")]
    assert SAID["body"] in world.client(None).get(f"/t/{world.guest_token}").text


def test_a_secret_in_a_reply_is_hidden_and_counted(world: World, call: Call, guests: str) -> None:
    made = call("POST", f"{guests}/replies", {"body": f"Do not send {KEY} to anybody.", "solve": True})
    assert (made.status_code, made.json["redacted"], made.json["state"]) == (201, 1, "solved")
    assert KEY not in tickets.replies(world.guest_ticket)[0].body


def test_a_reply_that_tells_what_is_private_is_refused_with_the_place(world: World, call: Call, guests: str) -> None:
    text = "Your search-team is over its limit."
    refused = call("POST", f"{guests}/replies", {"body": text})
    assert (refused.status_code, refused.json["field"]) == (422, "body")
    assert [(place["kind"], text[place["start"] : place["end"]]) for place in refused.json["places"]] == [("group", "search-team")]
    assert "search-team" not in refused.text
    assert tickets.replies(world.guest_ticket) == []


def test_a_reply_to_what_has_moved_on_is_refused_until_the_news_is_seen(world: World, call: Call, guests: str) -> None:
    clean = world.app.extensions["rulebook"].redactor.clean
    newest = operations.reply_as_requester(ticket(world.guest_ticket), clean("It works again."), None, NOW).id
    refused = call("POST", f"{guests}/replies", {**SAID, "last_seen": 0})
    assert (refused.status_code, refused.json["newest"]) == (409, newest)
    assert call("POST", f"{guests}/replies", {**SAID, "last_seen": newest}).status_code == 201


def test_a_note_is_kept_where_only_staff_read_it(world: World, call: Call, guests: str) -> None:
    made = call("POST", f"{guests}/notes", {"body": f"The key {KEY} is the search team's."})
    assert (made.status_code, made.json["state"], made.json["redacted"]) == (201, "open", 1)
    note = tickets.notes(world.guest_ticket)[0].body
    assert KEY not in note
    assert note not in world.client(None).get(f"/t/{world.guest_token}").text
    assert acts() == [(world.users[Role.AGENT].id, "note")]


def test_a_ticket_is_moved_assigned_and_tagged_in_one_call(world: World, call: Call, guests: str) -> None:
    changed = call("PATCH", guests, {"state": "pending", "assignee": "test-manager", "add_tags": ["rate limit", "vip"]})
    expected: dict[str, Any] = {"number": world.guest_ticket, "state": "pending", "assignee": "test-manager"}
    assert (changed.status_code, changed.json) == (200, {**expected, "tags": ["rate limit", "vip"]})
    again = call("PATCH", guests, {"state": "pending", "assignee": None, "remove_tags": ["vip", "never there"]})
    assert again.json == {**expected, "assignee": None, "tags": ["rate limit"]}
    assert [what for _who, what in acts()] == ["add_tags assignee state", "assignee remove_tags state"]


IMPOSSIBLE: tuple[tuple[dict[str, Any], int, str], ...] = (
    ({"state": "on_hold"}, 422, "state"),  # nobody agreed on a next action
    ({"state": "suspected"}, 409, "state"),
    ({"state": "asleep"}, 422, "state"),
    ({"state": None}, 422, "state"),
    ({"assignee": "test-user"}, 422, "assignee"),
    ({"assignee": 3}, 422, "assignee"),
    ({"add_tags": "vip"}, 422, "add_tags"),
    ({"add_tags": ["x" * 33]}, 422, "add_tags"),
    ({"remove_tags": [" "]}, 422, "remove_tags"),
)


def test_a_change_that_cannot_be_is_named_and_nothing_of_the_call_is_done(world: World, call: Call, guests: str) -> None:
    for body, status, at_fault in IMPOSSIBLE:
        refused = call("PATCH", guests, {"assignee": "test-agent", "add_tags": ["vip"], **body})
        assert (refused.status_code, refused.json["field"]) == (status, at_fault)
    assert call("PATCH", guests, {}).status_code == 422
    assert (ticket(world.guest_ticket).assignee, acts()) == (None, [])


def test_a_ticket_is_filed_for_an_account_which_finds_it_under_its_own(world: World, call: Call) -> None:
    body = {"error_text": f"401 Incorrect API key provided: {KEY}", "client": "cherry studio", "model": "gpt-4o", "status_code": 401}
    body |= {
        "request_time": "2026-11-20T16:25:00+08:00",
        "tolerance_minutes": 5,
        "stream": True,
        "requester": "test-user",
        "language": "zh",
    }
    made = call("POST", "/tickets", body)
    number = made.json["number"]
    assert (made.status_code, made.json["redacted"]) == (201, 1)
    assert made.json["address"].endswith(f"/tickets/{number}")
    assert world.client(Role.USER).get(f"/tickets/{number}").status_code == 200
    filed = ticket(number)
    assert (filed.client, filed.status_code, filed.stream, filed.language) == ("Cherry Studio", 401, True, "zh")
    assert f"{filed.request_time:%H:%M}" == "08:25"
    assert KEY not in (filed.error_text or "")
    by = db.session.scalars(select(AuditEntry.actor_id).where(AuditEntry.object_id == str(number), AuditEntry.action == "filed")).all()
    assert by == [world.users[Role.AGENT].id]
    assert acts() == [(world.users[Role.AGENT].id, "filed")]


def test_a_ticket_filed_for_a_guest_is_followed_by_a_secret_link(world: World, call: Call) -> None:
    made = call("POST", "/tickets", {"description": "The answer stops half-way.", "key": KEY})
    assert (made.status_code, made.json["redacted"]) == (201, 1)
    assert world.client(None).get("/t/" + made.json["address"].rpartition("/t/")[2]).status_code == 200
    assert (ticket(made.json["number"]).key_last4, KEY in made.text) == ("9f3c", False)


UNREPORTABLE: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, "error_text"),
    ({"description": "x" * 4_001}, "description"),
    ({"description": "x", "status_code": 42}, "status_code"),
    ({"description": "x", "status_code": "429"}, "status_code"),
    ({"description": "x", "status_code": True}, "status_code"),
    ({"description": "x", "tolerance_minutes": 7}, "tolerance_minutes"),
    ({"description": "x", "request_time": "2026-11-20 16:30"}, "request_time"),
    ({"description": "x", "request_time": "2027-01-01T00:00:00Z"}, "request_time"),
    ({"description": "x", "key_sha256": "abc"}, "key_sha256"),
    ({"description": "x", "request_type": "smell"}, "request_type"),
    ({"description": "x", "language": "fr"}, "language"),
    ({"description": "x", "requester": "nobody-here"}, "requester"),
    ({"description": "x\0"}, "description"),
)


def test_a_report_that_cannot_be_filed_is_named_by_its_field(call: Call) -> None:
    for body, at_fault in UNREPORTABLE:
        refused = call("POST", "/tickets", body)
        assert (refused.status_code, refused.json.get("field")) == (422, at_fault)


BODIES: tuple[tuple[dict[str, Any], int], ...] = (
    ({"data": b"body=x"}, 415),
    ({"data": b"{broken", "content_type": "application/json"}, 400),
    ({"data": b"[]", "content_type": "application/json"}, 400),
    ({"data": b"\xff\xfe", "content_type": "application/json"}, 400),
    ({"data": b"[" * 100_000, "content_type": "application/json"}, 400),
    ({"data": b'{"body": "' + b"x" * 20_001 + b'"}', "content_type": "application/json"}, 422),
    ({"data": b"[" * 3_000_000, "content_type": "application/json"}, 413),
)


def test_a_body_that_is_no_object_of_its_size_is_refused(call: Call, guests: str) -> None:
    for sent, status in BODIES:
        refused = call("POST", f"{guests}/notes", **sent)
        assert (refused.status_code, refused.mimetype) == (status, "application/problem+json")
    unknown = call("POST", f"{guests}/notes", {"body": "x", "colour": "mauve", KEY: 1})
    assert (unknown.status_code, len(unknown.json["fields"])) == (422, 2)
    assert "mauve" not in unknown.text
    assert KEY[8:-6] not in unknown.text
