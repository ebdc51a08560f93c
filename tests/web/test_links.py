"""Guests' secret links: they run out, are replaced by either side, and come again by e-mail, with one answer for every pair."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.mail_address import seal_address
from app.core.roles import Role
from app.core.sealed_text import Sealer
from app.store.database import db
from app.store.models_mail import Contact, OutMessage
from app.web.portal.links import PER_PAIR, PER_SENDER
from tests.conftest import NOW
from tests.kept_world import Kept, kept_world
from tests.pages import read
from tests.sql import statements
from tests.world import World

GUEST = "lina@guest.example"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with kept_world(tmp_path_factory.mktemp("desk"), mail_from="help@desk.example", mail_smtp_url="smtp://127.0.0.1:9") as kept:
        yield kept


@pytest.fixture
def world(kept: Kept) -> Iterator[World]:
    with kept.anew() as world:
        sealed = seal_address(GUEST, Sealer(kept.settings.secret_key))
        db.session.add(Contact(ticket_id=world.guest_ticket, address=sealed.address, mark=sealed.mark, created_at=NOW))
        db.session.commit()
        yield world


def at(world: World, days: float) -> None:
    world.app.config["CLOCK"] = lambda: NOW + timedelta(days=days)


def ask(world: World, number: object, address: str, sender: str = "10.0.0.1") -> tuple[int, str]:
    answer = world.client(None).post("/lost-link", data={"ticket": number, "contact": address}, environ_base={"REMOTE_ADDR": sender})
    return answer.status_code, re.sub(r'value="[^"]*"|gd-[0-9a-f]{12}', "", answer.text)


def posted() -> list[tuple[str, int | None]]:
    return [(message.state, message.ticket_id) for message in db.session.query(OutMessage).order_by(OutMessage.id)]


def test_a_link_runs_out_some_time_after_the_last_word(world: World) -> None:
    address = f"/t/{world.guest_token}"
    at(world, 89)
    assert world.client(None).get(address).status_code == 200
    world.client(None).post(address, data={"body": "still here", "wish": "answer"})
    at(world, 89 + 89)
    assert world.client(None).get(address).status_code == 200
    at(world, 89 + 91)
    gone, wrong = world.client(None).get(address), world.client(None).get("/t/" + "x" * 43)
    assert gone.status_code == wrong.status_code == 404


def test_a_guest_replaces_a_link_that_leaked(world: World) -> None:
    answer = world.client(None).post(f"/t/{world.guest_token}/link")
    fresh = answer.headers["Location"]
    assert world.client(None).get(f"/t/{world.guest_token}").status_code == 404
    assert world.client(None).get(fresh).status_code == 200
    assert world.client(None).post(f"/t/{world.guest_token}/link").status_code == 404


def test_staff_give_a_new_link_by_mail_or_by_hand(world: World) -> None:
    agent, address = world.client(Role.AGENT), f"/desk/tickets/{world.guest_ticket}/link/new"
    assert agent.post(address).status_code == 303
    assert posted() == [("waiting", world.guest_ticket)]
    db.session.query(Contact).delete()
    db.session.commit()
    page = agent.post(address)
    (token,) = set(re.findall(r"/t/([A-Za-z0-9_-]{43})", page.text))
    assert page.headers["Cache-Control"] == "no-store"
    assert world.client(None).get(f"/t/{token}").status_code == 200
    assert agent.post(f"/desk/tickets/{world.own_ticket}/link/new").status_code == 404


def test_every_pair_gets_the_same_answer_and_only_the_right_one_a_mail(world: World) -> None:
    pairs = [(world.guest_ticket, GUEST), (world.own_ticket, GUEST), (world.guest_ticket, "eve@else.example"), (99_999, GUEST)]
    assert len({ask(world, number, address) for number, address in pairs}) == 1
    assert posted() == [("waiting", world.guest_ticket), ("dropped", None), ("dropped", None), ("dropped", None)]


def test_every_pair_costs_the_same_statements(world: World) -> None:
    ask(world, 1, "warm@up.example")
    with statements() as known_ones:
        ask(world, world.guest_ticket, GUEST)
    with statements() as unknown_ones:
        ask(world, 99_999, "eve@else.example")
    assert [statement.split("VALUES")[0] for statement in known_ones] == [statement.split("VALUES")[0] for statement in unknown_ones]


def test_asking_again_and_again_sends_no_more(world: World) -> None:
    answers = {ask(world, world.guest_ticket, GUEST, f"10.0.0.{number}") for number in range(PER_PAIR + 2)}
    assert len(answers) == 1
    assert [state for state, _ticket in posted()] == ["waiting"] * PER_PAIR + ["dropped"] * 2
    codes = [ask(world, number, f"a{number}@else.example", "10.9.9.9")[0] for number in range(PER_SENDER + 1)]
    assert codes == [200] * PER_SENDER + [429]


@pytest.mark.parametrize(("number", "address"), [("", GUEST), ("2", ""), ("2", "nonsense typed"), ("x" * 40, GUEST)])
def test_a_form_that_is_not_filled_says_so_and_quotes_nothing(world: World, number: str, address: str) -> None:
    code, page = ask(world, number, address)
    assert code == 422
    assert "nonsense" not in page
    assert GUEST not in page
    assert posted() == []


def test_without_mail_nobody_is_promised_any(world: World) -> None:
    world.app.extensions["settings"] = replace(world.app.extensions["settings"], mail_smtp_url="")
    world.app.jinja_env.globals["settings"] = world.app.extensions["settings"]
    assert world.client(None).get("/lost-link").status_code == 404
    assert "E-mail" not in read(world.client(None).get("/report")).text
    assert "E-mail" not in read(world.client(Role.OWNER).get("/settings")).text
    assert "E-mail" not in read(world.client(Role.OWNER).get("/admin/accounts")).text


def test_a_guest_gives_changes_and_takes_back_an_address(world: World) -> None:
    stranger, address = world.client(None), f"/t/{world.guest_token}"
    assert "l…@guest.example" in stranger.get(address).text
    assert stranger.post(f"{address}/contact", data={"contact": "other@else.example"}).status_code == 303
    assert "o…@else.example" in stranger.get(address).text
    assert "no e-mail address" in read(stranger.post(f"{address}/contact", data={"contact": "nonsense"}, follow_redirects=True)).text
    stranger.post(f"{address}/contact", data={"wish": "forget", "contact": "x@y.example"})
    assert db.session.query(Contact).count() == 0
    assert "…@" not in read(stranger.get(address)).text
    world.app.extensions["settings"] = replace(world.app.extensions["settings"], mail_smtp_url="")
    stranger.post(f"{address}/contact", data={"contact": "other@else.example"})
    assert db.session.query(Contact).count() == 0


def test_a_guest_gives_an_address_which_no_page_shows_again(world: World) -> None:
    stranger = world.client(None)
    form = {"description": "It fails.", "contact": "New.Guest@else.example"}
    again = stranger.post("/tickets", data=form | {"status_code": "7"})
    assert again.status_code == 422
    assert "n…@else.example" in again.text
    assert "new.guest@" not in again.text.lower()
    kept = next(
        sent for each in read(again).forms if each.action.endswith("/tickets") for name, sent in each.sends.items() if name == "contact"
    )
    assert stranger.post("/tickets", data={"description": "It fails.", "contact": ["", kept]}).status_code == 303
    contact = db.session.query(Contact).order_by(Contact.id.desc()).first()
    assert contact is not None
    assert Sealer(world.app.extensions["settings"].secret_key).open(contact.address) == "new.guest@else.example"
    wrong = stranger.post("/tickets", data={"description": "It fails.", "contact": "nonsense words"})
    assert (wrong.status_code, "nonsense" in wrong.text) == (422, False)
