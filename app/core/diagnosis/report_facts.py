"""Facts that a report shows beyond its words: shapes of keys, paths, numbers, times, vendors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.core.causes import CauseBook, Vendor
from app.core.clients import OWN_GATEWAY, VENDOR_ITSELF
from app.core.error_shape import ErrorShape
from app.core.evidence import Evidence

LETTERS = re.compile(r"[a-z一-鿿]")
NOISE = re.compile(
    r"(?<![a-z])(?:https?|status|error|code|api|message|http/[0-9.]+|requests?|failed|with|client|server|response|returned|no|body"
    r"|the|an?|is|of|responded|apierror|apistatuserror|exception|openai|unknown|get|post|msg|url|for|from|received|unexpected|occurred"
    r"|credentials|validation|model|provider|ai|apicallerror|axioserror|completions?|chat|external"
    r"|nginx|openresty|help|please|why|when|what|how|to|do|does|i|my|me|it|this|get|gets|getting|keep|keeps|always|every|time|again|still|now|on|in|at|and|just|uh|oh|there|was|issue|connecting|gpt|proxy)"
    r"(?![a-z])|怎么办|怎么解决|怎么回事|如何解决|什么原因|什么情况|为什么|请问|求助|大佬|帮忙|看看|总是|老是|又|了|的|呢|吗|啊|是|接口|状态码|错误|报错|请求|返回|失败|出现|一直|提示|测试|模型|连接"
)
STANDARD_PHRASES = re.compile(
    r"bad[ _]request|unauthorized|payment required|forbidden|not found|too many requests|internal server error|bad gateway"
    r"|service unavailable|unprocessable entity"
)
# What programs wrap around an answer that says nothing: addresses, stack frames, dotted names, exceptions named for a status.
WRAPPING = re.compile(
    r"https?://[^ ]{1,200}|(?<![a-z])at [a-z0-9_.$/:-]{1,160}\([^)]{0,120}\)|file [^ ]{1,160}, line [0-9]{1,6}(?:, in [a-z0-9_<>.]{1,60})?"
    r"|(?<![a-z])[a-z_$0-9]{1,60}(?:\.[a-z_$0-9]{1,60}){1,12}"
    r"|(?<![a-z])(?:api|http|axios|openai|anthropic|openrouter|azure|litellm|gemini|provider|client|response|request|status|badrequest|apistatus|apicall"
    r"|nontransientai|transientai|permissiondenied|aiapicall|webclient){1,3}(?:error|exception)(?![a-z])"
)
ONLY_NOISE = re.compile(rf"(?:{WRAPPING.pattern}|{STANDARD_PHRASES.pattern}|{NOISE.pattern}|[^a-z一-鿿])*+$")
MASKED_TAIL = re.compile(r"""(?:\*{2,}|\.{3}|…|•{2,}|x{4,})(?P<tail>[^\s*,.…'"`\\]{1,12})""")
PLACEHOLDER_TAIL = re.compile(
    r"[}>%\]]$|_?key[)}>]?$|^eek|oken[)}>]?$|here$|^ummy$|dummy$|holder$|^(?:none|null|test|eded|fined|ired|cret|alue)$|^_[a-z]{2,}$"
)
# A name in lower case with a capital behind a figure ("gpt-4O"); vendors write whole words in capitals themselves.
ODD_CASE = re.compile(r"(?:^|/)[a-z][a-z0-9.-]{0,40}[0-9][A-Z]")
PLACEHOLDER_WORDS = re.compile(
    r"(?:provided|received|key|token)[:= ]{1,3}(?:is )?(?:undefined|null|none|empty|\$\{?[a-z_]{3,40}|not-needed|no-key|dummy"
    r"|<[a-z_ -]{3,40}>|your[_ -][a-z_ -]{0,20}key|sk-x{3,60}|sk-your|api[_-]key(?![a-z])|[a-z]{2,12}(?=\.? you can|\.? please))"
)
EMPTY_CONTENT = re.compile(r"""["'](?:content|text)["']\s?[:=]\s?(?:""|''|null|none)\s?[,}]""", re.IGNORECASE)
LIMIT_NUMBERS = re.compile(r"limit[: ]{1,2}(?P<limit>[0-9]{1,12}),.{0,60}?requested[: ]{1,2}(?P<requested>[0-9]{1,12})")
DOUBLED_PATH = re.compile(
    r"/v[0-9](?:beta)?/v[0-9]|/chat/completions/(?:chat|v1)|/responses/responses|/messages/messages|/completions/completions"
    r"|/v1/chat/v1|(?<!:)//v1|/api/api/"
)
MISSING_VERSION = re.compile(
    r"(?:post|get) /(?:chat/completions|responses|models|embeddings|messages|images/generations)(?![a-z/])"
    r"|(?:https?:/)?/[a-z0-9.:-]{3,80}(?<!/v1)/chat/completions"
)
VERSION_PART = re.compile(r"/v[0-9]|/api|/openai|/paas|/compatible")
LOCAL_ADDRESS = re.compile(
    r"(?<![a-z0-9.])(?:localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal|192\.168\.[0-9]{1,3}|10\.[0-9]{1,3}\.[0-9]{1,3}"
    r"|172\.(?:1[6-9]|2[0-9]|3[01])\.[0-9]{1,3})(?![a-z0-9])"
)
BLANK_MODEL = re.compile(r"对于模型 ?(?:无可用|没有)|下模型 ?无可用|for model ?(?:under|in group)|model  ")
GENERIC = re.compile(
    r"^ ?(?:error|unknown error|an error occurred|something went wrong|network problem|request failed|failed|bad request|invalid request"
    r"|出错了|报错|报错了|失败|请求失败|不能用|用不了|未知错误|调用失败|请求出错|没反应|异常|bad request error|invalid_request_error"
    r"|unknown_error|\[object object\]|出错了,请稍后重试)[ .!]{0,3}$"
)
MODEL_DATE = re.compile(r"(?:-20[0-9]{2}-?[0-9]{2}-?[0-9]{2}|-[0-9]{4}|-preview|-latest)$")
FIXED_TIMES = ((59, 62), (99, 102), (119, 122), (124, 127), (179, 182), (299, 303), (599, 604))
SHORT_WAIT, LONG_WAIT = 120, 3000
AT_ONCE = 2
GATEWAY_ANSWERS = frozenset({OWN_GATEWAY, VENDOR_ITSELF})
MEDIA_TYPES = frozenset({"image", "video", "audio", "batch", "music"})
FULL_ENDPOINTS = ("/chat/completions", "/responses", "/messages", "/embeddings", "/images/generations", "/completions")


def report_facts(evidence: Evidence, shape: ErrorShape, text: str, statuses: tuple[int, ...], causes: CauseBook) -> Iterator[str]:
    """Name every fact the report shows."""
    yield from _text_facts(evidence, shape, text)
    yield from _key_facts((evidence.error_text or "").lower())
    yield from _path_facts(evidence, text)
    yield from _time_facts(evidence, shape)
    yield from _form_facts(evidence, statuses)
    yield from _name_facts(evidence, shape, text, causes)


def _text_facts(evidence: Evidence, shape: ErrorShape, text: str) -> Iterator[str]:
    """Name how much the text says, and in which shape."""
    if not text.strip():
        yield "no_text"
    if GENERIC.match(text):
        yield "generic_text"
    if _says_nothing_but_status(text) if text.strip() else evidence.status_code is not None:
        yield "bare_status"
    if shape.is_html:
        yield "html"
    if "content" in text and EMPTY_CONTENT.search(evidence.error_text or ""):
        yield "empty_content"
    if len(shape.request_ids) > 1:
        yield "upstream_gateway_spoke"
    if shape.param:
        yield "param_named"
        if "image" in shape.param or "file" in shape.param:
            yield "param_image"
    yield from _limit_facts(text)


def _says_nothing_but_status(text: str) -> bool:
    """Tell whether only words that go with every failure are left; the start of a text mostly shows that there are others."""
    return bool(ONLY_NOISE.match(text)) and not LETTERS.search(NOISE.sub("", STANDARD_PHRASES.sub("", WRAPPING.sub("", text))))


def _limit_facts(text: str) -> Iterator[str]:
    """Compare the numbers that say whether waiting can help; notice a model name left blank."""
    numbers = LIMIT_NUMBERS.search(text) if "requested" in text else None
    if numbers and int(numbers["requested"]) > int(numbers["limit"]):
        yield "requested_over_limit"
    if BLANK_MODEL.search(text):
        yield "blank_model"


def _key_facts(text: str) -> Iterator[str]:
    """Tell whether the rejected key is a placeholder; reads the text with its quotes, which end a key."""
    if "key" not in text and "token" not in text and "令牌" not in text and "密钥" not in text:
        return
    tails = [found["tail"].rstrip(")'\"") or found["tail"] for found in MASKED_TAIL.finditer(text)]
    if any(PLACEHOLDER_TAIL.search(tail) for tail in tails) or PLACEHOLDER_WORDS.search(text):
        yield "placeholder_key"


def _path_facts(evidence: Evidence, text: str) -> Iterator[str]:
    """Name what the address and the paths in the text show."""
    address = (evidence.base_url or "").lower().rstrip("/")
    if ("/" in text and DOUBLED_PATH.search(text)) or (address and DOUBLED_PATH.search(address)):
        yield "doubled_path"
    missing = MISSING_VERSION.search(text) if "/chat/completions" in text or "post /" in text or "get /" in text else None
    if missing and not VERSION_PART.search(missing.group()):
        yield "missing_version"
    if address.endswith(FULL_ENDPOINTS):
        yield "base_url_full_endpoint"
    if (address and LOCAL_ADDRESS.search(address)) or LOCAL_ADDRESS.search(text):
        yield "local_address"


def _time_facts(evidence: Evidence, shape: ErrorShape) -> Iterator[str]:
    """Sort waits and durations."""
    wait = evidence.retry_after_seconds if evidence.retry_after_seconds is not None else shape.retry_after_seconds
    if wait is not None:
        yield "retry_short" if wait <= SHORT_WAIT else "retry_long" if wait >= LONG_WAIT else "retry_middle"
    if evidence.elapsed_seconds is None:
        return
    if any(low <= evidence.elapsed_seconds <= high for low, high in FIXED_TIMES):
        yield "elapsed_fixed"
    elif evidence.elapsed_seconds <= AT_ONCE:
        yield "elapsed_at_once"


def _form_facts(evidence: Evidence, statuses: tuple[int, ...]) -> Iterator[str]:
    """Name what the form's fields say."""
    if not statuses:
        yield "no_status"
    if evidence.stream:
        yield "stream_on"
    if evidence.task_id:
        yield "has_task"
    if evidence.request_type in MEDIA_TYPES:
        yield "type_media_task"
    if evidence.request_type:
        yield f"type_{evidence.request_type}"
    if evidence.via_proxy is not None:
        yield "via_proxy" if evidence.via_proxy else "no_proxy"
    if evidence.charged and (not statuses or any(status >= 400 for status in statuses)):
        yield "charged_and_failed"
    if evidence.charged is False:
        yield "not_charged"
    if evidence.gateway in GATEWAY_ANSWERS:
        yield f"answers_{evidence.gateway}"


def _name_facts(evidence: Evidence, shape: ErrorShape, text: str, causes: CauseBook) -> Iterator[str]:
    """Name what the model and the vendors show."""
    names = (evidence.model or "").lower(), (shape.model or "").lower()
    if any(_bare_name(name) in causes.calibration.famous_models for name in names if name):
        yield "model_case" if ODD_CASE.search(shape.model or "") else "known_model"
    speaking = [vendor for sign, vendor in causes.vendor_signs if sign in text]
    if speaking and _others_were_meant(evidence, names[0], speaking, causes.vendors):
        yield "vendor_mismatch"


def _others_were_meant(evidence: Evidence, model: str, speaking: Sequence[Vendor], vendors: tuple[Vendor, ...]) -> bool:
    """Tell whether gateway or address name other vendors than those that speak, or the model is another maker's."""
    speakers = {vendor.id for vendor in speaking}
    makers = _makers(model, vendors) if not any(vendor.resells for vendor in speaking) else set()
    return any(meant and not speakers & meant for meant in (_called(evidence, vendors), makers))


def _bare_name(model: str) -> str:
    """Take vendor, date and stage off a model's name."""
    return MODEL_DATE.sub("", model.rsplit("/", 1)[-1])


def _called(evidence: Evidence, vendors: tuple[Vendor, ...]) -> set[str]:
    """Name the vendors the user means to call, by gateway and address."""
    called = f"{evidence.gateway or ''} {evidence.base_url or ''}".lower()
    return {vendor.id for vendor in vendors if any(name in called for name in vendor.name)}


def _makers(model: str, vendors: tuple[Vendor, ...]) -> set[str]:
    """Name the vendors whose model this is."""
    return {vendor.id for vendor in vendors if any(model.startswith(start) or f"/{start}" in model for start in vendor.model)}
