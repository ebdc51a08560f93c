"""No secret survives what is typed at the desk: drafts, notes, tags, views, hand-offs, bulk steps, searches, ratings, stopped replies."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.core.roles import Role
from tests.sql import stored_text
from tests.test_canary import Hunt
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


PLACES = (("/desk/", "tag"), ("/desk/", "environment"), ("/logs/", "text"), ("/desk/search/log", "q"))


def plant(hunt: Hunt, planted: str) -> None:
    """One secret in every box of the desk, valid wherever it can be, so that each is really stored."""
    world = hunt.world
    agent, ticket = world.client(Role.AGENT), f"/desk/tickets/{world.own_ticket}"
    to = str(world.users[Role.MANAGER].id)
    boxes: list[tuple[str, dict[str, object]]] = [
        (f"{ticket}/drafts/reply", {"body": planted}),
        (f"{ticket}/drafts/note", {"body": planted}),
        (f"{ticket}/replies", {"body": f"{planted} and $12", "seen": "0"}),  # stopped, and shown again
        (f"{ticket}/tags", {"tag": planted}),
        (f"{ticket}/next", {"action": planted, "owner": to, "due": "2026-11-24"}),
        (
            f"{ticket}/hand-off",
            {"to": to, "queue": "support", "tried": planted, "action": planted, "due": "2026-11-24", "review_note": planted},
        ),
        (f"{ticket}/relations", {"kind": "merged", "other": planted}),
        (f"{ticket}/presence", {"doing": planted, "seen": planted}),
        ("/desk/views", {"name": planted, "back": f"q={planted}&group={planted}", "shared": "1"}),
        ("/logs/views", {"name": planted, "back": f"text={planted}&model={planted}", "shared": "1"}),
        (f"{ticket}/asked", {"words": planted}),
        (f"{ticket}/trackers", {"address": f"https://github.com/example/{planted}/issues/7?token={planted}"}),
        (f"{ticket}/trackers", {"address": f"https://gitlab.example.com/{planted}/-/issues/7"}),
        (f"{ticket}/fields", {"order_time": planted, "payment_kind": planted}),
        ("/desk/bulk", {"ticket": [str(world.own_ticket)], "wish": "tag:", "tag": planted, "back": f"client={planted}"}),
        ("/desk/search", {"q": planted}),
        (f"{ticket}/notes", {"body": "to be edited"}),
        (f"{ticket}/notes/1", {"body": planted}),
        (f"{ticket}/tags/removal", {"tag": planted}),
    ]
    for address, data in [*boxes, *money_boxes(ticket, to, planted)]:
        hunt.ask(agent, "POST", address, address, data=data)
    hunt.ask(
        world.client(Role.MANAGER), "POST", "/reports/approvals/1/decision", "a rejection", data={"decision": "reject", "reason": planted}
    )
    for address in ("/desk/disputes", "/reports/approvals", "/reports/review/2026-W47", "/reports/review/2026-W47/mail"):
        hunt.ask(world.client(Role.MANAGER), "GET", address, address)
    user, rating = world.client(Role.USER), f"/tickets/{world.own_ticket}/rating"
    for address, data in ((f"/tickets/{world.own_ticket}", {"wish": "solved"}), (rating, {"choice": "bad", "words": planted})):
        hunt.ask(user, "POST", address, address, data=data)
    names = ("actor", "action", "kind", "object", "days", "after")
    hunt.ask(world.client(Role.OWNER), "GET", "/admin/audit", "the audit", query_string=dict.fromkeys(names, planted))
    for address in (ticket, rating, "/desk/", "/desk/?view=all"):
        hunt.ask(user if address == rating else agent, "GET", address, address)
    for address, name in (("/desk/search", "q"), (f"{ticket}/macros", "q"), *PLACES):
        hunt.ask(agent, "GET", address, f"{address} {name}", query_string={name: planted})


def money_boxes(ticket: str, owner: str, planted: str) -> list[tuple[str, dict[str, object]]]:
    """Disputes, approvals, and what a review says and decides."""
    review = "/reports/review/2026-W47"
    return [
        (f"{ticket}/disputes", {"claim": planted}),
        (f"{ticket}/disputes", {"claim": "charged_failed"}),
        ("/desk/disputes/1/decision", {"outcome": "wait", "reason": planted}),
        ("/reports/approvals", {"task": planted, "model": planted, "request_type": "video", "estimate": "5", "within": "48"}),
        ("/reports/approvals", {"task": planted, "model": planted, "request_type": planted, "estimate": planted, "within": planted}),
        (f"{review}/findings", {"repeated_questions": planted, "needs_a_person": planted}),
        (f"{review}/decisions", {"what": planted, "why": planted, "instead": planted, "owner": owner, "backup": "0", "due": "2026-12-01"}),
    ]


def test_no_canary_survives_at_the_desk(world: World, tmp_path: Path) -> None:
    hunt = Hunt(world)
    for canary in hunt.found:
        plant(hunt, canary.planted)
    hunt.look("the tables", stored_text())
    for path in tmp_path.rglob("*"):
        if path.is_file():
            hunt.look(path.name, path.read_bytes())
    assert sorted(hunt.hits) == []
    assert "[hidden" in stored_text() or "…" in stored_text(), "something was stored"
