"""Talk at the desk: drafts that survive, colleagues who are seen, replies that are stopped, ready replies, chips, relations by form."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.roles import Role
from app.core.ticket import State
from app.operations import tickets as operations
from app.store import hand_offs, relations, tickets, writing
from app.store.database import db
from app.store.models import AuditEntry, Ticket
from tests.conftest import NOW
from tests.pages import read
from tests.sql import row_counts
from tests.world import KEY, World, inhabit

HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def agent(world: World) -> FlaskClient:
    return world.client(Role.AGENT)


@pytest.fixture
def address(world: World) -> str:
    return f"/desk/tickets/{world.guest_ticket}"


def ticket(world: World) -> Ticket:
    db.session.rollback()
    db.session.expire_all()
    found = tickets.by_id(world.guest_ticket)
    assert found is not None
    return found


def clean(world: World, words: str):  # type: ignore[no-untyped-def]
    return world.app.extensions["rulebook"].redactor.clean(words)


@pytest.mark.parametrize("kind", ["reply", "note"])
def test_a_draft_is_kept_redacted_and_is_there_again_for_its_author_alone(
    world: World, agent: FlaskClient, address: str, kind: str
) -> None:
    part = agent.post(f"{address}/drafts/{kind}", data={"body": f"half a word {KEY}"}, headers=HTMX)
    assert "Draft saved" in part.text
    assert "<html" not in part.text
    where = f"{address}/{'replies' if kind == 'reply' else 'notes'}"
    page = agent.get(address)
    assert read(page).form(where).sends["body"].strip().startswith("half a word")
    assert KEY not in page.text
    assert "half a word" not in world.client(Role.MANAGER).get(address).text


def test_a_draft_without_a_script_is_a_button(agent: FlaskClient, address: str) -> None:
    assert f'formaction="{address}/drafts/reply"' in agent.get(address).text
    answer = agent.post(f"{address}/drafts/reply", data={"body": "later"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}#reply")
    agent.post(f"{address}/drafts/reply/removal")
    assert "later" not in agent.get(address).text


def test_a_draft_goes_when_it_is_sent_or_emptied(world: World, agent: FlaskClient, address: str) -> None:
    for kind, where in (("reply", "replies"), ("note", "notes")):
        agent.post(f"{address}/drafts/{kind}", data={"body": "x"})
        agent.post(f"{address}/{where}", data={"body": "x, finished"})
        agent.post(f"{address}/drafts/{kind}", data={"body": "y"})
        agent.post(f"{address}/drafts/{kind}", data={"body": "  "})
    assert writing.drafts(world.guest_ticket, world.users[Role.AGENT].id) == {}


def test_a_draft_is_nobody_elses_business(world: World, agent: FlaskClient, address: str) -> None:
    agent.post(f"{address}/drafts/reply", data={"body": "unsent words"})
    assert "unsent words" not in world.client(None).get(f"/t/{world.guest_token}").text
    assert "unsent words" not in agent.get("/desk/search?q=unsent").text.split("<main")[1].replace('value="unsent', "")


def test_colleagues_are_seen_with_what_they_do(world: World, agent: FlaskClient, address: str) -> None:
    manager = world.client(Role.MANAGER)
    for doing, said in (("viewing", "is viewing"), ("writing", "is writing"), ("elsewhere", "has it open elsewhere"), ("x", "is viewing")):
        manager.post(f"{address}/presence", data={"doing": doing}, headers=HTMX)
        text = read(agent.get(address)).text
        assert f"Test manager {said}" in text, doing
    assert "Test agent is" not in read(agent.post(f"{address}/presence", data={"doing": "viewing"}, headers=HTMX)).text


def test_who_was_here_a_minute_ago_is_no_longer_here(world: World, agent: FlaskClient, address: str) -> None:
    from datetime import timedelta

    world.client(Role.MANAGER).get(address)
    assert "Test manager is viewing" in read(agent.get(address)).text
    world.app.config["CLOCK"] = lambda: NOW + timedelta(seconds=61)
    assert "Test manager is viewing" not in read(agent.get(address)).text


def test_the_heartbeat_says_that_there_is_a_new_word(world: World, agent: FlaskClient, address: str) -> None:
    beat = {"doing": "viewing", "seen": "0"}
    assert "new public word" not in agent.post(f"{address}/presence", data=beat, headers=HTMX).text
    operations.reply_as_requester(ticket(world), clean(world, "More."), None, NOW)
    assert "new public word" in agent.post(f"{address}/presence", data=beat, headers=HTMX).text


def test_a_stale_reply_is_stopped_with_what_came_in_between_above_it(world: World, agent: FlaskClient, address: str) -> None:
    form = read(agent.get(address)).form(f"{address}/replies").sends
    operations.reply_as_requester(ticket(world), clean(world, "It works again by itself."), None, NOW)
    before = row_counts()["reply"]
    stopped = agent.post(f"{address}/replies", data=form | {"body": "Please try another key."})
    page = read(stopped)
    assert stopped.status_code == 409
    assert row_counts()["reply"] == before
    assert page.text.index("something came in between") < page.text.index("It works again by itself.")
    again = page.form(f"{address}/replies").sends
    assert again["body"].strip() == "Please try another key."
    assert agent.post(f"{address}/replies", data=again).status_code == 303
    assert row_counts()["reply"] == before + 1


def test_ones_own_word_from_another_window_stops_nothing(agent: FlaskClient, address: str) -> None:
    form = read(agent.get(address)).form(f"{address}/replies").sends
    agent.post(f"{address}/replies", data=form | {"body": "one"})
    assert agent.post(f"{address}/replies", data=form | {"body": "two"}).status_code == 303


@pytest.mark.parametrize(
    ("body", "kind"),
    [("Ask search-team.", "a group's name"), ("u-search owns it", "an owner's name"), ("You have $12 left", "an amount"),
     ("It is 0123456789abcdef0123456789abcdef", "an id that is not this user's")],
)  # fmt: skip
def test_a_reply_that_tells_what_is_private_is_stopped_with_the_place(
    world: World, agent: FlaskClient, address: str, body: str, kind: str
) -> None:
    before = row_counts()["reply"]
    stopped = agent.post(f"{address}/replies", data={"body": body})
    page = read(stopped)
    assert (stopped.status_code, row_counts()["reply"]) == (422, before)
    assert f"({kind})" in page.text
    assert page.form(f"{address}/replies").sends["body"].strip() == body
    assert body not in world.client(None).get(f"/t/{world.guest_token}").text.split("<main")[1]


def test_what_is_meant_to_be_said_goes_out_and_is_recorded(world: World, agent: FlaskClient, address: str) -> None:
    assert agent.post(f"{address}/replies", data={"body": "It costs $3 to everybody.", "meant": "1"}).status_code == 303
    assert [row.action for row in db.session.query(AuditEntry).filter_by(action="meant")] == ["meant"]


def test_a_note_may_tell_what_a_reply_may_not(agent: FlaskClient, address: str) -> None:
    assert agent.post(f"{address}/notes", data={"body": "search-team has $12 left"}).status_code == 303


def test_ready_replies_are_made_when_they_are_opened_by_a_script_or_by_a_link(agent: FlaskClient, address: str) -> None:
    closed = agent.get(address).text
    assert "We have it and are looking" not in closed
    assert f'hx-get="{address}/macros" hx-trigger="toggle from:closest details once"' in closed
    assert read(agent.get(address)).links[f"{address}/macros#macros"] == "Show the ready replies"
    assert "We have it and are looking" in agent.get(f"{address}/macros").text
    assert "We have it and are looking" in agent.get(f"{address}/macros", headers=HTMX).text


def test_ready_replies_are_searched_and_inserted_without_a_script(world: World, agent: FlaskClient, address: str) -> None:
    found = agent.get(f"{address}/macros?q=outage", headers=HTMX).text
    assert "Others are affected as well" in found
    assert "We have it and are looking" not in found
    assert "Wait, then send less at once" in agent.get(f"{address}/macros?q=429", headers=HTMX).text
    page = read(agent.get(f"{address}?reply=first-looking"))
    assert f"number {world.guest_ticket}" in page.form(f"{address}/replies").sends["body"]
    note = read(agent.get(f"{address}?reply=hand-off-note"))
    assert "What was tried" in note.form(f"{address}/notes").sends["body"]
    assert note.form(f"{address}/replies").sends["body"].strip() == ""


def test_no_ready_reply_is_stopped_by_our_own_check(world: World, agent: FlaskClient, address: str) -> None:
    from app.store.macro_rules import macro_book

    for macro in macro_book():
        if not macro.note:
            form = read(agent.get(f"{address}?reply={macro.reply.id}")).form(f"{address}/replies").sends
            assert agent.post(f"{address}/replies", data={"body": form["body"]}).status_code == 303, macro.reply.id


def test_chips_choose_what_the_talk_shows(world: World, agent: FlaskClient, address: str) -> None:
    agent.post(f"{address}/notes", data={"body": "a walrus note"})
    agent.post(f"{address}/replies", data={"body": "a platypus reply"})

    def talk(chip: str) -> str:
        return read(agent.get(f"{address}?talk={chip}")).text.split("Talk")[1].split("Ready replies")[0]

    assert "platypus" in talk("replies")
    assert "walrus" not in talk("replies")
    assert "walrus" in talk("notes")
    assert "gateway log" in talk("logs")
    assert "moved the ticket" in talk("changes")
    assert all(word in talk("nonsense") for word in ("walrus", "platypus", "gateway log", "moved the ticket"))


def test_all_three_clocks_are_on_the_page_with_why_they_stand(agent: FlaskClient, address: str) -> None:
    assert all(title in read(agent.get(address)).text for title in ("First answer due", "Next answer –", "Solution due"))
    agent.post(f"{address}/replies", data={"body": "Try again."})
    text = read(agent.get(address)).text
    assert "answered after 0 min of 60 min" in text
    assert "stands still: we wait for the user" in text


def test_a_ticket_is_handed_over_by_a_form(world: World, agent: FlaskClient, address: str) -> None:
    form = {
        "to": str(world.users[Role.MANAGER].id),
        "queue": "billing",
        "tried": f"Looked with {KEY}",
        "action": "Look",
        "due": "2026-11-24",
    }
    for missing in ("to", "tried", "action", "due", "queue"):
        refused = agent.post(f"{address}/hand-off", data=form | {missing: ""}, follow_redirects=True)
        assert "A hand-off needs" in read(refused).text, missing
    agent.post(f"{address}/hand-off", data=form)
    assert (ticket(world).queue, ticket(world).state) == ("billing", State.ON_HOLD)
    page = world.client(Role.MANAGER).get(address).text
    assert "Last hand-off" in page
    assert KEY not in page
    assert "Looked with" not in world.client(None).get(f"/t/{world.guest_token}").text


def test_notices_greet_and_go_once_the_ticket_was_looked_at(world: World, agent: FlaskClient, address: str) -> None:
    agent.post(f"{address}/notes", data={"body": "@test-manager please"})
    manager = world.client(Role.MANAGER)
    assert "you were named in a note" in read(manager.get("/desk/")).text
    manager.get(address)
    assert "you were named in a note" not in read(manager.get("/desk/")).text


def test_tickets_are_merged_and_taken_apart_by_forms(world: World, agent: FlaskClient, address: str) -> None:
    answer = agent.post(f"{address}/relations", data={"kind": "merged", "other": f"#{world.own_ticket}"}, follow_redirects=True)
    assert f"Merged into ticket {world.own_ticket}." in read(answer).text
    assert "This ticket was merged." in read(agent.get(address)).text
    undo = next(form.action for form in read(agent.get(address)).forms if "/undo/" in form.action)
    agent.post(undo)
    assert "This ticket was merged." not in read(agent.get(address)).text
    assert ticket(world).state == State.NEW
    for wrong in ({"kind": "merged", "other": "999"}, {"kind": "x", "other": "1"}, {"kind": "merged", "other": "9" * 40}):
        assert "There is no such ticket." in read(agent.post(f"{address}/relations", data=wrong, follow_redirects=True)).text


def test_a_merged_tickets_requester_sees_no_word_of_the_other(world: World, agent: FlaskClient, address: str) -> None:
    operations.reply_as_requester(ticket(world), clean(world, "guest platypus"), None, NOW)
    agent.post(f"{address}/relations", data={"kind": "merged", "other": str(world.own_ticket)})
    assert "guest platypus" in agent.get(f"/desk/tickets/{world.own_ticket}").text
    assert "guest platypus" not in world.client(Role.USER).get(f"/tickets/{world.own_ticket}").text


def test_a_link_a_follower_and_a_tag_are_made_and_ended(world: World, agent: FlaskClient, address: str) -> None:
    agent.post(f"{address}/relations", data={"kind": "related", "other": str(world.own_ticket)})
    agent.post(f"{address}/followers", data={"on": "1"})
    agent.post(f"{address}/tags", data={"tag": f"vip {KEY}"})
    text = read(agent.get(address)).text
    assert "Followed by Test agent" in text
    assert "vip" in text
    assert KEY not in agent.get(address).text
    (relation, _other), *_rest = relations.standing(world.guest_ticket)
    agent.post(f"{address}/relations/{relation.id}/end")
    agent.post(f"{address}/followers", data={"on": "0"})
    assert relations.standing(world.guest_ticket) == []
    assert relations.followers(world.guest_ticket) == []


def test_a_state_and_an_assignee_can_be_taken_back(world: World, agent: FlaskClient, address: str) -> None:
    for where, form in (("state", {"state": "solved"}), ("assignee", {"assignee": str(world.users[Role.AGENT].id)})):
        page = read(agent.post(f"{address}/{where}", data=form, follow_redirects=True))
        undo = next(each.action for each in page.forms if "/undo/" in each.action)
        agent.post(undo)
        assert (ticket(world).state, ticket(world).assignee_id) == (State.NEW, None)


def test_what_is_open_or_on_hold_without_a_next_action_has_a_view(world: World, agent: FlaskClient, address: str) -> None:
    for state in (State.OPEN, State.ON_HOLD):
        operations.set_state(ticket(world), state, world.users[Role.AGENT], NOW)
        assert "Without a next action 1" in read(agent.get("/desk/")).text
    agent.post(f"{address}/next", data={"action": "x", "owner": str(world.users[Role.AGENT].id), "due": "2026-11-23"})
    assert "Without a next action 0" in read(agent.get("/desk/")).text
    assert hand_offs.next_action(world.guest_ticket) is not None
    assert "A next action needs" in read(agent.post(f"{address}/next", data={"action": "x"}, follow_redirects=True)).text


def test_the_talk_begins_with_the_report_itself_and_counts_it(world: World, agent: FlaskClient, address: str) -> None:
    said = str(ticket(world).error_text)
    for chip, shown in (("all", True), ("replies", True), ("notes", False), ("changes", False)):
        page = read(agent.get(f"{address}?talk={chip}")).text.split("Talk")[-1].split("Ready replies")[0]
        assert (said.split("\n", maxsplit=1)[0] in page) is shown, chip
    agent.post(f"{address}/replies", data={"body": "a platypus reply"})
    assert "Replies 2" in read(agent.get(address)).text
