"""Properties: planted keys never survive, redaction settles at once, the first pass changes nothing."""
# ruff: noqa: E501 - tables of examples read best one to a line

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.redaction.accelerator import Accelerator
from app.core.redaction.canonical import canonical
from app.core.redaction.engine import Engine
from app.core.redaction.rulefile import Shape
from tests.core.redaction_cases import kinds, obfuscations
from tests.core.redaction_cases.documents import body, documents, plain
from tests.core.redaction_cases.redactor import clean, redactor

FRAGMENTS = [
    *(document.text for document in documents()[::37]),
    "sk-", "Bearer ", "basic ", "password: ", "密码", "api_key=", "key ", '"content":"', "'prompt': [", "Cookie: a=b;", "://u:p@h", "@", "…", "[hidden]", "***", "key:0123abcd",
    "\\u0073", "%2D", "&#45;", "\\\n", "\n> ", "```", "{{", "}}", '\\"', "\u200b", "：", "，", "。", "1391234567", "4111 1111 1111 1111", "203.0.113.9", "::", "+49 ", "-----BEGIN PRIVATE KEY-----",
    "BeArer ", "AUTHORIZATION", "İ", "K", "ſk-", "Ｋ",
]  # fmt: skip
SEPARATORS = [" ", "\n", '"', "'", "`", "，", "：", "。", "(", ")", "<", ">", "=", ", ", "; ", "「", "】", "|", "\t"]
text_of_fragments = st.lists(
    st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=8), st.text("abkey-_=:./@ 0159\n\"'", max_size=12)), max_size=10
).map("".join)
KINDS = sorted(kinds.PREFIXED)


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    seed=st.integers(0, 2**32),
    before=text_of_fragments,
    left=st.sampled_from(SEPARATORS),
    right=st.sampled_from(SEPARATORS),
    after=text_of_fragments,
)
def test_a_planted_key_never_survives(kind, seed, before, left, right, after):
    secret = kinds.PREFIXED[kind](random.Random(seed))
    core = body(kind, secret)
    redacted = clean(f"{before}{left}{secret}{right}{after}")
    assert core not in redacted
    assert core not in plain(redacted)


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(KINDS), seed=st.integers(0, 2**32), spelling=st.sampled_from(sorted(obfuscations.OF_VALUES)))
def test_a_key_never_survives_in_disguise(kind, seed, spelling):
    rng = random.Random(seed)
    secret = kinds.PREFIXED[kind](rng)
    core = body(kind, secret)
    redacted = plain(clean(f"this one: {obfuscations.OF_VALUES[spelling](rng, secret)} , it fails"))
    assert core[:12] not in redacted
    assert core[-12:] not in redacted


@settings(max_examples=300, deadline=None)
@given(text_of_fragments)
def test_redacting_twice_changes_nothing(text):
    once = clean(text)
    assert clean(once) == once


@settings(max_examples=400, deadline=None)
@given(text_of_fragments)
def test_the_first_pass_never_changes_the_result(text):
    engine = redactor()._engine
    always = replace(engine, first_pass=(lambda _: True,), prompts=replace(engine.prompts, gate=re.compile("")))
    assert redactor().redact(text) == always.redact(text)


@cache
def accelerated() -> Engine:
    """The same rules with the optional engine at work from the first text on."""
    pytest.importorskip("hyperscan")
    engine = redactor()._engine
    accelerator = Accelerator(engine.accelerator.expressions)
    assert accelerator.compile()
    return replace(engine, accelerator=accelerator)


@settings(max_examples=400, deadline=None)
@given(text_of_fragments)
def test_the_accelerator_never_changes_the_result(text):
    plain = replace(redactor()._engine, accelerator=Accelerator(()))
    assert accelerated().redact(text) == plain.redact(text)


def test_the_accelerator_rules_out_no_document_and_no_line_that_is_suspect():
    plain = replace(redactor()._engine, accelerator=Accelerator(()))
    texts = {canonical(part).text.lower() for document in documents() for part in (document.text, *document.text.split("\n"))}
    assert [text for text in texts if accelerated().accelerator.rules_out(text) and plain.is_suspect(text)] == []
    assert sum(map(accelerated().accelerator.rules_out, texts)) > 100


@settings(max_examples=200, deadline=None)
@given(text_of_fragments)
def test_no_shape_is_missed_by_its_literals(text):
    """Every shape tried at every place, without any first pass, finds nothing that the matcher does not find."""
    matcher = redactor()._engine.shapes
    view = canonical(text).text
    found = {(shape.id, match.span("secret")) for shape, match in matcher._found(view, view.lower())}
    assert {
        (shape.id, match.span("secret")) for shape in matcher.shapes for match in _everywhere(shape, view) if matcher._holds(shape, match)
    } <= found


def _everywhere(shape: Shape, text: str) -> Iterator[re.Match[str]]:
    if shape.inside or not shape.heads:
        yield from shape.find.finditer(text)
    else:
        at = 0
        while at < len(text):
            found = shape.find.match(text, at)
            at = found.end() if found else at + 1
            if found:
                yield found


@settings(max_examples=200, deadline=None)
@given(text_of_fragments)
def test_findings_are_in_order_apart_and_inside_the_text(text):
    redaction = redactor().redact(text)
    places = [(found.start, found.end) for found in redaction.findings]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(end <= start for (_, end), (start, _) in pairwise(places))


@settings(max_examples=200, deadline=None)
@given(text_of_fragments)
def test_what_is_outside_the_findings_stays_as_it_was(text):
    redaction = redactor().redact(text)
    ends = [0, *(found.end for found in redaction.findings)]
    starts = [*(found.start for found in redaction.findings), len(text)]
    kept = [re.escape(text[end:start]) for end, start in zip(ends, starts, strict=True)]
    assert re.fullmatch(".{1,40}?".join(kept), redaction.text, re.DOTALL)


@settings(max_examples=200, deadline=None)
@given(text_of_fragments)
def test_the_output_stays_within_its_bound(text):
    redaction = redactor().redact(text)
    assert len(redaction.text) <= len(text) + 32 * len(redaction.findings)


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_every_character_of_a_view_knows_where_it_came_from(text):
    view = canonical(text)
    assert len(view.text.lower()) == len(view.text)
    last = 0
    for at in range(len(view.text)):
        start, end = view.origin(at, at + 1)
        assert last <= start < end <= len(text)
        last = start


@pytest.mark.parametrize("text", ["BeArer ", "bEARER ", "BEARER "])
def test_a_header_in_odd_capitals_is_found(text):
    secret = kinds.mixed(random.Random(3), 40)
    assert secret[3:-4] not in clean(f"Authorization: {text}{secret}")
