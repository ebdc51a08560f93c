"""Every change leaves a trace, and so does every private read: each route reaches the audit, or stands here with why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from flask import Flask

from app.core.roles import Audience
from app.operations.audit import record
from app.store.models import Change
from app.web.access import declared_audience

WITHOUT_TRACE = {  # endpoint → why nothing is kept of it
    "portal.read_report": "reads a paste, stores nothing",
    "portal.check_report": "reads the form, stores nothing",
    "portal.resend_link": "answers a stranger alike whatever is true; a message out is kept with its moment",
    "portal.solved": "counts an anonymous answer in a table of its own",
    "kb.flag": "an anonymous word about an article, with its moment, in a table of its own",
    "kb.answer": "counts an anonymous answer in a table of its own",
    "desk.find": "redirects to a search; the page it leads to is audited",
    "desk.draft": "a text that its author has not sent, seen by nobody else",
    "desk.drop_draft": "as desk.draft",
    "notices.read": "one's own notices; each keeps when it was read",
    "desk.presence": "a heartbeat, forgotten within minutes",
    "content.article_presence_of": "a heartbeat, forgotten within minutes",
    "content.preview": "shows what was typed, stores nothing",
    "content.version": "begins a version: a dated row with its author; what is saved in it is audited",
    "content.look_for_reviews": "runs by hand what a job does every hour",
    "content.tick_run": "each tick is a dated row with its author",
    "content.note_run": "a note on a checklist that is still being worked off; its end is audited",
    "ingest.accept_logs": "a batch row says when, from which source and what it brought",
    "ingest.accept_traces": "as ingest.accept_logs",
}
NO_PRIVATE_READ = {  # staff's GET routes that open no single private record
    "admin.accounts": "a list of accounts",
    "admin.batch": "numbers and reasons of rejected lines, no content",
    "admin.job_list": "timed work and what it came to",
    "admin.messages": "messages without a word of their text",
    "admin.overview": "counts and the tails of tokens",
    "admin.sources": "counts",
    "admin.webhooks": "a list of addresses",
    "api.ticket_list": "as desk.queue",
    "desk.queue": "a list: subjects and states",
    "desk.steps": "one's own steps",
    "desk.suspected": "a list of what strangers filed",
    "desk.key_list": "a list: masks, aliases, owners; opening one is audited",
    "desk.incident_list": "a list of incidents",
    "desk.incident": "counts; each line it names is opened through logs.one",
    "desk.found_in_log": "a list; opening a record is audited",
    "desk.incident_known_error": "what is known of an error, and counts",
    "desk.incident_known_errors": "as desk.incident_known_error",
    "desk.incident_warning": "counts; each line it names is opened through logs.one",
    "desk.incident_warnings": "as desk.incident_warning",
    "logs.counted": "one's kept filters with counts",
    "logs.recent": "a list; opening a record and taking records out are audited",
}


def code_of(function: Any) -> Iterator[CodeType]:
    """A function's code with that of everything written inside it."""
    waiting = [function.__code__]
    while waiting:
        code = waiting.pop()
        yield code
        waiting += [each for each in code.co_consts if isinstance(each, CodeType)]


def named_in(function: Any) -> Iterator[Any]:
    """What a function's code names: globals, and what it takes from modules among them."""
    for code in code_of(function):
        known = [function.__globals__[name] for name in code.co_names if name in function.__globals__]
        yield from known
        for module in known:
            if isinstance(module, ModuleType) and module.__name__.startswith("app."):
                yield from (vars(module)[name] for name in code.co_names if name in vars(module))


def reaches_the_audit(view: Callable[..., Any]) -> bool:
    """Whether the audit, or a ticket's history, is written somewhere on a way that begins here."""
    seen: set[int] = set()
    waiting: list[Any] = [view]
    while waiting:
        function = waiting.pop()
        if function is record or function is Change:
            return True
        while hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        if id(function) in seen or not isinstance(function, FunctionType) or not function.__module__.startswith("app."):
            continue
        seen.add(id(function))
        waiting += named_in(function)
    return False


def endpoints(app: Flask, method: str) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules() if method in (rule.methods or ()) and rule.endpoint in app.view_functions}


def test_every_change_leaves_a_trace_or_has_a_reason_not_to(app: Flask) -> None:
    silent = {name for name in endpoints(app, "POST") | endpoints(app, "PATCH") if not reaches_the_audit(app.view_functions[name])}
    assert silent - WITHOUT_TRACE.keys() == set(), "record it in the operation, or give the reason here"


def test_every_private_read_of_staff_leaves_an_entry(app: Flask) -> None:
    staff = {Audience.DESK, Audience.ADMIN, Audience.API}
    with app.test_request_context():
        reads = {name for name in endpoints(app, "GET") if declared_audience(name) in staff}
    silent = {name for name in reads if not reaches_the_audit(app.view_functions[name])}
    unexplained = {name for name in silent - NO_PRIVATE_READ.keys() if not name.startswith("reports.")}  # reports hold figures only
    assert unexplained == set()
    assert {
        "api.ticket",
        "desk.ticket",
        "desk.file",
        "desk.key",
        "logs.one",
        "desk.found",
        "logs.export",
        "admin.export_audit",
    } <= reads - silent


def test_the_walk_can_tell_the_difference(app: Flask) -> None:
    assert not reaches_the_audit(app.view_functions["desk.presence"])
    assert reaches_the_audit(app.view_functions["desk.state"])
