"""The knowledge base as files: kb/<language>/<slug>.md, read whole and written atomically."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core.article import LANGUAGES, ArticleContent, BadArticle, is_slug, parse_article

LARGEST_FILE = 512 * 1024


@dataclass(frozen=True, slots=True)
class ArticleFile:
    """One file: its address, and what it says or why it cannot be read."""

    language: str
    slug: str
    content: ArticleContent | None
    fault: str = ""

    @property
    def name(self) -> str:
        """`zh/mask-a-key.md`."""
        return f"{self.language}/{self.slug}.md"


def article_files(kb_dir: Path) -> Iterator[ArticleFile]:
    """Every article file in order of its name."""
    for language in LANGUAGES:
        for path in sorted((kb_dir / language).glob("*.md")):
            yield _read(language, path)


def write_article(kb_dir: Path, language: str, slug: str, text: str) -> Path:
    """Put `text` in place of the article's file, whole or not at all. Raises OSError, or ValueError for a bad address."""
    if language not in LANGUAGES or not is_slug(slug):
        raise ValueError("not the address of an article")
    target = kb_dir / language / f"{slug}.md"
    put_in_place(target, text.encode("utf-8"))
    return target


def put_in_place(target: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def remove_article(kb_dir: Path, language: str, slug: str) -> None:
    """Take the file away, if there is one."""
    if language in LANGUAGES and is_slug(slug):
        (kb_dir / language / f"{slug}.md").unlink(missing_ok=True)


def _read(language: str, path: Path) -> ArticleFile:
    """One file; a fault names the line, never its content."""
    slug = path.stem
    if not is_slug(slug):
        return ArticleFile(language, slug, None, "the file name is not a slug (lower-case words joined by hyphens)")
    if path.stat().st_size > LARGEST_FILE:
        return ArticleFile(language, slug, None, "the file is larger than an article can be")
    try:
        return ArticleFile(language, slug, parse_article(path.read_text(encoding="utf-8")))
    except UnicodeDecodeError:
        return ArticleFile(language, slug, None, "the file is not UTF-8")
    except BadArticle as fault:
        return ArticleFile(language, slug, None, str(fault))
