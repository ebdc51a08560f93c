"""Room that is kept on the disk: what gateways send may not fill it, so that people can still work, and space be given back."""

from __future__ import annotations

import shutil
from pathlib import Path

KEPT_BYTES = 64 * 2**20
KEPT_SHARE = 10  # of a small disk a tenth


def has_room(folder: Path, share: float = 1.0) -> bool:
    """Whether what is kept of the folder's disk, or a share of it, is free."""
    disk = shutil.disk_usage(folder)
    return disk.free >= share * min(KEPT_BYTES, disk.total // KEPT_SHARE)
