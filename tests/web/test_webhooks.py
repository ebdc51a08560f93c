"""Endpoints of other programs: added by the owner, called with ids and codes, signed, tried again, never inside the own network."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.roles import Role
from app.mail.deliver import deliver
from app.operations import tickets
from app.store import tickets as ticket_store
from app.store import webhook_calls
from app.store.database import db
from app.store.models_mail import OutMessage, Webhook
from tests.conftest import NOW
from tests.kept_world import Kept, kept_world
from tests.world import World

SOON = NOW + timedelta(minutes=1)


@dataclass
class Listener:
    """A program that is told; answers with `status`."""

    calls: list[tuple[dict[str, str], bytes, str]] = field(default_factory=list)
    status: int = 204
    port: int = 0


@pytest.fixture(scope="module")
def running() -> Iterator[Listener]:
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listener.calls.append(({name.lower(): value for name, value in self.headers.items()}, body, self.path))
            self.send_response(listener.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        listener.port = server.server_port
        Thread(target=server.serve_forever, daemon=True).start()
        yield listener
        server.shutdown()


@pytest.fixture
def listener(running: Listener) -> Listener:
    running.calls, running.status = [], 204
    return running


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with kept_world(tmp_path_factory.mktemp("desk"), webhook_private=True) as kept:
        yield kept


@pytest.fixture
def world(kept: Kept) -> Iterator[World]:
    with kept.anew() as world:
        yield world


@pytest.fixture
def owner(world: World) -> FlaskClient:
    return world.client(Role.OWNER)


def allow(app: Flask, *, private: bool) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], webhook_private=private)


def add(owner: FlaskClient, listener: Listener, *kinds: str) -> str:
    """A new endpoint; its secret."""
    form = {"label": "Pager", "address": f"http://127.0.0.1:{listener.port}/hook/SECRETPATH", "kinds": list(kinds or ("ticket",))}
    page = owner.post("/admin/webhooks", data=form)
    assert page.status_code == 200
    assert "SECRETPATH" not in page.text
    return page.text.split("whsec_")[1].split("<")[0].split('"')[0]


def answer(world: World) -> None:
    ticket = ticket_store.by_id(world.guest_ticket)
    assert ticket is not None
    tickets.reply_as_staff(ticket, world.app.extensions["rulebook"].redactor.clean("platypus"), world.users[Role.AGENT], NOW, solve=True)


def states() -> list[tuple[str, str | None]]:
    db.session.expire_all()
    return [(message.state, message.error) for message in db.session.query(OutMessage).order_by(OutMessage.id)]


def test_an_endpoint_is_told_ids_states_and_causes_and_no_text(world: World, owner: FlaskClient, listener: Listener) -> None:
    secret = add(owner, listener)
    answer(world)
    assert deliver(world.app, SOON) == 1
    ((headers, body, path),) = listener.calls
    told = json.loads(body)
    assert (path, told["type"]) == ("/hook/SECRETPATH", "ticket.replied")
    assert told["data"].keys() == {"about", "id", "ticket", "state", "cause", "queue"}
    assert (told["data"]["ticket"], told["data"]["state"]) == (world.guest_ticket, "solved")
    assert b"platypus" not in body
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    assert headers["webhook-signature"] == f"v1,{b64encode(hmac.new(b64decode(secret), signed, hashlib.sha256).digest()).decode()}"


def test_what_is_not_asked_for_is_not_told(world: World, owner: FlaskClient, listener: Listener) -> None:
    add(owner, listener, "incident")
    answer(world)
    assert deliver(world.app, SOON) == 0
    assert states() == []


def test_a_new_secret_signs_beside_the_old_one_for_a_day(world: World, owner: FlaskClient, listener: Listener) -> None:
    old = add(owner, listener)
    page = owner.post("/admin/webhooks/1", data={"wish": "rotate"}).text
    assert "whsec_" in page
    assert old not in page
    for wish, at in (("test", SOON), ("test", NOW + timedelta(days=2))):
        world.app.config["CLOCK"] = lambda at=at: at
        owner.post("/admin/webhooks/1", data={"wish": wish})
        deliver(world.app, at)
    assert [headers["webhook-signature"].count("v1,") for headers, _body, _path in listener.calls] == [2, 1]
    assert json.loads(listener.calls[0][1])["type"] == "test"


@pytest.mark.parametrize(("status", "state"), [(500, "waiting"), (302, "waiting"), (410, "dead")])
def test_a_call_that_is_not_taken_is_made_again_unless_it_never_will_be(
    world: World, owner: FlaskClient, listener: Listener, status: int, state: str
) -> None:
    add(owner, listener)
    answer(world)
    listener.status = status
    assert deliver(world.app, SOON) == 0
    assert states() == [(state, f"status_{status}")]
    assert len(listener.calls) == 1, "no redirect is followed"
    listener.status = 200
    assert deliver(world.app, SOON + timedelta(minutes=5)) == (1 if state == "waiting" else 0)


def test_the_own_network_is_never_called_unless_a_setting_allows_it(world: World, owner: FlaskClient, listener: Listener) -> None:
    add(owner, listener)
    allow(world.app, private=False)
    answer(world)
    assert deliver(world.app, SOON) == 0
    assert states() == [("dead", "bad_url")]
    with pytest.raises(webhook_calls.Refused, match="private_address"):
        webhook_calls.post(f"https://localhost:{listener.port}/", b"{}", {}, private=False)
    assert listener.calls == []


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
                "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "::"],
)  # fmt: skip
def test_these_addresses_are_not_of_the_open_network(address: str) -> None:
    assert not webhook_calls.is_public(address)
    assert webhook_calls.is_public("93.184.216.34")
    assert webhook_calls.is_public("2606:2800:220:1::1")


@pytest.mark.parametrize(
    "address", ["http://x.example/", "https://u:p@x.example/", "ftp://x.example", "https:///x", "x.example", "https://x.example:0/"]
)
def test_an_endpoint_is_an_https_address(world: World, owner: FlaskClient, address: str) -> None:
    allow(world.app, private=False)
    page = owner.post("/admin/webhooks", data={"label": "Pager", "address": address, "kinds": "ticket"})
    assert page.status_code == 422
    assert db.session.query(Webhook).count() == 0


def test_address_and_secret_lie_sealed_and_an_ended_endpoint_is_told_nothing(world: World, owner: FlaskClient, listener: Listener) -> None:
    secret = add(owner, listener)
    stored = " ".join(str(value) for row in db.session.execute(db.text("select * from webhook")) for value in row)
    assert secret not in stored
    assert "SECRETPATH" not in stored
    assert "SECRETPATH" not in owner.get("/admin/webhooks").text
    answer(world)
    owner.post("/admin/webhooks/1", data={"wish": "end"})
    assert deliver(world.app, SOON) == 0
    assert states() == [("dropped", "moot")]
    assert owner.post("/admin/webhooks/1", data={"wish": "test"}).status_code == 404


def test_only_the_owner_sees_endpoints_and_messages(world: World) -> None:
    for role in (Role.USER, Role.AGENT, Role.MANAGER, Role.EDITOR):
        assert [world.client(role).get(f"/admin/{page}").status_code for page in ("webhooks", "messages")] == [403, 403]
