"""One module per log format; each turns one decoded line into one canonical record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from app.core.adapters import litellm, ndjson, new_api, one_api, otlp
from app.core.adapters.litellm import spend_logs
from app.core.log_format import Format

QUOTA_UNIT = 500_000  # of New API's and One API's quota for one USD, unless the operator changed it


def formats(quota_unit: int = QUOTA_UNIT, declared: Mapping[str, Format] | None = None) -> Mapping[str, Format]:
    """Every format by name: those of this package, and those that a mapping file declares."""
    own = Format(
        ndjson.parse_line,
        (ndjson.SIGNS,),
        "The desk's own format: one request attempt a line, times in ISO 8601, money in USD.",
        ndjson.read_block,
    )
    known = {
        "litellm": Format(
            litellm.parse_line,
            (litellm.SIGNS,),
            "LiteLLM's generic_api callback as it is sent: an array, NDJSON or a single StandardLoggingPayload.",
        ),
        spend_logs.SOURCE: Format(spend_logs.parse_line, (spend_logs.SIGNS,), "LiteLLM's table of spend logs, exported as JSON or CSV."),
        "ndjson": own,
        "csv": replace(own, signs=(), about="The desk's own fields as a table with a head."),
        "new_api": Format(
            partial(new_api.parse_line, quota_unit=quota_unit),
            (new_api.SIGNS, new_api.TASK_SIGNS, new_api.DRAWING_SIGNS),
            "New API's usage log, tasks and Midjourney drawings: pages of its interface, or exports as JSON or CSV.",
        ),
        "one_api": Format(
            partial(one_api.parse_line, quota_unit=quota_unit),
            (one_api.SIGNS,),
            "One API's usage log: pages of its interface, or exports as JSON or CSV.",
        ),
        "otlp": Format(
            otlp.parse_line,
            (otlp.SIGNS, otlp.FLAT_SIGNS),
            "OpenTelemetry spans in OTLP/JSON: a post, or one a line as the collector's file exporter writes them.",
            unpack=otlp.unpack,
            joins_traces=True,
        ),
    }
    return MappingProxyType({**known, **(declared or {})})


FORMATS = formats()
