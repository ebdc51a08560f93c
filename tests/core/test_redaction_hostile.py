"""Text made to hang or to swell the redactor: a quadratic step on these sizes would not finish."""

import random

import pytest

from tests.core.redaction_cases import kinds
from tests.core.redaction_cases.redactor import clean, redactor

MEGABYTE = 1_000_000
BASE64 = kinds.run(random.Random(1), kinds.B64, MEGABYTE)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 5 * MEGABYTE,
        "[" * MEGABYTE,
        '{"a":' * (MEGABYTE // 5),
        '"content":[' * (MEGABYTE // 11),
        "data:image/png;base64," + BASE64,
        "@" * MEGABYTE,
        "a@" * (MEGABYTE // 2),
        "1.2." * (MEGABYTE // 4),
        "12:" * (MEGABYTE // 3),
        "\\" * MEGABYTE,
        "%25" * (MEGABYTE // 3),
        "eyJ" * (MEGABYTE // 3),
        "sk-" * (MEGABYTE // 3),
        "password " * (MEGABYTE // 9),
        "key=key=" * (MEGABYTE // 8),
        "://" * (MEGABYTE // 3),
        "a://b:" * (MEGABYTE // 6),
        "-----BEGIN PRIVATE KEY-----" * (MEGABYTE // 27),
        "1 " * (MEGABYTE // 2),
        "+1 " * (MEGABYTE // 3),
        "'" * MEGABYTE,
        "a\n" * (MEGABYTE // 2),
        "Ab3\n" * (MEGABYTE // 4),
        "\u200b" * MEGABYTE,
        "docker " * (MEGABYTE // 7),
        "$2b$12$" * (MEGABYTE // 7),
        "model=" * (MEGABYTE // 6),
        "密码" * (MEGABYTE // 2),
        "cookie: a=" * (MEGABYTE // 10),
        " " * MEGABYTE,
    ],
    ids=lambda text: text[:12].encode("unicode_escape").decode(),
)
def test_a_long_hostile_text_is_done_and_settled(text):
    redaction = redactor().redact(text)
    assert len(redaction.text) <= len(text) + 32 * len(redaction.findings)


def test_a_secret_at_the_end_of_a_very_long_line_is_found():
    secret = f"sk-{kinds.mixed(random.Random(5), 48)}"
    assert secret[8:-4] not in clean("a" * MEGABYTE + " " + secret)


def test_a_secret_behind_nested_brackets_is_found():
    secret = f"sk-{kinds.mixed(random.Random(5), 48)}"
    assert secret[8:-4] not in clean("[{" * 50_000 + f'"api_key":"{secret}"')


def test_base64_of_an_image_stays():
    text = f"screenshot: data:image/png;base64,{BASE64[:200_000]} end"
    assert clean(text) == text


def test_many_short_strings_swell_the_text_only_within_the_bound():
    text = '{"model":"m","input":[' + ",".join(['"a"'] * 2000) + "]}"
    assert len(clean(text)) <= 8 * len(text)
