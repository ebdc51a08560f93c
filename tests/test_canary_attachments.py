"""No secret survives in an attachment: canaries in contents, names, HAR values and picture metadata, then every file, log and page."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.roles import Audience, Role, admits
from app.store.database import db
from app.store.models import Attachment
from tests.canaries import Canary, canaries, everything
from tests.routes import calls
from tests.uploads import har, jpeg, multipart, png, webp
from tests.world import World, inhabit

REFUSED = ("cut.har", "damaged.png", ".zip", ".pdf", ".exe")
REPORT = {"error_text": "401 Unauthorized", "tolerance_minutes": "15", "stream": "unknown"}


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def carriers(secret: str) -> list[tuple[str, bytes]]:
    """The secret in every kind of file, taken or refused, and in every corner of it."""
    name = secret.replace('"', "'").replace("\n", " ")[:180]
    return [
        ("app.log", f"2026-11-20 08:26:00 ERROR {secret}\n".encode()),
        ("wide.txt", f"错误：{secret}".encode("utf-16")),
        ("中文.txt", f"错误：{secret}".encode("gb18030")),
        ("body.json", json.dumps({"error": {"message": f"refused {secret}"}, "note": secret}).encode()),
        ("lines.jsonl", "".join(json.dumps({"n": n, "text": secret}) + "\n" for n in range(3)).encode()),
        ("page.har", har(secret)),
        ("fine.json", har(secret, status=200)),
        ("cut.har", har(secret)[:-40]),
        ("a.png", png(secret)),
        ("a.jpg", jpeg(secret)),
        ("a.webp", webp(secret)),
        ("damaged.png", png(secret)[:80] + secret.encode()),
        ("a.zip", b"PK\x03\x04" + secret.encode()),
        ("a.pdf", b"%PDF-1.7 " + secret.encode()),
        (f"{name}.txt", b"harmless"),
        (f"{name}.exe", b"MZ" + secret.encode()),
        (f"{name}.png", png()),
    ]


def seen(found: list[Canary], where: str, data: bytes) -> set[str]:
    return {f"{canary.name} in {where}" for canary in found if canary.probe.encode() in data}


def plant(world: World, found: list[Canary]) -> set[str]:
    """Send the carriers of each secret with a report, a guest's reply and a staff reply in turn; the answers are searched."""
    doors = cycle(
        (
            (world.client(None), "/tickets", REPORT),
            (world.client(None), f"/t/{world.guest_token}", {"body": "here"}),
            (world.client(Role.AGENT), f"/desk/tickets/{world.guest_ticket}/replies", {"body": "there"}),
        )
    )
    hits: set[str] = set()
    for number, canary in enumerate(found):
        sender = {"REMOTE_ADDR": f"192.0.2.{number}"}  # one guest may not send that many files
        for uploads, status in batches(carriers(canary.planted)):
            client, where, fields = next(doors)
            body, content_type = multipart(fields, uploads)
            answer = client.post(where, data=body, content_type=content_type, environ_base=sender)
            assert answer.status_code == status, f"{canary.name}: {[name[-8:] for name, _ in uploads]}"
            hits |= seen(found, f"the answer to {where}", answer.data + str(answer.headers).encode())
    return hits


def batches(uploads: list[tuple[str, bytes]]) -> Iterator[tuple[list[tuple[str, bytes]], int]]:
    """What is taken, five at a time; then all that is refused."""
    taken = [upload for upload in uploads if not upload[0].endswith(REFUSED)]
    for start in range(0, len(taken), 5):
        yield taken[start : start + 5], 303
    refused = [upload for upload in uploads if upload[0].endswith(REFUSED)]
    yield refused, 422


def read_everything(world: World, found: list[Canary]) -> set[str]:
    """Every file that was kept, as staff and as its requester, and every page as whoever may read it."""
    hits: set[str] = set()
    guest, agent = world.client(None), world.client(Role.AGENT)
    for file in db.session.execute(select(Attachment.id, Attachment.ticket_id, Attachment.kind)):
        for client, door in ((agent, f"/desk/tickets/{file.ticket_id}"), (guest, f"/t/{world.guest_token}")):
            answer = client.get(f"{door}/files/{file.id}")
            hits |= seen(found, f"a saved {file.kind}", answer.data + str(answer.headers).encode())
    for rule, method, where, audience in calls(world):
        if method == "GET":
            for role in (role for role in (None, Role.OWNER) if admits(audience, role) or audience is Audience.REQUESTER):
                with world.client(role).get(where) as answer:
                    hits |= seen(found, f"GET {rule.rule}", answer.data)
    return hits


def test_no_canary_survives_in_an_attachment(world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.handler.setFormatter(logging.Formatter("%(message)s"))
    found = canaries()
    hits = plant(world, found) | read_everything(world, found) | seen(found, "the application log", caplog.text.encode())
    kinds = set(db.session.scalars(select(Attachment.kind)))
    db.session.remove()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            hits |= seen(found, path.name, path.read_bytes())
    assert sorted(hits) == []
    assert kinds == {"text", "har", "image"}


def test_the_carriers_really_carry() -> None:
    found = canaries()
    for name, data in carriers(everything(found[:1])):
        text = name.encode() + data + data.decode("utf-16", "ignore").encode()
        assert found[0].probe.encode() in text, name[-8:]
