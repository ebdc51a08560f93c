"""`flask kb`: search by JSON lines; import, export and check the files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import stamp

from app.core.article import print_article
from app.store.kb_files import write_article
from tests.articles import chinese, content


@pytest.fixture
def folder(app: Flask) -> Path:
    """A knowledge base of one article in two languages, imported."""
    stamp()  # the tables are there; the command asks whether they are current
    folder: Path = app.extensions["settings"].kb_dir
    write_article(folder, "en", "rate-limit", print_article(content()))
    write_article(folder, "zh", "rate-limit", print_article(chinese()))
    run(app, "import")
    return folder


def run(app: Flask, *words: str, text: str = "") -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["kb", *words], input=text)
    return result.exit_code, result.output


def search(app: Flask, *asked: dict[str, object]) -> list[dict[str, object]]:
    code, output = run(app, "search", text="\n".join(json.dumps(line, ensure_ascii=False) for line in asked))
    assert code == 0, output
    return [json.loads(line) for line in output.splitlines()]


def test_a_query_is_answered_in_its_language_and_order(app: Flask, folder: Path) -> None:
    answers = search(app, {"id": 2, "query": "too many requests", "lang": "en"}, {"id": 1, "query": "限流", "lang": "zh"})
    assert [answer["id"] for answer in answers] == [2, 1]
    assert answers[0]["articles"] == [{"slug": "rate-limit", "lang": "en", "causes": ["rate-limit-rpm"]}]
    assert answers[1]["articles"] == [{"slug": "rate-limit", "lang": "zh", "causes": ["rate-limit-rpm"]}]


def test_what_nobody_wrote_about_finds_nothing(app: Flask, folder: Path) -> None:
    assert search(app, {"id": 1, "query": "xylophone repair", "lang": "en"})[0]["articles"] == []


def test_importing_again_changes_nothing(app: Flask, folder: Path) -> None:
    code, output = run(app, "import")
    assert code == 0
    assert "created: 0" in output
    assert "unchanged: 2" in output


def test_exporting_writes_what_was_published(app: Flask, folder: Path) -> None:
    before = (folder / "en" / "rate-limit.md").read_text(encoding="utf-8")
    (folder / "en" / "rate-limit.md").unlink()
    assert "wrote 2 articles" in run(app, "export")[1]
    assert (folder / "en" / "rate-limit.md").read_text(encoding="utf-8").split("---")[-1] == before.split("---")[-1]


def test_the_check_fails_on_a_file_that_readers_should_not_get(app: Flask, folder: Path) -> None:
    assert run(app, "check")[0] == 0
    write_article(folder, "en", "bad", print_article(content(body="Send us your key sk-" + "Ab3d" * 10)))
    code, output = run(app, "check")
    assert code == 1
    assert "bad" in output
    assert "Ab3dAb3d" not in output


def test_links_are_checked_and_nothing_is_asked_elsewhere_unless_told(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("app.cli.kb.status_of", lambda url: asked.append(url) or 404)
    assert run(app, "links") == (0, "checked 2 articles, 0 links lead nowhere\n")
    body = content().body + "\n[a](/kb/en/gone) [b](https://gone.example/page)\n"
    write_article(folder, "en", "rate-limit", print_article(content(body=body)))
    run(app, "import")
    code, output = run(app, "links")
    assert (code, asked) == (1, [])
    assert "en/gone" in output
    assert "gone.example" not in output
    assert "https://gone.example/page (404)" in run(app, "links", "--outside")[1]
    assert asked == ["https://gone.example/page"]
