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


LEGAL_MOVES: dict[State, frozenset[State]] = {
    State.NEW: frozenset({State.OPEN, State.PENDING, State.ON_HOLD, State.SOLVED, State.CLOSED}),
    State.OPEN: frozenset({State.PENDING, State.ON_HOLD, State.SOLVED, State.CLOSED}),
    State.PENDING: frozenset({State.OPEN, State.ON_HOLD, State.SOLVED, State.CLOSED}),
    State.ON_HOLD: frozenset({State.OPEN, State.PENDING, State.SOLVED, State.CLOSED}),
    State.SOLVED: frozenset({State.OPEN, State.CLOSED}),
    State.CLOSED: frozenset({State.OPEN}),
}
ACTIVE = frozenset({State.NEW, State.OPEN, State.PENDING, State.ON_HOLD})


class IllegalMove(ValueError):
    """A ticket cannot go from the one state to the other."""


def move(current: State, target: State) -> State:
    """The target state, when the move is legal. Raises IllegalMove."""
    if target not in LEGAL_MOVES[current]:
        raise IllegalMove(f"{current} → {target}")
    return target


def after_requester_reply(current: State) -> State:
    """A word from the requester wakes a ticket that waited for them or was thought done."""
    return current if current in {State.NEW, State.ON_HOLD} else State.OPEN


def after_staff_reply(current: State) -> State:
    """A public staff answer moves a waiting ticket to the user's side."""
    return State.PENDING if current in {State.NEW, State.OPEN} else current
