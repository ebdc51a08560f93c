"""`flask logs detect`: name a file's format and show, before anything is stored, what would become of its lines."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from flask import current_app

from app.cli.log_files import first_pieces
from app.core.body import Piece, UnreadableBody
from app.core.fields import FieldCleaner
from app.core.format_detection import LINES_LOOKED_AT, rank_formats
from app.core.format_preview import Preview, preview

REJECTS_SHOWN = 20
DROPPED_PER_LINE = 6
SOURCES_SHOWN = 4


@click.command("detect")
@click.option("--format", "format_name", help="Preview as this format instead of the likeliest.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def detect_command(file: Path, format_name: str | None) -> None:
    """Name the format of FILE; preview which field fills which, what is dropped, and which lines are refused."""
    pieces, clean, formats = _start(file), cleaner(), current_app.extensions["formats"]
    ranked = rank_formats(pieces, formats, clean)
    if format_name is None and not ranked:
        raise click.ClickException(f"{file.name} looks like none of: {', '.join(formats)}")
    if format_name is not None and format_name not in formats:
        raise click.BadParameter(f"choose one of {', '.join(formats)}", param_hint="--format")
    chosen = format_name or ranked[0].format
    likeness = ", ".join(f"{likely.format} {likely.score:.0%}" for likely in ranked) or "none"
    click.echo(f"format: {chosen}  (likeness: {likeness})")
    _show(preview(pieces, formats[chosen], clean))


def found_format(path: Path) -> str:
    """Name the format a file is in. Raises ClickException when it looks like none."""
    formats = current_app.extensions["formats"]
    ranked = rank_formats(_start(path), formats, cleaner())
    if not ranked:
        raise click.ClickException(f"{path.name} looks like none of the known formats; name it with --format: {', '.join(formats)}")
    click.echo(f"{path.name}: format {ranked[0].format}", err=True)
    return ranked[0].format


def cleaner() -> FieldCleaner:
    """A cleaner for one reading."""
    return FieldCleaner(current_app.extensions["rulebook"].redactor, current_app.extensions["settings"].pepper)


def _start(path: Path) -> list[Piece]:
    try:
        return first_pieces(path, LINES_LOOKED_AT)
    except (UnreadableBody, EOFError, OSError) as problem:
        raise click.ClickException(f"{path.name} cannot be read: {problem}") from None


def _show(seen: Preview) -> None:
    """Print the preview."""
    over = f", {seen.passed_over} about no request" if seen.passed_over else ""
    click.echo(f"of the first {seen.lines} lines: {seen.records} records, {len(seen.rejects)} rejected{over}")
    click.echo("\nfields:")
    for name, target in seen.targets.items():
        sources = sorted(target.sources)
        named = ", ".join(sources[:SOURCES_SHOWN]) + (" …" if len(sources) > SOURCES_SHOWN else "") if sources else "fixed or derived"
        click.echo(f"  {name:<18} {target.kind:<14} {target.filled:>4}×  ← {named}")
    _show_dropped(seen)
    _show_rejects(seen)


def _show_dropped(seen: Preview) -> None:
    """List what is not read; an object of which nothing is read counts as one."""
    used = {source for target in seen.targets.values() for source in target.sources}
    whole = Counter(_dropped_as(path, used) for path in seen.dropped)
    names = sorted(name if count == 1 and name in seen.dropped else f"{name}/… ({count})" for name, count in whole.items())
    click.echo(f"\ndropped, or without effect on these lines ({len(seen.dropped)}):")
    for first in range(0, len(names), DROPPED_PER_LINE):
        click.echo("  " + ", ".join(names[first : first + DROPPED_PER_LINE]))


def _dropped_as(path: str, used: set[str]) -> str:
    """Name the outermost object around a field of which nothing is used, or the field itself."""
    keys = path.split("/")
    outer = ("/".join(keys[:depth]) for depth in range(1, len(keys)))
    return next((name for name in outer if not any(source.startswith(f"{name}/") for source in used)), path)


def _show_rejects(seen: Preview) -> None:
    if not seen.rejects:
        return
    click.echo("\nrejected:")
    for reject in seen.rejects[:REJECTS_SHOWN]:
        click.echo(f"  line {reject.line}: {reject.reason}")
    for reason, count in Counter(reject.reason for reject in seen.rejects[REJECTS_SHOWN:]).items():
        click.echo(f"  and {count} more: {reason}")
