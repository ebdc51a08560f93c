"""Reading tickets by the interface: the desk's list, one ticket, and what neither tells."""

from __future__ import annotations

from sqlalchemy import select

from app.core.roles import Role
from app.operations import tickets as operations
from app.operations.filing import new_link
from app.store import tickets
from app.store.database import db
from app.store.models import AuditEntry
from tests.conftest import NOW
from tests.sql import statements
from tests.web.api.conftest import Call
from tests.world import KEY, World, failed_record


def test_the_list_takes_the_desks_filters_and_is_read_page_by_page(world: World, call: Call) -> None:
    first = call("GET", "/tickets?view=all&sort=oldest&limit=1").json
    assert [row["number"] for row in first["tickets"]] == [world.own_ticket]
    second = call("GET", f"/tickets?view=all&sort=oldest&limit=1&before={first['next']}").json
    assert ([row["number"] for row in second["tickets"]], second["next"]) == ([world.guest_ticket], None)
    assert call("GET", "/tickets?who=me").json == {"tickets": [], "next": None}
    operations.assign(tickets.by_id(world.guest_ticket), world.users[Role.AGENT], world.users[Role.AGENT], NOW)  # type: ignore[arg-type]
    mine = call("GET", "/tickets?who=me&client=Cherry Studio").json["tickets"]
    assert [(row["number"], row["assignee_name"], row["state"]) for row in mine] == [(world.guest_ticket, "Test agent", "open")]


NONSENSE = {
    "view=everything": "view",
    "filed_from=yesterday": "filed_from",
    "who=somebody": "who",
    "cause=no-such-cause": "cause",
    "limit=0": "limit",
    "limit=101": "limit",
    "before=": "before",
    "before=1-x": "before",
}


def test_nonsense_in_the_query_is_named_where_the_page_ignores_it(call: Call) -> None:
    for asked, at_fault in NONSENSE.items():
        refused = call("GET", f"/tickets?{asked}")
        assert (refused.status_code, refused.mimetype, refused.json["field"]) == (422, "application/problem+json", at_fault)
    unknown = call("GET", f"/tickets?colour=mauve&{KEY}=1")
    assert (unknown.status_code, len(unknown.json["fields"]), "colour" in unknown.json["fields"]) == (422, 2, True)
    assert "mauve" not in unknown.text
    assert KEY[8:-6] not in unknown.text


def test_a_ticket_has_its_facts_clocks_diagnosis_and_both_threads_apart(world: World, call: Call, guests: str) -> None:
    agent, clean = world.users[Role.AGENT], world.app.extensions["rulebook"].redactor.clean
    ticket = tickets.by_id(world.guest_ticket)
    assert ticket is not None
    operations.add_note(ticket, clean("Asked the owner."), agent, NOW)
    operations.reply_as_staff(ticket, clean("We look into it."), agent, NOW)
    operations.decide_match(
        ticket, tickets.matches(ticket.id)[0], "confirmed", agent, world.app.extensions["rulebook"], world.app.extensions["log_store"], NOW
    )
    shown = call("GET", guests).json
    assert (shown["number"], shown["state"], shown["assignee"], shown["requester"]) == (ticket.id, "pending", "test-agent", None)
    assert (shown["facts"]["client"], shown["facts"]["status_code"], shown["facts"]["key"]) == ("Cherry Studio", 429, "sk-…9f3c")
    assert (shown["diagnosis"]["origin"], shown["diagnosis"]["confirmed"]) == (ticket.origin, False)
    assert shown["log_lines"] == [world.request_id]
    assert [clock["clock"] for clock in shown["clocks"]] == ["first", "next", "solve"]
    assert [(word["by"], word["body"]) for word in shown["replies"]] == [("staff", "We look into it.")]
    assert [(note["body"], note["struck_out"]) for note in shown["notes"]] == [("Asked the owner.", False)]


def test_an_answer_holds_no_key_route_or_name_of_the_log_and_is_an_audited_read_by_the_token(world: World, call: Call, guests: str) -> None:
    record = failed_record("x", "ab" * 16, world.app.extensions["rulebook"])
    told = call("GET", guests).text + call("GET", "/tickets?view=all").text
    ticket = tickets.by_id(world.guest_ticket)
    assert ticket is not None
    private = [
        KEY,
        record.group,
        record.owner,
        record.key_alias,
        ticket.key_fingerprint,
        "fingerprint",
        "base_url",
        "provider",
        "model_served",
    ]
    assert [each for each in private if each and f'"{each}"' in told] == []
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "read").order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.actor_id, entry.object_id) == (world.users[Role.AGENT].id, str(world.guest_ticket))
    assert (entry.before or "").startswith("token …")


def test_an_unknown_ticket_is_not_there(call: Call) -> None:
    for number in (9_999, 2**31):
        answer = call("GET", f"/tickets/{number}")
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert call("PATCH", "/tickets/9999", {"state": "open"}).status_code == 404


def test_the_queries_of_a_call_do_not_grow_with_the_data(world: World, call: Call, guests: str) -> None:
    agent, clean = world.users[Role.AGENT], world.app.extensions["rulebook"].redactor.clean
    ticket = tickets.by_id(world.guest_ticket)
    assert ticket is not None
    operations.add_note(ticket, clean("First."), agent, NOW)
    operations.reply_as_staff(ticket, clean("First."), agent, NOW)
    for method, where, body in (
        ("GET", guests, None),
        ("GET", "/tickets?view=all", None),
        ("POST", f"{guests}/replies", {"body": "And one more."}),
        ("POST", f"{guests}/notes", {"body": "And another."}),
        ("PATCH", guests, {"add_tags": ["seen"]}),
    ):
        call(method, where, body)  # what is asked once a process is asked now
        with statements() as before:
            call(method, where, body)
        for _ in range(3):
            operations.add_note(ticket, clean("More."), agent, NOW)
            operations.reply_as_staff(ticket, clean("More."), agent, NOW)
            new_link(ticket, NOW)
        with statements() as after:
            call(method, where, body)
        assert len(after) == len(before), (method, where)
