"""Pictures as they may be kept: pixels only, drawn anew, without camera, place, comment or anything after the end."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
MOST_PIXELS = 25_000_000
Image.MAX_IMAGE_PIXELS = None  # the size is checked here, before a pixel is unpacked


class BadPicture(ValueError):
    """Not a picture that can be read."""


class HugePicture(ValueError):
    """More pixels than a screenshot has."""


def is_picture(data: bytes) -> bool:
    """Whether the first bytes are those of a PNG, JPEG or WebP."""
    return data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def media_type_of(data: bytes) -> str | None:
    """The media type of a picture that can be read, without changing it; None for anything else."""
    try:
        with Image.open(io.BytesIO(data), formats=tuple(MEDIA_TYPES)) as picture:
            picture.verify()
            return MEDIA_TYPES[picture.format or ""] if picture.width * picture.height <= MOST_PIXELS else None
    except Exception:  # noqa: BLE001 - as below
        return None


def plain_picture(data: bytes) -> tuple[bytes, str]:
    """The picture drawn anew, and its media type. Raises BadPicture, HugePicture."""
    try:
        with Image.open(io.BytesIO(data), formats=tuple(MEDIA_TYPES)) as picture:
            if picture.width * picture.height <= MOST_PIXELS:
                return _drawn_anew(picture), MEDIA_TYPES[picture.format or ""]
    except Exception:  # noqa: BLE001 - a hostile file fails in many ways; none of them may say what was in it
        raise BadPicture from None
    raise HugePicture


def _drawn_anew(picture: Image.Image) -> bytes:
    """The first frame, turned the right way up and written without a word beside it."""
    form = picture.format
    upright = ImageOps.exif_transpose(picture)
    mode = "RGBA" if form != "JPEG" and upright.has_transparency_data else "RGB"
    pixels = upright.convert(mode)
    plain = Image.new(mode, pixels.size)
    plain.paste(pixels)
    out = io.BytesIO()
    plain.save(out, form, **({} if form == "PNG" else {"quality": 90}))
    return out.getvalue()
