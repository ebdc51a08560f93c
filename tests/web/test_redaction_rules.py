"""The rules the browser loads: public, cacheable by their hash, and no more than the browser needs."""

from __future__ import annotations

import gzip
from pathlib import Path

from flask import Flask

from app.core.key_ref import fingerprint
from app.core.roles import Role
from app.settings import PROJECT_ROOT
from tests.world import inhabit


def test_anybody_may_load_the_rules(app: Flask) -> None:
    answer = inhabit(app).client(None).get("/redaction-rules.json")
    assert answer.status_code == 200
    assert answer.json is not None
    assert {"id", "label", "heads", "find", "show", "check"} == set(answer.json["rules"][0])


def test_known_rules_are_not_sent_again(app: Flask) -> None:
    client = inhabit(app).client(None)
    tag = client.get("/redaction-rules.json").headers["ETag"]
    assert client.get("/redaction-rules.json", headers={"If-None-Match": tag}).status_code == 304


def test_under_their_hash_they_are_kept_for_ever_even_by_the_signed_in(app: Flask) -> None:
    world = inhabit(app)
    with app.test_request_context():
        where = app.jinja_env.globals["redaction_rules_url"]()  # type: ignore[operator]
    assert "immutable" in world.client(Role.AGENT).get(where).headers["Cache-Control"]
    assert where in world.client(None).get("/").text
    assert where in world.client(None).get("/report").text


def test_script_and_rules_are_small() -> None:
    assert len(gzip.compress((Path(PROJECT_ROOT) / "static/redact.js").read_bytes(), 9)) <= 3 * 1024


def test_a_hash_without_a_masked_key_counts_for_nothing(app: Flask) -> None:
    client = inhabit(app).client(None)
    mark = "ab" * 32
    masked = client.post("/report", data={"text": "401 for key sk-…9f3c", "key_hash": mark})
    bare = client.post("/report", data={"text": "401 Unauthorized", "key_hash": mark})
    wrong = client.post("/report", data={"text": "401 for key sk-…9f3c", "key_hash": "sk-not-a-hash"})
    print_ = fingerprint(app.extensions["settings"].pepper, mark)
    refs = [signed(app, answer.text) for answer in (masked, bare, wrong)]
    assert refs == [["sk-", "9f3c", print_], ["", None, None], ["sk-", "9f3c", None]]


def signed(app: Flask, page: str) -> list[str | None]:
    """The key's reference that the page carries on."""
    import re

    from itsdangerous import URLSafeSerializer

    value = re.search(r'name="key_ref"[^>]*value="([^"]*)"', page)
    assert value
    return list(URLSafeSerializer(app.extensions["settings"].secret_key, salt="key reference").loads(value[1]))
