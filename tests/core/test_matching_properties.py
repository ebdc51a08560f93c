"""What holds of every ranking, whatever the report and the records."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.key_ref import KeyRef
from app.core.log_context import MatchSignal
from app.core.matching import signal_sentences
from app.core.record import Outcome
from tests.matching import DATA, WEIGHTS, a_failure, a_report, ranked

TEXTS = (
    st.none() | st.sampled_from(["upstream request timeout", "余额不足 (request id: aaaaaaaaaaaaaaaaaaaa)", "x", ""]) | st.text(max_size=60)
)
MODEL_NAMES = st.none() | st.sampled_from(["gpt-4o", "4o mini", "claude sonnet 4.5", "可灵 v2", "?"])
STATUSES = st.none() | st.sampled_from([200, 401, 402, 403, 429, 500, 503, 504, 999])
TAILS = st.none() | st.text(string.ascii_letters + string.digits, min_size=4, max_size=4)
PRINTS = st.none() | st.sampled_from(["a" * 32, "b" * 32])
REPORTS = st.builds(
    lambda tail, prints, minutes, text, **fields: a_report(key=KeyRef("", tail, prints), minutes=minutes, error_text=text, **fields),
    tail=TAILS,
    prints=PRINTS,
    minutes=st.none() | st.floats(-2000, 2000),
    text=TEXTS,
    model=MODEL_NAMES,
    status_code=STATUSES,
    client=st.none() | st.sampled_from(["cherry-studio", "LobeChat", "my own script"]),
    request_id=st.none() | st.sampled_from(["r1", "zz"]),
    task_id=st.none() | st.just("task"),
    tolerance_minutes=st.integers(0, 500),
    stream=st.none() | st.booleans(),
)
RECORDS = st.lists(
    st.builds(
        lambda number, **fields: a_failure(f"r{number}", action_id=f"a{number // 2}", **fields),
        number=st.integers(0, 10_000),
        minutes=st.floats(-2000, 2000),
        error_message=TEXTS,
        model_requested=MODEL_NAMES,
        status_code=STATUSES,
        key_last4=TAILS,
        key_fingerprint=PRINTS,
        client=st.none() | st.sampled_from(["CherryStudio/1", "OpenAI/JS 5", "curl/8"]),
        outcome=st.sampled_from(list(Outcome)),
        stream=st.none() | st.booleans(),
        task_id=st.none() | st.just("task"),
    ),
    max_size=25,
    unique_by=lambda record: record.record_id,
)


@settings(max_examples=150, deadline=None)
@given(report=REPORTS, records=RECORDS)
def test_a_score_is_the_sum_of_its_signals_and_probabilities_never_exceed_one(report, records):
    ranking = ranked(report, records)
    assert ranking.candidates == len(records)
    assert 0 <= ranking.none_probability <= 1
    assert sum(match.probability for match in ranking.matches) + ranking.none_probability <= 1 + 1e-9
    assert [match.probability for match in ranking.matches] == sorted((match.probability for match in ranking.matches), reverse=True)
    for match in ranking.matches:
        assert match.score == pytest.approx(sum(signal.weight for signal in match.signals))
        assert all(sentence.strip() for language in ("en", "zh") for sentence in signal_sentences(match.signals, WEIGHTS, language))


@settings(max_examples=60, deadline=None)
@given(report=REPORTS, records=RECORDS, seed=st.integers(0, 99))
def test_the_order_in_which_records_come_does_not_matter(report, records, seed):
    shuffled = random.Random(seed).sample(records, len(records))
    first, second = ranked(report, records), ranked(report, shuffled)
    assert [match.record.action_id for match in first.matches] == [match.record.action_id for match in second.matches]
    assert first.none_probability == pytest.approx(second.none_probability)


@pytest.mark.parametrize("signal", WEIGHTS.levels)
def test_every_level_is_said_in_both_languages(signal):
    facts = {"seconds": 300, "hours": "+8", "model": "gpt-4o", "status": 429, "said": 402, "attempt": 2, "attempts": 3}
    english, chinese = (signal_sentences([MatchSignal(signal, 0.0, facts)], WEIGHTS, language) for language in ("en", "zh"))
    assert english[0].strip()
    assert chinese[0] != english[0] or english[0].isdecimal()


@pytest.mark.parametrize("field", [name for name in DATA["field"] if name not in {"time", "attempts", "search"}])
def test_within_a_field_better_agreement_never_weighs_less_by_the_file(field):
    levels = DATA["field"][field]
    assert all(0 < level["m"] <= 1 and 0 < level["u"] <= 1 for level in levels.values())
    if field != "outcome":
        first, *_, last = levels.values()
        assert first["m"] / first["u"] > last["m"] / last["u"]


def test_a_signal_whose_rule_is_gone_is_left_out():
    assert signal_sentences([MatchSignal("field.gone", 1.0), MatchSignal("model.same", 1.0)], WEIGHTS) == ["same model"]
