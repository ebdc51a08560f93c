"""A gateway's own lists of keys, teams and models, read by allow-list: a secret in them is not even parsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec

from app.core.key_ref import SHA256_HEX, fingerprint, parse_mask
from app.core.keys import KeyFacts, identity

LONGEST_NAME = 160
MICROS = 1_000_000
QUOTA_UNITS_PER_USD = 500_000  # New API's unit
NEWAPI_ENABLED = 1


class SnapshotError(Exception):
    """The answer is none of the lists that are understood. Never quotes it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a list said; what it did not speak of is empty."""

    keys: tuple[KeyFacts, ...] = ()
    teams: tuple[tuple[str, str], ...] = ()  # id, name
    models: tuple[str, ...] = ()


class _LiteLLMKey(msgspec.Struct):
    """Of an entry of /key/list?return_full_object=true. `token` is the SHA-256 of the key."""

    token: str | None = None
    key_name: str | None = None  # "sk-...9f3c"
    key_alias: str | None = None
    user_id: str | None = None
    team_id: str | None = None
    spend: float | None = None
    max_budget: float | None = None
    blocked: bool | None = None
    expires: str | None = None


class _Team(msgspec.Struct):
    team_id: str
    team_alias: str | None = None


class _Model(msgspec.Struct):
    """Of an entry of /model/info or of a model list; parameters, which may hold provider keys, are not read."""

    model_name: str | None = None
    id: str | None = None


class _NewApiToken(msgspec.Struct):
    """Of an entry of New API's token list; its `key` is not read."""

    name: str
    status: int | None = None
    group: str | None = None
    remain_quota: float | None = None
    used_quota: float | None = None
    unlimited_quota: bool | None = None
    expired_time: int | None = None  # epoch seconds; -1: never


class _Page(msgspec.Struct):
    items: list[_NewApiToken] | None = None


class _LiteLLMKeys(msgspec.Struct):
    keys: list[_LiteLLMKey | str]


class _Models(msgspec.Struct):
    data: list[_Model]


class _TokenPage(msgspec.Struct):
    data: _Page


class _TokenList(msgspec.Struct):
    data: list[_NewApiToken]


def read_snapshot(body: bytes, source: str, pepper: bytes) -> Snapshot:
    """What a list says. Raises SnapshotError, which never quotes the list."""
    for shape in _SHAPES[source]:
        try:
            found = msgspec.json.decode(body, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        return _snapshot(found, pepper)
    raise SnapshotError("the answer is no list of keys, teams or models of this gateway")


def _snapshot(found: object, pepper: bytes) -> Snapshot:
    """The list in the desk's own terms."""
    if isinstance(found, _LiteLLMKeys):
        return Snapshot(keys=_distinct([_of_litellm(key, pepper) for key in found.keys if isinstance(key, _LiteLLMKey)]))
    if isinstance(found, _TokenPage):
        return Snapshot(keys=_distinct([_of_newapi(token) for token in found.data.items or ()]))
    if isinstance(found, _TokenList):
        return Snapshot(keys=_distinct([_of_newapi(token) for token in found.data]))
    if isinstance(found, _Models):
        names = (model.model_name or model.id for model in found.data)
        return Snapshot(models=tuple(sorted({name[:LONGEST_NAME] for name in names if name})))
    teams = found if isinstance(found, list) else []
    return Snapshot(teams=tuple((team.team_id, team.team_alias or team.team_id) for team in teams))


def _of_litellm(key: _LiteLLMKey, pepper: bytes) -> KeyFacts | None:
    """A key of LiteLLM. One whose token is no hash is taken by its name only."""
    mark = fingerprint(pepper, key.token) if key.token and SHA256_HEX.match(key.token) else None
    mask = parse_mask(key.key_name or "")
    last4 = mask.last4 if mask else None
    name = identity("litellm", mark, key.key_alias, last4)
    if name is None:
        return None
    return KeyFacts(
        identity=name,
        source="litellm",
        prefix=mask.prefix if mask else "",
        last4=last4,
        fingerprint=mark,
        alias=_short(key.key_alias),
        owner=_short(key.user_id),
        group=_short(key.team_id),
        quota_micros=_micros(key.max_budget),
        spent_micros=_micros(key.spend),
        unlimited=key.max_budget is None,
        blocked=bool(key.blocked),
        expires_at=_moment(key.expires),
    )


def _of_newapi(token: _NewApiToken) -> KeyFacts | None:
    """A token of New API, known by its name."""
    name = identity("new_api", None, token.name, None)
    if name is None:
        return None
    spent, left = (_micros(None if units is None else units / QUOTA_UNITS_PER_USD) for units in (token.used_quota, token.remain_quota))
    return KeyFacts(
        identity=name,
        source="new_api",
        alias=_short(token.name),
        group=_short(token.group),
        quota_micros=None if spent is None or left is None else spent + left,
        spent_micros=spent,
        unlimited=token.unlimited_quota,
        blocked=token.status is not None and token.status != NEWAPI_ENABLED,
        expires_at=token.expired_time * 1000 if token.expired_time and token.expired_time > 0 else None,
    )


def with_team_names(keys: Sequence[KeyFacts], teams: Sequence[tuple[str, str]]) -> tuple[KeyFacts, ...]:
    """Keys whose group is a team's id, with the team's name."""
    names = dict(teams)
    return tuple(replace(key, group=names.get(key.group, key.group)) if key.group else key for key in keys)


def _distinct(keys: Sequence[KeyFacts | None]) -> tuple[KeyFacts, ...]:
    return tuple({key.identity: key for key in keys if key}.values())


def _short(text: str | None) -> str | None:
    return text[:LONGEST_NAME] if text else None


def _micros(amount: float | None) -> int | None:
    return None if amount is None or abs(amount) > 1e12 else round(amount * MICROS)


def _moment(text: str | None) -> int | None:
    """Epoch milliseconds of an ISO time; None for what is none."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is None:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


# in order: the first that fits
_SHAPES: dict[str, tuple[object, ...]] = {
    "litellm": (_LiteLLMKeys, list[_Team], _Models),
    "new_api": (_TokenPage, _TokenList, _Models),
}
