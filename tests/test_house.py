"""The rules of the house that no other tool enforces: sizes, templates, settings, audiences, translations."""

from __future__ import annotations

import ast
import re
import statistics
from pathlib import Path

import pytest
from flask import Flask

from app.web.access import declared_audience

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sorted(path for path in (ROOT / "app").rglob("*.py") if "migrations" not in path.parts)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
DOCUMENTS = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md")]
TOP_FOLDERS = {"app", "tests", "templates", "static", "kb", "translations", "benchmarks", "docs", ".ci"}
LONGEST_FUNCTION, LONGEST_FILE, LONGEST_MODELS = 40, 300, 400


def function_lengths() -> dict[str, int]:
    """Lines of each function without its docstring, by place."""
    lengths = {}
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lengths[f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"] = (body[-1].end_lineno - body[0].lineno + 1) if body else 0
    return lengths


def test_functions_are_small() -> None:
    lengths = function_lengths()
    assert not {place: length for place, length in lengths.items() if length > LONGEST_FUNCTION}
    ordered = sorted(lengths.values())
    assert statistics.median(ordered) <= 8
    assert ordered[int(len(ordered) * 0.9)] <= 20


def test_files_are_small() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in PYTHON}
    limits = {place: LONGEST_MODELS if place.endswith("models.py") else LONGEST_FILE for place in lengths}
    assert not {place: length for place, length in lengths.items() if length > limits[place]}
    assert statistics.median(lengths.values()) < 110


def test_every_module_opens_with_a_sentence() -> None:
    assert not [str(path) for path in PYTHON if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_page_extends_and_a_part_never_does(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert ("{% extends" in source) == (not path.name.startswith("_") and path.name != "base.html" and path.suffix == ".html")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_carry_no_inline_script_or_style(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/ld\+json)|\son[a-z]+=|\sstyle=|javascript:", source)


def test_every_route_declares_its_audience(app: Flask) -> None:
    undeclared = [rule.rule for rule in app.url_map.iter_rules() if declared_audience(rule.endpoint) is None]
    assert undeclared == []


def test_every_setting_is_in_the_readme_and_the_reverse() -> None:
    source = (ROOT / "app/settings.py").read_text(encoding="utf-8")
    known = {f"GATEDESK_{name}" for name in re.findall(r'(?:text|choice|number|url|zone)\("([A-Z_]+)"', source)}
    readme = set(re.findall(r"`(GATEDESK_[A-Z_]+)`", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert known == readme


def test_every_text_has_a_chinese_translation() -> None:
    from babel.messages.extract import extract_from_dir
    from babel.messages.pofile import read_po

    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
    texts: set[str] = set()
    for folder, methods in ((ROOT / "app", [("**.py", "python")]), (ROOT / "templates", [("**.html", "jinja2")])):
        for _file, _line, message, _comments, _context in extract_from_dir(folder, methods, keywords=keywords):
            texts.add(message[0] if isinstance(message, tuple) else message)
    with (ROOT / "translations/zh_Hans_CN/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file, locale="zh_Hans_CN")
    translated = {
        (message.id[0] if isinstance(message.id, tuple) else message.id)
        for message in catalogue
        if message.string and not message.fuzzy and (any(message.string) if isinstance(message.string, tuple) else True)
    }
    assert sorted(texts - translated) == []


def test_translations_fill_the_same_places() -> None:
    from babel.messages.pofile import read_po

    with (ROOT / "translations/zh_Hans_CN/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file, locale="zh_Hans_CN")
    wrong = []
    for message in catalogue:
        for text in message.string if isinstance(message.string, tuple) else (message.string,):
            originals = message.id if isinstance(message.id, tuple) else (message.id,)
            if message.id and text and not any(places(text) == places(original) for original in originals):
                wrong.append(text)
    assert wrong == []


def places(text: str) -> set[str]:
    """The names a text leaves to be filled in."""
    return set(re.findall(r"%\((\w+)\)[sd]", text))


def test_every_command_of_the_documents_exists(app: Flask) -> None:
    assert [words for words in documented_commands() if not is_command(app, words)] == []


def test_every_command_is_in_the_readme(app: Flask) -> None:
    flasks_own = {"run", "shell", "routes"}
    assert set(app.cli.commands) - flasks_own <= {words[0] for words in documented_commands()}


def documented_commands() -> list[list[str]]:
    """Words after `flask` in the documents' texts, and in the README's table of commands."""
    texts = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    named = [words.split() for words in re.findall(r"`(?:\.venv/bin/)?flask(?: --app wsgi)? ([a-z]+(?: [a-z]+)*)", texts)]
    table = texts.split("## Commands")[1].split("\n## ")[0]
    for cell in re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE):
        for written in re.findall(r"`([^`]+)`", cell):
            first, *choices = re.match(r"[a-z]+(?: [a-z]+)*(?:\\\|[a-z]+)*", written).group().split("\\|")  # type: ignore[union-attr]
            named += [first.split(), *([*first.split()[:-1], choice] for choice in choices)]
    return named


def is_command(app: Flask, words: list[str]) -> bool:
    """Whether the command line knows them; words after a whole command are its arguments."""
    command: object = app.cli
    for word in words:
        inner = getattr(command, "commands", None)
        if inner is None:
            return True
        command = inner.get(word)
        if command is None:
            return False
    return True


def test_every_file_the_documents_name_is_there() -> None:
    missing = []
    for document in DOCUMENTS:
        source = document.read_text(encoding="utf-8")
        named = set(re.findall(r"\]\(((?!https?:|#)[^)]+)\)", source))
        named |= {word for word in re.findall(r"`([a-z_.]+/[A-Za-z0-9_./-]+)`", source) if word.split("/")[0] in TOP_FOLDERS}
        missing += [f"{document.name}: {name}" for name in named if not (ROOT / name.split("#")[0]).exists()]
    assert sorted(missing) == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_packages_are_pinned(name: str) -> None:
    lines = [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith(("#", "-r"))]
    assert lines
    assert not [line for line in lines if not re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\d", line)]


def test_every_package_that_serves_says_what_it_saves_us_from() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if line.strip() and "#" not in line]


def test_templates_have_no_untranslatable_text() -> None:
    bare = {}
    for path in TEMPLATES:
        source = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        source = re.sub(r"<(script|style|code)[^>]*>.*?</\1>|<!--.*?-->", " ", source, flags=re.DOTALL)
        words = [word for word in re.findall(r">([^<>]*[A-Za-z一-鿿]{2,}[^<>]*)<", source) if word.strip() not in ALLOWED_WORDS]
        if words:
            bare[str(path.relative_to(ROOT))] = [word.strip() for word in words]
    assert bare == {}


ALLOWED_WORDS = {"English", "中文", "Ctrl", "Enter", "JSON", "ms", "UTC"}
