"""What a list of tickets can be narrowed by, in the reader's words."""

from __future__ import annotations

from functools import lru_cache

from flask_babel import gettext as _

from app.core.causes import CauseBook
from app.store.service_rules import service_book

Options = list[tuple[str, str]]


def view_names() -> dict[str, str]:
    """The desk's own views."""
    return {
        "todo": _("Waiting for us"),
        "mine": _("My open tickets"),
        "new": _("New, nobody yet"),
        "answered": _("The user answered"),
        "soon": _("Clock runs out"),
        "waiting": _("Waiting for others"),
        "no_action": _("Without a next action"),
        "active": _("All active"),
        "done": _("Solved and closed"),
        "all": _("All"),
    }


def notice_words() -> dict[str, str]:
    """What the desk tells people, by kind."""
    return {
        "reply": _("the user answered"),
        "assigned": _("given to you"),
        "hand_off": _("handed over to you, or you stand in"),
        "mention": _("you were named in a note"),
        "before": _("a clock runs out soon"),
        "breach": _("a clock ran out"),
        "backup": _("a clock ran out and nobody moved: you stand in"),
        "dispute": _("a dispute about a charge was decided"),
        "approval_asked": _("somebody asks for approval"),
        "approval_decided": _("your request was decided"),
        "review_due": _("nobody has closed last week's review"),
        "review_closed": _("the weekly review is closed"),
        "decision": _("something was decided that is yours, or you stand in"),
        "article_published": _("answers tickets of yours"),
        "article_review": _("you own it and its review is due"),
        "article_backup": _("its review is overdue: you stand in"),
        "incident": _("the update of an incident stands in it"),
        "budget_part": _("a good part of it is spent"),
        "budget_full": _("all of it is spent"),
        "budget_hard": _("the gateway's own limit is reached"),
        "budget_projected": _("at this rate it will not last"),
        "budget_jump": _("one day cost far more than usual"),
        "bad_rating": _("the user rated the help as bad"),
    }


def about_words() -> dict[str, str]:
    """What a notice may be about, when it is no ticket."""
    return {
        "article": _("article"),
        "incident": _("incident"),
        "budget": _("budget"),
        "review": _("weekly review"),
        "approval": _("approval"),
    }


@lru_cache(maxsize=8)
def filter_options(causes: CauseBook, language: str) -> dict[str, Options]:
    """Field → (value, words), the empty value first; made once for each language."""
    layers = layer_names()
    return {
        "cause": [("", _("any cause")), *((cause.id, cause.title[language]) for cause in causes.causes.values())],
        "family": [("", _("any family")), *((name, causes.family_title(name, language)) for name in causes.families)],
        "layer": [("", _("any layer")), *((layer, layers.get(layer, layer)) for layer in _known_layers(causes))],
        "queue": [("", _("any queue")), *((queue.id, queue.title[language]) for queue in service_book())],
        **_fixed_options(),
    }


def _fixed_options() -> dict[str, Options]:
    """The filters whose values the desk fixes."""
    return {
        "view": [
            ("todo", _("waiting for us")), ("new", _("new")), ("waiting", _("waiting for others")), ("hold", _("on hold")),
            ("working", _("open or on hold")),
            ("active", _("active")), ("done", _("solved or closed")), ("all", _("any state")),
        ],
        "origin": [
            ("", _("any side")), ("user", _("the user")), ("key_owner", _("the key's owner")), ("gateway", _("the gateway")),
            ("provider", _("the provider")), ("client", _("the program")), ("network", _("the network")),
        ],
        "score": [("", _("any evidence")), ("ready", _("enough to diagnose")), ("thin", _("too little")), ("full", _("all facts"))],
        "match": [
            ("", _("any log match")), ("confirmed", _("log line confirmed")), ("likely", _("log line likely")),
            ("weak", _("log line doubtful")), ("none", _("no log line")),
        ],
        "age": [
            ("", _("any age")), ("hour", _("filed within an hour")), ("day", _("within a day")), ("week", _("within a week")),
            ("over-day", _("older than a day")), ("over-3-days", _("older than 3 days")), ("over-week", _("older than a week")),
        ],
        "language": [("", _("any language")), ("en", "English"), ("zh", "中文")],
        "next": [
            ("", _("any next action")), ("missing", _("no next action agreed")), ("due", _("next action due")), ("agreed", _("agreed")),
        ],
        "clock": [("", _("any clock")), ("soon", _("runs out within an hour")), ("over", _("ran out"))],
        "talk": [("", _("any talk")), ("answered", _("user answered us")), ("unanswered", _("never answered by us"))],
        "rating": [("", _("any rating")), ("bad", _("rated bad")), ("good", _("rated good")), ("none", _("not rated"))],
        "sort": [
            ("changed", _("last changed first")), ("waiting", _("longest waiting first")), ("due", _("clock first")),
            ("oldest", _("oldest first")),
        ],
    }  # fmt: skip


def _known_layers(causes: CauseBook) -> list[str]:
    return list(dict.fromkeys(cause.layer for cause in causes if cause.layer != "unknown"))


def layer_names() -> dict[str, str]:
    """Where on the way from client to bill a request failed."""
    return {
        "client": _("client"),
        "network": _("network"),
        "edge": _("edge"),
        "gateway_auth": _("key check"),
        "gateway_quota": _("quota"),
        "routing": _("routing"),
        "provider": _("provider"),
        "stream": _("stream"),
        "billing": _("billing"),
        "task": _("async task"),
    }
