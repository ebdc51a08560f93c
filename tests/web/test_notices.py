"""What the desk tells its people inside the desk: it greets, leads to its thing, and goes once it was looked at."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core.roles import Role
from app.operations.notices import tell_about
from app.store.database import db
from tests.conftest import NOW
from tests.pages import read
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def test_a_notice_about_no_ticket_leads_to_its_thing_and_goes(world: World) -> None:
    person = world.users[Role.MANAGER].id
    tell_about([person, None, person], "budget", 7, "soft", NOW)
    tell_about([person], "unheard", 1, "of", NOW)
    db.session.commit()
    manager = world.client(Role.MANAGER)
    page = read(manager.get("/desk/"))
    links = [link for link in page.links if "/desk/notices/" in link]
    assert "budget 7" in page.text
    assert {manager.get(link).headers["Location"] for link in links} == {"/reports/budgets", "/desk/"}
    assert "budget 7" not in read(manager.get("/desk/")).text
    assert world.client(Role.OWNER).get(links[0]).status_code == 404
