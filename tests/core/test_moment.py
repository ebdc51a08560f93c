"""Times as people and logs write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.moment import read_moment

SHANGHAI = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 20, 16, 30, tzinfo=SHANGHAI)  # 08:30 UTC


@pytest.mark.parametrize(
    ("text", "utc", "tolerance"),
    [
        ("2026-11-20T07:05:09.123Z error", "2026-11-20T07:05:09", 5),
        ("2026-11-20 15:05:09,123 - ERROR", "2026-11-20T07:05:09", 5),
        ("2026/11/20 15:05", "2026-11-20T07:05:00", 10),
        ("[GIN] 2026/11/20 - 15:05:27 | 429", "2026-11-20T07:05:27", 5),
        ("2026-11-20T09:05:09+02:00", "2026-11-20T07:05:09", 5),
        ("2026年11月20日 15:05 报错", "2026-11-20T07:05:00", 10),
        ("11月20日15:05开始报错", "2026-11-20T07:05:00", 10),
        ("date: Fri, 20 Nov 2026 07:05:09 GMT", "2026-11-20T07:05:09", 5),
        ('10.0.0.1 - [20/Nov/2026:15:05:09 +0800] "POST /v1"', "2026-11-20T07:05:09", 5),
        ("Nov 20, 2026, 3:05 PM", "2026-11-20T07:05:00", 10),
        ('{"created": 1795158309}', "2026-11-20T07:05:09", 5),
        ("昨天下午3点", "2026-11-19T07:00:00", 40),
        ("昨天下午三点半左右", "2026-11-19T07:30:00", 30),
        ("今天 14:05 开始", "2026-11-20T06:05:00", 10),
        ("today 14:05", "2026-11-20T06:05:00", 10),
        ("yesterday around 3 pm", "2026-11-19T07:00:00", 40),
        ("around 14:05 today", "2026-11-20T06:05:00", 30),
        ("晚上9点", "2026-11-19T13:00:00", 40),
        ("at 23:10", "2026-11-19T15:10:00", 10),
        ("at 9:10 am UTC yesterday", "2026-11-19T09:10:00", 10),
        ("10分钟前", "2026-11-20T08:20:00", 10),
        ("半小时前", "2026-11-20T08:00:00", 10),
        ("2 hours ago", "2026-11-20T06:30:00", 40),
        ("昨天下午一直报错", "2026-11-19T07:00:00", 180),
        ("this morning", "2026-11-20T01:00:00", 180),
        ("刚才还好好的", "2026-11-20T08:30:00", 15),
        ("11月18号", "2026-11-18T04:00:00", 720),
        ("11月18日下午3点20分", "2026-11-18T07:20:00", 10),
        ("昨天 15:05 左右", "2026-11-19T07:05:00", 30),
        ("昨天一直不行", "2026-11-19T04:00:00", 720),
        ("北京时间 2026-11-20 15:05:00", "2026-11-20T07:05:00", 5),
    ],
)
def test_a_written_time_is_read(text, utc, tolerance):
    moment = read_moment(text, NOW)
    assert moment is not None
    assert (moment.at.replace(tzinfo=None).isoformat(), moment.tolerance_minutes) == (utc, tolerance)
    assert moment.at.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "Error code: 429",
        "Key Expiry time 2025-01-01 00:00:00+00:00",
        "Key Expiry time 2026-11-04",
        "resetAt: 2026-11-21T00:00:00Z",
        "gpt-4o-2024-08-06 does not exist",
        "request id: 2024052310260941388718971918754",
        "Limit 500, Used 500, Requested 1. Please try again in 20s.",
        "Retrying (attempt 5/10)",
        "2026-13-45 99:99:99",
        "",
    ],
)
def test_what_is_no_time_of_failure_is_left_alone(text):
    assert read_moment(text, NOW) is None


def test_of_several_log_times_the_latest_past_one_counts():
    moment = read_moment("2026-11-20 15:00:01 start\n2026-11-20 15:01:02 failed\nnext try 2026-11-22 00:00:00", NOW)
    assert moment.at == datetime(2026, 11, 20, 7, 1, 2, tzinfo=UTC)


@given(st.text(alphabet=st.sampled_from("0123456789:-/ TZ+年月日点分上下午今昨天前ago pm,.\n"), max_size=80))
def test_no_text_breaks_the_reader(text):
    moment = read_moment(text, NOW)
    assert moment is None or moment.at.tzinfo is UTC
