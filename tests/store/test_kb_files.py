"""Articles as files: read with their faults, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.article import print_article
from app.store.kb_files import LARGEST_FILE, article_files, remove_article, write_article
from tests.articles import chinese, content


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_article(tmp_path, "en", "rate-limit", print_article(content()))
    write_article(tmp_path, "zh", "rate-limit", print_article(chinese()))
    assert [(file.name, file.content) for file in article_files(tmp_path)] == [
        ("en/rate-limit.md", content()),
        ("zh/rate-limit.md", chinese()),
    ]


def test_writing_leaves_no_other_file_behind(tmp_path: Path) -> None:
    for text in ("one", "two"):
        write_article(tmp_path, "en", "rate-limit", text)
    assert [path.name for path in (tmp_path / "en").iterdir()] == ["rate-limit.md"]
    assert (tmp_path / "en/rate-limit.md").read_text(encoding="utf-8") == "two"


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_article(tmp_path, "en", "rate-limit", "old")

    def fail(_handle: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("app.store.kb_files.os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write_article(tmp_path, "en", "rate-limit", "new")
    assert [path.read_text(encoding="utf-8") for path in (tmp_path / "en").iterdir()] == ["old"]


@pytest.mark.parametrize(("language", "slug"), [("en", "../outside"), ("..", "x"), ("en", "A b"), ("fr", "x")])
def test_no_address_leads_out_of_the_folder(tmp_path: Path, language: str, slug: str) -> None:
    with pytest.raises(ValueError, match="address"):
        write_article(tmp_path / "kb", language, slug, "text")
    remove_article(tmp_path / "kb", language, slug)
    assert not list(tmp_path.rglob("*.md"))


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "en"
    folder.mkdir()
    (folder / "Bad Name.md").write_text("x", encoding="utf-8")
    (folder / "binary.md").write_bytes(b"\xff\xfe\x00")
    (folder / "large.md").write_bytes(b"x" * (LARGEST_FILE + 1))
    (folder / "no-front-matter.md").write_text("text", encoding="utf-8")
    faults = {file.slug: file.fault for file in article_files(tmp_path)}
    assert set(faults) == {"Bad Name", "binary", "large", "no-front-matter"}
    assert all(faults.values())


def test_removing_what_is_not_there_is_no_fault(tmp_path: Path) -> None:
    remove_article(tmp_path, "en", "nothing")


def test_a_missing_folder_has_no_articles(tmp_path: Path) -> None:
    assert list(article_files(tmp_path / "nowhere")) == []
