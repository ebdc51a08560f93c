"""The gateway's log for staff: newest problems, one page per request, and the requester's view by allow-list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote, unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.record import Outcome, RedactedRecord
from app.core.redacted_text import seal
from app.core.roles import Role
from app.store.database import db
from app.store.models import AuditEntry
from tests.conftest import NOW
from tests.log_records import START, a_record
from tests.pages import Page, read
from tests.sql import statements
from tests.world import World, inhabit

# every field of a record with a value no other field has
FULL = {
    "attempt": 1, "latency_ms": 71812, "ttft_ms": 71390, "request_type": "video", "endpoint": "/v1/videos-x", "client": "Agent-X/7.1",
    "model_requested": "gpt-4o-mini", "model_served": "served-model-x", "provider": "provider-x", "status_code": 503,
    "outcome": Outcome.ERROR,
    "error_code": "CODE_X", "error_message": "message x", "key_prefix": "sk-", "key_last4": "tail", "key_fingerprint": "ab" * 16,
    "key_alias": "alias-x", "owner": "owner-x", "group": "group-x", "environment": "env-x", "prompt_tokens": 71001,
    "completion_tokens": 71002,
    "cost_micros": 71003, "quota_micros": 71004, "balance_micros": 71005, "stream": True, "stream_end": "upstream", "retries": 71006,
    "fallback_from": "fallback-x", "fallback_reason": seal("reason x"), "task_id": "task-x", "tags": ("tag-x",), "charged": True,
}  # fmt: skip
PRIVATE = [
    "/v1/videos-x", "Agent-X", "served-model-x", "provider-x", "CODE_X", "message x", "tail", "ab" * 16, "alias-x", "owner-x", "group-x",
    "env-x", "71001", "71002", "71003", "71004", "71005", "71006", "fallback-x", "reason x", "task-x", "tag-x", "71390",
]  # fmt: skip


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def agent(world: World) -> FlaskClient:
    return world.client(Role.AGENT)


def keep(world: World, records: Sequence[RedactedRecord]) -> None:
    world.app.extensions["log_store"].append("ndjson", records, [], NOW)


def shown(page: Page) -> list[str]:
    links = [link.removeprefix("/logs/").split("?")[0] for link in page.links if link.startswith("/logs/")]
    return [link for link in dict.fromkeys(links) if link and not link.startswith("export.")]


def test_problems_are_shown_first_and_everything_on_request(world: World, agent: FlaskClient) -> None:
    keep(world, [a_record("fine"), a_record("broken", status_code=502, outcome=Outcome.ERROR)])
    assert shown(read(agent.get("/logs/"))) == ["broken", world.request_id]
    assert "fine" in shown(read(agent.get("/logs/?show=all")))


def test_pages_follow_one_another(world: World, agent: FlaskClient) -> None:
    keep(world, [a_record(f"r-{n}", started_at=START - n, status_code=500, outcome=Outcome.ERROR) for n in range(120)])
    seen: list[str] = []
    address = "/logs/?show=all"
    while address:
        page = read(agent.get(address))
        seen += shown(page)
        address = next((link for link in page.links if "before=" in link and "lang=" not in link), "")
    assert len(seen) == len(set(seen)) == 121


@pytest.mark.parametrize(
    "query",
    [
        "before=x",
        "status=9999",
        "since=soon&until=9",
        "key=%E2%80%A6",
        "before=5-xyz",
        "before=" + "9" * 40,
        "before=²",
        "show=none",
        "id=",
        "view=root",
    ],
)
def test_nonsense_in_the_address_is_ignored(agent: FlaskClient, query: str) -> None:
    assert agent.get(f"/logs/?{query}").status_code == 200


def test_an_id_jumps_to_its_request(world: World, agent: FlaskClient) -> None:
    answer = agent.get("/logs/", query_string={"id": f" {world.request_id} "})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/logs/{world.request_id}"


@pytest.mark.parametrize("request_id", ["unknown", "a/b/c", "密", "%00", "x" * 500])
def test_an_id_that_is_none_is_not_there(agent: FlaskClient, request_id: str) -> None:
    assert agent.get(f"/logs/{request_id}").status_code == 404


def test_staff_see_every_allowed_fact_of_a_record(world: World, agent: FlaskClient) -> None:
    keep(world, [a_record("full", **FULL)])
    page = read(agent.get("/logs/full"))
    amounts, kept_apart = {"71003", "71004", "71005"}, {"tail", "ab" * 16}
    words = page.text.replace(",", "")
    assert not [fact for fact in PRIVATE if fact not in words and fact not in amounts | kept_apart]
    assert "ab" * 16 not in page.html


def test_the_requesters_view_shows_the_allowed_facts_and_nothing_else(world: World, agent: FlaskClient) -> None:
    keep(world, [a_record("full", **FULL)])
    page = read(agent.get("/logs/full?view=requester"))
    main = page.html.split("<main")[1].split("</main>")[0].replace(",", "")
    for fact in ("503", "71812", "2026-11-20 08:30:00 UTC"):
        assert fact in main
    assert not [fact for fact in PRIVATE if fact in main]


def test_the_attempts_of_one_request_are_one_page(world: World, agent: FlaskClient) -> None:
    first = a_record("try-1", action_id="call", attempt=1, status_code=429, outcome=Outcome.ERROR, model_requested="gpt-4o")
    second = a_record("try-2", action_id="call", attempt=2, started_at=START + 900, model_requested="gpt-4o-mini", fallback_from="gpt-4o")
    keep(world, [first, second])
    for request_id in ("try-1", "try-2", "call"):
        page = read(agent.get(f"/logs/{request_id}"))
        assert "Answered in the end, after 1 failed attempts." in page.text or "after 1 failed attempt" in page.text
        assert "2 attempts" in page.text


def test_the_tickets_about_a_record_are_linked(world: World, agent: FlaskClient) -> None:
    links = read(agent.get(f"/logs/{world.request_id}")).links
    assert {f"/desk/tickets/{world.own_ticket}", f"/desk/tickets/{world.guest_ticket}"} <= set(links)


def test_reading_a_record_is_noted(world: World, agent: FlaskClient) -> None:
    agent.get(f"/logs/{world.request_id}")
    db.session.rollback()
    entry = db.session.query(AuditEntry).filter_by(action="read", object_kind="log").one()
    assert entry.actor_id == world.users[Role.AGENT].id
    assert entry.before is None


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("http://localhost/desk/tickets/17?talk=logs", "ticket 17"),
        ("http://localhost/desk/search?q=secret", "search"),
        ("http://localhost/logs/", "log"),
        ("http://localhost/nowhere", None),
        ("http://elsewhere.example/desk/tickets/17", None),
        ("no address", None),
    ],
)
def test_the_page_that_led_to_a_record_is_kept_as_the_reason(world: World, agent: FlaskClient, page: str, reason: str | None) -> None:
    agent.get(f"/logs/{world.request_id}", headers={"Referer": page})
    db.session.rollback()
    assert db.session.query(AuditEntry).filter_by(action="read", object_kind="log").one().before == reason
    told = read(world.client(Role.OWNER).get("/admin/audit?kind=log")).text
    assert (f"opened from {reason}" in told) == (reason is not None)


@pytest.mark.parametrize("quoted", ["req#1/ab%20c?x=1", "a;b=c,d|e^f?z1", "x%23y+c&d=2", "20261120/claude/msg_01:9"])
def test_an_id_with_any_characters_opens_its_page_from_the_list_the_search_box_and_its_own_address(
    world: World, agent: FlaskClient, quoted: str
) -> None:
    keep(world, [a_record(quoted, status_code=502, outcome=Outcome.ERROR)])
    address = next(link for link in read(agent.get("/logs/")).links if link.startswith("/logs/") and unquote(link[6:]) == quoted)
    assert quoted in read(agent.get(address)).text
    assert agent.post("/desk/search", data={"q": f" {quoted}\n"}).headers["Location"] == address
    assert agent.post("/desk/search", data={"q": f"https://desk.example{address}"}).headers["Location"] == address
    own = "/r/" + quote(quoted)
    assert agent.get(own).headers["Location"] == address
    assert agent.post("/desk/search", data={"q": f"see https://desk.example{own} please"}).headers["Location"] == address


def test_an_ids_own_address_leads_each_to_what_is_theirs(world: World, agent: FlaskClient) -> None:
    address = f"/r/{world.request_id}"
    assert agent.get(address).headers["Location"] == f"/desk/search?q={world.request_id}", "two tickets and a line: one chooses"
    assert world.client(Role.USER).get(address).headers["Location"] == f"/tickets/{world.own_ticket}"
    other = world.client(Role.EDITOR).get(address)
    assert other.headers["Location"] == "/"
    assert world.client(Role.EDITOR).get("/r/never-seen-1").headers["Location"] == "/", "and nobody learns which ids there are"
    assert world.client(None).get(address).headers["Location"].startswith("/sign-in")


def test_the_log_costs_the_same_however_much_there_is(world: World, agent: FlaskClient) -> None:
    with statements() as few_listed:
        agent.get("/logs/?show=all")
    with statements() as few_attempts:
        agent.get(f"/logs/{world.request_id}")
    keep(world, [a_record(f"r-{n}", started_at=START - n, status_code=500, outcome=Outcome.ERROR) for n in range(60)])
    keep(
        world,
        [a_record(f"retry-{n}", action_id=world.request_id, attempt=n + 2, status_code=429, outcome=Outcome.ERROR) for n in range(40)],
    )
    with statements() as many_listed:
        agent.get("/logs/?show=all")
    with statements() as many_attempts:
        agent.get(f"/logs/{world.request_id}")
    assert len(many_listed) <= len(few_listed)  # a page that is not full asks once more, how far it came
    assert len(many_attempts) == len(few_attempts)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("show=error&status=429", ["slow"]),
        ("show=partial", ["cut"]),
        ("show=ok", ["fine"]),
        ("show=all&model=gpt-4o-mini", ["served"]),
        ("show=all&client=cursor", ["cut"]),
        ("show=all&key=sk-%E2%80%A6q7z9", ["slow"]),
        ("show=all&key=team-alias", ["fine"]),
        ("show=all&group=growth&environment=prod", ["served"]),
        ("since=2026-11-20T08:30&until=2026-11-20T08:31&status=429", ["slow"]),
        ("show=all&provider=nobody", []),
    ],
)
def test_filters_in_the_address_choose_lines(world: World, agent: FlaskClient, query: str, found: list[str]) -> None:
    keep(
        world,
        [
            a_record("slow", started_at=START + 30_000, status_code=429, outcome=Outcome.ERROR, key_last4="q7z9"),
            a_record("cut", started_at=START + 1, status_code=200, outcome=Outcome.PARTIAL, client="Cursor/1.7.39"),
            a_record("fine", started_at=START + 2, key_alias="team-alias"),
            a_record("served", started_at=START + 3, model_served="gpt-4o-mini", group="growth", environment="prod", status_code=500,
                     outcome=Outcome.ERROR),
        ],
    )  # fmt: skip
    assert [one for one in shown(read(agent.get(f"/logs/?{query}"))) if one != world.request_id] == found


def test_a_whole_key_in_a_filter_is_not_shown_again(agent: FlaskClient) -> None:
    key = "sk-" + "Zt7Rw2" * 8
    assert key not in agent.get("/logs/", query_string={"key": key, "model": key}).text


def test_what_is_shown_can_be_taken_out_and_is_noted(world: World, agent: FlaskClient) -> None:
    keep(world, [a_record("formula", status_code=500, outcome=Outcome.ERROR, error_message=seal("=cmd()"), cost_micros=71003)])
    table = agent.get("/logs/export.csv?status=500").text.splitlines()
    assert table[0].startswith("started_at,request_id")
    assert len(table) == 2
    assert "'=cmd()" in table[1]
    assert "71003" not in table[1]
    lines = [json.loads(line) for line in agent.get("/logs/export.ndjson?status=500").text.splitlines()]
    assert [line["request_id"] for line in lines] == ["formula"]
    db.session.rollback()
    assert {entry.object_id for entry in db.session.query(AuditEntry).filter_by(action="export")} == {"csv", "ndjson"}


def test_an_export_obeys_rules_that_came_after_the_line(world: World, agent: FlaskClient) -> None:
    key = "sk-" + "Zt7Rw2" * 8
    keep(world, [a_record("leaky", status_code=500, outcome=Outcome.ERROR, error_message=seal(f"bad key {key}"))])
    assert key not in agent.get("/logs/export.csv").text + agent.get("/logs/export.ndjson").text


def test_a_live_list_asks_again_by_itself_and_can_be_stopped(agent: FlaskClient) -> None:
    page = agent.get("/logs/?live=1&status=429").text
    assert 'hx-trigger="every 5s"' in page
    assert 'href="/logs/?status=429"' in page
    assert "every 5s" not in agent.get("/logs/?status=429").text
