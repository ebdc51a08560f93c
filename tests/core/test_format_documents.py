"""The pages about formats tell the truth: their example works, and no format, field or setting is left out."""

from __future__ import annotations

import re
import textwrap
import tomllib
from pathlib import Path

from app.core.adapters.declared import read_mapping
from app.core.adapters.declared.mapping import RULE_KEYS
from app.core.adapters.declared.proof import check_mapping
from app.core.desk_line import DeskLine
from app.core.fields import FieldCleaner
from app.store.formats import load_formats
from tests.conftest import PEPPER
from tests.redactor import REDACTOR

PAGES = Path(__file__).parents[2] / "docs" / "formats"


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def test_the_example_of_a_mapping_file_works() -> None:
    block = re.search(r"(?:^(?:    .*)?\n)+", page("declared").partition("names the place.\n")[2], re.MULTILINE)
    assert block is not None
    mapping = read_mapping(tomllib.loads(textwrap.dedent(block[0])), "declared.md")
    assert check_mapping(mapping, FieldCleaner(REDACTOR, PEPPER)) == []


def test_every_format_has_its_page() -> None:
    named = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (`.+?) \|", page("README"), re.MULTILINE))))
    assert named == set(load_formats(500_000))


def test_every_field_and_every_key_of_a_rule_is_explained() -> None:
    assert set(DeskLine.__struct_fields__) <= set(re.findall(r"`([a-z_0-9]+)`", page("desk")))
    assert set(re.findall(r"^\| `(\w+)` \| ", page("declared").split("key of a rule")[1], re.MULTILINE)) == RULE_KEYS


def test_every_link_leads_somewhere() -> None:
    links = {
        target.partition("#")[0] for path in PAGES.glob("*.md") for target in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8"))
    }
    assert [target for target in links if not (PAGES / target).exists()] == []
