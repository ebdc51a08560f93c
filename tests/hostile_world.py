"""Random raw records, tickets and what goes with them, hostile where it hurts: edges of hours, days and weeks, refunds, nulls, repeats."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from app.core.record import Origin, Outcome, RedactedRecord
from app.core.redacted_text import seal
from app.core.ticket import State
from app.store.database import db
from app.store.models import Article, ArticleCause, Change, Reply, SelfService, Ticket, TicketMatch, User
from app.store.models_articles import ArticleFlag, OutdatedPhrase
from app.store.models_claims import Approval, Dispute
from app.store.models_desk import HandOff
from app.store.models_guests import Satisfaction
from app.store.models_tallies import ShownAnswer
from tests.conftest import NOW
from tests.log_records import a_record

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)  # of the week under way
TICK = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)
EDGES = [MONDAY, MONDAY - timedelta(days=7), datetime(2026, 11, 18, 16, tzinfo=UTC), datetime(2026, 11, 19, 9, tzinfo=UTC), NOW]
HOURS = [int(edge.timestamp()) // 3600 + n for edge in EDGES for n in (-1, 0, 1)]
CAUSES = [None, "key-invalid", "charged-but-failed", "rate-limit-rpm", "no-such-cause"]
# (status, error code, the class that people expect)
FAILURES = [
    (401, None, "auth"),
    (402, None, "balance"),
    (429, None, "rate_limit"),
    (429, "insufficient_quota", "balance"),
    (404, None, "model_not_found"),
    (504, None, "timeout"),
    (500, "task_failed", "task_failed"),
    (500, None, "other"),
    (None, None, "other"),
]

moments = st.builds(
    lambda edge, minutes, tick: edge + timedelta(minutes=minutes) + tick,
    st.sampled_from(EDGES),
    st.sampled_from([0, -60, 60, -10, 10, -1, 1, -1440, 1440, -4321, 333]),
    st.sampled_from([timedelta(), TICK, -TICK]),
)
maybe_moment = st.none() | moments


@dataclass
class Raw:
    """What was put in, as plain values: the recomputation knows nothing else."""

    records: list[RedactedRecord] = field(default_factory=list)  # as they stand in the end, each once
    classes: dict[str, str] = field(default_factory=dict)  # record id → class of failures
    tickets: list[dict[str, Any]] = field(default_factory=list)
    replies: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    hand_offs: list[int] = field(default_factory=list)
    confirmed: set[int] = field(default_factory=set)
    ratings: dict[int, bool] = field(default_factory=dict)
    self_service: list[tuple[datetime, bool]] = field(default_factory=list)
    shown: dict[int, int] = field(default_factory=dict)
    articles: list[dict[str, Any]] = field(default_factory=list)
    flags: list[dict[str, Any]] = field(default_factory=list)
    phrases: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    approvals: list[dict[str, Any]] = field(default_factory=list)
    disputes: list[tuple[datetime, str]] = field(default_factory=list)


@st.composite
def batches(draw: st.DrawFn) -> tuple[list[RedactedRecord], dict[str, str]]:
    """Some records with their classes; kinds repeat, so that rates get past their least number of cases."""
    records, classes = [], {}
    for kind in range(draw(st.integers(0, 6))):
        for each in range(draw(st.sampled_from([1, 2, 6]))):
            name = f"r-{kind}-{each}"
            at = draw(moments)
            outcome = draw(st.sampled_from([Outcome.OK, Outcome.OK, Outcome.ERROR, Outcome.ERROR, Outcome.PARTIAL, Outcome.CANCELLED]))
            status, code, failure = draw(st.sampled_from(FAILURES)) if outcome is not Outcome.OK else (200, None, "")
            known = draw(
                st.sampled_from(
                    [{}, {"key_fingerprint": "a" * 32}, {"key_fingerprint": "b" * 32}, {"key_last4": "9f3c"}, {"key_alias": "x"}]
                )
            )
            record = a_record(
                name, started_at=round(at.timestamp() * 1000), outcome=outcome, status_code=status, error_code=code,
                origin=draw(st.sampled_from(list(Origin))), model_requested=draw(st.sampled_from([None, "", "m-1", "m-2"])),
                group=draw(st.sampled_from([None, "g"])), environment=draw(st.sampled_from([None, "prod"])),
                provider=draw(st.sampled_from([None, "openai"])), request_type=draw(st.sampled_from(["chat", "video"])),
                client=draw(st.sampled_from([None, "cursor/1.2"])), owner=draw(st.sampled_from([None, "u"])),
                latency_ms=draw(st.sampled_from([None, 0, 1, 90, 5000, 700_000])), ttft_ms=draw(st.sampled_from([None, 0, 40])),
                cost_micros=draw(st.sampled_from([None, 0, 7, 2_500_000, -2_000_000])), charged=draw(st.sampled_from([None, True, False])),
                stream=draw(st.sampled_from([None, True, False])), retries=draw(st.sampled_from([None, 0, 3])),
                fallback_from=draw(st.sampled_from([None, "m-0"])), prompt_tokens=draw(st.sampled_from([None, 11])), **known,
            )  # fmt: skip
            records.append(record)
            classes[record.record_id] = failure
    return records, classes


@st.composite
def desks(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Tickets with everything that happened to them, as plain values."""
    return [
        {
            "created_at": created,
            "first_replied_at": draw(st.none() | st.sampled_from([created, created + timedelta(minutes=37), created + timedelta(days=3)])),
            "solved_at": draw(st.none() | st.sampled_from([created + timedelta(minutes=5), created + timedelta(days=8)])),
            "state": draw(st.sampled_from(list(State))),
            "queue": draw(st.sampled_from(["support", "billing", "gone"])),
            "cause": draw(st.sampled_from(CAUSES)),
            "client": draw(st.sampled_from([None, "Cursor"])),
            "model": draw(st.sampled_from([None, "m-1"])),
            "status_code": draw(st.sampled_from([None, 429])),
            "error_text": draw(st.sampled_from([None, "x"])),
            "key_last4": draw(st.sampled_from([None, "9f3c"])),
            "key_fingerprint": draw(st.sampled_from([None, "a" * 32])),
            "request_time": draw(st.none() | st.just(created)),
            "told_facts": draw(st.sampled_from([None, {}, {"charged": False}, {"charged": True, "via_proxy": False}])),
            "next_due": draw(st.sampled_from([None, "2026-11-30"])),
            "assignee": draw(st.booleans()),
            "article": draw(st.booleans()),
            "replies": draw(st.lists(st.tuples(moments, st.booleans(), st.integers(0, 1), st.booleans()), max_size=3)),
            "changes": draw(st.lists(st.tuples(st.sampled_from(list(State)), st.sampled_from(list(State))), max_size=2)),
            "handed": draw(st.integers(0, 2)),
            "decision": draw(st.sampled_from([None, "confirmed", "rejected"])),
            "rating": draw(st.sampled_from([None, True, False])),
        }
        for created in draw(st.lists(moments, max_size=9))
    ]  # fmt: skip


extras = st.fixed_dictionaries(
    {
        "self_service": st.lists(st.tuples(moments, st.booleans()), max_size=8),
        "shown": st.dictionaries(st.sampled_from(HOURS), st.integers(1, 9), max_size=4),
        "articles": st.lists(
            st.fixed_dictionaries(
                {
                    "cause": st.sampled_from(["key-invalid", "rate-limit-rpm"]),
                    "published_at": maybe_moment,
                    "state": st.sampled_from(["published", "archived"]),
                    "owner": st.sampled_from([None, 0, 1]),
                    "backup": st.sampled_from([None, 0, 1]),
                    "from_ticket": st.booleans(),
                }
            ),
            max_size=3,
        ),
        "flags": st.lists(
            st.tuples(moments, maybe_moment, st.sampled_from(["outdated", "unclear"]), st.sampled_from(["fixed", "no_change"])), max_size=3
        ),
        "phrases": st.lists(st.tuples(moments, maybe_moment), max_size=2),
        "approvals": st.lists(st.tuples(moments, st.sampled_from([None, "approved", "rejected", "withdrawn"]), moments), max_size=7),
        "disputes": st.lists(st.tuples(moments, st.sampled_from(["charged_failed", "wrong_amount"])), max_size=3),
    }
)  # fmt: skip


def store_desk(raw: Raw, desk: list[dict[str, Any]], more: dict[str, Any], people: list[User]) -> None:
    """Put the desk's side into its tables."""
    articles = _store_articles(raw, more, people)
    for spec in desk:
        _store_ticket(raw, spec, articles, people)
    if desk and raw.tickets:
        for row, article in zip(articles, more["articles"], strict=True):
            row.source_ticket_id = raw.tickets[0]["id"] if article["from_ticket"] else None
            raw.articles[articles.index(row)]["converted"] = article["from_ticket"]
    raw.self_service = more["self_service"]
    db.session.add_all(SelfService(at=at, solved=solved, language="en") for at, solved in raw.self_service)
    raw.shown = more["shown"]
    db.session.add_all(ShownAnswer(hour=hour, shown=shown) for hour, shown in raw.shown.items())
    raw.phrases = more["phrases"]
    db.session.add_all(
        OutdatedPhrase(phrase=seal(f"p{n}"), reason=seal("x"), added_at=added, added_by_id=people[0].id, gone_at=gone)
        for n, (added, gone) in enumerate(raw.phrases)
    )
    _store_money(raw, more, people)
    db.session.commit()


def _store_ticket(raw: Raw, spec: dict[str, Any], articles: list[Article], people: list[User]) -> None:
    sealed = {name: seal(spec[name]) if spec[name] else None for name in ("client", "model", "error_text")}
    names = ("created_at", "first_replied_at", "solved_at", "state", "queue", "cause", "status_code", "key_last4", "key_fingerprint")
    plain = {name: spec[name] for name in names}
    ticket = Ticket(
        **plain, **sealed, updated_at=spec["created_at"], language="en", subject=seal("x"), tolerance_minutes=10, next_due=spec["next_due"],
        request_time=spec["request_time"], told_facts=spec["told_facts"], assignee_id=people[0].id if spec["assignee"] else None,
        article_id=articles[0].id if articles and spec["article"] else None,
    )  # fmt: skip
    db.session.add(ticket)
    db.session.flush()
    raw.tickets.append(spec | {"id": ticket.id, "article": ticket.article_id is not None})
    for at, by_staff, author, cites in spec["replies"]:
        cited = articles[0].id if articles and cites else None
        db.session.add(
            Reply(ticket_id=ticket.id, by_staff=by_staff, author_id=people[author].id, body=seal("x"), article_id=cited, created_at=at)
        )
        raw.replies.append(
            {"ticket": ticket.id, "cause": spec["cause"], "by_staff": by_staff, "author": author, "cites": cited is not None, "at": at}
        )
    for before, after in spec["changes"]:
        db.session.add(Change(ticket_id=ticket.id, what="state", before=before, after=after, created_at=NOW))
        raw.changes.append({"ticket": ticket.id, "before": before, "after": after})
    for _ in range(spec["handed"]):
        row = HandOff(ticket_id=ticket.id, from_id=people[0].id, to_id=people[1].id, queue="billing", tried=seal("x"), created_at=NOW)
        db.session.add(row)
        raw.hand_offs.append(ticket.id)
    if spec["decision"]:
        match = TicketMatch(ticket_id=ticket.id, record_id="0" * 32, request_id="r", rank=1, probability=0.5, signals=[], created_at=NOW)
        match.decision = spec["decision"]
        db.session.add(match)
        raw.confirmed |= {ticket.id} if spec["decision"] == "confirmed" else set()
    if spec["rating"] is not None:
        db.session.add(Satisfaction(ticket_id=ticket.id, good=spec["rating"], at=NOW, changed_at=NOW))
        raw.ratings[ticket.id] = spec["rating"]


def _store_articles(raw: Raw, more: dict[str, Any], people: list[User]) -> list[Article]:
    rows = []
    for number, spec in enumerate(more["articles"]):
        owner, backup = (None if spec[name] is None else people[spec[name]].id for name in ("owner", "backup"))
        row = Article(
            slug=f"a-{number}", language="en", kind="faq", title=seal("t"), summary=seal("s"), body=seal("b"), state=spec["state"],
            confidence="validated", audience="public", owner_id=owner, backup_owner_id=backup, created_at=NOW, updated_at=NOW,
            published_at=spec["published_at"], content_hash=str(number),
        )  # fmt: skip
        row.causes = [ArticleCause(cause=spec["cause"], position=0)]
        rows.append(row)
        raw.articles.append(spec | {"converted": False})
    db.session.add_all(rows)
    db.session.flush()
    for at, resolved, reason, outcome in more["flags"] if rows else []:
        db.session.add(
            ArticleFlag(article_id=rows[0].id, at=at, reason=reason, resolved_at=resolved, outcome=outcome if resolved else None)
        )
        raw.flags.append({"at": at, "resolved": resolved, "reason": reason, "outcome": outcome})
    return rows


def _store_money(raw: Raw, more: dict[str, Any], people: list[User]) -> None:
    for asked, decision, ended in more["approvals"]:
        expires = asked + timedelta(days=2)
        decided = ended if decision else None
        raw.approvals.append({"asked": asked, "decision": decision, "decided": decided, "expires": expires})
        row = Approval(asker_id=people[0].id, task=seal("x"), request_type="video", estimate_micros=5, asked_at=asked, expires_at=expires)
        row.decision, row.decided_at, row.decided_by_id = decision, decided, people[1].id if decision else None
        db.session.add(row)
    if raw.tickets:
        raw.disputes = more["disputes"]
        db.session.add_all(
            Dispute(ticket_id=raw.tickets[0]["id"], claim=claim, state="examined", claimed_at=at, examined_at=at)
            for at, claim in raw.disputes
        )


@dataclass(repr=False)
class Example:
    """One random world. Its repr would be longer than anybody reads."""

    first: Any
    late: Any
    undone: Any
    desk: Any
    more: Any


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """Two batches that stay, one that is taken out again, the desk."""
    return Example(draw(batches()), draw(batches()), draw(batches()), draw(desks()), draw(extras))
