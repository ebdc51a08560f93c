"""E-mail coming in, through a real IMAP server and the pipe: who may answer, what is stored of it, what is turned away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from app.core.mail_address import seal_address
from app.core.mail_threads import reply_address
from app.core.roles import Role
from app.core.sealed_text import Sealer
from app.core.ticket import State
from app.jobs import fetch_mail
from app.operations import tickets
from app.operations.mail_in import ANSWERS_PER_HOUR, TICKETS_PER_HOUR, Desk, receive
from app.store import attachments, inbox
from app.store import tickets as ticket_store
from app.store.database import db
from app.store.imap import MailboxError
from app.store.models import Note, Reply, Ticket
from app.store.models_mail import Contact, InMessage, OutMessage
from tests.conftest import NOW
from tests.kept_world import Kept, kept_world
from tests.mail_servers import deliver_to, imap_server, unseen
from tests.world import KEY, World

GUEST, USER, AGENT, STRANGER = "lina@guest.example", "uma@corp.example", "ada@desk.example", "eve@else.example"
DESK = "help@desk.example"
SEALER = Sealer("test-secret-" + "0" * 32)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with kept_world(tmp_path_factory.mktemp("desk"), mail_from=DESK, mail_smtp_url="smtp://127.0.0.1:9", mail_replies=True) as kept:
        yield kept


@pytest.fixture
def world(kept: Kept) -> Iterator[World]:
    with kept.anew() as world:
        give_addresses(world)
        yield world


def give_addresses(world: World) -> None:
    people = {GUEST: (None, world.guest_ticket), USER: (world.users[Role.USER].id, None), AGENT: (world.users[Role.AGENT].id, None)}
    for address, (user_id, ticket_id) in people.items():
        sealed = seal_address(address, SEALER)
        db.session.add(Contact(user_id=user_id, ticket_id=ticket_id, address=sealed.address, mark=sealed.mark, created_at=NOW))
    db.session.commit()


def desk(world: World, **more: object) -> Desk:
    extensions = world.app.extensions
    return Desk(replace(extensions["settings"], **more), extensions["rulebook"], extensions["log_store"], SEALER)


def mail(sender: str, to: str, text: str = "Still broken.", number: int = 1, **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f"Somebody <{sender}>", to, "Re: [#2] x"
    made["Message-ID"] = f"<{number}@{sender.partition('@')[2]}>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def tag(world: World, user: Role | None = None) -> str:
    """Where our e-mails to this reader are answered to."""
    if user is None:
        return reply_address(DESK, world.guest_ticket, None, SEALER)
    return reply_address(DESK, world.own_ticket if user is Role.USER else world.guest_ticket, world.users[user].id, SEALER)


def take(world: World, message: EmailMessage, **more: object) -> str:
    return receive(message.as_bytes(), desk(world, **more), NOW)


def words(number: int) -> list[str]:
    return [str(reply.body) for reply in ticket_store.replies(number)]


def reason() -> str | None:
    return db.session.query(InMessage).order_by(InMessage.id.desc()).first().reason  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def imap() -> Iterator[tuple[str, str]]:
    with imap_server() as addresses:
        yield addresses


def test_an_answer_in_the_mailbox_joins_its_ticket_once(world: World, imap: tuple[str, str]) -> None:
    quoting = f"Still broken with {KEY}\n\nOn Fri, Nov 20, 2026 at 4:30 PM Support <{DESK}> wrote:\n> the old words"
    for _twice in range(2):
        deliver_to(imap[0], mail(GUEST, tag(world), quoting).as_bytes())
    world.app.extensions["settings"] = replace(world.app.extensions["settings"], mail_imap_url=imap[0])
    assert fetch_mail(world.app, NOW) == 1
    (word,) = words(world.guest_ticket)
    assert word.startswith("Still broken with")
    assert KEY not in word
    assert "old words" not in word
    assert unseen(imap[0]) == 0


def test_a_wrong_password_is_an_error_of_the_job_alone(world: World, imap: tuple[str, str]) -> None:
    world.app.extensions["settings"] = replace(world.app.extensions["settings"], mail_imap_url=imap[1])
    with pytest.raises(MailboxError):
        fetch_mail(world.app, NOW)


def test_without_a_mailbox_the_job_does_nothing(world: World) -> None:
    assert fetch_mail(world.app, NOW) == 0


def test_an_answer_reopens_what_was_thought_solved_and_tells_the_agent(world: World) -> None:
    ticket = ticket_store.by_id(world.own_ticket)
    assert ticket is not None
    tickets.reply_as_staff(ticket, world.app.extensions["rulebook"].redactor.clean("Wait."), world.users[Role.AGENT], NOW, solve=True)
    assert take(world, mail(USER, tag(world, Role.USER))) == "reply"
    assert ticket.state == State.OPEN
    kinds = {(message.kind, message.user_id) for message in db.session.query(OutMessage)}
    assert ("reply", world.users[Role.AGENT].id) in kinds


def test_staff_answer_into_a_private_note(world: World) -> None:
    assert take(world, mail(AGENT, tag(world, Role.AGENT), "the wombat is wrong")) == "note"
    assert words(world.guest_ticket) == []
    assert [str(note.body) for note in db.session.query(Note)] == ["the wombat is wrong"]


@pytest.mark.parametrize("address", [STRANGER, USER, AGENT])
def test_a_tag_in_other_hands_opens_nothing(world: World, address: str) -> None:
    assert (take(world, mail(address, tag(world))), reason()) == ("refused", "unknown_sender")
    assert db.session.query(Reply).count() == db.session.query(Note).count() == 0


def test_an_address_without_its_tag_opens_nothing(world: World) -> None:
    forged = reply_address(DESK, world.guest_ticket, None, Sealer("another" * 8))
    assert (take(world, mail(GUEST, forged)), reason()) == ("refused", "unknown_sender")
    assert (take(world, mail(GUEST, DESK, number=2)), reason()) == ("refused", "no_ticket")


def test_an_answer_without_the_tag_is_known_by_what_it_refers_to(world: World) -> None:
    message = OutMessage(
        channel="mail", ticket_id=world.guest_ticket, kind="answer", about="ticket", about_id=world.guest_ticket, state="sent", attempts=1,
        next_at=NOW, created_at=NOW, message_id="ab" * 12,
    )  # fmt: skip
    db.session.add(message)
    db.session.commit()
    reference = f"<{'ab' * 12}@desk.example>"
    assert take(world, mail(GUEST, DESK, In_Reply_To=reference)) == "reply"
    assert take(world, mail(USER, DESK, number=2, References=reference)) == "refused"


@pytest.mark.parametrize(
    ("headers", "why"),
    [({"Auto_Submitted": "auto-replied"}, "automatic"), ({"Precedence": "list"}, "automatic"), ({"Return_Path": "<>"}, "automatic")],
)
def test_automatic_answers_are_turned_away(world: World, headers: dict[str, str], why: str) -> None:
    assert (take(world, mail(GUEST, tag(world), **headers)), reason()) == ("refused", why)


def test_our_own_mail_coming_back_is_turned_away(world: World) -> None:
    assert (take(world, mail(DESK, tag(world))), reason()) == ("refused", "own")


def test_too_many_answers_within_an_hour_are_turned_away(world: World) -> None:
    for number in range(ANSWERS_PER_HOUR):
        assert take(world, mail(GUEST, tag(world), number=number)) == "reply"
    assert (take(world, mail(GUEST, tag(world), number=999)), reason()) == ("refused", "rate")


def test_nothing_but_quoted_parts_is_nothing(world: World) -> None:
    assert (take(world, mail(GUEST, tag(world), "> old\n> words")), reason()) == ("refused", "empty")


def test_files_pass_the_redactor_or_are_counted(world: World) -> None:
    message = mail(GUEST, tag(world), "see the log")
    message.add_attachment(f"key {KEY}".encode(), maintype="text", subtype="plain", filename="client.log")
    message.add_attachment(b"MZ\x00\x00", maintype="application", subtype="octet-stream", filename="run.exe")
    assert take(world, message) == "reply"
    (file,) = attachments.of_ticket(world.guest_ticket)
    assert KEY not in str(file.text)
    assert "files not taken: 1" in words(world.guest_ticket)[0]


def bounce(original: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\nTo: help@desk.example\nMessage-ID: <b@mx.example>\nReturn-Path: <>\nSubject: Undelivered\n"
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=B\n\n"
        f"--B\n\nIt failed for {USER}\n--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        f"Final-Recipient: rfc822; {USER}\nAction: {action}\nStatus: {status}\n\n"
        f"--B\nContent-Type: message/rfc822\n\nMessage-ID: <{original}@desk.example>\nSubject: x\n\nwords\n--B--\n"
    ).encode()


def test_a_bounce_marks_the_address_and_a_delay_does_not(world: World) -> None:
    user_id = world.users[Role.USER].id
    message = OutMessage(
        channel="mail", user_id=user_id, ticket_id=world.own_ticket, kind="answer", about="ticket", about_id=world.own_ticket, state="sent",
        attempts=1, next_at=NOW, created_at=NOW, message_id="cd" * 12,
    )  # fmt: skip
    db.session.add(message)
    db.session.commit()
    contact = db.session.query(Contact).filter_by(user_id=user_id).one()
    assert receive(bounce("cd" * 12, "delayed", "4.4.1").replace(b"<b@", b"<a@"), desk(world), NOW) == "bounce"
    assert contact.failed_at is None
    assert receive(bounce("cd" * 12), desk(world), NOW) == "bounce"
    assert (contact.failed_at, message.state, message.error) == (NOW, "dead", "Bounced 5.1.1")
    assert receive(bounce("ee" * 12).replace(b"<b@", b"<c@"), desk(world), NOW) == "refused"


def test_a_new_mail_opens_a_ticket_only_where_it_may(world: World) -> None:
    report = mail(STRANGER, DESK, f"Error code: 429 - rate limit for gpt-4o, request id {world.request_id}, key {KEY}")
    del report["Subject"]
    report["Subject"] = "429 since this morning"
    assert (take(world, report), reason()) == ("refused", "no_ticket")
    del report["Message-ID"]
    report["Message-ID"] = "<again@else.example>"
    assert take(world, report, mail_new_tickets=True) == "ticket"
    ticket = db.session.query(Ticket).order_by(Ticket.id.desc()).first()
    assert ticket is not None
    assert (ticket.status_code, str(ticket.request_id), ticket.requester_id) == (429, world.request_id, None)
    assert KEY not in str(ticket.description)
    (message,) = db.session.query(OutMessage).filter_by(ticket_id=ticket.id)
    assert message.kind == "received"
    answer = mail(STRANGER, reply_address(DESK, ticket.id, None, SEALER), number=77)
    assert take(world, answer) == "reply"


def test_one_address_opens_few_tickets_an_hour(world: World) -> None:
    became = [take(world, mail(STRANGER, DESK, number=number), mail_new_tickets=True) for number in range(TICKETS_PER_HOUR + 1)]
    assert became == ["ticket"] * TICKETS_PER_HOUR + ["refused"]


def test_what_is_turned_away_is_counted_with_its_reason_and_nothing_else(world: World) -> None:
    take(world, mail(STRANGER, DESK, "platypus words"))
    assert receive(b"\x00 no mail", desk(world), NOW) == "refused"
    assert sorted((why, count) for why, count, _last in inbox.reasons_since(NOW - timedelta(days=1))) == [
        ("no_ticket", 1),
        ("unreadable", 1),
    ]
    page = world.client(Role.OWNER).get("/admin/messages").text
    assert "it names no ticket" in page
    assert STRANGER not in page
    assert "platypus" not in page


def test_the_pipe_takes_a_mail_from_standard_input(world: World) -> None:
    runner = world.app.test_cli_runner()
    answer = runner.invoke(args=["mail", "receive"], input=mail(GUEST, tag(world)).as_bytes())
    assert (answer.exit_code, answer.output) == (0, "reply\n")
    assert runner.invoke(args=["mail", "receive"], input=mail(GUEST, tag(world)).as_bytes()).output == "known\n"
