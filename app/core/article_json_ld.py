"""An article as linked data for machines: what the page shows, in schema.org's words, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Described:
    """What the page shows. Dates are ISO; crumbs: (words, absolute address), the page itself last."""

    title: str
    summary: str
    language: str  # as in hreflang
    address: str
    publisher: str
    published: str
    changed: str
    version: int
    crumbs: Sequence[tuple[str, str]]
    author: str = ""  # who is named on the page; "" for the publisher
    sources: Sequence[str] = ()


def json_ld(page: Described) -> str:
    """TechArticle and BreadcrumbList as one script-safe JSON text."""
    publisher = {"@type": "Organization", "name": page.publisher}
    article: dict[str, object] = {
        "@type": "TechArticle",
        "@id": page.address,
        "url": page.address,
        "headline": page.title,
        "description": page.summary,
        "inLanguage": page.language,
        "datePublished": page.published,
        "dateModified": page.changed,
        "version": page.version,
        "author": publisher,
        "publisher": publisher,
        "isAccessibleForFree": True,
    }
    if page.author:
        article["creditText"] = page.author  # a person or a team: the page does not say which
    if page.sources:
        article["citation"] = list(page.sources)
    crumbs = [{"@type": "ListItem", "position": place, "name": words, "item": url} for place, (words, url) in enumerate(page.crumbs, 1)]
    graph = {"@context": "https://schema.org", "@graph": [article, {"@type": "BreadcrumbList", "itemListElement": crumbs}]}
    return script_safe(json.dumps(graph, ensure_ascii=False))


def script_safe(text: str) -> str:
    """JSON that cannot end the element it stands in: `<`, `>` and `&` escaped as JSON allows."""
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
