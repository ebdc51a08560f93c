"""`flask keys`: from the log, and from a gateway's own lists in files; nothing is quoted, no credentials in addresses."""

from __future__ import annotations

import json

from flask import Flask

from app.store import keys
from tests.conftest import NOW
from tests.log_records import a_record


def run(app: Flask, *words: str, fails: bool = False) -> str:
    result = app.test_cli_runner().invoke(args=["keys", *words])
    assert bool(result.exit_code) is fails, result.output
    return result.output


def test_the_whole_log_is_read_for_its_keys(app):
    app.extensions["log_store"].append("ndjson", [a_record("one", key_fingerprint="a" * 32, key_alias="ada")], [], NOW)
    assert run(app, "refresh", "--all") == "1 new keys\n"
    assert keys.by_fingerprint("a" * 32).alias == "ada"


def test_a_list_in_a_file_is_kept_with_its_teams(app, tmp_path):
    listed, teams = tmp_path / "keys.json", tmp_path / "teams.json"
    listed.write_text(json.dumps({"keys": [{"token": "b" * 64, "key_alias": "bob", "team_id": "t1"}]}))
    teams.write_text('[{"team_id": "t1", "team_alias": "search"}]')
    assert run(app, "snapshot", str(listed), "--format", "litellm", "--teams", str(teams)) == "1 keys, 1 of them new; 0 models\n"
    assert [(key.alias, key.group) for key in keys.search("bob").keys] == [("bob", "search")]


def test_what_is_no_list_is_refused_and_not_quoted(app, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<html>sk-never-shown</html>")
    said = run(app, "snapshot", str(page), "--format", "newapi", fails=True)
    assert "no list of keys" in said
    assert "never-shown" not in said
    assert "cannot be read" in run(app, "snapshot", str(tmp_path / "absent.json"), "--format", "newapi", fails=True)


def test_an_address_with_credentials_is_refused(app):
    said = run(app, "snapshot", "https://root:hunter2@gateway.example/key/list", "--format", "litellm", fails=True)
    assert "carries no credentials" in said
    assert "hunter2" not in said
