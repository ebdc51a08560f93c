"""What the redactor promises to everyone who calls it."""

import hashlib
import random

import pytest

from app.core.key_ref import fingerprint, fingerprint_of_key, parse_mask
from app.core.redacted_text import RedactedText
from app.core.redaction import masks_in
from tests.core.redaction_cases import kinds
from tests.core.redaction_cases.redactor import PEPPER, clean, redactor

RNG = random.Random(7)


def key() -> str:
    return f"sk-{kinds.mixed(RNG, 48)}"


def test_a_key_keeps_its_prefix_class_and_last_four_characters_only():
    secret = key()
    assert clean(f"my key {secret} fails") == f"my key sk-…{secret[-4:]} fails"


def test_a_key_is_known_again_by_its_fingerprint():
    secret = key()
    (found,) = redactor().redact(f"OPENAI_API_KEY={secret}").keys
    assert found.fingerprint == fingerprint_of_key(PEPPER, secret)
    assert found.mask == f"sk-…{secret[-4:]}"


@pytest.mark.parametrize(
    "text",
    ["key {}", "key:{}\u200b", '{{"api_key":"{}"}}', "Authorization: Bearer {}", "请看{}，谢谢", "https://x.example/?api_key={}&a=1"],
)
def test_the_fingerprint_is_of_the_key_alone_whatever_stands_around_it(text):
    secret = key()
    (found,) = redactor().redact(text.format(secret)).keys
    assert found.fingerprint == fingerprint_of_key(PEPPER, secret)


def test_a_disguised_key_has_the_fingerprint_of_the_key():
    secret = key()
    disguised = "".join(chr(ord(char) + 0xFEE0) for char in secret)
    broken = f"{secret[:20]}\n> {secret[20:40]}\n> {secret[40:]}"
    for spelling in (disguised, broken, secret.replace("-", "%2D"), "\u200b".join(secret)):
        (found,) = redactor().redact(f"密钥：{spelling}").keys
        assert found.fingerprint == fingerprint_of_key(PEPPER, secret)


def test_the_sha256_of_a_key_in_a_gateway_error_becomes_its_fingerprint():
    secret = key()
    sha256 = hashlib.sha256(secret.encode()).hexdigest()
    text = f"Received API Key = sk-...{secret[-4:]}, Key Hash (Token) ={sha256}. Unable to find token"
    redaction = redactor().redact(text)
    assert sha256 not in redaction.text
    assert [found.fingerprint for found in redaction.keys] == [fingerprint(PEPPER, sha256)]
    assert redaction.keys[0].fingerprint == fingerprint_of_key(PEPPER, secret)
    assert f"key:{fingerprint(PEPPER, sha256)[:8]}" in redaction.text


def test_a_short_secret_shows_no_tail():
    assert clean("api_key=Zx81Kq02") == "api_key=[hidden]"


@pytest.mark.parametrize("mask", ["sk-...9f3c", "sk-…9f3c", "sk-****9f3c", "****9f3c", "AIza****9f3c"])
def test_a_mask_stays_and_can_be_read_as_a_reference(mask):
    text = f"key {mask} is disabled"
    assert clean(text) == text
    assert [found.last4 for found in masks_in(text)] == ["9f3c"]


def test_masks_and_keys_made_by_the_redactor_are_read_back_alike():
    secret = key()
    (found,) = masks_in(clean(f"key {secret}"))
    assert found == parse_mask(f"sk-…{secret[-4:]}")


def test_findings_say_where_in_the_input_and_never_what():
    secret = key()
    text = f"前缀\u200b {secret} 后缀 mail anna.lopez@gmail.com"
    redaction = redactor().redact(text)
    places = [(found.rule, text[found.start : found.end]) for found in redaction.findings]
    assert places == [("sk-family", secret), ("email", "anna.lopez@gmail.com")]
    assert secret[3:-4] not in repr(redaction)
    assert "anna" not in repr(redaction)


def test_the_answer_is_of_the_type_that_may_be_stored():
    assert isinstance(redactor().redact("nothing here").text, RedactedText)
    assert isinstance(redactor().clean(f"key {key()}"), RedactedText)


def test_an_address_keeps_only_the_kind_of_its_house():
    assert clean("anna.lopez@gmail.com") == "***@gmail.com"
    assert clean("anna.lopez@brightwave.example") == "***@[company]"
    assert clean("anna.lopez@cs.tsinghua.edu.cn") == "***@[school]"


def test_network_addresses_are_cut():
    assert clean("from 203.0.113.77 and 2001:db8:f45b:1::77") == "from 203.0.113.x and 2001:db8:f45b:…"
    assert clean("listening on 127.0.0.1:3000 and [::1]:3000") == "listening on 127.0.0.1:3000 and [::1]:3000"


def test_a_private_key_goes_whole_even_when_its_end_is_missing():
    body = kinds.pem(RNG)
    text = f"-----BEGIN RSA PRIVATE KEY-----\n{body}"
    assert all(line not in clean(text + "\nerror: invalid_grant") for line in body.split("\n"))
    assert clean(text + "\nerror: invalid_grant").endswith("\nerror: invalid_grant")
    assert clean(text + "\n-----END RSA PRIVATE KEY-----\nok").endswith("-----END RSA PRIVATE KEY-----\nok")


def test_cookie_names_and_attributes_stay():
    value = kinds.cookie(RNG)
    assert clean(f"Set-Cookie: session={value}; Path=/; HttpOnly") == "Set-Cookie: session=[hidden]; Path=/; HttpOnly"


def test_text_with_nothing_to_hide_comes_back_as_it_was():
    text = "HTTP 429, retry-after: 20, request id: req_011C8AbM2yzK4gUOZd4ShNML, model gpt-4o-mini-2024-07-18"
    assert clean(text) == text
    assert redactor().redact(text).findings == ()
