"""Writing: a public reply that is checked before it goes out, a private note, and moves of the ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Response

from app.core.private_facts import Segment
from app.core.redacted_text import RedactedText
from app.core.roles import Audience
from app.core.ticket import LEGAL_MOVES, IllegalMove, State
from app.operations import tickets as operations
from app.operations.bulk import BulkWish, apply_to_all, remove_tag
from app.operations.desk_tokens import note_call
from app.store import undo_steps, users, writing
from app.web.access import for_audience
from app.web.api.bodies import Fields, read_fields, redacted, wrong
from app.web.api.calls import Problem, answer, blueprint, caller, ticket_or_404
from app.web.context import redactor
from app.web.render import now
from app.web.reply_check import private_parts

if TYPE_CHECKING:
    from app.store.models import Ticket, User

LONGEST = 20_000
LONGEST_TAG, MOST_TAGS = 32, 10
REPLY: Fields = {"body": (str,), "last_seen": (int,), "solve": (bool,)}
NOTE: Fields = {"body": (str,)}
CHANGE: Fields = {"state": (str,), "assignee": (str, type(None)), "add_tags": (list,), "remove_tags": (list,)}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of a ticket; every part was found possible."""

    state: State | None
    assign: bool
    assignee: User | None
    add: tuple[RedactedText, ...]
    remove: tuple[RedactedText, ...]


@blueprint.post("/tickets/<int:number>/replies")
@for_audience(Audience.API)
def reply(number: int) -> Response:
    """Answer the user, in public, unless something came in between or the text tells what it must not."""
    found = ticket_or_404(number)
    given = read_fields(REPLY, ("body",))
    body, hidden = _text(given["body"])
    seen = given.get("last_seen")
    between = writing.words_since(number, seen, caller().user.id) if seen is not None else ()
    if between:
        told = {"field": "last_seen", "newest": between[-1].id}
        raise Problem(409, "Something came in between", "Read the thread again and send the newest reply's id as last_seen", told)
    parts = private_parts(found, body)
    if parts:
        detail = "Take these places out, or send it from the ticket's page, where a person can say that it is meant"
        raise Problem(422, "The reply tells what is private", detail, {"field": "body", "places": _places(parts)})
    note_call(caller(), number, "reply", now())
    made = operations.reply_as_staff(found, body, caller().user, now(), solve=bool(given.get("solve")))
    return answer({"number": number, "reply": made.id, "state": found.state, "redacted": hidden}, 201)


@blueprint.post("/tickets/<int:number>/notes")
@for_audience(Audience.API)
def note(number: int) -> Response:
    """Keep a private note, which only staff read."""
    found = ticket_or_404(number)
    body, hidden = _text(read_fields(NOTE, ("body",))["body"])
    note_call(caller(), number, "note", now())
    made = operations.add_note(found, body, caller().user, now())
    return answer({"number": number, "note": made.id, "state": found.state, "redacted": hidden}, 201)


@blueprint.patch("/tickets/<int:number>")
@for_audience(Audience.API)
def change(number: int) -> Response:
    """Move the ticket, give it to somebody, file it under words. Everything is checked before anything is done."""
    found = ticket_or_404(number)
    given = read_fields(CHANGE)
    wish = _wish(found, given)
    note_call(caller(), number, " ".join(sorted(given)), now())
    try:
        _carry_out(found, wish)
    except IllegalMove:  # somebody moved it just now
        raise _no_way(found) from None
    assignee = found.assignee.name if found.assignee else None
    return answer({"number": number, "state": found.state, "assignee": assignee, "tags": undo_steps.tags(number)})


def _carry_out(found: Ticket, wish: Wish) -> None:
    """Each part by the step that the desk's own forms take."""
    me, at = caller().user, now()
    if wish.state is not None and wish.state != found.state:
        operations.set_state(found, wish.state, me, at)
    if wish.assign and (wish.assignee.id if wish.assignee else None) != found.assignee_id:
        operations.assign(found, wish.assignee, me, at)
    for tag in wish.add:
        apply_to_all([found.id], BulkWish(tag=tag), me, at)
    for tag in wish.remove:
        remove_tag(found, tag, me, at)


def _wish(found: Ticket, given: dict[str, Any]) -> Wish:
    """Check every part. Raises Problem."""
    if not given:
        raise Problem(422, "Nothing is asked for", f"Send at least one of {', '.join(CHANGE)}")
    state = _state(found, given["state"]) if "state" in given else None
    assignee = _colleague(given["assignee"]) if given.get("assignee") is not None else None
    add, remove = (_tags(name, given.get(name, ())) for name in ("add_tags", "remove_tags"))
    return Wish(state, "assignee" in given, assignee, add, remove)


def _state(found: Ticket, typed: str) -> State:
    """Where the ticket is to go, if it can."""
    if typed not in set(State):
        raise wrong("state", f"state is one of {', '.join(State)}")
    target = State(typed)
    if target != found.state and target not in LEGAL_MOVES[State(found.state)]:
        raise _no_way(found)
    if target is State.ON_HOLD and found.next_due is None:
        raise wrong("state", "A ticket on hold needs a next action with an owner and a date; agree on it on the ticket's page first")
    return target


def _no_way(found: Ticket) -> Problem:
    ways = ", ".join(sorted(LEGAL_MOVES[State(found.state)])) or "nowhere"
    return Problem(409, "The ticket cannot go there", f"It is {found.state}, from where it can go: {ways}", {"field": "state"})


def _colleague(name: str) -> User:
    """Somebody of the desk by user name."""
    chosen = next((user for user in users.staff() if user.name == name), None)
    if chosen is None:
        raise wrong("assignee", "assignee is the user name of an active account of the desk, or null")
    return chosen


def _tags(name: str, typed: list[str]) -> tuple[RedactedText, ...]:
    """Tags as the desk files under them."""
    words = [" ".join(each.split()) for each in typed]
    if len(words) > MOST_TAGS or not all(0 < len(word) <= LONGEST_TAG for word in words):
        raise wrong(name, f"{name} is a list of at most {MOST_TAGS} tags of 1 to {LONGEST_TAG} characters")
    return tuple(redactor().clean(word) for word in words)


def _text(typed: str) -> tuple[RedactedText, int]:
    """A body within its length, as it may be stored, and how much in it was hidden."""
    if len(typed) > LONGEST:
        raise wrong("body", f"body has at most {LONGEST:,} characters")
    return redacted(typed)


def _places(parts: tuple[Segment, ...]) -> list[dict[str, Any]]:
    """Where private facts stand in the text as it would be stored; characters from 0, the end not included."""
    places, at = [], 0
    for part in parts:
        if part.kind:
            places.append({"kind": part.kind, "start": at, "end": at + len(part.text)})
        at += len(part.text)
    return places
