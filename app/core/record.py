"""One request attempt as a gateway logged it, in the desk's canonical, redacted form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import msgspec

from app.core.redacted_text import RedactedText


class Outcome(StrEnum):
    """What the request came to. HTTP 200 can be `partial` or `error`; status is not outcome."""

    OK = "ok"
    ERROR = "error"
    PARTIAL = "partial"  # a stream that broke after its first token
    CANCELLED = "cancelled"  # the client went away


class Origin(StrEnum):
    """Whose side a failure arose on."""

    USER = "user"
    KEY_OWNER = "key_owner"
    GATEWAY = "gateway"
    PROVIDER = "provider"
    CLIENT = "client"
    NETWORK = "network"
    UNKNOWN = "unknown"


class RedactedRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The only record type a LogStore accepts. One instance is one attempt of one request.

    Text fields hold allow-listed facts; `error_message` and `fallback_reason` have passed the redactor.
    Times are UTC epoch milliseconds, durations milliseconds, money integer micro-USD.
    """

    record_id: str  # 32 hex digits: identity for idempotent append, see `record_identity`
    request_id: str  # what the client can quote (x-litellm-call-id, X-Oneapi-Request-Id, …)
    action_id: str  # groups the attempts of one user action (call id or trace id)
    source: str  # format name: litellm, ndjson, …
    started_at: int
    latency_ms: int | None = None
    ttft_ms: int | None = None
    attempt: int = 1
    request_type: str = "chat"  # chat, image, video, audio, embedding, batch, other
    endpoint: str | None = None
    client: str | None = None  # user agent, product and version only
    model_requested: str | None = None  # the name the client asked for (LiteLLM: the model group)
    model_served: str | None = None  # the group that answered; never a deployment name
    provider: str | None = None
    status_code: int | None = None
    outcome: Outcome = Outcome.OK
    origin: Origin = Origin.UNKNOWN  # of the failure; UNKNOWN for successes
    error_code: str | None = None
    error_message: RedactedText | None = None
    key_prefix: str = ""
    key_last4: str | None = None
    key_fingerprint: str | None = None
    key_alias: str | None = None
    owner: str | None = None
    group: str | None = None
    environment: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost_micros: int | None = None
    charged: bool | None = None  # None: the source does not say
    quota_micros: int | None = None
    balance_micros: int | None = None
    stream: bool | None = None
    stream_end: str | None = None  # done, client, upstream; None: not a stream or unknown
    retries: int | None = None
    fallback_from: str | None = None
    fallback_reason: RedactedText | None = None
    task_id: str | None = None
    tags: tuple[str, ...] = ()


def record_identity(source: str, *facts: object) -> str:
    """Give 32 hex digits that are the same whenever the same attempt is sent again, and no other attempt's.

    The facts are those that tell one attempt from another in that format: ids, start, status.
    """
    text = "\0".join((source, *map(str, facts)))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def record_identities(source: str, ids: Iterable[str]) -> list[str]:
    """Give `record_identity(source, id)` of each id."""
    told = hashlib.blake2b(f"{source}\0".encode(), digest_size=16)
    return [_continued(told, one) for one in ids]


def _continued(told: hashlib.blake2b, fact: str) -> str:
    identity = told.copy()
    identity.update(fact.encode("utf-8", "surrogatepass"))
    return identity.hexdigest()


class Reject(NamedTuple):
    """A line that was not taken: its 1-based number and why. Never its content."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What became of a batch: counts and every reject; the answer of the ingest API."""

    accepted: int
    duplicate: int
    rejects: tuple[Reject, ...]
    batch_id: int | None = None  # of the (last) stored batch
    spooled: int = 0  # records kept on the disk for a busy store: it is not yet known which of them are new

    @property
    def rejected(self) -> int:
        """How many lines were not taken."""
        return len(self.rejects)
