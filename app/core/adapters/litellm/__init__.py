"""LiteLLM's records, read by allow-list: its `generic_api` callback here, its table of spend logs in `spend_logs`.

Prompts, replies, headers, addresses, tracebacks, api_base and deployment ids are not named in `payload` and
so are never decoded. The two exceptions are decoded to be removed: `model`, a deployment's name, is
hidden where the error text repeats it, and a key that LiteLLM logs raw becomes a fingerprint.
"""

from __future__ import annotations

import msgspec

from app.core.adapters.litellm.payload import ERROR, LINE, METADATA
from app.core.adapters.litellm.reading import read_record
from app.core.fields import FieldCleaner
from app.core.lines import decode_line
from app.core.record import RedactedRecord

SOURCE = "litellm"
SIGNS = ("litellm_call_id", "call_type", "startTime", "endTime", "model_group", "hidden_params", "custom_llm_provider", "response_cost")


def parse_line(line: bytes | msgspec.Raw, clean: FieldCleaner) -> RedactedRecord:
    """Make one record of one StandardLoggingPayload; raises BadLine when it has no usable id or time."""
    read = decode_line(LINE, line)
    return read_record(SOURCE, read, METADATA.decode(read.metadata), ERROR.decode(read.error_information), clean)
