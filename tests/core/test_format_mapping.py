"""A mapping file makes a format without Python: units, value maps, alternatives; and its mistakes are named."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.core.adapters.declared import BadMapping, Mapping, parse_line, read_mapping
from app.core.adapters.declared.proof import check_mapping
from app.core.fields import BadLine, FieldCleaner
from app.core.format_detection import rank_formats
from app.core.record import Outcome, RedactedRecord
from app.store.formats import load_formats, read_mappings
from tests.conftest import PEPPER
from tests.redactor import REDACTOR

MAPPINGS = list(read_mappings())
BASE = """
name = "acme"
about = "Acme's log."
setting = "Nothing."
signs = ["rid", "at"]
dropped = ["prompt"]

[fields]
request_id = "rid"
started_at = { from = "at", unit = "s" }
latency_ms = { from = "took", unit = "us" }
cost = { from = "price", unit = "cents" }
status_code = "meta/status"
outcome = [{ from = "end", if_status = [200, 299], values = { cut = "partial" } }, { from = "end", contains = [["left", "cancelled"]] }]
model_requested = ["models/*/asked", "model"]
stream = { from = "sse", values = { 1 = true, 0 = false } }
retries = { from = "tries", unit = "entries after the first" }
request_type = { from = "route", unit = "route" }
group = { from = "kind", values = { a = "alpha" }, otherwise = "rest" }

[[hit]]
line = '{"rid": "r-1", "at": 1790000000.25, "kind": "a", "prompt": "PLANTED words"}'
record = { request_id = "r-1", started_at = 1790000000250, request_type = "other", group = "alpha" }

[[miss]]
line = '{"rid": "r-1"}'
reason = "started_at is missing or not a time of this century"
"""


def mapping(changes: str = "", without: str = "") -> Mapping:
    return read_mapping(tomllib.loads(BASE.replace(without or "\0", changes)), "acme.toml")


def cleaner() -> FieldCleaner:
    return FieldCleaner(REDACTOR, PEPPER)


def parsed(**line: Any) -> RedactedRecord:
    return parse_line(json.dumps({"rid": "r-1", "at": 1_790_000_000} | line).encode(), cleaner(), mapping())


@pytest.mark.parametrize("declared", MAPPINGS, ids=lambda declared: declared.name)
def test_every_mapping_is_proved_by_its_examples(declared: Mapping) -> None:
    assert check_mapping(declared, cleaner()) == []
    assert declared.dropped


def test_units_become_the_desks() -> None:
    record = parsed(took=1_500_000, price=2.5, tries=[{}, {}, {}], sse=1)
    assert (record.latency_ms, record.cost_micros, record.retries, record.stream) == (1500, 25_000, 2, True)


def test_values_are_found_below_any_key_inside_text_and_by_alternatives() -> None:
    assert parsed(models={"x": {}, "y": {"asked": "gpt-4o"}}).model_requested == "gpt-4o"
    assert parsed(models='{"y": {"asked": "gpt-4o"}}').model_requested == "gpt-4o"
    assert parsed(model="gpt-5").model_requested == "gpt-5"


def test_a_rule_can_depend_on_the_status() -> None:
    assert parsed(end="cut", meta={"status": 200}).outcome is Outcome.PARTIAL
    assert parsed(end="cut", meta={"status": 502}).outcome is Outcome.ERROR
    assert parsed(end="has left").outcome is Outcome.CANCELLED
    assert parsed(route="/v1/embeddings").request_type == "embedding"
    assert parsed(kind="z").group == "rest"


def test_values_of_odd_types_cost_only_themselves() -> None:
    record = parsed(took={"a": 1}, price=[2], meta=7, end=None, models=[1], sse=[], tries="x", route=5, kind={})
    assert (record.request_id, record.latency_ms, record.cost_micros, record.status_code) == ("r-1", None, None, None)


def test_lines_without_id_or_time_are_refused() -> None:
    for line in ({"rid": ""}, {"rid": None}, {"at": "soon"}, {"at": 5}):
        with pytest.raises(BadLine):
            parsed(**line)


@pytest.mark.parametrize(("without", "changes", "complaint"), [
    ('name = "acme"', 'name = "Acme Log"', "name must be"),
    ('request_id = "rid"', "", "fields.request_id is needed"),
    ('request_id = "rid"', 'request_id = "rid"\nprompt = "prompt"', "fields: there is no prompt"),
    ('unit = "us"', 'unit = "weeks"', "fields.latency_ms: unit must be one of: s, ms, us, ns"),
    ('"meta/status"', '"meta//status"', "fields.status_code: from must be"),
    ('"meta/status"', '{ form = "x" }', "fields.status_code: there is no form"),
    ('[["left", "cancelled"]]', '["left"]', "fields.outcome.contains: must be a list of pairs"),
    ("if_status = [200, 299]", "if_status = 200", "fields.outcome.if_status: must be"),
    ('signs = ["rid", "at"]', 'signs = ["rid"]', "signs: must be a list of at least 2"),
    ("[[miss]]", "[[mess]]", "there is no mess"),
    ('"meta/status"', "5", "fields.status_code: must be a table"),
])  # fmt: skip
def test_a_mistake_in_a_mapping_file_is_named_with_its_place(without: str, changes: str, complaint: str) -> None:
    with pytest.raises(BadMapping) as caught:
        mapping(changes, without)
    assert str(caught.value).startswith("acme.toml: ")
    assert complaint in str(caught.value)


@pytest.mark.parametrize(("without", "changes", "problem"), [
    ('group = "alpha" }', 'group = "beta" }', "hit 1: group differs"),
    ('dropped = ["prompt"]', 'dropped = ["secret"]', "dropped secret: is in no hit"),
    ('model_requested = ["models/*/asked", "model"]', 'owner = "prompt"', "dropped prompt: is in a record"),
    ('signs = ["rid", "at"]', 'signs = ["rid", "never"]', "sign never: is in no hit"),
    ('line = \'{"rid": "r-1"}\'', 'line = \'{"rid": "r-1", "at": 1790000000}\'', "miss 1: not refused"),
])  # fmt: skip
def test_an_example_that_does_not_hold_is_a_problem(without: str, changes: str, problem: str) -> None:
    assert problem in check_mapping(mapping(changes, without), cleaner())


def test_an_operator_adds_a_format_with_a_file(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text(BASE)
    formats = load_formats(500_000, tmp_path)
    assert formats["acme"].parse(b'{"rid": "r-1", "at": 1790000000}', cleaner()).source == "acme"


@pytest.mark.parametrize(("name", "text"), [("a.toml", "no = ["), ("b.toml", BASE.replace('"acme"', '"litellm"')), ("c.toml", "")])
def test_a_bad_file_refuses_to_start(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BadMapping, match=name if "litellm" not in text else "litellm"):
        load_formats(500_000, tmp_path)
    with pytest.raises(BadMapping, match="GATEDESK_FORMATS_DIR"):
        load_formats(500_000, tmp_path / "missing")


@pytest.mark.parametrize("declared", MAPPINGS, ids=lambda declared: declared.name)
def test_a_declared_format_is_found_out_from_its_own_lines(declared: Mapping) -> None:
    pieces = [(number, hit["line"].encode()) for number, hit in enumerate(declared.hits, 1)]
    assert rank_formats(pieces, load_formats(500_000), cleaner())[0].format == declared.name
