"""What the user's own words add: stream or not, a proxy in between, money taken."""

from __future__ import annotations

import re

STREAM = re.compile(r"[\"']?stream[\"']?\s{0,3}[:=]\s{0,3}(?P<flag>true|false)", re.IGNORECASE)
NO_STREAM = re.compile(
    r"非流式|关闭流式|不开流式|未开流式|没开流式|non-?streaming|without stream|stream(?:ing)? (?:is )?off", re.IGNORECASE
)
_STREAMS = r"流式|text/event-stream|stream disconnected|mid-?stream|streaming|(?:^|\n)data: \{|stream closed|incomplete chunked read"
SOME_STREAM = re.compile(_STREAMS, re.IGNORECASE)
_WENT = r"开着?|挂着?|使用|用了|走了?|通过|via|through|behind|using"
PROXY_ON = re.compile(rf"(?:{_WENT})(?: ?(?:a|an|the|my|our))? ?(?:代理|vpn|梯子|proxy)", re.IGNORECASE)
PROXY_OFF = re.compile(
    r"(?:没有?|不|未|关闭?了?)(?:开|挂|用|使用|走)?(?:代理|vpn|梯子)|(?:no|without)(?: an?)? (?:proxy|vpn)", re.IGNORECASE
)
NOT_CHARGED = re.compile(r"没有?(?:被)?扣费|未扣费|不扣费|not (?:been )?(?:charged|billed)", re.IGNORECASE)
CHARGED = re.compile(
    r"(?<!预)扣费|扣了|被扣|(?:was|were|been|got|still|am) (?:charged|billed)|charged (?:me|us|anyway|twice)", re.IGNORECASE
)


def stream(text: str) -> bool | None:
    """Whether the answer was to come as a stream."""
    flag = STREAM.search(text)
    if flag:
        return flag["flag"].lower() == "true"
    return False if NO_STREAM.search(text) else (SOME_STREAM.search(text) is not None) or None


def via_proxy(text: str) -> bool | None:
    """Whether the user went through a proxy or VPN of their own."""
    return False if PROXY_OFF.search(text) else (PROXY_ON.search(text) is not None) or None


def charged(text: str) -> bool | None:
    """Whether the user says the failed request cost money."""
    return False if NOT_CHARGED.search(text) else (CHARGED.search(text) is not None) or None
