"""Files are kept with their ticket or reply; pictures are forgotten in time. On every database engine."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.attachment import PICTURES_KEPT, read_attachment
from app.operations import attachments, tickets
from app.store import attachments as store
from app.store import tickets as ticket_store
from app.store.database import db
from app.store.models import Attachment, AuditEntry
from tests.conftest import NOW
from tests.uploads import png
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def reply_with(world: World, *files: tuple[str, bytes]) -> int:
    """A guest's reply with files; its number."""
    ticket = ticket_store.by_id(world.guest_ticket)
    redactor = world.app.extensions["rulebook"].redactor
    assert ticket is not None
    read = [read_attachment(name, data, redactor) for name, data in files]
    return tickets.reply_as_requester(ticket, redactor.clean("here"), None, NOW, read).id


def test_files_of_a_reply_come_back_as_they_were_kept(world: World) -> None:
    reply = reply_with(world, ("a.log", "错误 words".encode()), ("b.png", png()))
    text, picture = (store.one_of_ticket(world.guest_ticket, file.id) for file in store.of_ticket(world.guest_ticket))
    assert text is not None
    assert picture is not None
    assert (text.text, text.picture, text.expires_at, text.reply_id) == ("错误 words", None, None, reply)
    assert (picture.text, picture.expires_at) == (None, NOW + PICTURES_KEPT)
    assert (picture.picture or b"").startswith(b"\x89PNG")


def test_a_file_of_another_ticket_is_not_there(world: World) -> None:
    reply_with(world, ("a.log", b"words"))
    [file] = store.of_ticket(world.guest_ticket)
    assert store.one_of_ticket(world.own_ticket, file.id) is None


def test_expired_pictures_are_forgotten_once_with_an_audit_entry_each(world: World) -> None:
    reply_with(world, ("a.png", png()), ("b.png", png()), ("c.log", b"words"))
    assert attachments.purge_expired(NOW + PICTURES_KEPT) == 2
    assert attachments.purge_expired(NOW + PICTURES_KEPT) == 0
    assert db.session.scalars(select(Attachment.picture)).all() == [None, None, None]
    assert len(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "attachment_expired")).all()) == 2


def test_files_go_with_their_ticket(world: World) -> None:
    reply_with(world, ("a.log", b"words"))
    db.session.delete(ticket_store.by_id(world.guest_ticket))
    db.session.commit()
    assert db.session.scalars(select(Attachment)).all() == []
