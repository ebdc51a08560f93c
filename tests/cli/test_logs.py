"""`flask logs`: files in, tokens out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

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
