"""No secret survives entry: plant canaries in every input there is, then search every file, log line and page."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest
from flask import Flask

from app.core.roles import Audience, Role
from app.operations import tickets as ticket_operations
from tests.canaries import Canary, canaries, everything
from tests.conftest import NOW
from tests.routes import address, calls
from tests.world import World, inhabit

ROOT = Path(__file__).resolve().parent.parent
FIELD = re.compile(r'name="([a-z_]+)"|(?:form|article|data)\.([a-z_]+)')
KEEP = {"csrf_token", "password", "again", "next", "lang"}


class Hits(list[str]):
    """Where a canary was seen; never its value."""

    def look(self, where: str, text: str | bytes, found: list[Canary]) -> None:
        haystack = text if isinstance(text, bytes) else text.encode()
        self.extend(f"{canary.name} in {where}" for canary in found if canary.probe.encode() in haystack)


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def field_names() -> list[str]:
    """Every field name any form of the product has."""
    names: set[str] = set()
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "app/web").rglob("*.py")]:
        source = path.read_text(encoding="utf-8")
        names |= {name for pair in FIELD.findall(source) for name in pair if name}
        names |= set(re.findall(r"^    ([a-z_]+) = [A-Za-z]*Field\(", source, re.MULTILINE))
    return sorted(names - KEEP)


def plant_in_forms(world: World, found: list[Canary], hits: Hits) -> None:
    """Every POST route as every role: each field at once, then one secret at a time in a bare and a labelled form."""
    names = field_names()
    for rule, method, where, audience in list(calls(world)):
        if method != "POST" or audience is Audience.INGEST or rule.endpoint in {"auth.sign_out"}:
            continue
        for role in (None, Role.USER, Role.AGENT, Role.EDITOR, Role.OWNER):
            data = dict.fromkeys(names, everything(found))
            answer = world.client(role).post(where, data=data, headers={"User-Agent": everything(found).replace("\n", " ")})
            hits.look(f"POST {rule.rule} as {role} ({answer.status_code})", answer.data + str(answer.headers).encode(), found)


def plant_in_tickets(world: World, found: list[Canary], hits: Hits) -> None:
    """A valid ticket, answer, reply and note for each secret, so that each is really stored."""
    guest, agent = world.client(None), world.client(Role.AGENT)
    for canary in found:
        form = {
            name: canary.planted[:100]
            for name in ("client", "client_version", "model", "request_id", "task_id", "base_url", "key_mask", "key_hash", "key_ref")
        }
        form |= {
            "error_text": f"401 {canary.planted}",
            "description": canary.planted,
            "tolerance_minutes": "15",
            "stream": "unknown",
            "status_code": "401",
        }
        form["client_version"] = "1.0"
        answer = guest.post("/tickets", data=form, follow_redirects=True)
        hits.look("filing", answer.data, found)
        assert answer.status_code == 200
        hits.look("answer", guest.post(f"/t/{world.guest_token}", data={"body": canary.planted}, follow_redirects=True).data, found)
        for kind in ("replies", "notes"):
            hits.look(
                kind,
                agent.post(f"/desk/tickets/{world.guest_ticket}/{kind}", data={"body": canary.planted}, follow_redirects=True).data,
                found,
            )
        hits.look("paste", guest.post("/report", data={"text": canary.planted}).data, found)


def plant_in_queries(world: World, found: list[Canary], hits: Hits) -> None:
    """Every GET route with secrets in the query string and the user agent."""
    for rule, method, where, _audience in calls(world):
        if method == "GET":
            for canary in found:
                query = dict.fromkeys(("q", "id", "next", "text", "cause", "words", "lang", "view", "before"), canary.planted)
                answer = world.client(Role.OWNER).get(where, query_string=query, headers={"User-Agent": canary.planted})
                hits.look(f"GET {rule.rule} with a query", answer.data + str(answer.headers).encode(), found)


def plant_in_logs(world: World, found: list[Canary]) -> None:
    """Log bodies with secrets in every place a gateway could put one; accepted or not, nothing may stay."""
    headers = {"Authorization": f"Bearer {world.ingest_token}"}
    client = world.client(None)
    for number, canary in enumerate(found):
        body = litellm_record(f"call-{number}", canary)
        client.post("/api/v1/logs/litellm", data=json.dumps([body]), headers=headers)
        client.post("/api/v1/logs/litellm", data=("{broken " + canary.planted).encode(), headers=headers)
        line = {"request_id": f"n-{number}", "started_at": NOW.isoformat(), "status_code": 401, "outcome": "error"}
        for name in (
            "error_message",
            "error_code",
            "client",
            "model_requested",
            "model_served",
            "provider",
            "key_alias",
            "owner",
            "group",
            "environment",
            "endpoint",
            "task_id",
            "fallback_from",
            "fallback_reason",
            "trace_id",
            "key_hash",
            "key_last4",
            "request_type",
        ):
            client.post(
                "/api/v1/logs/ndjson",
                data=json.dumps(line | {"request_id": f"n-{number}-{name}", name: canary.planted, "tags": [canary.planted]}),
                headers=headers,
            )
        client.post("/api/v1/logs/ndjson", data=json.dumps(line | {"request_id": canary.planted}), headers=headers)


def litellm_record(call_id: str, canary: Canary) -> dict[str, object]:
    """A failed call in LiteLLM's shape with the secret wherever text can stand."""
    secret = canary.planted
    return {
        "id": call_id, "litellm_call_id": call_id, "trace_id": secret, "call_type": "acompletion", "status": "failure", "model": secret, "model_group": secret,
        "custom_llm_provider": secret, "startTime": NOW.timestamp() - 60, "endTime": NOW.timestamp() - 59, "completionStartTime": NOW.timestamp() - 59,
        "messages": [{"role": "user", "content": secret}], "response": secret, "api_base": secret, "end_user": secret, "user_agent": secret,
        "request_tags": [secret, f"env:{secret}"], "error_str": secret, "response_cost": 0.0, "requester_ip_address": secret,
        "metadata": {"user_api_key_hash": secret, "user_api_key_alias": secret, "user_api_key_user_id": secret, "user_api_key_user_email": secret, "user_api_key_team_alias": secret,
                     "user_api_key_request_route": secret, "requester_metadata": {"headers": {"authorization": secret}}, "user_api_key_auth_metadata": {"environment": secret}},
        "error_information": {"error_code": secret, "error_class": secret, "llm_provider": secret, "error_message": secret, "traceback": secret, "normalized_error": secret},
        "hidden_params": {"api_base": secret, "additional_headers": {"x-api-key": secret}},
    }  # fmt: skip


def read_pages(world: World, found: list[Canary], hits: Hits) -> None:
    """Every page as every role, and every ticket as staff."""
    for rule, method, where, _audience in calls(world):
        if method == "GET":
            for role in (None, *Role):
                hits.look(f"GET {rule.rule} as {role}", world.client(role).get(where).data, found)
    agent = world.client(Role.AGENT)
    for number in range(1, 60):
        hits.look(f"ticket {number}", agent.get(f"/desk/tickets/{number}").data, found)
    for record in world.app.extensions["log_store"].recent(500, problems_only=False):
        hits.look("log page", agent.get(f"/logs/{record.request_id}").data, found)


def test_no_canary_survives_anywhere(world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    found, hits = canaries(), Hits()
    plant_in_tickets(world, found, hits)
    plant_in_logs(world, found)
    plant_in_forms(world, found, hits)
    plant_in_queries(world, found, hits)
    read_pages(world, found, hits)
    hits.look("the application log", caplog.text, found)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            hits.look(path.name, path.read_bytes(), found)
    assert sorted(set(hits)) == []


def test_the_canary_search_would_find_one(world: World, tmp_path: Path) -> None:
    found, hits = canaries(), Hits()
    (tmp_path / "leak.txt").write_text(found[0].planted)
    hits.look("leak.txt", (tmp_path / "leak.txt").read_bytes(), found)
    assert hits == [f"{found[0].name} in leak.txt"]


def test_unredacted_text_cannot_be_stored(world: World) -> None:
    from app.store import tickets

    ticket = tickets.by_id(world.guest_ticket)
    with pytest.raises(Exception, match="RedactedText") as caught:
        ticket_operations.add_note(ticket, canaries()[0].planted, world.users[Role.AGENT], NOW)  # type: ignore[arg-type]
    assert canaries()[0].probe not in str(caught.value)
