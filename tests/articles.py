"""Articles for tests: one that passes the gate, and the books to judge it by."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from app.core.article import ArticleContent
from app.core.rulebook import Rulebook
from app.store.rulebook import load_rulebook

SECTIONS = ("What you see", "Check first", "What to do", "Safe to send us", "What support does with it", "Limits")
SECTIONS_ZH = ("你会看到什么", "先检查", "怎么处理", "可以安全发给我们的信息", "客服会怎么做", "边界与限制")


@cache
def book() -> Rulebook:
    """The rules the project ships."""
    return load_rulebook(b"test pepper")


def content(**changes: Any) -> ArticleContent:
    """A complete English FAQ about rate limits."""
    body = "\n\n".join(f"## {section}\n\nText about the rate limit." for section in SECTIONS) + "\n"
    whole = ArticleContent(
        "429: wait, then slow down", "Wait as the answer says.", body, causes=("rate-limit-rpm",), keywords=("429", "too many requests")
    )
    return replace(whole, **changes)


def chinese(**changes: Any) -> ArticleContent:
    """The same in Chinese."""
    body = "\n\n".join(f"## {section}\n\n关于限流的说明。" for section in SECTIONS_ZH) + "\n"
    own: dict[str, Any] = {"title": "429：先等，再放慢", "summary": "按提示等待。", "body": body, "keywords": ("429", "限流", "请求太频繁")}
    return content(**(own | changes))
