"""No e-mail address lies open, and no secret goes out or comes in by e-mail: every file, table, log line, page and letter is searched."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app import jobs
from app.core.mail_threads import reply_address
from app.core.roles import Audience, Role, admits
from app.core.sealed_text import Sealer
from app.mail.deliver import deliver
from app.operations import tickets as operations
from app.operations.mail_in import Desk, receive
from app.settings import Settings
from app.store import tickets
from app.store.database import db
from app.store.models_mail import Contact
from tests.canaries import canaries, everything
from tests.conftest import NOW
from tests.mail_servers import Postman, smtp_server
from tests.routes import calls
from tests.sql import stored_text
from tests.world import World, inhabit

LOCALS = ("zqguest", "zqchanged", "zqowner", "zqagent", "zqlost", "zqmailer", "zqbounced", "zqwrong")  # of the addresses that are planted
HOOK = "https://93.184.216.34/hooks/ZQHOOKSECRET?key=ZQHOOKKEY"
DESK = "help@desk.example"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Postman]]:
    with smtp_server() as started:
        yield started


@pytest.fixture
def settings(settings: Settings, server: tuple[str, Postman]) -> Settings:
    return replace(settings, mail_smtp_url=server[0], mail_from=DESK, mail_replies=True, mail_new_tickets=True)


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def address(local: str) -> str:
    return f"{local}@corp.example"


def plant(world: World) -> None:
    """An address in every box that takes one, and secrets in everything that comes by e-mail."""
    stranger, owner, agent = world.client(None), world.client(Role.OWNER), world.client(Role.AGENT)
    filed = stranger.post("/tickets", data={"description": "It fails.", "contact": address("zqguest")})
    assert filed.status_code == 303
    changed = stranger.post(f"/t/{world.guest_token}/contact", data={"contact": address("zqchanged")}, follow_redirects=True)
    assert "z…@corp.example" in changed.text
    stranger.post("/tickets", data={"status_code": "7", "contact": address("zqwrong")})
    owner.post("/admin/accounts", data={"name": "fresh", "role": "agent", "contact": address("zqowner")})
    agent.post("/settings", data={"language": "en", "contact": address("zqagent")})
    stranger.post("/lost-link", data={"ticket": "1", "contact": address("zqlost")})
    owner.post("/admin/webhooks", data={"label": "x", "address": HOOK, "kinds": "ticket"})
    assert db.session.query(Contact).count() == 4
    extensions = world.app.extensions
    desk = Desk(extensions["settings"], extensions["rulebook"], extensions["log_store"], Sealer(extensions["settings"].secret_key))
    guest = db.session.query(Contact).filter_by(mark=desk.sealer.mark(address("zqguest"))).one().ticket_id
    assert guest is not None
    body = everything(canaries())
    for number, (sender, to) in enumerate((("zqguest", reply_address(DESK, guest, None, desk.sealer)), ("zqmailer", DESK))):
        raw = f"From: {address(sender)}\nTo: {to}\nMessage-ID: <{number}@x.example>\nSubject: {canaries()[0].planted}\n\nIt fails: {body}\n"
        assert receive(raw.encode(), desk, NOW) in {"reply", "ticket"}
    raw = f"From: d@mx.example\nTo: {DESK}\nMessage-ID: <b@x.example>\nContent-Type: multipart/report; report-type=delivery-status;"
    raw += f" boundary=B\n\n--B\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; {address('zqbounced')}\n\n--B--\n"
    assert receive(raw.encode(), desk, NOW) == "refused"


def look(hits: set[str], where: str, text: str | bytes) -> None:
    haystack = (text if isinstance(text, bytes) else text.encode()).lower()
    hits |= {f"{word} in {where}" for word in (*LOCALS, "zqhooksecret", "zqhookkey") if word.encode() in haystack}
    hits |= {f"{canary.name} in {where}" for canary in canaries() if canary.probe.lower().encode() in haystack}


def look_at_pages(hits: set[str], world: World) -> None:
    """Every page as everybody who may see it."""
    for rule, method, where, audience in calls(world):
        for role in (None, Role.USER, Role.OWNER):  # who between them get in everywhere
            if method == "GET" and admits(audience, role) and audience is not Audience.INGEST:
                with world.client(role).get(where) as page:
                    look(hits, f"{rule.rule} as {role}", page.data + str(page.headers).encode())


def test_no_address_and_no_secret_is_found_anywhere(
    world: World, tmp_path: Path, server: tuple[str, Postman], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hits: set[str] = set()
    plant(world)
    agent = world.users[Role.AGENT]
    for number in range(1, db.session.query(Contact).count() + 1):
        ticket = tickets.by_id(number)
        if ticket is not None:
            operations.reply_as_staff(ticket, world.app.extensions["rulebook"].redactor.clean("Look at the help page."), agent, NOW)
    postman = server[1]
    postman.refuse.add(address("zqmailer"))
    assert deliver(world.app, NOW + timedelta(minutes=1)) >= 1
    for job in jobs.JOBS:
        jobs.run_once(world.app, job)
    for mail in postman.mails:
        del mail["To"]  # the one place an address belongs
        look(hits, "a letter", mail.as_bytes())
    look_at_pages(hits, world)
    look(hits, "the tables", stored_text())
    look(
        hits, "the log", "\n".join(record.getMessage() for record in caplog.records if record.name != "mail.log")
    )  # the test's own mail server
    for path in tmp_path.rglob("*"):
        if path.is_file():
            look(hits, path.name, path.read_bytes())
    assert sorted(hits) == []
