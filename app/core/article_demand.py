"""Whether an article does its work: tickets that ask what it answers although it is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.core.article import ArticleContent
from app.core.article_care import CareRules
from app.core.article_signature import Signature, has_signature


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket as far as articles are concerned. person: whoever asked, by account or by key; solved_by: an article's number."""

    at: datetime
    language: str
    signature: Signature
    person: str | None
    solved_by: int | None


@dataclass(frozen=True, slots=True)
class Demand:
    """What came since an article was last looked at: tickets it did not resolve, and people who asked the same again."""

    unresolved: int = 0
    again: int = 0

    def is_failing(self, rules: CareRules) -> bool:
        """Whether it is so much that somebody should read the article again."""
        return self.unresolved >= rules.asked_again or self.again >= rules.same_person


def demand(number: int, content: ArticleContent, language: str, since: datetime, cases: Iterable[Case]) -> Demand:
    """What an article met since a moment."""
    met = [case for case in cases if case.at > since and case.language == language and has_signature(content, case.signature)]
    people = Counter(case.person for case in met if case.person)
    return Demand(sum(case.solved_by != number for case in met), sum(count > 1 for count in people.values()))
