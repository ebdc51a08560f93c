"""`flask logs`: files in, tokens out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from flask import Flask

SAMPLES = Path(__file__).parent.parent / "samples" / "litellm"
LINE = {"started_at": "2026-11-18T03:04:05Z", "status_code": 200}


def run(app: Flask, *arguments: str | Path) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["logs", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_file_is_imported_once_however_often(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "day.ndjson"
    path.write_text("".join(json.dumps(LINE | {"request_id": f"r{n}"}) + "\n" for n in range(5000)))
    code, output = run(app, "import", "--format", "ndjson", path)
    assert (code, "5000 accepted, 0 duplicate, 0 rejected" in output) == (0, True)
    assert "0 accepted, 5000 duplicate" in run(app, "import", "--format", "ndjson", path)[1]
    assert app.extensions["log_store"].count() == 5000


def test_packed_files_and_arrays_are_read_too(app: Flask, tmp_path: Path) -> None:
    packed = tmp_path / "day.ndjson.gz"
    packed.write_bytes(gzip.compress("".join(json.dumps(LINE | {"request_id": f"r{n}"}) + "\n" for n in range(30)).encode()))
    assert "30 accepted" in run(app, "import", "--format", "ndjson", packed)[1]
    assert "2 accepted" in run(app, "import", "--format", "litellm", SAMPLES / "retry-then-ok.json")[1]


def test_lines_that_are_not_taken_are_named_and_the_others_are_taken(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "day.ndjson"
    path.write_text(json.dumps(LINE | {"request_id": "a"}) + "\n{broken PLANTED\n")
    code, output = run(app, "import", "--format", "ndjson", path)
    assert code == 0
    assert "1 accepted, 0 duplicate, 1 rejected" in output
    assert "line 2: not JSON" in output
    assert "PLANTED" not in output


def test_a_file_of_another_kind_fails_the_command(app: Flask, tmp_path: Path) -> None:
    for name, content in (("a.gz", gzip.compress(b"x" * 99)[:-4]), ("empty", b""), ("words", b"hello\n")):
        (tmp_path / name).write_bytes(content)
        assert run(app, "import", "--format", "ndjson", tmp_path / name)[0] != 0


def test_a_token_is_made_listed_and_revoked(app: Flask) -> None:
    code, made = run(app, "tokens", "make", "main gateway")
    secret = next(line for line in made.splitlines() if line.startswith("gdi_"))
    assert code == 0
    listed = run(app, "tokens", "list")[1]
    assert "main gateway" in listed
    assert secret not in listed
    assert run(app, "tokens", "revoke", "1")[0] == 0
    assert "revoked" in run(app, "tokens", "list")[1]
    assert run(app, "tokens", "revoke", "1")[0] != 0


ALL_SAMPLES = SAMPLES.parent


def test_a_files_format_is_found_out_and_said(app: Flask) -> None:
    for name, accepted in (
        ("new_api/consume-and-retries.json", 4),
        ("one_api/export.csv", 1),
        ("litellm_spend/table.csv", 1),
        ("otlp/litellm-v2.json", 6),
    ):
        code, output = run(app, "import", ALL_SAMPLES / name)
        assert (code, f"format {name.partition('/')[0]}" in output, f"{accepted} accepted" in output) == (0, True, True), output


def test_a_file_of_no_known_format_is_refused_with_the_names(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('[{"PLANTED": 1}]')
    for command in ("import", "detect"):
        code, output = run(app, command, tmp_path / "other.json")
        assert code == 1
        assert "litellm, " in output
        assert "PLANTED" not in output
    assert run(app, "import", "--format", "morse", tmp_path / "other.json")[0] == 2


def test_detect_names_the_format_and_shows_fields_what_is_dropped_and_rejects_without_a_value(app: Flask) -> None:
    code, output = run(app, "detect", ALL_SAMPLES / "new_api" / "consume-and-retries.json")
    assert code == 0
    assert output.startswith("format: new_api")
    assert "of the first 7 lines: 4 records, 3 rejected" in output
    lines = [line.split() for line in output.splitlines()]
    assert ["key_alias", "text", "4×", "←", "token_name"] in lines
    assert ["ttft_ms", "number", "1×", "←", "other/frt"] in lines
    assert "line 5: type 1 is no request: a top-up" in output
    dropped = output.split("dropped")[1].split("rejected:")[0]
    for name in ("channel_name", "ip", "other/po", "other/model_ratio"):
        assert name in dropped
    for value in ("PLANTED", "search-prod", "gpt-4o", "robin", "203.0.113"):
        assert value not in output
    assert app.extensions["log_store"].count() == 0


def test_a_large_table_is_read_line_by_line(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.log_files.READ_AT_ONCE", 10)
    path = tmp_path / "day.csv"
    path.write_text("request_id,started_at,error_message\n" + "".join(f'r{n},2026-11-18T03:04:05Z,"two\nlines"\n' for n in range(3000)))
    assert "3000 accepted, 0 duplicate, 0 rejected" in run(app, "import", "--format", "csv", path)[1]


def test_pull_needs_an_address_and_a_token(app: Flask) -> None:
    code, output = run(app, "pull")
    assert (code, "GATEDESK_PULL_URL and GATEDESK_PULL_TOKEN must be set" in output) == (1, True)
