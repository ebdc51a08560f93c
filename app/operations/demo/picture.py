"""A small chart as a picture, for the demonstration's articles."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

SIZE = (640, 240)
PAPER, BAR, WALL, AXIS = "#ffffff", "#3b6ea8", "#b3402e", "#8a8f98"
HEIGHTS = (18, 24, 30, 96, 100, 100, 40, 22, 26, 34, 99, 100, 62, 28, 20, 24)  # percent of the limit, minute by minute


def chart() -> bytes:
    """Requests a minute below a limit, as a PNG."""
    picture = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(picture)
    width, height = SIZE
    step, floor, top = width // (len(HEIGHTS) + 1), height - 24, 28
    for place, percent in enumerate(HEIGHTS):
        left = step // 2 + place * step
        pen.rectangle((left, floor - (floor - top) * percent // 100, left + step * 2 // 3, floor), fill=BAR)
    pen.line((12, top, width - 12, top), fill=WALL, width=3)
    pen.line((12, floor, width - 12, floor), fill=AXIS, width=2)
    kept = io.BytesIO()
    picture.save(kept, "PNG", optimize=True)
    return kept.getvalue()
