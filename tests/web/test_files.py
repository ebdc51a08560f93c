"""Files on reports and replies: taken clean or refused with a reason; who may open what; nothing on disk on the way."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core.attachment import LARGEST, PICTURES_KEPT
from app.core.roles import Role
from app.operations.attachments import purge_expired
from app.store.database import db
from app.store.models import Attachment, AuditEntry, Ticket
from tests.canaries import canaries
from tests.conftest import NOW
from tests.uploads import har, multipart, png
from tests.world import World, inhabit

LEAK = canaries()[0]
REPORT = {"error_text": "401 Unauthorized", "tolerance_minutes": "15", "stream": "unknown"}
Upload = tuple[str, bytes]


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def post(client: FlaskClient, where: str, data: dict[str, str], *uploads: Upload) -> TestResponse:
    body, content_type = multipart(data, uploads)
    return client.post(where, data=body, content_type=content_type)


def file_by_guest(world: World, *uploads: Upload, error_text: str = REPORT["error_text"]) -> str:
    """File a report with files; the address of the guest's ticket."""
    answer = post(world.client(None), "/tickets", REPORT | {"error_text": error_text}, *uploads)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].split("?")[0]


def newest_ticket() -> int:
    return db.session.scalars(select(Ticket.id).order_by(Ticket.id.desc())).first() or 0


def kept() -> list[Attachment]:
    return list(db.session.scalars(select(Attachment).order_by(Attachment.id)))


def test_one_address_sends_files_only_so_often(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.operations.attachments.GUEST_UPLOADS", 2)
    for number in range(2):
        file_by_guest(world, (f"{number}.log", b"502"), error_text=f"401 Unauthorized, try {number}")
    refused = post(world.client(None), "/tickets", REPORT, ("3.log", b"502"))
    assert refused.status_code == 422
    assert "Wait 15 minutes" in refused.text
    assert len(kept()) == 2
    assert post(world.client(None), "/tickets", REPORT).status_code == 303  # words without files are always taken


def test_a_guest_attaches_a_log_and_reads_what_is_kept(world: World) -> None:
    where = file_by_guest(world, ("app.log", f"key {LEAK.planted} refused".encode()))
    page = world.client(None).get(where)
    assert "app.log" in page.text
    saved = world.client(None).get(f"{where}/files/{kept()[0].id}")
    assert saved.text == f"key sk-proj-…{LEAK.planted[-4:]} refused"
    assert saved.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert saved.headers["Content-Disposition"] == "attachment; filename=app.log"
    assert saved.headers["X-Content-Type-Options"] == "nosniff"
    assert saved.headers["Cache-Control"] == "no-store"


def test_pictures_are_for_staff_alone_and_say_so(world: World) -> None:
    where = file_by_guest(world, ("shot.png", png("words")))
    number = newest_ticket()
    assert "only support staff can open pictures" in world.client(None).get(where).text
    assert world.client(None).get(f"{where}/files/1").status_code == 404
    assert world.client(Role.USER).get(f"/desk/tickets/{number}/files/1").status_code == 403
    saved = world.client(Role.AGENT).get(f"/desk/tickets/{number}/files/1")
    assert saved.headers["Content-Type"] == "image/png"
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in saved.headers["Content-Security-Policy"]
    assert "may show what no rule could hide" in world.client(Role.AGENT).get(f"/desk/tickets/{number}").text


def test_a_signed_in_requester_reads_their_own_files_and_nobody_elses(world: World) -> None:
    post(world.client(Role.USER), f"/tickets/{world.own_ticket}", {"body": "here"}, ("a.txt", b"words"))
    file_by_guest(world, ("b.txt", b"others' words"))
    mine, other = kept()
    client = world.client(Role.USER)
    assert client.get(f"/tickets/{world.own_ticket}/files/{mine.id}").text == "words"
    assert client.get(f"/tickets/{world.own_ticket}/files/{other.id}").status_code == 404
    assert client.get(f"/tickets/{other.ticket_id}/files/{other.id}").status_code == 404
    assert world.client(None).get(f"/t/{world.guest_token}/files/{mine.id}").status_code == 404


def test_requesters_do_not_read_what_gateways_print_about_accounts(world: World) -> None:
    said = "This user (user: li.wei@corp) belongs to group vip-internal; quota $12.50 is used up"
    public = world.app.extensions["rulebook"].redactor.public_view(world.app.extensions["rulebook"].redactor.clean(said))
    where = f"/desk/tickets/{world.guest_ticket}/replies"
    answer = post(world.client(Role.AGENT), where, {"body": "See the file."}, ("x.txt", said.encode()))
    assert answer.status_code == 303
    assert world.client(None).get(f"/t/{world.guest_token}/files/1").text == public


def test_staff_and_requester_attach_to_replies(world: World) -> None:
    post(world.client(None), f"/t/{world.guest_token}", {"body": "here"}, ("a.txt", b"one"))
    post(world.client(Role.AGENT), f"/desk/tickets/{world.guest_ticket}/replies", {"body": "and here"}, ("b.txt", b"two"))
    page = world.client(None).get(f"/t/{world.guest_token}").text
    assert "a.txt" in page
    assert "b.txt" in page
    assert all(file.reply_id for file in kept())


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("big.log", b"a" * (LARGEST + 10), "larger than 5 MB"),
        ("a.zip", b"PK\x03\x04" + bytes(30), "only text, JSON, HAR"),
        ("a.har", b'{"log"', "damaged or cut off"),
        ("a.png", b"\x89PNG\r\n\x1a\nno", "the picture is damaged"),
        ("a.txt", b"", "the file is empty"),
        (f"{LEAK.planted}.zip", b"PK\x03\x04" + LEAK.planted.encode() + bytes(30), "only text, JSON, HAR"),
    ],
)
def test_what_cannot_be_searched_is_refused_with_a_reason_and_nothing_is_filed(world: World, name: str, content: bytes, words: str) -> None:
    before = newest_ticket()
    answer = post(world.client(None), "/tickets", REPORT, (name, content))
    assert answer.status_code == 422
    assert words in answer.text
    assert LEAK.probe not in answer.text
    assert (newest_ticket(), kept()) == (before, [])


def test_at_most_five_files(world: World) -> None:
    answer = post(world.client(None), "/tickets", REPORT, *[(f"{number}.txt", b"x") for number in range(6)])
    assert (answer.status_code, "at most 5 files" in answer.text) == (422, True)


def test_a_form_field_of_that_name_is_no_file(world: World) -> None:
    answer = world.client(None).post("/tickets", data=REPORT | {"files": LEAK.planted})
    assert (answer.status_code, kept()) == (303, [])


def test_no_upload_becomes_a_temporary_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_keywords: object) -> None:
        raise AssertionError("an original on disk")

    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    for name in ("TemporaryFile", "SpooledTemporaryFile"):
        monkeypatch.setattr(f"werkzeug.formparser.{name}", refuse, raising=False)
    file_by_guest(world, ("large.log", b"words and more words\n" * 100_000))
    assert post(world.client(Role.OWNER), "/desk/tickets/1/replies", {"body": "x"}, ("large.bin", bytes(3_000_000))).status_code == 422


def test_only_forms_with_files_take_large_bodies(world: World) -> None:
    assert post(world.client(Role.OWNER), "/desk/tickets/1/notes", {"body": "x"}, ("large.log", b"words\n" * 500_000)).status_code == 413


def test_opening_and_removing_a_file_is_audited(world: World) -> None:
    file_by_guest(world, ("shot.png", png()))
    number, agent = newest_ticket(), world.client(Role.AGENT)
    agent.get(f"/desk/tickets/{number}/files/1")
    assert agent.post(f"/desk/tickets/{number}/files/1/removal").status_code == 303
    entries = db.session.execute(select(AuditEntry.action).where(AuditEntry.object_kind == "attachment")).scalars().all()
    assert entries == ["read", "attachment_removed"]
    assert kept() == []


def test_pictures_expire_and_texts_stay(world: World) -> None:
    where = file_by_guest(world, ("shot.png", png()), ("a.har", har("words")))
    assert purge_expired(NOW + PICTURES_KEPT - timedelta(seconds=1)) == 0
    assert purge_expired(NOW + PICTURES_KEPT) == 1
    assert purge_expired(NOW + PICTURES_KEPT) == 0
    picture, text = kept()
    assert (picture.picture, picture.name, bool(text.text)) == (None, "shot.png", True)
    number = newest_ticket()
    assert world.client(Role.AGENT).get(f"/desk/tickets/{number}/files/{picture.id}").status_code == 404
    assert "has expired and is gone" in world.client(Role.AGENT).get(f"/desk/tickets/{number}").text
    assert world.client(None).get(f"{where}/files/{text.id}").status_code == 200


def test_a_removed_picture_is_in_no_file_any_more(world: World, tmp_path: Path) -> None:
    file_by_guest(world, ("shot.png", png()))
    drawn = kept()[0].picture or b""
    assert drawn[20:] in b"".join(path.read_bytes() for path in tmp_path.glob("desk.db*"))
    world.client(Role.AGENT).post(f"/desk/tickets/{newest_ticket()}/files/1/removal")
    assert drawn[20:] not in b"".join(path.read_bytes() for path in tmp_path.glob("desk.db*"))


def test_a_name_in_chinese_arrives_whole(world: World) -> None:
    where = file_by_guest(world, ("报错 截图.txt", b"words"))
    header = world.client(None).get(f"{where}/files/1").headers["Content-Disposition"]
    assert "filename*=UTF-8''%E6%8A%A5%E9%94%99%20%E6%88%AA%E5%9B%BE.txt" in header


def test_the_report_form_sends_files_only_when_it_is_filed(world: World) -> None:
    page = world.client(None).get("/report").text
    assert 'formenctype="multipart/form-data"' in page
    assert "enctype=" not in page.replace("formenctype=", "")
