"""How to ask a person for a missing fact, and how well the answer would tell causes apart."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.clients import Client

OTHER_GROUP = -1


@dataclass(frozen=True, slots=True)
class Question:
    """A question for one evidence field.

    sure: how reliably an answer falls into the group of the true cause.
    group_of: cause id → number of the group that answers alike; a cause outside every group answers "other".
    by: `status` or `cause` when the groups are each cause's usual status, or each cause its own; else `groups`.
    """

    field: str
    ask: Mapping[str, str]
    where: Mapping[str, str]
    sure: float
    by: str
    group_of: Mapping[str, int]

    def answer_of(self, cause_id: str, usual_status: int | None) -> Hashable:
        """Name the group of causes that would be answered like this one."""
        if self.by == "cause":
            return cause_id
        return usual_status if self.by == "status" else self.group_of.get(cause_id, OTHER_GROUP)

    def phrase(self, language: str, client: Client | None = None) -> str:
        """Ask in the user's words, with where to look in their program when that is known."""
        ask = self.ask.get(language, self.ask["en"])
        where = _where_in(client, self.field, language) or self.where.get(language, self.where["en"])
        return f"{ask}{'' if language == 'zh' else ' '}{where}"


def read_question(name: str, item: Mapping[str, Any], expand: Callable[[Sequence[str]], frozenset[str]]) -> Question:
    """Read a question of the rule file; `expand` turns names of causes and families into cause ids."""
    groups = [expand(names) for names in item.get("groups", ())]
    group_of = {cause: number for number, group in reversed(list(enumerate(groups))) for cause in group}
    return Question(name, item["ask"], item["where"], float(item["sure"]), item.get("by", "groups"), group_of)


def _where_in(client: Client | None, field_name: str, language: str) -> str:
    """Say where the users of `client` find the field; empty when the client's page does not say."""
    if client is None:
        return ""
    place = client.where.get(field_name, {})
    sentence = place.get(language) or place.get("en", "")
    if not sentence:
        return ""
    return f"在 {client.name} 里：{sentence}" if language == "zh" else f"In {client.name}: {sentence}"
