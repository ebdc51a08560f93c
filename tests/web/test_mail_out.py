"""E-mail going out, through a real SMTP server: who gets what, in which words, how often, and what becomes of what cannot be sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest

from app.core.mail_address import seal_address
from app.core.roles import Role
from app.core.sealed_text import Sealer
from app.core.ticket import State
from app.mail.deliver import deliver, post_digests
from app.operations import outbox as operations
from app.operations import tickets
from app.operations.notices import tell_about
from app.store import outbox
from app.store import tickets as ticket_store
from app.store.database import db
from app.store.models import Ticket, TicketLink
from app.store.models_mail import Contact, OutMessage
from tests.conftest import NOW
from tests.kept_world import Kept, kept_world
from tests.mail_servers import Postman, smtp_server
from tests.sql import statements
from tests.world import World

SOON = NOW + timedelta(minutes=1)
GUEST, USER, AGENT = "lina@guest.example", "uma@corp.example", "ada@desk.example"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Postman]]:
    with smtp_server() as started:
        yield started


@pytest.fixture(scope="module")
def kept(server: tuple[str, Postman], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    mail = {"mail_smtp_url": server[0], "mail_from": "help@desk.example", "mail_replies": True, "public_url": "https://help.example"}
    with kept_world(tmp_path_factory.mktemp("desk"), **mail) as kept:
        yield kept


@pytest.fixture
def postman(server: tuple[str, Postman]) -> Postman:
    server[1].__init__()  # type: ignore[misc]  # as new
    return server[1]


@pytest.fixture
def world(kept: Kept, postman: Postman) -> Iterator[World]:
    with kept.anew() as world:
        db.session.add(contact(ticket_id=world.guest_ticket, address=GUEST))
        for role, address in ((Role.USER, USER), (Role.AGENT, AGENT)):
            db.session.add(contact(user_id=world.users[role].id, address=address))
        db.session.commit()
        yield world


def contact(address: str, user_id: int | None = None, ticket_id: int | None = None) -> Contact:
    sealed = seal_address(address, Sealer("test-secret-" + "0" * 32))
    return Contact(user_id=user_id, ticket_id=ticket_id, address=sealed.address, mark=sealed.mark, created_at=NOW)


def ticket(number: int) -> Ticket:
    found = ticket_store.by_id(number)
    assert found is not None
    return found


def answer(world: World, number: int, text: str = "Wait **20 s** between calls.", *, solve: bool = False, now: datetime = NOW) -> None:
    clean = world.app.extensions["rulebook"].redactor.clean
    tickets.reply_as_staff(ticket(number), clean(text), world.users[Role.MANAGER], now, solve=solve)


def sent(world: World, postman: Postman, now: datetime = SOON) -> list[EmailMessage]:
    deliver(world.app, now)
    db.session.expire_all()
    return postman.take()


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_a_guest_gets_the_answer_with_a_link_that_opens_the_ticket(world: World, postman: Postman) -> None:
    answer(world, world.guest_ticket)
    (mail,) = sent(world, postman)
    assert mail["To"] == GUEST
    assert mail["Subject"].startswith(f"[#{world.guest_ticket}] ")
    assert "Wait **20 s**" in text_of(mail)
    assert "<strong>20 s</strong>" in text_of(mail, "html")
    (token,) = set(re.findall(r"https://help\.example/t/([A-Za-z0-9_-]{43})", text_of(mail) + text_of(mail, "html")))
    assert world.client(None).get(f"/t/{token}").status_code == 200
    assert (mail["Auto-Submitted"], mail["List-Id"]) == ("auto-generated", "<desk.desk.example>")
    assert re.fullmatch(rf"help\+t{world.guest_ticket}-[0-9a-f]{{16}}@desk\.example", mail["Reply-To"])


def test_mails_of_a_ticket_make_one_thread_and_carry_the_same_link(world: World, postman: Postman) -> None:
    answer(world, world.guest_ticket)
    (first,) = sent(world, postman)
    answer(world, world.guest_ticket, "And now?", now=SOON)
    (second,) = sent(world, postman, SOON + timedelta(minutes=1))
    root = first["In-Reply-To"]
    assert second["In-Reply-To"] == first["Message-ID"]
    assert second["References"].split() == [root, first["Message-ID"]]
    assert db.session.query(TicketLink).filter_by(ticket_id=world.guest_ticket).count() == 2  # the one shown at filing, and that of e-mails


def test_a_revoked_link_is_followed_by_another_one(world: World, postman: Postman) -> None:
    answer(world, world.guest_ticket)
    old = re.findall(r"/t/([A-Za-z0-9_-]{43})", text_of(sent(world, postman)[0]))[0]
    tickets.revoke_links(ticket(world.guest_ticket), None, SOON)
    answer(world, world.guest_ticket, now=SOON)
    new = re.findall(r"/t/([A-Za-z0-9_-]{43})", text_of(sent(world, postman, SOON + timedelta(minutes=1))[0]))[0]
    assert [world.client(None).get(f"/t/{token}").status_code for token in (old, new)] == [404, 200]


def test_a_queue_of_links_sends_no_word_of_the_ticket(world: World, postman: Postman) -> None:
    own = ticket(world.own_ticket)
    own.queue = "billing"
    answer(world, world.own_ticket, "platypus")
    (mail,) = sent(world, postman)
    assert mail["Subject"] == f"[#{world.own_ticket}] Your ticket"
    for body in (text_of(mail), text_of(mail, "html")):
        assert "platypus" not in body
        assert "Rate limit" not in body
        assert f"https://help.example/tickets/{world.own_ticket}" in body


def test_the_reader_s_language_is_the_letter_s(world: World, postman: Postman) -> None:
    world.users[Role.USER].language = "zh"
    ticket(world.guest_ticket).language = "en"
    answer(world, world.own_ticket)
    answer(world, world.guest_ticket)
    mails = {mail["To"]: mail for mail in sent(world, postman)}
    assert {to: mail["Content-Language"] for to, mail in mails.items()} == {USER: "zh-Hans", GUEST: "en"}
    for to, words in ((USER, "请把回复写在这一行之上"), (GUEST, "Write your answer above this line")):
        assert words in text_of(mails[to])
        assert words in text_of(mails[to], "html")


def test_filing_solving_and_asking_back_are_told(world: World, postman: Postman) -> None:
    manager = world.users[Role.MANAGER]
    tickets.set_state(ticket(world.guest_ticket), State.OPEN, manager, NOW)
    tickets.set_state(ticket(world.guest_ticket), State.PENDING, manager, NOW)
    assert ["Read it there" in text_of(mail) for mail in sent(world, postman)] == [True]
    tickets.set_state(ticket(world.guest_ticket), State.SOLVED, manager, SOON)
    (mail,) = sent(world, postman, SOON + timedelta(minutes=1))
    assert "thinks that your ticket is solved" in text_of(mail)


def test_what_was_taken_back_within_half_a_minute_is_not_told(world: World, postman: Postman) -> None:
    manager = world.users[Role.MANAGER]
    tickets.set_state(ticket(world.guest_ticket), State.SOLVED, manager, NOW)
    assert sent(world, postman, NOW + timedelta(seconds=20)) == []
    tickets.set_state(ticket(world.guest_ticket), State.OPEN, manager, NOW)
    assert sent(world, postman) == []


def test_an_assignment_that_was_taken_back_is_not_told(world: World, postman: Postman) -> None:
    agent, manager = world.users[Role.AGENT], world.users[Role.MANAGER]
    tickets.assign(ticket(world.guest_ticket), agent, manager, NOW)
    tickets.assign(ticket(world.guest_ticket), None, manager, NOW)
    assert sent(world, postman) == []


def test_nobody_makes_the_desk_write_their_words_to_a_stranger(world: World, postman: Postman) -> None:
    form = {"description": "BUY PLATYPUS PILLS", "contact": "victim@else.example"}
    for number in range(operations.UNASKED_A_DAY + 2):
        answer = world.client(None).post("/tickets", data=form | {"model": f"m{number}"}, environ_base={"REMOTE_ADDR": f"10.0.0.{number}"})
        assert answer.status_code == 303
    mails = sent(world, postman)
    assert [mail["To"] for mail in mails] == ["victim@else.example"] * operations.UNASKED_A_DAY
    assert not any("PLATYPUS" in mail.as_string() for mail in mails)


def test_staff_hear_where_and_never_what(world: World, postman: Postman) -> None:
    clean = world.app.extensions["rulebook"].redactor.clean
    tickets.add_note(ticket(world.guest_ticket), clean("@test-agent the wombat memo"), world.users[Role.MANAGER], NOW)
    (mail,) = sent(world, postman)
    assert mail["To"] == AGENT
    assert "you were named in a note" in text_of(mail)
    assert f"https://help.example/desk/tickets/{world.guest_ticket}" in text_of(mail)
    assert "wombat" not in mail.as_string()


def test_a_notice_that_was_read_in_the_desk_is_not_mailed(world: World, postman: Postman) -> None:
    tickets.assign(ticket(world.guest_ticket), world.users[Role.AGENT], world.users[Role.MANAGER], NOW)
    world.client(Role.AGENT).get(f"/desk/tickets/{world.guest_ticket}")
    assert sent(world, postman) == []


def test_choices_are_kept_and_the_digest_says_what_waits(world: World, postman: Postman) -> None:
    agent, client = world.users[Role.AGENT], world.client(Role.AGENT)
    form = {"language": "en", "when_turns": "digest", "when_clocks": "never", "when_daily": "digest", "when_own": "never"}
    assert client.post("/settings", data=form).status_code == 303
    tickets.assign(ticket(world.guest_ticket), agent, world.users[Role.MANAGER], NOW)
    tell_about([agent.id], "budget", 3, "soft", NOW)
    db.session.commit()
    assert sent(world, postman) == []
    morning = NOW.replace(hour=9)
    assert [post_digests(world.app, NOW.replace(hour=3)), post_digests(world.app, morning), post_digests(world.app, morning)] == [0, 1, 0]
    (mail,) = sent(world, postman, morning + timedelta(minutes=1))
    text = text_of(mail)
    assert f"#{world.guest_ticket}" in text
    assert "budget 3" in text


def test_no_digest_when_there_is_nothing(world: World, postman: Postman) -> None:
    assert post_digests(world.app, NOW.replace(hour=9)) == 1
    assert sent(world, postman, NOW.replace(hour=9, minute=5)) == []


def test_a_busy_server_is_tried_again_and_the_mail_comes_once(world: World, postman: Postman) -> None:
    answer(world, world.guest_ticket)
    postman.busy = 1
    assert sent(world, postman) == []
    message = db.session.query(OutMessage).one()
    assert (message.state, message.error, message.attempts) == ("waiting", "SMTPDataError 451", 1)
    assert timedelta(seconds=40) < message.next_at - SOON < timedelta(seconds=80)
    assert len(sent(world, postman, message.next_at)) == 1
    assert sent(world, postman, message.next_at + timedelta(days=1)) == []


def test_a_crash_between_sending_and_noting_it_makes_one_copy_with_the_same_id(
    world: World, postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(world, world.guest_ticket)
    with monkeypatch.context() as patch:
        patch.setattr(operations, "note_sent", crash)
        with pytest.raises(SystemExit):
            deliver(world.app, SOON)
    db.session.rollback()
    assert sent(world, postman, SOON + timedelta(minutes=2))[0]["Message-ID"]  # the first copy; the message is still in hand
    (copy,) = sent(world, postman, SOON + timedelta(minutes=11))
    assert copy["Message-ID"].startswith(f"<{db.session.query(OutMessage).one().message_id}@")
    assert sent(world, postman, SOON + timedelta(hours=11)) == []


def crash(*_: object) -> None:
    raise SystemExit


def test_an_address_that_is_refused_is_not_written_to_again_until_it_is_changed(world: World, postman: Postman) -> None:
    postman.refuse.add(USER)
    answer(world, world.own_ticket)
    assert sent(world, postman) == []
    message = db.session.query(OutMessage).one()
    assert (message.state, message.error) == ("dead", "Unreachable 550")
    answer(world, world.own_ticket, now=SOON)
    assert db.session.query(OutMessage).count() == 1
    page = world.client(Role.USER).get("/settings").text
    assert "Mail to this address came back" in page
    assert world.client(Role.USER).post("/settings", data={"language": "", "contact": USER}).status_code == 303
    answer(world, world.own_ticket, now=SOON)
    assert db.session.query(OutMessage).count() == 2


def test_after_many_attempts_a_message_is_given_up_and_the_owner_sends_or_drops_it(world: World, postman: Postman) -> None:
    answer(world, world.guest_ticket)
    postman.busy = 99
    at = SOON
    for _attempt in range(operations.MOST_ATTEMPTS):
        sent(world, postman, at)
        at = max(at, db.session.query(OutMessage).one().next_at) + timedelta(seconds=1)
    message = db.session.query(OutMessage).one()
    assert (message.state, [each.id for each in outbox.dead()]) == ("dead", [message.id])
    owner = world.client(Role.OWNER)
    page = owner.get("/admin/messages").text
    assert "SMTPDataError 451" in page
    assert GUEST not in page
    postman.busy = 0
    assert owner.post(f"/admin/messages/{message.id}", data={"wish": "again"}).status_code == 303
    assert len(sent(world, postman)) == 1
    assert owner.post(f"/admin/messages/{message.id}", data={"wish": "drop"}).status_code == 404  # it went out


def test_a_word_to_many_goes_out_in_one_round(world: World, postman: Postman) -> None:
    for _each in range(120):  # more than are taken in hand at once
        operations.post(ticket(world.guest_ticket), "received", "ticket", world.guest_ticket, NOW)
    db.session.commit()
    assert len(sent(world, postman)) == 120


def test_the_page_of_messages_asks_the_same_few_questions_for_one_and_for_many(world: World) -> None:
    asked = []
    for count in (1, 8):
        for number in range(count):
            operations.post(world.users[Role.AGENT if number % 2 else Role.USER], "answer", "ticket", world.own_ticket, NOW)
        db.session.query(OutMessage).update({"state": "dead"})
        db.session.commit()
        with statements() as seen:
            assert world.client(Role.OWNER).get("/admin/messages").status_code == 200
        asked.append(len(seen))
    assert asked[0] == asked[1]


def test_no_server_at_all_is_tried_again_too(world: World, postman: Postman) -> None:
    world.app.extensions["settings"] = replace(world.app.extensions["settings"], mail_smtp_url="smtp://127.0.0.1:9")
    answer(world, world.guest_ticket)
    assert deliver(world.app, SOON) == 0
    db.session.expire_all()
    assert db.session.query(OutMessage).one().error == "ConnectionRefusedError"


def test_another_secret_opens_no_address_and_the_person_is_asked_for_it_again(world: World, postman: Postman) -> None:
    world.app.extensions["settings"] = replace(world.app.extensions["settings"], secret_key="another-" + "1" * 40)
    answer(world, world.own_ticket)
    assert sent(world, postman) == []
    assert db.session.query(OutMessage).one().error == "CannotOpen"
    assert "can no longer be read" in world.client(Role.USER).get("/settings").text


def test_nobody_is_told_what_they_did_themselves_nor_without_an_address(world: World, postman: Postman) -> None:
    clean = world.app.extensions["rulebook"].redactor.clean
    tickets.set_state(ticket(world.own_ticket), State.SOLVED, None, NOW)
    tickets.assign(ticket(world.guest_ticket), world.users[Role.MANAGER], world.users[Role.AGENT], NOW)
    tickets.reply_as_requester(ticket(world.guest_ticket), clean("hello"), None, NOW)
    assert db.session.query(OutMessage).count() == 0
