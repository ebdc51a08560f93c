"""A desk with programs at it: each call carries a token of one of the accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.core.roles import Role
from app.operations.desk_tokens import make_desk_token
from tests.conftest import NOW
from tests.kept_world import Kept, kept_world
from tests.world import World

Call = Callable[..., TestResponse]


@pytest.fixture(scope="package")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with kept_world(tmp_path_factory.mktemp("desk")) as kept:
        yield kept


@pytest.fixture
def world(kept: Kept) -> Iterator[World]:
    with kept.anew() as world:
        yield world


@pytest.fixture
def call(world: World) -> Call:
    """Make a call as the agent, or with the token that is given."""
    own = make_desk_token(world.users[Role.AGENT], "robot", world.app.extensions["rulebook"].redactor, NOW)

    def send(method: str, where: str, body: Any = None, token: str = own, **more: Any) -> TestResponse:
        sent = {} if body is None else {"json": body}
        return world.app.test_client().open(f"/api/v1{where}", method=method, headers={"Authorization": f"Bearer {token}"}, **sent, **more)

    return send


@pytest.fixture
def guests(world: World) -> str:
    """Where the guest's ticket is."""
    return f"/tickets/{world.guest_ticket}"
