"""The log counted by key is what the log says now, on every engine, whatever came late or was taken back."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import delete

from app.core.desk_metrics import Evidence
from app.core.key_slots import Tries
from app.core.key_tally import Side
from app.core.record import Origin, Outcome, RedactedRecord
from app.core.redacted_text import seal
from app.core.review import keep, recall
from app.core.week import Week
from app.operations.key_tallies import tally_keys
from app.operations.week_facts import week_facts
from app.store import key_tallies
from app.store.database import db
from app.store.desk_figures import desk_figures
from app.store.key_slots import counted
from app.store.models import Ticket
from app.store.models_tallies import TallySlot
from tests.conftest import NOW
from tests.log_records import START, a_record

SPAN = (NOW - timedelta(days=1), NOW + timedelta(days=1))
MINUTE = 60_000


def failed(name: str, minutes: int = 0, key: str | None = "web") -> RedactedRecord:
    facts = {"outcome": Outcome.ERROR, "status_code": 429, "origin": Origin.PROVIDER, "key_alias": key, "model_requested": "m"}
    return a_record(name, started_at=START + minutes * MINUTE, **facts)


def test_an_hour_is_counted_again_when_the_log_has_other_requests(app: Flask) -> None:
    store = app.extensions["log_store"]
    store.append("ndjson", [failed("a"), failed("b", key="batch"), failed("c", key=None)], [], NOW)
    assert tally_keys(store, NOW) == 1
    assert tally_keys(store, NOW) == 0
    assert counted(*SPAN).failing() == 2
    late = store.append("ndjson", [failed("d", key="third")], [], NOW)
    tally_keys(store, NOW)
    assert counted(*SPAN).keys_behind("failure") == {"rate_limit": 3}
    store.rollback(late.batch_id)
    tally_keys(store, NOW)
    assert counted(*SPAN).by_side() == {Side.QUOTA: (3, 2)}
    assert counted(*SPAN).keys_behind("model") == {"m": 2}


def test_a_try_after_a_failure_may_come_in_the_next_hour(app: Flask) -> None:
    store = app.extensions["log_store"]  # START is half past the hour
    store.append(
        "ndjson",
        [failed("a", 29), failed("b", 31), a_record("c", started_at=START + 42 * MINUTE, key_alias="web", model_requested="m")],
        [],
        NOW,
    )
    tally_keys(store, NOW)
    assert counted(*SPAN).tries() == Tries(1, 1)
    store.append("ndjson", [failed("earlier", 24)], [], NOW)
    tally_keys(store, NOW)
    assert counted(*SPAN).tries() == Tries(2, 2)


def test_hours_an_earlier_release_counted_get_their_slots(app: Flask) -> None:
    store = app.extensions["log_store"]
    records = [failed("a"), failed("b", 40, key="batch"), failed("c", key=None), a_record("y", key_alias="film", cost_micros=-300)]
    store.append("ndjson", records, [], NOW)
    tally_keys(store, NOW)
    before = counted(*SPAN)
    db.session.execute(delete(TallySlot))
    db.session.commit()
    assert counted(*SPAN).requests() == 0
    tally_keys(store, NOW)
    assert counted(*SPAN) == before
    db.session.execute(delete(TallySlot).where(TallySlot.level == 1))  # days go and come
    assert counted(*SPAN) == before


def test_money_is_told_by_key_net_of_refunds(app: Flask) -> None:
    store = app.extensions["log_store"]
    store.append("ndjson", [a_record("x", key_alias="film", cost_micros=900), a_record("y", key_alias="film", cost_micros=-300)], [], NOW)
    tally_keys(store, NOW)
    [film] = key_tallies.costliest(counted(*SPAN).costs(), 5)
    assert film.cost_micros == 600


def test_a_told_fact_that_is_no_counts_as_told(app: Flask) -> None:
    facts = {"created_at": NOW, "updated_at": NOW, "language": "en", "state": "new", "subject": seal("x"), "tolerance_minutes": 5}
    db.session.add_all(Ticket(cause="c", told_facts=told, **facts) for told in ({"charged": False}, {}, None))
    db.session.commit()
    assert desk_figures(*SPAN, {"c": ("charged", "model", "unheard-of")}).evidence == Evidence(6, 1)


def test_a_week_survives_being_kept(app: Flask) -> None:
    store = app.extensions["log_store"]
    store.append("ndjson", [failed(f"f-{n}", n) for n in range(9)], [], NOW)
    tally_keys(store, NOW)
    facts = week_facts(Week.of(NOW), app.extensions["rulebook"], store, NOW)
    assert recall(keep(facts)) == facts
    assert next(each for each in facts.failures if each.name == "rate_limit").keys == 1
    assert [(each.name, each.now) for each in facts.tried_again] == [("m", 8)]
