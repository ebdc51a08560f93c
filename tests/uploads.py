"""Files to attach: pictures with metadata and HAR files, with words of the test's choice in every corner."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping

from PIL import Image
from PIL.ExifTags import Base
from PIL.PngImagePlugin import PngInfo


def multipart(fields: Mapping[str, str], uploads: Iterable[tuple[str, bytes]], name: str = "files") -> tuple[bytes, str]:
    """A form with files as a browser sends it, and its content type."""
    start = "--edge\r\nContent-Disposition: form-data; name="
    parts = [f'{start}"{field}"\r\n\r\n{value}\r\n'.encode() for field, value in fields.items()]
    for file_name, content in uploads:
        head = f'{start}"{name}"; filename="{file_name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join((*parts, b"--edge--\r\n")), "multipart/form-data; boundary=edge"


def png(words: str = "") -> bytes:
    """A PNG with `words` in its text chunk, its EXIF comment and behind its end."""
    info = PngInfo()
    info.add_text("Comment", words)
    info.add_itxt("Description", words)
    return _written("PNG", words, pnginfo=info) + words.encode()


def jpeg(words: str = "") -> bytes:
    """A JPEG with `words` as comment and in EXIF."""
    return _written("JPEG", words, comment=words.encode())


def webp(words: str = "") -> bytes:
    """A WebP with `words` in EXIF and XMP."""
    return _written("WEBP", words, xmp=words.encode())


def _written(form: str, words: str, **more: object) -> bytes:
    exif = Image.Exif()
    exif[Base.ImageDescription] = words
    exif[Base.UserComment] = b"ASCII\0\0\0" + words.encode()
    exif[Base.Artist] = words
    out = io.BytesIO()
    Image.new("RGB", (40, 20), (10, 200, 30)).save(out, form, exif=exif, **more)
    return out.getvalue()


def har(words: str, status: int = 401) -> bytes:
    """A HAR file with `words` as the value of every header, cookie, query and body there is."""
    pair = [{"name": "Authorization", "value": words}, {"name": "X-Api-Key", "value": words}, {"name": "x-request-id", "value": words}]
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": words}], "user": words, "n": 1})
    request = {
        "method": "POST",
        "url": f"https://gw.example.com/v1/chat/completions?key={words}#{words}",
        "httpVersion": "http/2.0",
        "headers": [*pair, {"name": "Content-Type", "value": "application/json"}],
        "cookies": [{"name": "session", "value": words, "comment": words}],
        "queryString": [{"name": "key", "value": words}],
        "postData": {"mimeType": "application/json", "text": body, "params": [{"name": "password", "value": words}]},
        "headersSize": 300,
        "bodySize": len(body),
    }
    response = {
        "status": status,
        "statusText": words,
        "httpVersion": "h2",
        "headers": [*pair, {"name": "retry-after", "value": "20"}, {"name": "Set-Cookie", "value": f"session={words}"}],
        "cookies": [{"name": "session", "value": words}],
        "content": {"size": 90, "mimeType": "application/json", "text": json.dumps({"choices": [{"message": {"content": words}}]})},
        "redirectURL": "",
        "_error": words,
    }
    entry = {
        "startedDateTime": "2026-11-20T08:26:00.120Z",
        "time": 312.5,
        "request": request,
        "response": response,
        "serverIPAddress": words,
        "_initiator": {"url": words},
        "timings": {"wait": 300.1, "comment": words},
        "comment": words,
    }
    named = {"name": words, "version": words}
    log = {"version": "1.2", "creator": named, "pages": [{"title": words}], "entries": [entry], "comment": words}
    return json.dumps({"log": log}).encode()
