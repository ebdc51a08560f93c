"""The knowledge base's file form: take changed files in, write published articles out, check both.

Which text wins at import, per file:
1. No such article: the file becomes one, published.
2. A text the article has, or once had (by hash): the file is current or older, the desk's text stays.
3. A text never seen: it becomes the next version when the published one came from a file too, or when the
   file says (`version:`) that it builds on the published version. Otherwise the desk's text stays, and the
   file is reported as a conflict; `overwrite` takes it all the same. Every version stays in the history.
A file with a private fact in it is refused. Other problems (a missing section, an unknown cause) are reported
and the file is taken: files are reviewed where they are kept, and a known answer is better than none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.core.article import ArticleContent, content_hash
from app.core.article_links import dead_link_problems
from app.core.article_pictures import missing_pictures
from app.core.article_problem import Problem
from app.core.rulebook import Rulebook
from app.operations.article_pictures import import_pictures
from app.operations.articles import blank_article, gate_problems
from app.operations.publishing import export_article, publish_content
from app.store import articles
from app.store.article_pictures import picture_files
from app.store.article_search import index_article, stale_articles
from app.store.articles import KnownArticle
from app.store.database import db
from app.store.kb_files import ArticleFile, article_files


@dataclass(slots=True)
class ImportReport:
    """What became of the files, by name; `refused`, `faulty` (taken all the same) and `unreadable` say why."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    refused: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    faulty: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)


def import_kb(kb_dir: Path, rulebook: Rulebook, now: datetime, overwrite: bool = False) -> ImportReport:
    """Take in every new or changed file, and index what is not indexed with today's rules. Safe at every start."""
    report = ImportReport()
    for name in import_pictures(kb_dir, now):
        report.unreadable[f"pictures/{name}"] = "the file is no picture written by an export"
    known = articles.known_articles()
    for file in article_files(kb_dir):
        _import_file(file, known, report, rulebook, now, overwrite=overwrite)
    for article in stale_articles(rulebook.digest):
        index_article(article, rulebook.lexicon, rulebook.causes, rulebook.digest)
    db.session.commit()
    return report


def export_kb(kb_dir: Path) -> int:
    """Write every published article to its file; how many."""
    published = articles.all_published()
    for article in published:
        export_article(article, kb_dir)
    return len(published)


def check_kb(kb_dir: Path, rulebook: Rulebook) -> ImportReport:
    """What an import would refuse; also style, links that lead nowhere, and articles without a twin. Changes nothing."""
    report = ImportReport()
    files = list(article_files(kb_dir))
    names = {(file.language, file.slug) for file in files}
    pictures = {digest for digest, _data in picture_files(kb_dir)}
    for file in files:
        if file.content is None:
            report.unreadable[file.name] = file.fault
            continue
        problems = [*gate_problems(file.content, file.language, rulebook), *_advice(file, file.content, names, rulebook)]
        problems += missing_pictures(file.content.body, pictures)
        if problems:
            report.refused[file.name] = tuple(problems)
        else:
            report.unchanged.append(file.name)
    return report


def _import_file(
    file: ArticleFile,
    known: Mapping[tuple[str, str], KnownArticle],
    report: ImportReport,
    rulebook: Rulebook,
    now: datetime,
    *,
    overwrite: bool,
) -> None:
    """Decide about one file by the rules at the head of this module."""
    if file.content is None:
        report.unreadable[file.name] = file.fault
        return
    there = known.get((file.language, file.slug))
    if there and content_hash(file.content) in there.hashes:
        report.unchanged.append(file.name)
    elif there and not (overwrite or there.published_from_file or file.content.version == there.article.version):
        report.conflicts.append(file.name)
    else:
        _take(file, file.content, there, report, rulebook, now)


def _take(
    file: ArticleFile, content: ArticleContent, there: KnownArticle | None, report: ImportReport, rulebook: Rulebook, now: datetime
) -> None:
    """Publish the file's text, unless it would publish a private fact."""
    problems = gate_problems(content, file.language, rulebook)
    if any(rulebook.gate.is_private(problem) for problem in problems):
        report.refused[file.name] = problems
        return
    if problems:
        report.faulty[file.name] = problems
    article = there.article if there else blank_article(file.slug, file.language, content, rulebook, now)
    publish_content(article, content, rulebook, now)
    (report.updated if there else report.created).append(file.name)


def _advice(file: ArticleFile, content: ArticleContent, names: set[tuple[str, str]], rulebook: Rulebook) -> list[Problem]:
    """Style, links and the twin in the other language."""
    problems = [*rulebook.gate.advice(content, file.language), *dead_link_problems(content, file.language, names)]
    twin = "en" if file.language == "zh" else "zh"
    if (twin, file.slug) not in names:
        problems.append(Problem("twin-missing", "facts", names={"language": twin}))
    return problems
