"""A ticket's states and the moves between them."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a ticket stands; who we wait for follows from it."""

    NEW = "new"  # nobody of the staff has acted
    OPEN = "open"  # with us
    PENDING = "pending"  # waiting for the user
    ON_HOLD = "on_hold"  # waiting for engineering or billing
    SOLVED = "solved"
    CLOSED = "closed"
    SUSPECTED = "suspected"  # a guest's, set aside as probable spam until a person looks
    DISCARDED = "discarded"  # a person found that it was spam; kept, and can be taken back


LEGAL_MOVES: dict[State, frozenset[State]] = {
    State.NEW: frozenset({State.OPEN, State.PENDING, State.ON_HOLD, State.SOLVED, State.CLOSED}),
    State.OPEN: frozenset({State.PENDING, State.ON_HOLD, State.SOLVED, State.CLOSED}),
    State.PENDING: frozenset({State.OPEN, State.ON_HOLD, State.SOLVED, State.CLOSED}),
    State.ON_HOLD: frozenset({State.OPEN, State.PENDING, State.SOLVED, State.CLOSED}),
    State.SOLVED: frozenset({State.OPEN, State.CLOSED}),
    State.CLOSED: frozenset({State.OPEN}),
    State.SUSPECTED: frozenset(),  # out of here a ticket is released or discarded, which is more than a move
    State.DISCARDED: frozenset(),
}
ACTIVE = frozenset({State.NEW, State.OPEN, State.PENDING, State.ON_HOLD})
SET_ASIDE = frozenset({State.SUSPECTED, State.DISCARDED})  # in no queue, no figure, no search, on no clock


class IllegalMove(ValueError):
    """A ticket cannot go from the one state to the other."""


def move(current: State, target: State) -> State:
    """The target state, when the move is legal. Raises IllegalMove."""
    if target not in LEGAL_MOVES[current]:
        raise IllegalMove(f"{current} → {target}")
    return target


def after_requester_reply(current: State) -> State:
    """A word from the requester wakes a ticket that waited for them or was thought done."""
    if current in SET_ASIDE:
        return State.SUSPECTED  # whoever answers deserves a second look
    return current if current in {State.NEW, State.ON_HOLD} else State.OPEN


def after_staff_reply(current: State) -> State:
    """A public staff answer moves a waiting ticket to the user's side."""
    return State.PENDING if current in {State.NEW, State.OPEN, *SET_ASIDE} else current
