"""How a value is tied to the name before it: `name=value`, `"name", "value"`, `name is value`, the line below."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.redaction.canonical import QUOTES

LONGEST = 2048
ASSIGNED = frozenset({"sign", "pair", "named"})
_CJK = "\u3040-\u30ff\u3400-\u9fff"
_STOPS = "，。；！？、）】」』（【「《》"
_CLOSERS = rf"[{QUOTES}*_\])）】」』]{{0,4}}"
_FENCE = r"(?:```[A-Za-z]{0,12}[ \t]*\n[ \t]*)?"
_SCHEME = r"(?:(?:Bearer|Basic|Token|Digest|ApiKey|Api-Key|Key|Negotiate|Apikey|echo|printf)(?:[ ]{1,3}|[ \t]*\n[ \t>]{0,12}))?"
_OPENERS = (
    rf"(?!\[(?:hidden|phone|number)|\*{{3}}|_{{3}})(?:[(\[{{][ \t]{{0,4}}\n[ \t>]{{0,16}})?[*_(（【《\[]{{0,3}}(?P<quote>[{QUOTES}])?"
)
_TAGS = r"(?:<(?:span|code|b|strong|em|i|tt|kbd|pre|mark|font|td|a)(?:\s[^<>\n]{0,120})?>){0,2}"
_QUOTED = rf"(?<=(?P=quote))(?P<quoted>(?:(?!(?P=quote))[^\n]){{1,{LONGEST}}})"
_PLAIN = rf"(?P<plain>(?:[^\s{QUOTES}{_STOPS}{_CJK}<]|[{QUOTES}](?![\s,;:)}}\]>|]|$)|<(?!/)){{1,{LONGEST}}})"
_BODY = rf"{_FENCE}{_TAGS}{_OPENERS}{_SCHEME}(?:{_QUOTED}|{_PLAIN})"

_EXTRA = r"(?:[ ](?:header|value|field|string|param|parameter|variable|below|here|used)){0,2}"
_NOTE = r"(?:[ ]?\([^()\n]{1,24}\))?"
_SIGNS = r":=|=>|->|→|[:=|]{1,2}|(?<=[A-Za-z])>(?:[ \t]*\n[ \t>]*)?|(?:\?\?|or)(?=[ ][\"'])"
_SET = r"(?:changed|reset|set|updated|switched|rotated|renewed)(?: back)? to"
_IS_VERB = "is|was|are|equals|now|=|es|est|ist|lautet|là|adalah|jest|är|это|эto|è|é"
_IS_SET = rf"(?:got|gets|were|has been|have been|had been) {_SET}"
_IS = rf"[ ](?:(?:{_IS_VERB}|{_SET}|{_IS_SET})(?: {_SET}| now| still|:)?)[ ]"
_ABOUT = (
    r"[ ](?:for|of|on|at|in|to|de|del|der|für|von|pour|per|di|для)[ ]"
    r"[^\s:=,;.][^\n:=,;.]{0,40}?[ ]?(?::|[ ](?:is|es|est|ist|è|é))[ ]"
)
_ABOUT_QUOTED = rf"[ ](?:for|to|of)(?:[ ][a-z]{{2,12}})?[ ][{QUOTES}][^\n{QUOTES}]{{1,160}}[{QUOTES}][ ]?:[ ]"
_FOR = "(?:for|of|from|to|für|zu|zum|zur|pour|de|du|para|per|di|от|ot|для|к)"
_UNDERLINE = r"(?:[ \t>]{0,8}[-=~]{3,80}[ \t]{0,8}\n)?"
_STAGE = r"[ ]for[ ](?:prod|dev|test|stag|live|qa|uat)[a-z]{0,10}[ ]?[=:][ ]?"
_ASIDE = r"[ ](?:you|we|they|he|she|i|that|which)[ ][a-z ]{2,30}\("
_PUT_ZH = "(?:用|填|写|设|输|配)(?:的|了|入的|入了|置的|置了)是?"
_IS_ZH = (
    rf"[ ]?(?:(?:应该|还|仍|一直|现在|确认|可能|肯定)?(?:就)?是|(?:没变|没改|不变)(?:还|仍|就)?是|{_PUT_ZH}|为|는|은|は|が"
    r"|(?:我|我们|被|已|已经|给|帮我)?(?:改|设置|设|换|重置|修改|更改|重设|更新)(?:成|为|回)了?)[ :]?[ ]?"
)
_VALUE_NAME = rf"(?:[{QUOTES}]?[Vv]alue[{QUOTES}]?[ ]?[:=][ ]?)?"
_DASH = r"(?:-[ ]{1,3})?"
_TIES = (
    rf"{_EXTRA}{_CLOSERS}{_NOTE}[ \t]{{0,8}}(?P<sign>{_SIGNS})[ \t]{{0,8}}",
    rf"[{QUOTES}][ \t\n]{{0,4}}(?P<pair>,|(?=[Vv]alue ?=))[ \t\n]{{0,16}}{_VALUE_NAME}(?=[{QUOTES}])",
    rf"\([ ]?[A-Za-z_][A-Za-z0-9_.]{{0,40}}(?P<pair>,)[ ]?(?=[{QUOTES}])",
    r"</key>[ \t\n>]{0,16}<(?P<named>string)>",
    rf"{_CLOSERS}[ \t]{{0,4}}\n[ \t>]{{0,16}}-?[ \t]{{0,4}}(?P<named>[Vv]alue)[ \t]?:[ \t]{{0,4}}",
    rf"[{QUOTES}][ \t]{{0,4}}\{{[^{{}}]{{0,160}}?(?P<named>[Dd]efault)[ \t]{{0,8}}=[ \t]{{0,4}}",
    rf"{_EXTRA}{_CLOSERS}[ ]{{0,2}}(?P<copula>{_IS}|{_IS_ZH}|{_STAGE}|{_ABOUT}|{_ABOUT_QUOTED}|{_ASIDE})",
    r"[ ](?P<move>to|from|being)[ ]",
    rf"{_CLOSERS}[ \t]{{0,4}}[:=]?[ \t]{{0,4}}(?P<below>\n){_UNDERLINE}[ \t>\n]{{0,12}}(?:[#/]{{1,2}}[ ])?{_DASH}",
    rf"(?P<bare>[ ]{_FOR}[ ](?:[^\W\d_]{{1,3}}[ ])?[^\W\d_]{{2,20}}[ ])",
    rf"{_CLOSERS}(?P<bare>[ \t]{{0,3}})",
)
TIES = tuple(re.compile(tie + _BODY, re.IGNORECASE) for tie in _TIES)
FALLBACK = re.compile(rf"[)\]]{{0,2}}[ ]?(?P<sign>\|\||\?\?|or)[ ]?(?=[{QUOTES}]){_BODY}", re.IGNORECASE)
ITEM = re.compile(rf"[{QUOTES}]?[ \t]{{0,4}}(?P<below>,|\n)[ \t\n>]{{0,16}}{_DASH}{_BODY}", re.IGNORECASE)
KINDS = ("sign", "pair", "named", "copula", "move", "below", "bare")
OTHER_WORD = re.compile(rf"[{_CJK}](?<![是为就改设换用填写应还仍一现确可肯没不我被已给帮重修更는은はが])")
_SOFT_STOP = re.compile(rf"[;&,|](?=[A-Za-z_][A-Za-z0-9_.\- ]{{0,40}}[=:]|[;&,|]|$)|[,;:!?)|](?=[\u3000-\u303f{_CJK}])")


@dataclass(frozen=True, slots=True)
class Value:
    """What stands behind a name. kind: how it is tied to it, one of KINDS."""

    text: str
    start: int
    end: int
    kind: str
    quoted: bool

    def cut(self, length: int) -> Value:
        """Its first `length` characters."""
        return Value(self.text[:length], self.start, self.start + length, self.kind, self.quoted)

    def __repr__(self) -> str:
        return f"Value({self.start}, {self.end}, {self.kind})"


def read_value(found: re.Match[str]) -> Value:
    """The value of a match, without what only ends a sentence or a list."""
    groups = found.groupdict()
    kind = next(name for name in KINDS if groups.get(name) is not None)
    if groups["quoted"] is not None:
        return Value(groups["quoted"], *found.span("quoted"), kind, quoted=True)
    text = groups["plain"]
    stop = _SOFT_STOP.search(text)
    text = _trimmed(text[: stop.start()] if stop else text)
    start = found.start("plain")
    return Value(text, start, start + len(text), kind, quoted=False)


def _trimmed(text: str) -> str:
    """Without the full stop or bracket that follows it; dots that stand for the rest of a key stay."""
    without = text.rstrip(",;:!?)]}|*")
    return without if without.endswith(("...", "***")) or text.endswith("***") else text.rstrip(".,;:!?)]}|*")
