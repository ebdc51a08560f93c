"""`flask match`: tickets as JSON lines in, the log records they are about out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, BinaryIO, TextIO

import click
from flask import current_app
from flask.cli import with_appcontext

from app.core.evidence import DEFAULT_TOLERANCE_MINUTES, Evidence
from app.core.key_ref import SHA256_HEX, KeyRef, fingerprint, parse_mask
from app.core.log_context import Match
from app.core.matching import MatchWeights, rank, search_hints, sentences
from app.core.matching.learning import Learnt, learn
from app.core.paste import read_paste
from app.core.rulebook import Rulebook
from app.settings import Settings
from app.store.learnt_weights import FILE_NAME, forget_learnt, write_learnt
from app.store.logs import LogStore
from app.store.match_decisions import decisions
from app.store.rulebook import RULES_DIR, read_rules


class _TicketsUnlessNamed(click.Group):
    """A group whose first word may be left out: `flask match tickets.jsonl` is `flask match tickets tickets.jsonl`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the usual command in front unless another is named."""
        named = bool(args) and (args[0] in self.commands or args[0] == "--help")
        return super().parse_args(ctx, args if named else ["tickets", *args])


@click.group("match", cls=_TicketsUnlessNamed)
def match_group() -> None:
    """Find the log records of tickets, or learn from the matches people decided on."""


@match_group.command("learn")
@click.option("--dry-run", is_flag=True, help="Only report; change nothing.")
@click.option("--forget", is_flag=True, help="Go back to the weights of the rules.")
@with_appcontext
def learn_command(dry_run: bool, forget: bool) -> None:
    """Re-estimate the weights from confirmed and rejected matches, and report what changes.

    The file's weights count as fifty confirmed matches, so a few decisions move little. The result is kept in the data
    folder and used from the next start on.
    """
    path = current_app.extensions["settings"].data_dir / FILE_NAME
    if forget:
        click.echo("forgotten" if forget_learnt(path) else "nothing was learnt")
        return
    learnt = learn(decisions(), MatchWeights(read_rules(RULES_DIR, "matching")))
    for line in report_lines(learnt):
        click.echo(line)
    if not dry_run and learnt.confirmed + learnt.rejected:
        write_learnt(path, learnt)
        click.echo("kept; used from the next start on")


def report_lines(learnt: Learnt) -> Iterator[str]:
    """What was learnt, level by level; levels never compared are left out."""
    yield f"{learnt.confirmed} matches confirmed, {learnt.rejected} rejected, {learnt.without_line} tickets with every proposal rejected"
    yield f"tickets without a line: {learnt.none:.2f} expected"
    yield f"{'level':<22} {'m':>6} {'now':>6} {'bits':>6} {'now':>6} {'confirmed':>12} {'rejected':>9}"
    for row in learnt.levels:
        if row.compared:
            seen = f"{row.confirmed}/{row.compared}"
            shares = f"{row.m_before:>6.3f} {row.m_after:>6.3f} {row.bits_before:>+6.1f} {row.bits_after:>+6.1f}"
            yield f"{row.signal:<22} {shares} {seen:>12} {row.rejected:>9}"


@match_group.command("tickets")
@click.argument("tickets", type=click.File("rb"), default="-")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of the reasons.")
@click.option("--widen", type=click.IntRange(1, 8), default=1, show_default=True, help="Multiply the time window.")
@with_appcontext
def match_command(tickets: BinaryIO, language: str, widen: int) -> None:
    """Find the log records of TICKETS, JSON lines in a file or on standard input; one answer per line, in order.

    Fields, each optional but id: client, model, status, error_text, key_mask, key_hash (SHA-256 hex of the key),
    request_time (ISO 8601; UTC where no zone is given), time_tolerance_minutes, request_id, task_id, stream.
    """
    extensions = current_app.extensions
    matcher = _Matcher(
        extensions["rulebook"], extensions["log_store"], extensions["settings"], datetime.now(UTC), language=language, widen=widen
    )
    match_lines(matcher, tickets, sys.stdout)


def match_lines(matcher: _Matcher, lines: BinaryIO, out: TextIO) -> None:
    """Answer every line as it comes. Raises click.ClickException with the line number, never with the line."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            out.write(json.dumps(matcher.answer(_ticket(line, number)), ensure_ascii=False) + "\n")
    out.flush()


class _Matcher:
    """What every line needs, looked up once."""

    def __init__(
        self, rulebook: Rulebook, log_store: LogStore, settings: Settings, now: datetime, *, language: str = "en", widen: int = 1
    ) -> None:
        self._rules = rulebook
        self._log_store = log_store
        self._pepper = settings.pepper
        self._now = now
        self._language = language
        self._widen = widen

    def answer(self, ticket: Mapping[str, Any]) -> dict[str, object]:
        """The ticket's matches, best first."""
        rules = self._rules
        evidence = self._evidence(ticket)
        found = self._log_store.candidates(evidence, self._widen, search_hints(evidence, rules.clients, rules.model_names))
        books = (rules.matching, rules.clients, rules.model_names)
        ranking = rank(evidence, found.records, *books, widen=self._widen, capped=found.capped, background=found.background)
        return {
            "id": ticket["id"],
            "matches": [self._match(match) for match in ranking.matches],
            "none": round(ranking.none_probability, 4),
        }

    def _match(self, match: Match) -> dict[str, object]:
        reasons = sentences(match, self._rules.matching, self._language)
        return {"request_id": match.record.request_id, "probability": round(match.probability, 4), "reasons": reasons}

    def _evidence(self, ticket: Mapping[str, Any]) -> Evidence:
        """The ticket's fields. A status left out is taken from the text; a client or model named there is a guess, and is not."""
        rules = self._rules
        text = _text(ticket, "error_text")
        paste = read_paste(text or "", rules.redactor, rules.clients, rules.model_names, self._now).evidence
        client = rules.clients.recognise(_text(ticket, "client"))
        status = _whole(ticket, "status")
        return Evidence(
            client=client.id if client else _text(ticket, "client"),
            model=_text(ticket, "model"),
            status_code=paste.status_code if status is None else status,
            error_text=paste.error_text,
            key=self._key(ticket),
            request_id=_text(ticket, "request_id"),
            task_id=_text(ticket, "task_id"),
            request_time=_moment(_text(ticket, "request_time")),
            tolerance_minutes=_whole(ticket, "time_tolerance_minutes") or DEFAULT_TOLERANCE_MINUTES,
            stream=ticket.get("stream") if isinstance(ticket.get("stream"), bool) else None,
        )

    def _key(self, ticket: Mapping[str, Any]) -> KeyRef:
        """The key by mask and by hash, as far as given."""
        mask = parse_mask(_text(ticket, "key_mask") or "") or KeyRef()
        sha256_hex = (_text(ticket, "key_hash") or "").lower()
        return replace(mask, fingerprint=fingerprint(self._pepper, sha256_hex) if SHA256_HEX.match(sha256_hex) else None)


def _ticket(line: bytes, number: int) -> dict[str, Any]:
    """One line as an object with an id."""
    try:
        document = json.loads(line)
    except ValueError:
        document = None
    if not isinstance(document, dict) or "id" not in document:
        raise click.ClickException(f'line {number} is not a JSON object with "id"')
    return document


def _text(ticket: Mapping[str, Any], name: str) -> str | None:
    value = ticket.get(name)
    return value.strip() or None if isinstance(value, str) else None


def _whole(ticket: Mapping[str, Any], name: str) -> int | None:
    value = ticket.get(name)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _moment(text: str | None) -> datetime | None:
    """An aware time; None for what is none."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
