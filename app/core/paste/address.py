"""Where a request went: base URL, endpoint, and the request type the endpoint means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from app.core.model_names import ModelNames

URL = re.compile(r"https?://[A-Za-z0-9._\[\]:-]{1,253}(?:/[^\s\"'`<>，。；、）)\\]{0,400})?", re.IGNORECASE)
_LABELS = "base[_ -]?url|baseURL|api[_ -]?(?:base|host|url|address)|endpoint(?:_url)?|proxy_url|接口地址|代理地址|API ?地址|地址"
BASE_LABEL = re.compile(rf"(?:{_LABELS})[\"'`]?\s{{0,3}}[:=：是为]?\s{{0,3}}[\"'`]?$", re.IGNORECASE)
_MANUALS = r"(?:help|docs?|status|github|aka|www|support)\.|[^/]+/(?:docs?|settings|account|help|errors?|en/articles|console|usage)(?:/|$)"
DOCUMENT = re.compile(rf"^https?://(?:{_MANUALS})", re.IGNORECASE)
_ENDPOINTS = (
    "chat/completions|completions|messages(?:/count_tokens)?|responses(?:/compact)?|embeddings|images/(?:generations|edits|variations)|"
    "videos?(?:/generations|/[A-Za-z0-9_-]{1,80})?|audio/(?:speech|transcriptions|translations)|batches|models|moderations|rerank|"
    "mj/submit/[a-z]{2,20}"
)
ENDPOINT = re.compile(rf"(?P<path>(?:/[A-Za-z0-9._-]{{1,40}}){{0,6}}?/(?:{_ENDPOINTS}))(?![A-Za-z0-9/_-])")
ENDPOINT_END = re.compile(rf"/(?:{_ENDPOINTS}|models/[^/]{{1,80}})/?$")
VERSIONED = re.compile(r"/v[0-9](?:beta)?(?:/|$)")
KINDS = (
    ("image", ("images/", "/mj/")),
    ("video", ("/video",)),
    ("audio", ("/audio/",)),
    ("embedding", ("/embeddings",)),
    ("batch", ("/batches",)),
    ("other", ("/models", "/moderations", "/rerank")),
    ("chat", ("/completions", "/messages", "/responses")),
)


def address(text: str) -> tuple[str | None, str | None]:
    """Find the base URL (a labelled one as typed, else the called one without its endpoint) and endpoint path."""
    labelled: str | None = None
    called: str | None = None
    for found in URL.finditer(text):
        url = bare(found[0])
        if url is None or DOCUMENT.match(url):
            continue
        if BASE_LABEL.search(text[max(0, found.start() - 40) : found.start()]):
            labelled = labelled or url
        elif called is None and (ENDPOINT.search(url) or VERSIONED.search(url)):
            called = url
    return labelled or (_without_endpoint(called) if called else None), _endpoint(called, text)


def request_type(endpoint: str | None, model_name: str | None, model_names: ModelNames) -> str | None:
    """chat, image, video, audio, embedding, batch or other: from the endpoint, else from the kind of model."""
    path = endpoint or ""
    kind = next((kind for kind, parts in KINDS if any(part in path for part in parts)), None)
    return kind or (model_names.kind(model_name) if model_name else None)


def bare(url: str) -> str | None:
    """Scheme, host and path of an address, without user, query and fragment; None when it is no address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    where = f"{parts.scheme.lower()}://{host}" + (f":{port}" if port else "")
    return where + parts.path.rstrip(".,:;#")


def _endpoint(called: str | None, text: str) -> str | None:
    places: Iterator[str] = iter((urlsplit(called).path if called else "", URL.sub(" ", text)))
    found = next(filter(None, (ENDPOINT.search(place) for place in places)), None)
    return found["path"] if found else None


def _without_endpoint(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{ENDPOINT_END.sub('', parts.path)}"
