"""The redactor against some three thousand documents that try to get a secret past it."""

from functools import cache

from tests.core.redaction_cases.documents import damaged, documents, survivors
from tests.core.redaction_cases.redactor import clean

DOCUMENTS = documents()


@cache
def answers() -> dict[str, str]:
    """Every document's clean text, by the document's text."""
    return {document.text: clean(document.text) for document in DOCUMENTS}


def test_there_are_enough_documents_of_every_kind():
    kinds = {kind for document in DOCUMENTS for kind, _ in document.secrets}
    assert len(DOCUMENTS) >= 2000
    assert len(kinds) >= 60


def test_no_secret_survives():
    assert {document.name: left for document in DOCUMENTS if (left := survivors(document, answers()[document.text]))} == {}


def test_what_must_stay_stays():
    assert {document.name: lost for document in DOCUMENTS if (lost := damaged(document, answers()[document.text]))} == {}


def test_documents_without_a_secret_are_not_altered():
    assert [document.name for document in DOCUMENTS if not document.secrets and answers()[document.text] != document.text] == []


def test_redacting_twice_changes_nothing():
    assert [text for text in answers().values() if clean(text) != text] == []
