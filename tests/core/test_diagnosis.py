"""From evidence to ranked causes: sums of signals, honest doubt, the next question."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.causes import CauseBook
from app.core.diagnosis import UNKNOWN, Diagnosis, diagnose
from app.core.evidence import Evidence
from app.core.key_ref import KeyRef
from app.settings import PROJECT_ROOT
from tests.cause_book import CAUSES
from tests.redactor import REDACTOR


def told(text: str = "", **facts: object) -> Diagnosis:
    return diagnose(Evidence(error_text=REDACTOR.clean(text), **facts), CAUSES)  # type: ignore[arg-type]


def cases(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (PROJECT_ROOT / "tests/cases" / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", ["documented.jsonl", "described.jsonl", "catalogues.jsonl"])
def test_every_case_is_told_as_its_cause(name: str) -> None:
    wrong = []
    for row in cases(name):
        top = told(
            str(row["text"]), client=row.get("client"), model=row.get("model"), status_code=row.get("status"), gateway=row.get("gateway")
        ).top
        if top.cause != row["cause"]:
            wrong.append((row["cause"], top.cause, row["text"]))
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("reported.jsonl", 0.9),
        ("reported-second.jsonl", 0.9),
        ("reported-third.jsonl", 0.9),
        ("reported-fourth.jsonl", 0.75),
        ("reported-fifth.jsonl", 0.85),
    ],
)
def test_of_collected_reports_most_are_told_and_a_sure_answer_is_right(name: str, share: float) -> None:
    rows = cases(name)
    answers = [
        told(str(row["text"]), client=row.get("client"), model=row.get("model"), status_code=row.get("status"), gateway=row.get("gateway"))
        for row in rows
    ]
    pairs = list(zip(rows, answers, strict=True))
    assert sum(answer.top.cause == row["cause"] for row, answer in pairs) >= share * len(rows)
    assert [
        (row["text"], answer.top.cause) for row, answer in pairs if answer.top.confidence >= 0.8 and answer.top.cause != row["cause"]
    ] == []


def test_the_cases_cover_every_cause_many_vendors_and_both_languages() -> None:
    rows = [*cases("documented.jsonl"), *cases("described.jsonl")]
    assert {row["cause"] for row in rows} == {cause.id for cause in CAUSES}
    assert len({row["vendor"] for row in rows if "vendor" in row}) >= 12
    assert len({row["client"] for row in rows if "client" in row}) >= 10
    assert sum(any("一" <= sign <= "鿿" for sign in str(row["text"])) for row in rows) >= 100


@given(
    text=st.one_of(st.text(max_size=120), st.sampled_from([str(row["text"]) for row in cases("documented.jsonl")])),
    status=st.sampled_from([None, 200, 400, 401, 402, 404, 429, 500, 504]),
)
def test_a_score_is_the_sum_of_its_signals_and_confidence_is_a_share(text: str, status: int | None) -> None:
    diagnosis = told(text, status_code=status)
    for score in diagnosis.causes:
        assert score.score == pytest.approx(sum(signal.weight for signal in score.signals))
        assert 0.0 <= score.confidence <= 1.0
    assert sum(score.confidence for score in diagnosis.causes) <= 1.0 + 1e-9
    assert 0.0 <= diagnosis.completeness <= 1.0


@given(st.text(max_size=200))
def test_every_reason_has_a_sentence_in_both_languages(text: str) -> None:
    assert all(signal.sentence["en"] and signal.sentence["zh"] for score in told(text, status_code=429).causes for signal in score.signals)


def test_causes_come_best_first() -> None:
    scores = [score.score for score in told("Rate limit reached", status_code=429).causes]
    assert scores == sorted(scores, reverse=True)


def test_nothing_said_is_unknown_and_asks_for_the_text_first() -> None:
    diagnosis = told()
    assert diagnosis.top.cause == UNKNOWN
    assert diagnosis.ask[0] in {"error_text", "status_code"}


@pytest.mark.parametrize("text", ["error", "出错了", "Something went wrong", "Network Problem"])
def test_a_text_that_fits_everything_is_unknown(text: str) -> None:
    assert told(text).top.cause == UNKNOWN


def test_a_vague_report_is_never_told_with_confidence() -> None:
    assert all(told(text, status_code=400).top.confidence < 0.8 for text in ("Bad Request", "invalid_request_error", "请求失败"))


def test_no_money_is_told_whatever_the_status() -> None:
    for status in (402, 403, 429, 400):
        assert told("insufficient balance, please recharge", status_code=status).top.cause == "balance-insufficient"


def test_a_429_that_names_missing_quota_is_not_a_rate_limit() -> None:
    diagnosis = told("You exceeded your current quota, please check your plan and billing details.", status_code=429)
    assert diagnosis.top.cause == "balance-insufficient"


def test_a_key_that_ends_like_a_variable_name_was_never_filled_in() -> None:
    assert told("Authentication Fails, Your api key: ****_KEY is invalid", status_code=401).top.cause == "key-missing-or-malformed"
    assert told("Authentication Fails, Your api key: ****9f3c is invalid", status_code=401).top.cause == "key-invalid"


def test_two_request_ids_mean_that_the_upstream_key_was_refused() -> None:
    once = "无效的令牌 (request id: 20260101aaaaaaaa1)"
    assert told(once, status_code=401).top.cause == "key-invalid"
    assert told(f"{once} (request id: 20260101bbbbbbbb2)", status_code=401).top.cause == "upstream-credential-failure"


def test_an_answer_from_a_vendor_nobody_called_means_the_wrong_address() -> None:
    text = "Incorrect API key provided: sk-ab***wxyz. You can find your API key at https://platform.openai.com/account/api-keys."
    assert told(text, status_code=401, gateway="OpenAI").top.cause == "key-invalid"
    assert told(text, status_code=401, gateway="DeepSeek").top.cause == "key-wrong-provider-or-base-url"


def test_a_well_known_model_that_does_not_exist_is_a_matter_of_permission() -> None:
    assert told("The model `gpt-4` does not exist", status_code=404, model="gpt-4").top.cause == "model-not-permitted"
    assert told("The model `gpt-4-turboo` does not exist", status_code=404, model="gpt-4-turboo").top.cause == "model-not-found"


def test_a_doubled_path_and_a_known_path_are_told_apart() -> None:
    assert told("Invalid URL (POST /v1/v1/chat/completions)", status_code=404).top.cause == "base-url-wrong"
    assert told("Invalid URL (POST /v1/responses)", status_code=404).top.cause == "endpoint-not-supported-by-model"


def test_a_request_larger_than_its_limit_is_told_and_explained() -> None:
    top = told("Request too large on tokens per min (TPM): Limit 30000, Requested 45211.", status_code=429).top
    assert top.cause == "rate-limit-tpm"
    assert any(signal.id == "rate-limit-tpm.requested-over-limit" for signal in top.signals)


def test_a_client_hint_about_keys_does_not_hide_the_connection() -> None:
    text = "出错了，如果没有配置 API 密钥，请前往设置 > 模型提供商中配置密钥 Error: Connection error."
    assert told(text, client="cherry-studio").top.cause == "network-tls-proxy-dns"


def test_a_charged_failure_is_a_dispute() -> None:
    assert "charged-but-failed" in [score.cause for score in told("任务超时", charged=True, status_code=504).causes[:2]]


def test_a_field_that_is_known_or_was_answered_with_unknown_is_not_asked() -> None:
    evidence = Evidence(error_text=REDACTOR.clean("401"), client="cursor", status_code=401, unknown=frozenset({"base_url"}))
    asked = diagnose(evidence, CAUSES).ask
    assert not {"client", "status_code", "error_text", "base_url"} & set(asked)


def test_a_sure_diagnosis_asks_only_for_what_its_cause_still_needs() -> None:
    diagnosis = told("Insufficient Balance", status_code=402)
    assert diagnosis.top.confidence >= 0.9
    assert set(diagnosis.ask) <= set(CAUSES["balance-insufficient"].required)


def test_completeness_counts_required_fields_and_answers_of_unknown() -> None:
    bare = diagnose(Evidence(error_text=REDACTOR.clean("无效的令牌"), status_code=401), CAUSES)
    fuller = diagnose(
        Evidence(
            error_text=REDACTOR.clean("无效的令牌"),
            status_code=401,
            client="curl",
            key=KeyRef("sk-", "9f3c"),
            unknown=frozenset({"base_url"}),
        ),
        CAUSES,
    )
    assert bare.completeness < fuller.completeness
    assert "key" in bare.missing
    assert "key" not in fuller.missing
    assert "base_url" not in fuller.missing


def test_a_book_without_causes_answers_unknown() -> None:
    assert diagnose(Evidence(), CauseBook({})).top.cause == UNKNOWN


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize("frame", ["{}", "Error {}", "HTTP {}", "请求失败 {}", "报错{}怎么办", "Request failed with status code {}"])
def test_a_status_that_hides_many_causes_is_not_guessed_from_but_asked_about(status: int, frame: str) -> None:
    for known in (status, None):
        diagnosis = told(frame.format(status), status_code=known)
        assert diagnosis.top.cause == "unknown"
        assert diagnosis.ask
        assert "status_code" not in diagnosis.ask


@pytest.mark.parametrize(
    ("fact", "text", "status", "cause"),
    [
        ({"via_proxy": True}, "It does not answer", None, "network-tls-proxy-dns"),
        ({"elapsed_seconds": 1.0}, "404", 404, "base-url-wrong"),
        ({"gateway": "own"}, "Error 429", 429, "upstream-saturated"),
        ({"request_type": "embedding"}, "404", 404, "endpoint-not-supported-by-model"),
    ],
)
def test_an_answer_speaks_for_the_cause_it_was_asked_for(fact: dict[str, object], text: str, status: int | None, cause: str) -> None:
    def share(**more: object) -> float:
        scores = told(text, status_code=status, **more).causes
        return next((score.confidence for score in scores if score.cause == cause), 0.0)

    assert share(**fact) > share()


def test_nothing_charged_speaks_against_a_charge() -> None:
    text, status = "504 Gateway Time-out while generating an image", 504

    def share(**fact: object) -> float:
        return next(
            (score.confidence for score in told(text, status_code=status, **fact).causes if score.cause == "charged-but-failed"), 0.0
        )

    assert share(charged=True) > share() > share(charged=False)
