"""One module per log format; each turns one decoded line into one canonical record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from app.core.adapters import litellm, ndjson
from app.core.fields import FieldCleaner
from app.core.record import RedactedRecord

# bytes of one JSON value → its record; raises core.fields.BadLine
Adapter = Callable[[bytes | msgspec.Raw, FieldCleaner], RedactedRecord]
FORMATS: Mapping[str, Adapter] = MappingProxyType({"litellm": litellm.parse_line, "ndjson": ndjson.parse_line})
