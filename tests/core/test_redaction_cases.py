"""The redactor against two thousand documents that try to get a secret past it."""

import pytest

from tests.core.redaction_cases.documents import Document, damaged, documents, survivors
from tests.core.redaction_cases.redactor import clean

DOCUMENTS = documents()


def test_there_are_enough_documents_of_every_kind():
    kinds = {kind for document in DOCUMENTS for kind, _ in document.secrets}
    assert len(DOCUMENTS) >= 500
    assert len(kinds) >= 60


@pytest.mark.parametrize("document", [document for document in DOCUMENTS if document.secrets], ids=lambda document: document.name)
def test_no_secret_survives(document: Document):
    assert survivors(document, clean(document.text)) == []


def test_what_must_stay_stays():
    assert {document.name: lost for document in DOCUMENTS if (lost := damaged(document, clean(document.text)))} == {}


def test_documents_without_a_secret_are_not_altered():
    assert [document.name for document in DOCUMENTS if not document.secrets and clean(document.text) != document.text] == []


def test_redacting_twice_changes_nothing():
    once = {document.name: clean(document.text) for document in DOCUMENTS}
    assert [name for name, text in once.items() if clean(text) != text] == []
