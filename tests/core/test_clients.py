"""Client programs: known by the words people use and by the agents they send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clients import ClientBook, version_in_agent
from app.store.rulebook import RULES_DIR, read_rules

DATA = read_rules(RULES_DIR, "clients")
BOOK = ClientBook(DATA)
FIELDS = {"status_code", "error_text", "model", "request_id", "request_time", "base_url", "key", "client_version", "stream"}


@pytest.mark.parametrize("client", BOOK.clients, ids=lambda client: client.id)
def test_every_client_says_in_both_languages_where_each_field_is(client):
    assert set(client.where) == FIELDS
    for texts in client.where.values():
        assert texts["en"].strip()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in texts["zh"]) or "`" in texts["zh"]


def test_no_alias_and_no_own_agent_belongs_to_two_clients():
    names = [name for client in BOOK.clients for name in {client.name.lower(), client.id, *client.aliases}]
    agents = [agent for client in BOOK.clients for agent in client.user_agents]
    assert len(names) == len(set(names))
    assert len(agents) == len(set(agents))
    assert all(name == name.lower() for name in names + agents)


@pytest.mark.parametrize(
    ("words", "client"),
    [
        ("Cherry Studio", "cherry-studio"),
        ("cherry", "cherry-studio"),
        ("樱桃", "cherry-studio"),
        ("我用的是樱桃 1.6.2", "cherry-studio"),
        ("Claude code 2.0", "claude-code"),
        ("claud code", "claude-code"),
        ("ＣＯＤＥＸ", "codex-cli"),
        ("python sdk", "openai-python"),
        ("OpenAI Node.js SDK", "openai-node"),
        ("open web ui", "open-webui"),
        ("Roo Code 3.2", "roo-code"),
        ("沉浸式翻译", "immersive-translate"),
        ("our own script", None),
        ("", None),
        (None, None),
    ],
)
def test_a_client_in_a_persons_words(words, client):
    found = BOOK.recognise(words)
    assert (found.id if found else None) == client


@pytest.mark.parametrize(
    ("agent", "client"),
    [
        ("claude-cli/2.0.31 (external, cli)", "claude-code"),
        ("codex_cli_rs/0.46.0", "codex-cli"),
        ("OpenAI/Python 1.109.1", "openai-python"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 CherryStudio/1.6.2 Chrome/138 Electron/37.2", "cherry-studio"),
        ("curl/8.5.0", "curl"),
        ("OpenAI/JS 5.20.0", None),
        ("python-httpx/0.27", None),
        ("something/1", None),
        (None, None),
    ],
)
def test_a_user_agent_names_a_client_only_where_no_other_sends_it(agent, client):
    found = BOOK.of_user_agent(agent)
    assert (found.id if found else None) == client


def test_agreement_is_full_for_its_own_agent_some_for_a_shared_one_and_none_for_anothers():
    assert BOOK.agreement("Claude Code", "claude-cli/2.0.31 (external, cli)") == 1.0
    assert 0.5 < BOOK.agreement("LobeChat", "OpenAI/JS 4.104.0") < 1.0
    assert BOOK.agreement("Claude Code", "curl/8.5.0") == 0.0
    assert BOOK.agreement("Claude Code", "OpenAI/JS 5.20.0") == 0.0
    assert 0.0 < BOOK.agreement("Claude Code", "acme-proxy/1.0") < 0.5
    assert BOOK.agreement("our own script", "curl/8.5.0") is None
    assert BOOK.agreement("curl", None) is None


@pytest.mark.parametrize(
    ("text", "client"),
    [
        ("openai.RateLimitError: Error code: 429", "openai-python"),
        ("anthropic.RateLimitError: Error code: 429", "anthropic-sdk"),
        ("API Error (401 {}) · Please run /login", "claude-code"),
        ("stream disconnected before completion: stream closed before response.completed", "codex-cli"),
        ("at OpenAI.makeRequest (/app/node_modules/openai/core.js:1)", "openai-node"),
        ("nothing telling", None),
    ],
)
def test_a_wrapper_gives_its_client_away(text, client):
    found = BOOK.by_clue(text)
    assert (found.id if found else None) == client


@pytest.mark.parametrize(
    ("text", "gateway"),
    [("x-litellm-call-id: 1", "litellm"), ('{"type":"new_api_error"}', "new-api"), ("无效的令牌", "one-api"), ("Too Many Requests", None)],
)
def test_words_give_the_gateway_family_away(text, gateway):
    assert BOOK.gateway_of(text) == gateway


def test_the_version_of_an_agent():
    assert version_in_agent("CherryStudio/1.6.2 Electron/37.2") == "1.6.2"
    assert version_in_agent("OpenAI/Python 1.109.1") == "1.109.1"
    assert version_in_agent("no version") is None


def test_choices_are_the_proper_names():
    assert "Cherry Studio" in BOOK.choices()
    assert len(BOOK.choices()) == len(set(BOOK.choices()))


@given(st.text(max_size=300))
def test_no_words_are_too_strange(words):
    BOOK.recognise(words)
    BOOK.of_user_agent(words)
    list(BOOK.mentions(words))
    assert BOOK.name_of(words) is not None
