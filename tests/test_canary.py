"""No secret survives entry: plant canaries in every input there is, then search every file, log line and page."""

from __future__ import annotations

import json
import logging
import re
from itertools import cycle, islice
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import jobs
from app.core.log_filter import LogFilter, Shown
from app.core.roles import Audience, Role, admits
from app.core.warning import Finding
from app.operations import tickets as ticket_operations
from app.operations.desk_tokens import make_desk_token
from app.operations.desk_warnings import warn
from app.store import desk_warnings
from app.store.database import db
from app.web.api.filing import FILE, TEXTS
from app.web.api.writing import CHANGE
from tests.canaries import canaries, everything, litellm_record
from tests.conftest import NOW
from tests.routes import calls
from tests.world import World, inhabit

ROOT = Path(__file__).resolve().parent.parent
FIELD = re.compile(r'name="([a-z_]+)"|(?:form|article|data|args)\.(?:get\(")?([a-z_]+)')
DECLARED = re.compile(r"^    ([a-z_]+) = [A-Za-z]*Field\(", re.MULTILINE)
KEEP = {"csrf_token", "password", "again", "get"}
QUERY = ("q", "id", "next", "text", "cause", "who", "lang", "view", "before", "show", "about", "status", "group", "client", "model", "tag")
NDJSON_FIELDS = (
    "error_message", "error_code", "client", "model_requested", "model_served", "provider", "key_alias", "owner", "group", "environment",
    "endpoint", "task_id", "fallback_from", "fallback_reason", "trace_id", "key_hash", "key_last4", "request_type", "tags",
)  # fmt: skip
REPORT_FIELDS = {  # the longest text each takes; 0: takes its own kind of value only
    "client": 120, "model": 120, "request_id": 160, "task_id": 160, "base_url": 300, "key_mask": 999, "client_version": 40,
    "key_hash": 0, "key_ref": 0, "time_zone": 0, "request_time": 0,
    "elapsed_seconds": 0, "retry_after_seconds": 0, "request_type": 0, "gateway": 999, "via_proxy": 0, "charged": 0, "unknown": 999,
    "contact": 0,
}  # fmt: skip


class Hunt:
    """The secrets that were planted, and where one was seen; never its value."""

    def __init__(self, world: World) -> None:
        self.world, self.found = world, canaries()
        self.all = everything(self.found)
        self.hits: set[str] = set()

    def look(self, where: str, text: str | bytes) -> None:
        """Search one text."""
        haystack = text if isinstance(text, bytes) else text.encode()
        self.hits |= {f"{canary.name} in {where}" for canary in self.found if canary.probe.encode() in haystack}

    def ask(self, client: FlaskClient, method: str, address: str, where: str, **sent: object) -> bytes:
        """Send a request, search its answer; an answer of 500 hides what would have happened."""
        with client.open(address, method=method, **sent) as answer:
            assert answer.status_code < 500, f"{where} answers {answer.status_code}"
            page = answer.data
            self.look(where, page + str(answer.headers).encode())
        return page


@pytest.fixture
def world(app: Flask) -> World:
    jobs.register(app)
    return inhabit(app)


def field_names() -> list[str]:
    """Every field name any form of the product has."""
    names: set[str] = set()
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "app/web").rglob("*.py")]:
        source = path.read_text(encoding="utf-8")
        names |= {name for pair in FIELD.findall(source) for name in pair if name} | set(DECLARED.findall(source))
    return sorted(names - KEEP)


def visitors(audience: Audience) -> list[Role | None]:
    """A stranger and the owner, who between them get in everywhere."""
    return [role for role in (None, Role.OWNER) if admits(audience, role)]


def plant_in_forms(hunt: Hunt) -> None:
    """Every POST route: every field at once."""
    data = dict.fromkeys(field_names(), hunt.all)
    headers = {"User-Agent": hunt.all.replace("\n", " ")}
    for rule, method, where, audience in list(calls(hunt.world)):
        if method == "POST" and rule.endpoint not in {"auth.sign_out", "desk.link", "desk.new_link", "portal.replace_link"}:
            for role in visitors(audience):
                hunt.ask(hunt.world.client(role), "POST", where, f"POST {rule.rule} as {role}", data=data, headers=headers)


def plant_in_tickets(hunt: Hunt) -> None:
    """A valid ticket, answer, reply and note for each secret, so that each is really stored."""
    world = hunt.world
    guest, agent = world.client(None), world.client(Role.AGENT)
    for canary in hunt.found:
        for name in REPORT_FIELDS:  # one field at a time: a wrong one answers 422 and shows the form again
            hunt.ask(guest, "POST", "/report/check", f"checking {name}", data={"description": "Help.", name: canary.planted})
        form = {name: canary.planted for name, longest in REPORT_FIELDS.items() if len(canary.planted) <= longest}
        form |= {"error_text": f"401 {canary.planted}", "description": f"With {canary.planted} it fails."}
        assert b"/t/" in hunt.ask(guest, "POST", "/tickets", "filing", data=form), canary.name
        hunt.ask(guest, "POST", f"/t/{world.guest_token}", "answering", data={"body": canary.planted})
        for kind in ("replies", "notes"):
            hunt.ask(agent, "POST", f"/desk/tickets/{world.guest_ticket}/{kind}", kind, data={"body": canary.planted})
        hunt.ask(guest, "POST", "/report", "pasting", data={"text": canary.planted})
    hunt.look("the ticket of its guest", guest.get(f"/t/{world.guest_token}").data)
    hunt.ask(guest, "POST", "/report", "pasting everything", data={"text": hunt.all})


def plant_in_calls(hunt: Hunt) -> None:
    """The ticket interface: each secret in every field of every body, as a field's name, and in the query; then all is read."""
    world, number = hunt.world, hunt.world.own_ticket
    client, redactor = world.client(None), world.app.extensions["rulebook"].redactor
    for canary in hunt.found:
        secret = canary.planted
        headers = {"Authorization": f"Bearer {make_desk_token(world.users[Role.OWNER], secret, redactor, NOW)}"}
        texts = {name: secret for name in (*TEXTS, "key") if len(secret) <= REPORT_FIELDS.get(name, 999)}
        calls_made: list[tuple[str, str, object]] = [
            ("POST", "", texts),
            ("POST", "", dict.fromkeys(FILE, secret)),
            *(("POST", "", {"description": "x", name: secret}) for name in ("requester", "request_time", "key_sha256", "language", secret)),
            ("POST", f"/{number}/replies", {"body": secret}),
            ("POST", f"/{number}/notes", {"body": secret, secret: secret}),
            ("POST", f"/{number}/notes", {"body": secret}),
            *(("PATCH", f"/{number}", {name: secret}) for name in CHANGE),
            ("PATCH", f"/{number}", {"add_tags": [secret[:32]], "remove_tags": [secret[:32]]}),
            ("PATCH", f"/{number}", secret),
        ]
        for method, where, body in calls_made:
            said = hunt.ask(client, method, f"/api/v1/tickets{where}", f"{method} tickets{where}", json=body, headers=headers)
            assert body is not texts or b'"address"' in said, canary.name
        for name in ("q", "tag", "view", "before", secret):
            hunt.ask(client, "GET", "/api/v1/tickets", "the list", query_string={name: secret}, headers=headers)
    for where in ("?view=all", f"/{number}"):
        hunt.ask(client, "GET", f"/api/v1/tickets{where}", f"tickets{where}", headers=headers)
    hunt.ask(world.client(Role.OWNER), "GET", "/settings", "the settings")


def plant_in_articles(hunt: Hunt) -> None:
    """A draft for each secret, saved with it in every field a writer has."""
    editor = hunt.world.client(Role.EDITOR)
    for number, canary in enumerate(hunt.found):
        new = {"title": canary.planted[:150], "slug": f"canary-{number}", "language": "en", "kind": "faq"}
        answer = editor.post("/content/articles", data=new)
        assert answer.status_code == 303, canary.name
        form = dict.fromkeys(("title", "summary", "body", "keywords", "related"), canary.planted[:150])
        form |= {"slug": f"canary-{number}", "kind": "faq", "audience": "public", "main_cause": "", "review_days": "180", "edit": "1"}
        for place in ("preview", ""):
            hunt.ask(editor, "POST", f"{answer.headers['Location']}/{place}".rstrip("/"), "writing", data=form)
        hunt.ask(editor, "POST", answer.headers["Location"], "asking for review", data=form | {"edit": "2", "wish": "submit"})
        hunt.ask(editor, "GET", answer.headers["Location"], "the editor")


def plant_in_admin(hunt: Hunt) -> None:
    """Names and labels an owner types."""
    owner = hunt.world.client(Role.OWNER)
    for number, canary in enumerate(hunt.found):
        short = canary.planted[:80]
        hunt.ask(owner, "POST", "/admin/tokens", "a label", data={"label": short})
        hunt.ask(owner, "POST", "/admin/accounts", "a name", data={"name": f"canary-{number}", "display_name": short, "role": "user"})
        hunt.ask(owner, "POST", "/admin/accounts", "a user name", data={"name": short[:40].lower(), "role": "user"})
        sign_in = {"name": short[:40], "password": canary.planted, "next": f"/desk/?q={canary.planted}"}
        hunt.ask(owner, "POST", "/sign-in", "signing in", data=sign_in)


def plant_in_reports(hunt: Hunt) -> None:
    """What a manager finds, decides and sets."""
    manager, owner = hunt.world.client(Role.MANAGER), hunt.world.users[Role.AGENT].id
    for canary in hunt.found:
        text = canary.planted
        findings = dict.fromkeys(("repeated_questions", "missing_fields", "unclear_ownership", "needs_a_person"), text)
        hunt.ask(manager, "POST", "/reports/review/2026-W47/findings", "finding", data=findings)
        decision = {"what": text, "owner": owner, "backup": 0, "due": "2026-12-01"}
        hunt.ask(manager, "POST", "/reports/review/2026-W47/decisions", "deciding", data=decision)
        budget = {"dimension": "group", "value": text[:160], "window": "month", "soft": "10", "zone": "UTC", "owner": owner, "backup": 0}
        hunt.ask(manager, "POST", "/reports/budgets", "setting a budget", data=budget)
        known = {"title": text[:200], "workaround": text}
        hunt.ask(manager, "POST", "/desk/incidents/known-errors", "a known error", data=known)
        finding = Finding("retry-storm", text[:160], text, {"count_in_an_hour": 99, "client": text}, ())
        warn(finding, NOW, NOW, hunt.world.app.extensions["rulebook"], NOW)
        db.session.commit()
    for warning, canary in zip(desk_warnings.standing(["retry-storm"]), hunt.found, strict=False):
        dismissal = {"reason": canary.planted[:1000], "until": NOW.date().isoformat()}
        hunt.ask(manager, "POST", f"/desk/incidents/warnings/{warning.id}/dismissal", "dismissing", data=dismissal)
        hunt.ask(manager, "GET", f"/desk/incidents/warnings/{warning.id}", "a warning")
    for page in (
        "/reports/review/2026-W47",
        "/reports/budgets",
        "/desk/incidents/known-errors",
        "/desk/incidents/warnings",
        "/desk/incidents/",
    ):
        hunt.ask(manager, "GET", page, page)


def plant_in_queries(hunt: Hunt) -> None:
    """Every GET route with secrets in the query string and the user agent, each secret in each place."""
    for rule, method, where, audience in calls(hunt.world):
        if method == "GET" and rule.endpoint != "static":
            for shift, canary in enumerate(hunt.found):
                client = hunt.world.client(None if shift % 2 and not admits(audience, None) else Role.OWNER)
                query = dict(zip(QUERY, islice(cycle(hunt.found), shift, None), strict=False))
                sent = {name: planted.planted for name, planted in query.items()}
                hunt.ask(client, "GET", where, f"GET {rule.rule} with a query", query_string=sent, headers={"User-Agent": canary.planted})


def plant_in_logs(hunt: Hunt, folder: Path) -> None:
    """Log bodies with secrets in every place a gateway could put one; accepted or not, nothing may stay."""
    headers = {"Authorization": f"Bearer {hunt.world.ingest_token}"}
    client = hunt.world.client(None)
    line = {"started_at": NOW.isoformat(), "status_code": 401, "outcome": "error"}
    for number, canary in enumerate(hunt.found):
        lines = [line | {"request_id": f"n-{number}-{name}", name: canary.planted} for name in NDJSON_FIELDS]
        lines += [line | {"request_id": canary.planted}, line | {"request_id": f"n-{number}", "tags": [canary.planted]}]
        body = "\n".join(map(json.dumps, lines))
        (folder / "batch.ndjson").write_text(body, encoding="utf-8")
        hunt.ask(client, "POST", "/api/v1/logs/ndjson", "ndjson", data=body, headers=headers)
        for body in (json.dumps([litellm_record(f"call-{number}", canary)]), "{broken " + canary.planted):
            hunt.ask(client, "POST", "/api/v1/logs/litellm", "litellm", data=body.encode(), headers=headers)
        done = hunt.world.app.test_cli_runner().invoke(args=["logs", "import", "--format", "ndjson", str(folder / "batch.ndjson")])
        hunt.look("the import's words", done.output)
        (folder / "batch.ndjson").unlink()


def read_pages(hunt: Hunt) -> None:
    """Every page as those who may see it, every ticket as staff, and the log from its newest line to its oldest."""
    world = hunt.world
    for rule, method, where, audience in calls(world):
        if method == "GET":
            for role in visitors(audience):
                hunt.ask(world.client(role), "GET", where, f"GET {rule.rule} as {role}")
    agent = world.client(Role.AGENT)
    for number in range(1, len(hunt.found) + 3):
        hunt.ask(agent, "GET", f"/desk/tickets/{number}", f"ticket {number}")
    records = world.app.extensions["log_store"].find(LogFilter(shown=Shown.ALL), 2_000).records
    assert len(records) > len(hunt.found) * 10, "the planted log lines were taken"
    for record in records[::23]:  # rows are searched on disk too; this is for what the page makes of them
        hunt.ask(agent, "GET", f"/logs/{record.request_id}", "a log page")


def test_no_canary_survives_anywhere(world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("MARKDOWN").setLevel(logging.INFO)
    hunt = Hunt(world)
    plant_in_tickets(hunt)
    plant_in_calls(hunt)
    plant_in_articles(hunt)
    plant_in_admin(hunt)
    plant_in_reports(hunt)
    plant_in_logs(hunt, tmp_path)
    plant_in_forms(hunt)
    plant_in_queries(hunt)
    jobs.rematch_waiting(world.app, NOW)
    read_pages(hunt)
    hunt.look("the application log", caplog.text)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            hunt.look(path.name, path.read_bytes())
    assert sorted(hunt.hits) == []


def test_the_canary_search_would_find_one(world: World) -> None:
    hunt = Hunt(world)
    hunt.look("a page", f"<p>{hunt.found[0].planted}</p>")
    assert hunt.hits == {f"{hunt.found[0].name} in a page"}


def test_unredacted_text_cannot_be_stored(world: World) -> None:
    from app.store import tickets

    ticket = tickets.by_id(world.guest_ticket)
    assert ticket is not None
    with pytest.raises(Exception, match="RedactedText") as caught:
        ticket_operations.add_note(ticket, canaries()[0].planted, world.users[Role.AGENT], NOW)  # type: ignore[arg-type]
    assert canaries()[0].probe not in str(caught.value)
