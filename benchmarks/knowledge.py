"""How fast the public knowledge base is with 2,000 articles on SQLite, beside a bare Flask page in the same run.

python -m benchmarks.knowledge [--articles 2000] [--rounds 200] [--keep FOLDER]

Requests go through the test client of one process: no network, one at a time, a stranger's. The bare page is a route of the same
application that answers two bytes after the same guards, asked between the others, so that a busy minute shows in both. The processor's
time stands beside the clock's: on a machine that others use as well it is the steadier figure, and the ratio is taken from it.
Articles are the starter ones with their words exchanged, so that lengths, languages and causes are real.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import random
import re
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from flask import Flask

from app import create_app
from app.core.article import ArticleContent
from app.core.roles import Audience
from app.operations.articles import blank_article
from app.operations.publishing import publish_content
from app.settings import PROJECT_ROOT, load
from app.store import articles
from app.store.database import db
from app.store.kb_files import article_files
from app.web.access import for_audience

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
WORD = re.compile(r"(?<![\w{`/-])[a-z]{5,}(?![\w}`/-])")
RUN = re.compile(r"[\u4e00-\u9fff]{2}")
EXCHANGED = 0.3  # of the words
QUERIES = (
    ("en", "too many requests"),
    ("en", "insufficient_quota"),
    ("en", "stream stops half way in Cherry Studio"),
    ("en", "401 invalid api key"),
    ("en", "Error code: 429 - {'error': {'message': 'Rate limit reached for gpt-4o on requests per min (RPM): Limit 3, Used 3'}}"),
    ("zh", "余额不足"),
    ("zh", "流式输出中断"),
    ("zh", "无可用渠道 model claude-sonnet-4"),
    ("zh", "请求超时怎么办"),
    ("zh", "Cursor 提示密钥无效 401"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--keep", type=Path, help="keep the data here, and use what is there")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        app = open_desk(folder)
        with app.app_context():
            fill(app, options.articles)
            addresses = [f"/kb/{each.language}/{each.slug}" for each in articles.all_published()]
        measure(app, pages(addresses, options.rounds))


def open_desk(folder: Path) -> Flask:
    """An application over the folder, quiet, with a bare page."""
    folder.mkdir(parents=True, exist_ok=True)
    app = create_app(load({"GATEDESK_DATA_DIR": str(folder), "GATEDESK_KB_DIR": str(folder / "kb"), "GATEDESK_SECRET_KEY": "b" * 40}))
    logging.disable(logging.INFO)
    app.add_url_rule("/bare", "bare", for_audience(Audience.PUBLIC)(lambda: "ok"))
    with app.app_context():
        db.create_all()
    return app


def fill(app: Flask, wanted: int) -> None:
    """So many published articles in two languages, indexed."""
    rulebook, pick = app.extensions["rulebook"], random.Random(3)
    starters = [file for file in article_files(PROJECT_ROOT / "kb") if file.content is not None]
    there = len(articles.all_published())
    for number in range(there, wanted):
        file = starters[number % len(starters)]
        assert file.content is not None
        content = exchanged(file.content, file.language, number, pick)
        article = blank_article(f"{file.slug}-{number}", file.language, content, rulebook, NOW)
        publish_content(article, content, rulebook, NOW)
        if number % 100 == 0:
            db.session.commit()
            db.session.expunge_all()
    db.session.commit()
    db.session.remove()


def exchanged(content: ArticleContent, language: str, number: int, pick: random.Random) -> ArticleContent:
    """The same article with other words in it."""
    pattern = RUN if language == "zh" else WORD
    words = sorted(set(pattern.findall(content.body)))

    def other(found: re.Match[str]) -> str:
        return pick.choice(words) if pick.random() < EXCHANGED else found[0]

    related = tuple(f"{slug}-{number}" for slug in content.related)
    return replace(content, title=f"{content.title} {number}", body=pattern.sub(other, content.body), related=related)


def pages(addresses: list[str], rounds: int) -> dict[str, list[str]]:
    """Page → the addresses asked, each another one where there are many."""
    pick = random.Random(4)
    chosen = pick.sample(addresses, min(rounds, len(addresses)))
    searches = [f"/kb/search?lang={language}&q={query}" for language, query in QUERIES]
    return {
        "article, never read": chosen,
        "article, read before": chosen,
        "search": [searches[each % len(searches)] for each in range(rounds)],
        "first page": ["/kb/en/", "/kb/zh/"] * (rounds // 10),
    }


def measure(app: Flask, asked: dict[str, list[str]]) -> None:
    """Each page with the bare one between."""
    print(f"{'page':24}{'p50 ms':>9}{'p95':>8}{'CPU ms':>9}{'× bare':>8}")
    for name, addresses in asked.items():
        client = app.test_client()
        for address in ("/bare", "/kb/en/", "/kb/search?q=429"):
            client.get(address)
        bare, own = [], []
        for address in addresses:
            bare.append(timed(app, "/bare"))
            own.append(timed(app, address))
        clock, cpu = ([each[place] * 1000 for each in own] for place in (0, 1))
        least = statistics.median(each[1] for each in bare) * 1000
        middle = statistics.median(cpu)
        print(f"{name:24}{statistics.median(clock):9.2f}{percentile(clock, 95):8.2f}{middle:9.2f}{middle / least:8.1f}")


def timed(app: Flask, address: str) -> tuple[float, float]:
    """Seconds by the clock and of the processor for one request; the answer must be a page."""
    client = app.test_client()
    started, worked = time.perf_counter(), time.process_time()
    answer = client.get(address)
    taken = time.perf_counter() - started, time.process_time() - worked
    assert answer.status_code == 200, (address, answer.status_code)
    return taken


def percentile(figures: list[float], share: int) -> float:
    return statistics.quantiles(figures, n=100)[share - 1]


if __name__ == "__main__":
    main()
