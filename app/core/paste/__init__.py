"""Paste-to-fill: read whatever a user has (error, JSON, headers, curl, traceback) into evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from app.core.clients import ClientBook
from app.core.evidence import DEFAULT_TOLERANCE_MINUTES, Evidence
from app.core.key_ref import KeyRef
from app.core.model_names import ModelNames
from app.core.moment import read_moment
from app.core.paste.address import address, request_type
from app.core.paste.client import client_in
from app.core.paste.ids import request_id, task_id
from app.core.paste.key import mask_in
from app.core.paste.model import model
from app.core.paste.status import status_code
from app.core.paste.waiting import elapsed_seconds, retry_after_seconds
from app.core.paste.words import charged, stream, via_proxy
from app.core.redaction import Finding, Redaction, Redactor

HEAD, TAIL = 60_000, 20_000  # what is read for facts; the first and the last part of a paste tell the story
PAIR = re.compile(r'"name"\s{0,3}:\s{0,3}"(?P<name>[A-Za-z-]{1,60})",\s{0,12}"value"\s{0,3}:\s{0,3}"(?P<value>[^"\n]{0,400})"')


@dataclass(frozen=True, slots=True)
class Paste:
    """The evidence found, and what was hidden (positions in the pasted text)."""

    evidence: Evidence
    findings: tuple[Finding, ...]


def read_paste(text: str, redactor: Redactor, clients: ClientBook, model_names: ModelNames, now: datetime) -> Paste:
    """Redact first, then extract; a full key becomes its KeyRef and is forgotten. Never raises.

    Times without a zone are read in the zone of `now`.
    """
    redaction = redactor.redact(text)
    if not redaction.text.strip():
        return Paste(Evidence(), redaction.findings)
    return Paste(_evidence(redaction, clients, model_names, now), redaction.findings)


def _evidence(redaction: Redaction, clients: ClientBook, model_names: ModelNames, now: datetime) -> Evidence:
    text = _readable(redaction.text)
    client, version = client_in(text, clients)
    moment = read_moment(text, now)
    at = moment.at if moment else None
    named = model(text, model_names)
    base_url, endpoint = address(text)
    return Evidence(
        client=client,
        client_version=version,
        model=named,
        status_code=status_code(text),
        error_text=redaction.text,
        key=_key(redaction, text),
        request_id=request_id(text),
        task_id=task_id(text),
        request_time=at,
        tolerance_minutes=moment.tolerance_minutes if moment else DEFAULT_TOLERANCE_MINUTES,
        stream=stream(text),
        request_type=request_type(endpoint, named, model_names),
        base_url=base_url,
        elapsed_seconds=elapsed_seconds(text),
        retry_after_seconds=retry_after_seconds(text, at or now),
        gateway=clients.gateway_of(text),
        via_proxy=via_proxy(text),
        charged=charged(text),
    )


def _readable(text: str) -> str:
    """Both ends of a long text, with the quotes of nested JSON freed and HAR's header pairs joined."""
    clipped = text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n{text[-TAIL:]}"
    freed = clipped.replace('\\\\"', '"').replace('\\"', '"').replace("\\n", "\n")
    return PAIR.sub(r'\g<name>: "\g<value>"', freed)


def _key(redaction: Redaction, text: str) -> KeyRef:
    """Take the key met in full (mask and fingerprint), else the mask the text shows."""
    keys = sorted(redaction.keys, key=lambda key: (key.fingerprint is None, key.last4 is None))
    return keys[0] if keys else mask_in(text) or KeyRef()
