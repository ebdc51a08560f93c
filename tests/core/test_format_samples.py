"""Every sample in tests/samples becomes the records, and the refusals, that stand beside it; nothing planted survives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.core.body import Piece, split_body
from app.core.fields import BadLine, FieldCleaner, NotARequest
from app.core.format_detection import rank_formats
from app.core.format_preview import preview
from app.core.record import RedactedRecord
from app.store.formats import load_formats
from tests.conftest import PEPPER
from tests.redactor import REDACTOR

SAMPLES = Path(__file__).parent.parent / "samples"
FORMATS = load_formats(500_000)
PATHS = sorted(path for path in SAMPLES.glob("*/*") if path.suffix != ".md" and not path.name.endswith(".expected.json"))
OWN_TEST = {"litellm"}  # its samples are held to their records in test_adapter_litellm.py
EXPECTED = [path for path in PATHS if path.parent.name not in OWN_TEST]

VARYING = {"record_id", "key_fingerprint"}
DEFAULTS = {field.name: field.default for field in msgspec.structs.fields(RedactedRecord) if field.default is not msgspec.NODEFAULT}
PLANTED = ("PLANTED", "planted.example", "robin@", "203.0.113", "10.9.8.7", "gw.internal", "dep-inner", "inner-deployment")


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def pieces_of(path: Path) -> list[Piece]:
    return list(split_body(path.read_bytes()))


def read(path: Path) -> list[RedactedRecord | dict[str, Any]]:
    """What becomes of each line: a record, or why not."""
    log_format, clean = FORMATS[path.parent.name], FieldCleaner(REDACTOR, PEPPER)
    found: list[RedactedRecord | dict[str, Any]] = []
    for number, piece in pieces_of(path):
        for line in (piece,) if isinstance(piece, BadLine) else log_format.lines_of(piece):
            try:
                if isinstance(line, BadLine):
                    raise line
                found.append(log_format.parse(line, clean))
            except NotARequest as problem:
                found.append({"passed_over": problem.reason})
            except BadLine as problem:
                found.append({"line": number, "reason": problem.reason})
    return found


def told(record: RedactedRecord | dict[str, Any]) -> dict[str, Any]:
    """What a record says beyond its defaults, as JSON has it."""
    if isinstance(record, dict):
        return record
    fields = json.loads(msgspec.json.encode(msgspec.structs.asdict(record), enc_hook=str))
    plain_defaults = json.loads(msgspec.json.encode(DEFAULTS))
    return {name: value for name, value in fields.items() if name not in VARYING and value != plain_defaults.get(name, ...)}


@pytest.mark.parametrize("path", EXPECTED, ids=name_of)
def test_a_sample_becomes_its_expected_records(path: Path) -> None:
    assert [told(record) for record in read(path)] == json.loads(path.with_name(f"{path.name}.expected.json").read_text())


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_nothing_planted_in_a_sample_survives(path: Path) -> None:
    kept = repr(read(path))
    assert [planted for planted in PLANTED if planted in kept] == []


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_a_samples_format_is_found_out(path: Path) -> None:
    ranked = rank_formats(pieces_of(path), FORMATS, FieldCleaner(REDACTOR, PEPPER))
    assert ranked
    assert ranked[0].format == path.parent.name.replace("csv", "ndjson")


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_a_preview_accounts_for_every_line_and_shows_no_value(path: Path) -> None:
    records = read(path)
    seen = preview(pieces_of(path), FORMATS[path.parent.name], FieldCleaner(REDACTOR, PEPPER))
    assert seen.records + seen.passed_over + len(seen.rejects) == len(records)
    assert seen.records == sum(not isinstance(record, dict) for record in records)
    shown = repr(seen)
    assert "PLANTED" not in shown
    assert "search-prod" not in shown


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_reading_a_sample_again_gives_the_same_identities(path: Path) -> None:
    first, again = ([record.record_id for record in read(path) if isinstance(record, RedactedRecord)] for _ in range(2))
    assert first == again
    assert len(set(first)) == len(first) or FORMATS[path.parent.name].joins_traces


@pytest.mark.parametrize(("format_name", "table", "json_file"), [
    ("new_api", "export.csv", "consume-and-retries.json"),
    ("one_api", "export.csv", "consume.json"),
    ("litellm_spend", "table.csv", "rows.json"),
])  # fmt: skip
def test_the_same_row_from_a_table_and_from_json_is_one_record(format_name: str, table: str, json_file: str) -> None:
    from_table, from_json = (read(SAMPLES / format_name / name)[0] for name in (table, json_file))
    assert from_table == from_json
