"""What others wrote is named, licensed and unchanged, and nothing comes from elsewhere."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parent.parent / "static"
FILES = tomllib.loads((STATIC / "vendor/manifest.toml").read_text(encoding="utf-8"))["file"]
LICENCES = {"0BSD", "MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"}


@pytest.mark.parametrize("entry", FILES, ids=lambda entry: entry["path"])
def test_a_vendored_file_is_the_one_the_manifest_names(entry: dict[str, str]) -> None:
    assert hashlib.sha256((STATIC / entry["path"]).read_bytes()).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("entry", FILES, ids=lambda entry: entry["path"])
def test_a_vendored_file_has_name_version_source_and_a_free_licence(entry: dict[str, str]) -> None:
    assert entry["name"]
    assert entry["source"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", entry["version"])
    assert entry["licence"] in LICENCES


def test_every_file_in_the_vendor_folder_is_in_the_manifest() -> None:
    present = {str(path.relative_to(STATIC)) for path in (STATIC / "vendor").iterdir() if path.name != "manifest.toml"}
    assert present <= {entry["path"] for entry in FILES}


@pytest.mark.parametrize(
    "path",
    [path for path in STATIC.rglob("*") if path.suffix in {".css", ".js", ".svg"} and path.parent.name != "vendor"],
    ids=lambda path: path.name,
)
def test_our_own_files_load_nothing_from_elsewhere(path: Path) -> None:
    addresses = re.findall(r"https?://[\w./-]+", path.read_text(encoding="utf-8"))
    assert set(addresses) <= {"http://www.w3.org/2000/svg"}
