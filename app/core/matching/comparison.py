"""Field by field: does the record agree with the report, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.clients import ClientBook
from app.core.evidence import Evidence
from app.core.matching.error_text import ErrorText, read, same_details, similarity
from app.core.matching.said_client import said_client
from app.core.matching.weights import MatchWeights
from app.core.model_names import ModelNames
from app.core.record import Outcome, RedactedRecord

SAME_MODEL, CLOSE_MODEL = 0.8, 0.4
SAME_CLIENT, POSSIBLE_CLIENT = 0.9, 0.5
LATE_AFTER_MS = 30_000
TIMEOUT_STATUSES = frozenset({408, 499, 504, 524})
_TIMEOUT_WORDS = ("timeout", "timed out", "time out", "超时")


@dataclass(frozen=True, slots=True)
class Level:
    """How one field compares, and the facts its sentence needs."""

    name: str
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)


SAME = Level("same")
IN_TEXT = Level("in_text")
Comparison = Mapping[str, Level]  # by field; a missing field is absent


class Comparer:
    """A report made ready to be compared with many records."""

    def __init__(self, evidence: Evidence, weights: MatchWeights, clients: ClientBook, model_names: ModelNames) -> None:
        self._evidence = evidence
        self._kin = weights.kin
        self._clients = clients
        self._models = model_names
        self._text: ErrorText | None = read(evidence.error_text) if evidence.error_text else None
        self._client = said_client(evidence, clients)
        client = clients.recognise(self._client)
        self._has_own_agent = client is not None and bool(client.user_agents)
        self._model_levels: dict[tuple[str | None, str | None], Level | None] = {}
        self._text_levels: dict[str, Level] = {}
        self._tail_levels: dict[str, Level] = {}
        self._client_levels: dict[str | None, Level | None] = {}
        self._traits: dict[tuple[object, ...], Mapping[str, Level | None]] = {}

    def compare(self, record: RedactedRecord) -> Comparison:
        """Every field both sides have, in the order of the rules."""
        message = read(record.error_message) if record.error_message else None
        text, traits = self._text_level(message), self._traits_of(record)
        levels = {
            "request_id": self._request_id(record, message),
            "task_id": self._task_id(record),
            "key": self._key(record),
            "key_tail": self._key_tail(record),
            "model": traits["model"],
            "status": traits["status"],
            "text": text,
            "details": self._details(message, text),
            "client": traits["client"],
            "stream": traits["stream"],
            "request_type": traits["request_type"],
            "outcome": self._outcome(record),
        }
        return {name: level for name, level in levels.items() if level}

    def _traits_of(self, record: RedactedRecord) -> Mapping[str, Level | None]:
        """What many records have in common is compared once."""
        names = (record.model_requested, record.model_served)
        facts = (names, record.status_code, record.client, record.stream, record.request_type)
        if facts not in self._traits:
            self._traits[facts] = {
                "model": self._model(names),
                "status": self._status(record),
                "client": self._client_level(record.client),
                "stream": _flag(self._evidence.stream, record.stream),
                "request_type": _flag(self._evidence.request_type, record.request_type),
            }
        return self._traits[facts]

    def _request_id(self, record: RedactedRecord, message: ErrorText | None) -> Level | None:
        """Compare the id in its own field; else the ids in the text."""
        ids = {record.request_id, record.action_id}
        said = self._evidence.request_id
        if said in ids:
            return SAME
        in_text = self._id_in_text(ids, message.ids if message else frozenset())
        if in_text is None and said:
            return Level("other" if _alike(said, record.request_id) else "other_kind")
        is_own = SAME in {self._key(record), self._key_tail(record)}
        return Level("in_own_text") if in_text == IN_TEXT and is_own else in_text

    def _id_in_text(self, ids: set[str], logged: frozenset[str]) -> Level | None:
        """Whether what the user quotes is the record's id or an id its own message quotes (the provider's), or plainly another."""
        if self._evidence.request_id in logged:
            return IN_TEXT
        if self._text is None:
            return None
        if (ids | logged) & self._text.ids:
            return IN_TEXT
        if self._text.cut_id and any(own.startswith(self._text.cut_id) for own in ids):
            return Level("cut_in_text")
        names_one = self._text.ids or self._text.cut_id
        return Level("other_in_text") if names_one and logged else None

    def _task_id(self, record: RedactedRecord) -> Level | None:
        """Async tasks are quoted by their own id."""
        said = self._evidence.task_id
        if not said or not record.task_id:
            return None
        return Level("same" if said == record.task_id else "other")

    def _key(self, record: RedactedRecord) -> Level | None:
        """Compare fingerprints."""
        return _flag(self._evidence.key.fingerprint, record.key_fingerprint)

    def _key_tail(self, record: RedactedRecord) -> Level | None:
        """Compare endings, where a fingerprint is missing."""
        said, logged = self._evidence.key, record.key_last4
        if not said.last4 or not logged or (said.fingerprint and record.key_fingerprint):
            return None
        if logged not in self._tail_levels:
            self._tail_levels[logged] = SAME if said.last4 == logged else Level("slip" if is_slip(said.last4, logged) else "other")
        return self._tail_levels[logged]

    def _model(self, names: tuple[str | None, str | None]) -> Level | None:
        """By alias and family, against the name asked for and the one that answered."""
        if names not in self._model_levels:
            self._model_levels[names] = self._model_level(names)
        return self._model_levels[names]

    def _model_level(self, names: tuple[str | None, str | None]) -> Level | None:
        said = self._evidence.model
        logged = [name for name in names if name]
        if not said or not logged:
            return None
        fit = max(self._models.agreement(said, name) for name in logged)
        return Level("same" if fit >= SAME_MODEL else "close" if fit >= CLOSE_MODEL else "other", {"model": logged[0]})

    def _status(self, record: RedactedRecord) -> Level | None:
        """Equal, easily confused, or another."""
        said, logged = self._evidence.status_code, record.status_code
        if said is None or logged is None:
            return None
        if said == logged:
            return Level("same", {"status": logged})
        kin = any(said in codes and logged in codes for codes in self._kin)
        return Level("kin" if kin else "other", {"status": logged, "said": said})

    def _text_level(self, message: ErrorText | None) -> Level | None:
        """Messages differ in ids and figures more often than in words, so few have to be compared."""
        if self._text is None or message is None:
            return None
        if message.plain not in self._text_levels:
            self._text_levels[message.plain] = Level(similarity(self._text, message))
        return self._text_levels[message.plain]

    def _details(self, message: ErrorText | None, text: Level | None) -> Level | None:
        """Figures count only where the words around them agree."""
        if self._text is None or message is None or text is None or text.name in {"some", "other"}:
            return None
        same = same_details(self._text, message)
        return None if same is None else Level(same)

    def _client_level(self, user_agent: str | None) -> Level | None:
        if user_agent not in self._client_levels:
            self._client_levels[user_agent] = self._compare_client(user_agent)
        return self._client_levels[user_agent]

    def _compare_client(self, user_agent: str | None) -> Level | None:
        """Weak evidence: several programs share a user agent, and proxies change it."""
        fit = self._clients.agreement(self._client, user_agent)
        if fit is None or 0 < fit < POSSIBLE_CLIENT:
            return None
        if fit >= SAME_CLIENT or not fit:
            return Level("same" if fit else "other")
        return Level("possible" if self._has_own_agent else "shared")

    def _outcome(self, record: RedactedRecord) -> Level | None:
        """Tickets are about failures; a slow success may be what a client gave up on."""
        if record.outcome is not Outcome.OK:
            return None
        late = says_timeout(self._evidence) and (record.latency_ms or 0) > LATE_AFTER_MS
        return Level("late_ok" if late else "ok")


def says_timeout(evidence: Evidence) -> bool:
    """Whether the report speaks of a request that took too long."""
    text = (evidence.error_text or "").lower()
    return evidence.status_code in TIMEOUT_STATUSES or any(word in text for word in _TIMEOUT_WORDS)


def is_slip(said: str, logged: str) -> bool:
    """The same characters in another order or case, or one of them wrong."""
    if len(said) != len(logged):
        return False
    one, other = said.lower(), logged.lower()
    return sorted(one) == sorted(other) or sum(a != b for a, b in zip(one, other, strict=True)) == 1


def _flag(said: object, logged: object) -> Level | None:
    """Two values that can only be equal or not."""
    if said is None or logged is None:
        return None
    return SAME if said == logged else Level("other")


def _alike(said: str, logged: str) -> bool:
    """Whether two ids are of one make, so that a difference means another request."""
    return len(said) == len(logged) and said.count("-") == logged.count("-")
