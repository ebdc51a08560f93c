"""Which log record a report is about, how sure that is, and why."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.key_ref import KeyRef
from app.core.matching import Background, rank
from app.core.record import Outcome, RedactedRecord
from tests.matching import CLIENTS, FINGERPRINT, LIMIT, MODELS, WEIGHTS, a_failure, a_report, ranked, said, signal_ids, strangers

RID = "4f8dd85197487d6cc5fc1b2a3d4e5f60"
SATURATED = "当前分组上游负载已饱和，请稍后再试 (request id: {})"


def test_the_quoted_request_id_finds_the_record_whatever_else_is_wrong():
    wrong = a_report(request_id="call-1", status_code=503, model="qwen-max", client="curl", error_text=None, minutes=55)
    ranking = ranked(wrong, [a_failure(), *strangers()])
    assert ranking.matches[0].record.request_id == "call-1"
    assert ranking.matches[0].probability > 0.99
    assert said(ranking.matches[0])[0] == "same request id"


def test_the_reasons_are_the_sentences_beside_the_weights():
    report = a_report(key=KeyRef("sk-", "9f3c", FINGERPRINT), error_text=None, client=None)
    best = ranked(report, [a_failure(minutes=14 / 60), *strangers()]).matches[0]
    assert said(best) == ["same key fingerprint", "same model", "429", "14 s apart"]
    assert said(best, "zh") == ["密钥指纹相同", "模型相同", "429", "相差 14 秒"]


def test_without_a_key_the_one_record_alike_is_found():
    best = ranked(a_report(), [a_failure(minutes=1), *strangers()]).matches[0]
    assert best.record.request_id == "call-1"
    assert best.probability > 0.9


def test_among_equals_the_desk_does_not_pretend_to_know():
    alike = [a_failure(f"call-{n}", minutes=n / 10, key_fingerprint=f"{n:032x}") for n in range(6)]
    ranking = ranked(a_report(), [*alike, *strangers()])
    assert all(match.probability < 0.5 for match in ranking.matches)
    assert len(ranking.matches) >= 6


def test_the_key_tells_equals_apart():
    alike = [a_failure(f"call-{n}", minutes=n / 10, key_fingerprint=f"{n:032x}", key_last4=f"aa{n:02}") for n in range(6)]
    for key in (KeyRef("sk-", "aa03"), KeyRef(fingerprint=f"{3:032x}")):
        best = ranked(a_report(key=key), [*alike, *strangers()]).matches[0]
        assert best.record.request_id == "call-3"
        assert best.probability > 0.9


def test_an_ending_that_many_keys_share_says_less_than_a_rare_one():
    shared = [a_failure(f"call-{n}", minutes=n, key_fingerprint=f"{n:032x}", key_last4="aaaa") for n in range(10)]
    common = ranked(a_report(key=KeyRef("sk-", "aaaa")), [*shared, *strangers()]).matches[0]
    rare = ranked(a_report(key=KeyRef("sk-", "9f3c")), [a_failure(), *strangers()]).matches[0]
    weight = {match.record.request_id: {s.id: s.weight for s in match.signals}["key_tail.same"] for match in (common, rare)}
    assert weight["call-1"] > min(weight.values()) or common.record.request_id == "call-1"
    assert rare.probability > common.probability


def test_a_rare_model_says_more_than_a_common_one():
    crowd = [a_failure(f"call-{n}", minutes=n / 4, key_fingerprint=f"{n:032x}") for n in range(40)]
    common = ranked(a_report(error_text=None), crowd).matches[0]
    rare = ranked(a_report(error_text=None, model="kling-v2"), [a_failure("video", model_requested="kling-v2"), *crowd[1:]]).matches[0]
    weight = {"common": common, "rare": rare}
    bits = {name: next(s.weight for s in match.signals if s.id == "model.same") for name, match in weight.items()}
    assert bits["rare"] > bits["common"] + 2


def test_an_ending_with_its_characters_out_of_order_is_weak_agreement():
    best = ranked(a_report(key=KeyRef("sk-", "9fc3")), [a_failure(), *strangers()]).matches[0]
    assert "key_tail.slip" in signal_ids(best)
    assert best.probability > 0.5


def test_another_key_speaks_against_the_only_record_alike():
    with_key = ranked(a_report(key=KeyRef("sk-", "QQQQ", "a" * 32)), [a_failure(minutes=9), *strangers()])
    without = ranked(a_report(), [a_failure(minutes=9), *strangers()])
    assert with_key.matches[0].probability < without.matches[0].probability - 0.3
    assert "another key" in said(with_key.matches[0])


@pytest.mark.parametrize(("stated", "logged"), [(402, 429), (401, 403), (500, 503), (408, 504)])
def test_statuses_that_people_confuse_are_near_agreement(stated, logged):
    best = ranked(a_report(status_code=stated), [a_failure(status_code=logged), *strangers()]).matches[0]
    assert "status.kin" in signal_ids(best)
    assert f"{logged} instead of {stated}" in said(best)
    assert best.record.request_id == "call-1"


def test_a_success_is_not_what_a_ticket_is_about():
    ok = a_failure("fine", outcome=Outcome.OK, status_code=200, error_message=None)
    ranking = ranked(a_report(), [ok, *strangers()])
    assert ranking.none_probability > 0.5
    assert all(match.record.request_id != "fine" or match.probability < 0.1 for match in ranking.matches)


def test_a_slow_success_may_be_what_a_client_gave_up_on():
    slow = a_failure("late", outcome=Outcome.OK, status_code=200, error_message=None, latency_ms=80_000, minutes=-1)
    report = a_report(status_code=None, error_text="Request timed out.", key=KeyRef(fingerprint=FINGERPRINT))
    best = ranked(report, [slow, *strangers()]).matches[0]
    assert best.record.request_id == "late"
    assert "outcome.late_ok" in signal_ids(best)


def test_attempts_of_one_action_are_one_match_and_say_so():
    attempts = [a_failure(f"try-{n}", action_id="action", attempt=n, minutes=n / 60) for n in (1, 2, 3)]
    ranking = ranked(a_report(), [*attempts, *strangers()])
    assert [match.record.action_id for match in ranking.matches].count("action") == 1
    assert ranking.matches[0].probability > 0.9
    assert any("of 3 of one action" in reason for reason in said(ranking.matches[0]))


def test_an_id_in_the_error_text_is_worth_much_at_the_stated_time():
    record = a_failure(RID, error_message=SATURATED.format(RID))
    twin = a_failure("0" * 32, error_message=SATURATED.format("0" * 32))
    best = ranked(a_report(error_text=SATURATED.format(RID)), [record, twin, *strangers()]).matches[0]
    assert best.record.request_id == RID
    assert best.probability > 0.99


def test_a_providers_id_that_both_texts_quote_is_as_good_as_ours():
    text = "AnthropicException - overloaded (request id: req_011CSHoEeqs5C35K2UUqR7Fy)"
    records = [a_failure("ours", error_message=text), a_failure("twin", error_message=text.replace("R7Fy", "R7Fz")), *strangers()]
    for report in (a_report(error_text=text), a_report(error_text=None, request_id="req_011CSHoEeqs5C35K2UUqR7Fy")):
        best = ranked(report, records).matches[0]
        assert (best.record.request_id, best.probability > 0.9) == ("ours", True)


def test_a_text_that_names_another_request_speaks_against_a_record():
    record = a_failure(RID, error_message=SATURATED.format(RID))
    ranking = ranked(a_report(error_text=SATURATED.format("ab" * 16)), [record, *strangers()])
    assert ranking.matches == () or ranking.matches[0].probability < 0.5


def test_a_text_cut_off_within_its_id_still_tells_twins_apart():
    twins = [a_failure(f"{n:x}" * 32, error_message=SATURATED.format(f"{n:x}" * 32)) for n in range(10, 16)]
    best = ranked(a_report(error_text=SATURATED.format("c" * 32)[:-20]), [*twins, *strangers()]).matches[0]
    assert best.record.request_id == "c" * 32
    assert best.probability > 0.9


def test_a_text_quoted_from_days_ago_is_believed_under_the_same_key_only():
    record = a_failure(RID, error_message=SATURATED.format(RID), minutes=-4 * 1440)
    own = a_report(error_text=SATURATED.format(RID), key=KeyRef("sk-", "9f3c", FINGERPRINT))
    stranger = a_report(error_text=SATURATED.format(RID), key=KeyRef("sk-", "QQQQ", "a" * 32))
    assert ranked(own, [record, *strangers()]).matches[0].probability > 0.9
    assert all(match.probability < 0.5 for match in ranked(stranger, [record, *strangers()]).matches)


def test_the_figures_in_a_text_tell_equals_apart():
    text = "预扣费额度失败, 用户剩余额度: {}, 需要预扣费额度: {}"
    twins = [a_failure(f"call-{n}", error_message=text.format(f"1.{n}234", f"7.{n}000"), status_code=403) for n in range(8)]
    best = ranked(a_report(error_text=text.format("1.5234", "7.5000"), status_code=403), [*twins, *strangers()]).matches[0]
    assert best.record.request_id == "call-5"
    assert best.probability > 0.9


def test_without_a_time_the_key_and_the_error_decide():
    report = a_report(minutes=None, key=KeyRef("sk-", "9f3c", FINGERPRINT))
    best = ranked(report, [a_failure(minutes=-3000), *strangers()]).matches[0]
    assert best.record.request_id == "call-1"
    assert best.probability > 0.9
    assert not any(signal.id.startswith("time.") for signal in best.signals)


def test_a_time_of_another_zone_is_a_hypothesis_that_is_said():
    report = a_report(minutes=8 * 60, key=KeyRef("sk-", "9f3c", FINGERPRINT))
    best = ranked(report, [a_failure(minutes=2), *strangers()]).matches[0]
    assert best.record.request_id == "call-1"
    assert best.probability > 0.5
    assert "2 min apart after a shift of -8 h: another time zone?" in said(best)


def test_no_candidates_means_no_log_line():
    ranking = ranked(a_report(), [])
    assert (ranking.matches, ranking.none_probability) == ((), 1.0)


def test_strangers_alone_mean_no_log_line():
    ranking = ranked(a_report(), strangers())
    assert ranking.none_probability > 0.9


def test_the_wording_around_an_error_does_not_matter():
    for wrapped in (f"openai.RateLimitError: Error code: 429 - {LIMIT}", f"请求失败: {LIMIT[:40]}", f"[Cherry Studio] 报错 {LIMIT}"):
        best = ranked(a_report(error_text=wrapped), [a_failure(), *strangers()]).matches[0]
        assert "text.verbatim" in signal_ids(best)


def test_a_client_of_another_program_speaks_against_a_record_and_a_shared_agent_does_not():
    cherry = a_failure("cherry")
    shared = a_failure("shared", client="OpenAI/JS 5.20.0", key_fingerprint="b" * 32)
    best = ranked(a_report(client="LobeChat"), [cherry, shared, *strangers()]).matches[0]
    assert best.record.request_id == "shared"
    assert "client.shared" in signal_ids(best)


def crowd(count: int, **changes: Any) -> list[RedactedRecord]:
    """Failures like the reported one, of other people."""
    return [
        a_failure(f"crowd-{n}", minutes=n % 30 - 15, key_fingerprint=f"{n:032x}", key_last4=f"{n:04d}", **changes) for n in range(count)
    ]


def test_a_search_that_took_the_most_alike_does_not_make_likeness_look_usual():
    alike, key = crowd(60), KeyRef("sk-", "9f3c")
    taken = [a_failure(minutes=1), *alike]
    others = Background(tuple(strangers(50)), total=2000)
    with_others = rank(a_report(key=key, status_code=None), taken, WEIGHTS, CLIENTS, MODELS, background=others).matches[0]
    weights = {signal.id: signal.weight for signal in with_others.signals}
    alone = {signal.id: signal.weight for signal in ranked(a_report(key=key, status_code=None), taken).matches[0].signals}
    assert with_others.record.request_id == "call-1"
    assert weights["model.same"] > alone["model.same"] + 2


def test_records_like_the_best_that_were_left_out_lower_its_probability():
    best = a_failure("best")
    few, many = (Background(tuple(crowd(40, started_at=best.started_at)), total=total) for total in (41, 200))
    told = [rank(a_report(), [best], WEIGHTS, CLIENTS, MODELS, background=background) for background in (few, many)]
    assert told[1].matches[0].probability < told[0].matches[0].probability
    assert told[1].none_probability > told[0].none_probability


def test_a_search_that_left_out_records_as_good_says_what_to_ask_for():
    best = rank(a_report(), [a_failure(), *strangers()], WEIGHTS, CLIENTS, MODELS, capped=True).matches[0]
    assert said(best)[-1].endswith("ask for the key's ending or the request id")
    assert "search.capped" not in signal_ids(ranked(a_report(), [a_failure(), *strangers()]).matches[0])


def test_an_action_is_as_likely_as_its_attempts_together():
    twice = [a_failure(f"try-{n}", action_id="twice", attempt=n, key_last4="aaaa", key_fingerprint="a" * 32) for n in (1, 2)]
    once = a_failure("once", key_last4="bbbb", key_fingerprint="b" * 32)
    first, second = ranked(a_report(), [once, *twice, *strangers()]).matches[:2]
    assert first.record.action_id == "twice"
    assert first.probability == pytest.approx(2 * second.probability)
    assert first.score == pytest.approx(sum(signal.weight for signal in first.signals))


@pytest.mark.parametrize("tag", ["[Codex CLI] 429 ", "【codex】"])
def test_a_tag_at_the_head_of_the_text_names_the_client_where_the_report_does_not(tag):
    tagged = a_report(client=None, error_text=f"{tag}{LIMIT}")
    twins = [a_failure("other", client="Cursor/1.7"), a_failure("own", client="codex_cli_rs/0.46.0")]
    best = ranked(tagged, [*twins, *strangers()]).matches[0]
    assert best.record.request_id == "own"
    assert "client.same" in signal_ids(best)
