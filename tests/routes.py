"""Every route of the application with a real address, for tests that walk them all."""

from __future__ import annotations

from collections.abc import Iterator

from werkzeug.routing import Rule

from app.core.roles import Audience
from app.web.access import declared_audience
from tests.world import World


def address(world: World, rule: Rule) -> str:
    """A real address of the rule: the guest's ticket where a number is asked, so that "other people's" is what is tried."""
    known = {
        "number": world.guest_ticket,
        "match_id": 1,
        "token": world.guest_token,
        "request_id": world.request_id,
        "filename": "gatedesk.css",
    }
    known |= {
        "language": "en",
        "lang": "en",
        "format_name": "litellm",
        "slug": "mask-a-key",
        "batch_id": 1,
        "article_id": 1,
        "file_id": 1,
        "file_type": "csv",
    }
    known |= {"family": "rate", "client": "cursor", "flag_id": 1, "phrase_id": 1, "revision_id": 1}
    known |= {"dispute_id": 1, "approval_id": 1, "step_id": 1, "view_id": 1, "relation_id": 1, "kind": "reply", "line_id": 1, "link_id": 1}
    known |= {"week_name": "2026-W47", "note_id": 1, "run_id": 1, "picture": "0" * 32 + ".png", "quoted": world.request_id}
    missing = rule.arguments - known.keys()
    assert not missing, f"teach this test what {missing} of {rule.rule} may be"
    with world.app.test_request_context():
        return world.app.url_map.bind("localhost").build(rule.endpoint, {name: known[name] for name in rule.arguments})


def calls(world: World) -> Iterator[tuple[Rule, str, str, Audience]]:
    """Every (rule, method, address, audience) of the application."""
    for rule in world.app.url_map.iter_rules():
        audience = declared_audience(rule.endpoint)
        assert audience is not None
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PATCH"}):
            yield rule, method, address(world, rule), audience
