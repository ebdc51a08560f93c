"""Every rule file proved by the examples inside it and by what its entries say of one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.core.causes_check import check_causes
from app.core.failure_class import FailureWords, check_failures
from app.core.hand_off_sheet import HandOffBook, check_hand_off
from app.core.macros import MacroBook, check_macros
from app.core.mail_answer import MailBook, check_mail
from app.core.playbook_check import check_playbooks
from app.core.rule_checks.knowledge import EVIDENCE_FIELDS, check_gate, check_questions
from app.core.rule_checks.names import check_clients, check_matching, check_models, check_synonyms
from app.core.rule_checks.rules import Rules
from app.core.service import ServiceBook, check_service
from app.core.warning import check_warnings

__all__ = ["CHECKS", "Rules"]


def _causes(rules: Rules) -> list[str]:
    book = rules.book
    return check_causes(book.causes, rules.article_slugs, book.redactor.clean)


def _playbooks(rules: Rules) -> list[str]:
    book = rules.book
    return check_playbooks(book.playbooks, book.causes, book.gate, book.redactor)


def _service(rules: Rules) -> list[str]:
    return check_service(ServiceBook(rules.data["service"]))


def _hand_off(rules: Rules) -> list[str]:
    queues = [queue.id for queue in ServiceBook(rules.data["service"])]
    return check_hand_off(HandOffBook(rules.data["hand_off"]), queues, EVIDENCE_FIELDS)


def _mail(rules: Rules) -> list[str]:
    return check_mail(MailBook(rules.data["mail"]))


def _macros(rules: Rules) -> list[str]:
    return check_macros(MacroBook(rules.data["macros"]))


def _failures(rules: Rules) -> list[str]:
    return check_failures(FailureWords(rules.data["failures"]))


def _warnings(rules: Rules) -> list[str]:
    return check_warnings(rules.book.warnings)


CHECKS: Mapping[str, Callable[[Rules], list[str]]] = {
    "causes": _causes,
    "questions": check_questions,
    "playbooks": _playbooks,
    "clients": check_clients,
    "models": check_models,
    "matching": check_matching,
    "synonyms": check_synonyms,
    "articles": check_gate,
    "service": _service,
    "hand_off": _hand_off,
    "macros": _macros,
    "mail": _mail,
    "warnings": _warnings,
    "failures": _failures,
}
