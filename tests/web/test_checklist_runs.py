"""A checklist's pages: begin from the article or a ticket, tick with and without scripts, end; for staff alone."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask

from app.core.roles import Role
from app.operations import tickets as ticket_operations
from app.store import articles, checklists, tickets
from app.store.database import db
from app.store.models_content import ChecklistRun
from tests.canaries import canaries
from tests.conftest import NOW
from tests.operations.test_article_told import publish, written
from tests.operations.test_checklists import put
from tests.sql import statements
from tests.world import World, inhabit

KEY = canaries()[0].planted


@pytest.fixture
def world(app: Flask, now: datetime) -> World:
    put(app.extensions["settings"].kb_dir, now, "- [ ] A key is made.", "- [ ] It **works**.")
    return inhabit(app)


def begun(world: World, role: Role = Role.AGENT, **sent: object) -> ChecklistRun:
    article = articles.by_slug("en", "first-call")
    assert article is not None
    answer = world.client(role).post(f"/content/articles/{article.id}/runs", data=sent)
    run = checklists.run(int(answer.headers["Location"].rsplit("/", 1)[1]))
    assert run is not None
    return run


def test_the_article_shows_its_points_and_staff_can_run_it(world: World) -> None:
    html = world.client(None).get("/kb/en/first-call").get_data(as_text=True)
    assert "<li>☐ A key is made.</li>" in html
    assert "Run this checklist" not in html
    assert "Run this checklist" in world.client(Role.AGENT).get("/kb/en/first-call?lang=en").get_data(as_text=True)


def test_a_run_for_a_ticket_stands_on_the_ticket_and_on_the_checklist(world: World) -> None:
    run = begun(world, ticket=world.guest_ticket)
    assert f'href="/content/runs/{run.id}"' in world.client(Role.AGENT).get(f"/desk/tickets/{world.guest_ticket}").get_data(as_text=True)
    assert f'href="/content/runs/{run.id}"' in world.client(Role.EDITOR).get(f"/content/articles/{run.article_id}").get_data(as_text=True)
    assert f"/desk/tickets/{world.guest_ticket}" not in world.client(Role.EDITOR).get(f"/content/runs/{run.id}").get_data(as_text=True)


def test_an_editor_runs_it_for_no_ticket(world: World) -> None:
    assert begun(world, Role.EDITOR, ticket=world.guest_ticket).ticket_id is None


def test_points_are_ticked_with_and_without_scripts(world: World) -> None:
    run, agent = begun(world), world.client(Role.AGENT)
    first, second = (point["id"] for point in run.points)
    assert agent.post(f"/content/runs/{run.id}/ticks", data={"point": first, "done": "1"}).status_code == 303
    part = agent.post(f"/content/runs/{run.id}/ticks", data={"point": second, "done": "1"}, headers={"HX-Request": "true"})
    assert part.get_data(as_text=True).lstrip().startswith('<section id="points"')
    assert "Test agent" in part.get_data(as_text=True)
    assert agent.post(f"/content/runs/{run.id}/ticks", data={"point": "x", "done": "1"}).status_code == 404
    agent.post(f"/content/runs/{run.id}/end")
    assert "finished" in agent.get(f"/content/runs/{run.id}?lang=en").get_data(as_text=True)


def test_a_run_with_open_points_needs_a_note_which_is_redacted(world: World) -> None:
    run, agent = begun(world), world.client(Role.AGENT)
    page = agent.post(f"/content/runs/{run.id}/end", follow_redirects=True).get_data(as_text=True)
    assert "Points are still open" in page
    agent.post(f"/content/runs/{run.id}/note", data={"note": f"Stopped: {KEY}"})
    agent.post(f"/content/runs/{run.id}/end")
    db.session.expire_all()
    found = checklists.run(run.id)
    assert found is not None
    assert found.finished_at is not None
    assert KEY not in str(found.note)
    assert KEY not in agent.get(f"/content/runs/{run.id}").get_data(as_text=True)


@pytest.mark.parametrize("role", [None, Role.USER])
def test_runs_are_for_staff(world: World, role: Role | None) -> None:
    run = begun(world)
    assert world.client(role).get(f"/content/runs/{run.id}").status_code in {303, 403}


def test_a_ticket_is_linked_from_its_page(world: World) -> None:
    agent, at = world.client(Role.AGENT), f"/desk/tickets/{world.guest_ticket}"
    ticket = tickets.by_id(world.guest_ticket)
    assert ticket is not None
    ticket_operations.confirm_cause(ticket, "rate-limit-rpm", world.users[Role.AGENT], world.app.extensions["rulebook"], NOW)
    article = written(world)
    assert "Published since" in agent.get(f"{at}?lang=en").get_data(as_text=True)
    agent.post(f"{at}/articles", data={"slug": "https://desk.example/kb/en/rate-limit", "wish": "reference"})
    assert "reference" in agent.get(f"{at}?lang=en").get_data(as_text=True)
    agent.post(f"{at}/articles", data={"article": article.id, "wish": "resolved"})
    assert "resolved by" in agent.get(f"{at}?lang=en").get_data(as_text=True)
    agent.post(f"{at}/articles", data={"article": article.id, "wish": "off"})
    assert "resolved by" not in agent.get(f"{at}?lang=en").get_data(as_text=True)
    assert agent.post(f"{at}/articles", data={"article": article.id, "wish": "else"}).status_code == 400
    answer = agent.post(f"{at}/articles", data={"slug": KEY, "wish": "reference"}, follow_redirects=True)
    assert "Choose a published article" in answer.get_data(as_text=True)
    assert KEY not in answer.get_data(as_text=True)


def test_the_links_cost_the_page_no_more_queries_with_more_articles(world: World) -> None:
    agent, costs = world.client(Role.AGENT), set()
    ticket = tickets.by_id(world.guest_ticket)
    assert ticket is not None
    article = written(world)
    agent.get(f"/desk/tickets/{world.guest_ticket}")
    for number in range(2):
        publish(world, article, summary=f"Wait {number} seconds.")
        begun(world, ticket=world.guest_ticket)
        db.session.expire_all()
        with statements() as seen:
            agent.get(f"/desk/tickets/{world.guest_ticket}")
        costs.add(len(seen))
    assert len(costs) == 1
