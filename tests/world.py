"""A small inhabited desk: one account per role, tickets, log records, an article, an ingest token."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from app.core.evidence import Evidence
from app.core.key_ref import KeyRef, fingerprint_of_key
from app.core.record import Origin, Outcome, RedactedRecord
from app.core.report import Report
from app.core.roles import Role
from app.operations import accounts, tickets, tokens
from app.store.models import User
from tests.conftest import NOW

KEY = "sk-" + "Zy8x" * 10 + "9f3c"


@dataclass
class World:
    """What the tests know by name."""

    app: Flask
    users: dict[Role, User] = field(default_factory=dict)
    own_ticket: int = 0  # filed by the user account
    guest_ticket: int = 0
    guest_token: str = ""
    request_id: str = "5f0c6d1e2b3a49788796a5b4c3d2e1f0"
    ingest_token: str = ""

    def client(self, role: Role | None) -> FlaskClient:
        """A browser: a stranger's, or one signed in with this role."""
        client = self.app.test_client()
        if role is not None:
            with client.session_transaction() as session:
                session["_user_id"] = self.users[role].get_id()
                session["_fresh"] = True
        return client


def inhabit(app: Flask) -> World:
    """Fill the application's stores."""
    world = World(app)
    app.config.update(CLOCK=lambda: NOW, WTF_CSRF_ENABLED=False)
    book, store = app.extensions["rulebook"], app.extensions["log_store"]
    for role in Role:
        world.users[role] = accounts.create_account(f"test-{role}", f"Test {role}", role, book.redactor, NOW)
    pepper = app.extensions["settings"].pepper
    store.append("litellm", [failed_record(world.request_id, fingerprint_of_key(pepper, KEY), book)], [], NOW)
    report = Report(rate_limit_evidence(world.request_id, book), book.redactor.clean("Since this morning."), "en", "UTC")
    world.own_ticket = tickets.open_ticket(report, world.users[Role.USER], book, store, NOW).ticket.id
    opened = tickets.open_ticket(report, None, book, store, NOW)
    world.guest_ticket, world.guest_token = opened.ticket.id, opened.token or ""
    world.ingest_token = tokens.make_token("test gateway", book.redactor, NOW, world.users[Role.OWNER])[1]
    return world


def rate_limit_evidence(request_id: str, book: object) -> Evidence:
    """A 429 as a user reports it."""
    clean = book.redactor.clean  # type: ignore[attr-defined]
    return Evidence(
        client="Cherry Studio",
        model="gpt-4o",
        status_code=429,
        error_text=clean(
            "Error code: 429 - {'error': {'message': 'Rate limit reached for gpt-4o on requests per min (RPM): Limit 3, Used 3, "
            "Requested 1. Please try again in 20s.', 'type': 'requests', 'code': 'rate_limit_exceeded'}}"
        ),
        key=KeyRef("sk-", "9f3c"),
        request_id=request_id,
        request_time=NOW - timedelta(minutes=4),
        tolerance_minutes=5,
    )


def failed_record(request_id: str, mark: str, book: object) -> RedactedRecord:
    """The log line of that failure."""
    return RedactedRecord(
        record_id="ab" * 16,
        request_id=request_id,
        action_id=request_id,
        source="litellm",
        started_at=int((NOW - timedelta(minutes=4)).timestamp() * 1000),
        latency_ms=312,
        request_type="chat",
        endpoint="/v1/chat/completions",
        client="CherryStudio/1.6.2",
        model_requested="gpt-4o",
        model_served="gpt-4o",
        provider="openai",
        status_code=429,
        outcome=Outcome.ERROR,
        origin=Origin.PROVIDER,
        error_code="429_RATE_LIMIT_EXCEEDED",
        error_message=book.redactor.clean("Rate limit reached for gpt-4o on requests per min (RPM): Limit 3, Used 3, Requested 1."),  # type: ignore[attr-defined]
        key_fingerprint=mark,
        key_alias="search-prod",
        owner="u-search",
        group="search-team",
        environment="production",
        charged=False,
    )
