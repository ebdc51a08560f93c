"""Text made to hang or to swell the redactor: a quadratic step on these sizes would not finish."""

import random

import pytest

from tests.core.redaction_cases import kinds
from tests.core.redaction_cases.redactor import clean, redactor

MEGABYTE = 1_000_000
LONG = 200_000
BASE64 = kinds.run(random.Random(1), kinds.B64, MEGABYTE)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 5 * MEGABYTE,
        "[" * LONG,
        '{"a":' * (LONG // 5),
        '"content":[' * (LONG // 11),
        "data:image/png;base64," + BASE64,
        "@" * LONG,
        "a@" * (LONG // 2),
        "1.2." * (LONG // 4),
        "12:" * (LONG // 3),
        "\\" * LONG,
        "%25" * (LONG // 3),
        "eyJ" * (LONG // 3),
        "sk-" * (LONG // 3),
        "password " * (LONG // 9),
        "key=key=" * (LONG // 8),
        "://" * (LONG // 3),
        "a://b:" * (LONG // 6),
        "-----BEGIN PRIVATE KEY-----" * (LONG // 27),
        "1 " * (LONG // 2),
        "+1 " * (LONG // 3),
        "'" * LONG,
        "a\n" * (LONG // 2),
        "Ab3\n" * (LONG // 4),
        "\u200b" * LONG,
        "docker " * (LONG // 7),
        "$2b$12$" * (LONG // 7),
        "model=" * (LONG // 6),
        "密码" * (LONG // 2),
        "cookie: a=" * (LONG // 10),
        " " * LONG,
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
