"""What kind of request something was, from the route it took or the word a gateway has for it."""

from __future__ import annotations

from collections.abc import Mapping

REQUEST_TYPES = frozenset({"chat", "image", "video", "audio", "embedding", "batch", "other"})

# the first kind one of whose marks is in the text
_CALLS: Mapping[str, tuple[str, ...]] = {
    "embedding": ("embedding",),
    "image": ("image",),
    "video": ("video",),
    "audio": ("speech", "transcription", "audio", "realtime"),
    "batch": ("batch", "file"),
    "chat": ("chat", "completion", "anthropic_messages", "responses", "generate_content"),
}
_ROUTES: Mapping[str, tuple[str, ...]] = {
    "chat": ("/completions", "/messages", "/responses", "generateContent"),
    "embedding": ("/embeddings", "/engines/", "embedContent"),
    "image": ("/images", "/mj/"),
    "video": ("/videos", "/video/", "/kling/", "/jimeng"),
    "audio": ("/audio", "/realtime", "/suno/"),
    "batch": ("/batches", "/files"),
}


def request_type_of_call(word: str) -> str | None:
    """Name the kind a gateway's word for the operation means; None when it means none."""
    return _first_containing(_CALLS, word)


def request_type_of_route(route: str) -> str | None:
    """Name the kind a route serves; None when it is none of ours."""
    return _first_containing(_ROUTES, route)


def _first_containing(kinds: Mapping[str, tuple[str, ...]], text: str) -> str | None:
    return next((kind for kind, marks in kinds.items() if any(mark in text for mark in marks)), None)
