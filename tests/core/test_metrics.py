"""Figures are what their definitions say, and say nothing when there is too little."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.desk_metrics import DeskFigures, by_class, desk_metrics
from app.core.metrics import Metric, MetricBook, add_up, differs, gateway_metrics, key_metrics, share
from app.core.record import Origin, Outcome
from app.core.rollups import Dimension, figures, roll_up
from app.core.waits import Waits
from app.store.rulebook import RULES_DIR, read_rules
from tests.log_records import START, a_record


def of(*records: object) -> dict[str, Metric]:
    """The figures of some records, by way of the roll-ups."""
    cells = roll_up(records)  # type: ignore[arg-type]
    return gateway_metrics(add_up(figures(packed) for cell, packed in cells.items() if cell.dimension is Dimension.ALL))


def test_success_leaves_out_what_the_client_gave_up() -> None:
    outcomes = [Outcome.OK] * 6 + [Outcome.ERROR, Outcome.PARTIAL, Outcome.CANCELLED]
    found = of(*(a_record(f"r-{n}", outcome=outcome) for n, outcome in enumerate(outcomes)))
    assert (found["success_rate"].value, found["success_rate"].n) == (6 / 8, 8)


def test_a_callers_mistake_is_no_failure_of_the_service() -> None:
    mistakes = [a_record(f"m-{n}", outcome=Outcome.ERROR, origin=Origin.USER, status_code=401) for n in range(3)]
    outage = a_record("o", outcome=Outcome.ERROR, origin=Origin.PROVIDER, status_code=503)
    found = of(*mistakes, outage, *(a_record(f"r-{n}") for n in range(9)))
    assert found["service_success_rate"].value == 9 / 10
    assert found["success_rate"].value == 9 / 13


def test_money_is_net_of_refunds() -> None:
    assert of(a_record("a", cost_micros=900), a_record("b", cost_micros=-300))["cost"].value == 600


def test_hours_add_up() -> None:
    found = of(*(a_record(f"r-{n}", started_at=START + n * 3_600_000, latency_ms=100) for n in range(7)))
    assert found["success_rate"].n == 7
    assert found["latency_mean"].value == 100


@pytest.mark.parametrize("cases", range(5))
def test_a_rate_of_few_cases_is_not_told(cases: int) -> None:
    assert share("success_rate", cases, cases).value is None


def test_nothing_has_no_figures() -> None:
    assert {
        metric.value for metric in of().values() if metric.id not in {"failures", "retries", "fallbacks", "charged_failures", "cost"}
    } == {None}


@given(st.integers(5, 400), st.integers(5, 400), st.data())
def test_a_change_means_something_only_when_chance_hardly_brings_it(n: int, m: int, data: st.DataObject) -> None:
    part, other = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    now, before = share("success_rate", part, n), share("success_rate", other, m)
    assert differs(now, before) == differs(before, now)
    assert not differs(now, now)


def test_a_collapse_means_something_and_a_wobble_does_not() -> None:
    assert differs(share("success_rate", 700, 1000), share("success_rate", 990, 1000))
    assert not differs(share("success_rate", 985, 1000), share("success_rate", 990, 1000))


def hours(*numbers: int) -> Waits:
    return Waits.of(number * 3_600_000_000 for number in numbers)


def test_the_desks_figures() -> None:
    counted = DeskFigures(
        by_cause={"key-invalid": 7},
        filed=7,
        first_waits=hours(1, 2, 3, 4, 5, 6),
        ever_solved=6,
        reopened=1,
        one_touch=3,
        solved=6,
        solve_waits=hours(2, 4, 6, 8, 10, 12),
        solved_with_article=3,
        confirmed=2,
        self_service={True: 3, False: 7},
    )
    found = {name: metric.value for name, metric in desk_metrics(counted).items()}
    assert found["first_response"] == 3.5 * 60
    assert found["resolution"] == 7 * 60
    assert found["reopen_rate"] == 1 / 6
    assert found["one_touch"] == 3 / 6
    assert found["self_service"] == 3 / 10
    assert found["link_rate"] == 3 / 6
    assert found["match_rate"] == 2 / 7


def test_tickets_are_classed_by_cause() -> None:
    found = by_class({"a": 2, "b": 3, "c": 4, None: 1}, {"a": "auth", "b": "auth", "c": "timeout"}, ("auth", "timeout", "other"))
    assert [(each.name, each.tickets) for each in found] == [("auth", 5), ("timeout", 4), ("other", 1)]
    assert found[0].causes == (("b", 3), ("a", 2))


def test_every_figure_is_explained_in_both_languages_and_no_other() -> None:
    rules = read_rules(RULES_DIR, "metrics")
    empty = DeskFigures()
    known = gateway_metrics(add_up(())).keys() | key_metrics(0, 0, 0, 0, 0).keys() | desk_metrics(empty).keys()
    assert set(rules["metric"]) == known
    for metric in rules["metric"]:
        book = MetricBook(rules)
        assert all(book.title(metric, language) and book.definition(metric, language) for language in ("en", "zh"))
        assert book.unit(metric) in {"share", "ms", "count", "money", "minutes", "number"}


def test_every_family_of_a_class_exists() -> None:
    families = tomllib.loads((RULES_DIR / "causes" / "families.toml").read_text(encoding="utf-8"))["family"]
    classes = read_rules(RULES_DIR, "metrics")["ticket_class"]
    assert {family for members in classes.values() for family in members} <= families.keys()
