"""New API's rows: its usage log, and its tables of tasks and of Midjourney drawings; exports and polled pages alike.

Channels, prices, addresses, prompts, upstream keys and result links are not named here and so are never decoded. The
channel counts once, in the identity that tells one attempt from another; it is not kept.
"""

from __future__ import annotations

import msgspec

from app.core.adapters.new_api.log_row import read_log
from app.core.adapters.new_api.payload import ROW
from app.core.adapters.new_api.task_row import read_drawing, read_task
from app.core.fields import BadLine, FieldCleaner
from app.core.lines import decode_line
from app.core.record import RedactedRecord

SOURCE = "new_api"
SIGNS = ("type", "created_at", "use_time", "token_id", "token_name", "group", "other", "quota")
TASK_SIGNS = ("task_id", "platform", "action", "submit_time", "finish_time", "fail_reason", "progress", "status")
DRAWING_SIGNS = ("mj_id", "action", "submit_time", "finish_time", "fail_reason", "progress", "status")
QUOTA_UNIT = 500_000  # of New API's quota for one USD, unless the operator changed it


def parse_line(line: bytes | msgspec.Raw, clean: FieldCleaner, quota_unit: int = QUOTA_UNIT) -> RedactedRecord:
    """Make one record of one row; raises BadLine when it is about no finished request."""
    row = decode_line(ROW, line)
    if row.mj_id is not None:
        return read_drawing(row, clean, quota_unit)
    if row.task_id is not None and row.submit_time is not None:
        return read_task(row, clean, quota_unit)
    if row.created_at is None:
        raise BadLine("created_at is missing")
    return read_log(row, clean, quota_unit)
