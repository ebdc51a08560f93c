"""Which program a pasted text comes from, and its version."""

from __future__ import annotations

import re

from app.core.clients import VERSION, Client, ClientBook, version_in_agent

AGENT = re.compile(r"user[-_ ]agent[\"']?\s{0,3}[:=：]\s{0,3}[\"']?(?P<agent>[^\"'\n\r]{2,160})", re.IGNORECASE)
AGENT_OPTION = re.compile(r"(?:^|\s)(?:-A|--user-agent)\s{1,3}[\"'](?P<agent>[^\"'\n]{2,160})[\"']")
LABEL = re.compile(
    r"(?:client|software|客户端|软件|工具)(?: name| used|名称)?\s{0,3}[:：=是]\s{0,3}(?P<words>[^\n,，;；。]{2,60})", re.IGNORECASE
)
_AGENTS = "claude-cli|codex_cli_rs|CherryStudio|(?:Async)?(?:OpenAI|Anthropic)/(?:Python|JS)|python-httpx|python-requests|Cursor|curl"
SOME_AGENT = re.compile(rf"(?<![\w@/.])(?:{_AGENTS})[/ ]v?[0-9][^\n\"']{{0,80}}")
CURL = re.compile(r"(?:^|\n)\s{0,8}(?:[$>#%]\s{0,2})?curl(?:\.exe)?\s")
PINNED = re.compile(rf"(?<![\w-])(?:openai|anthropic|langchain[-_a-z]*)\s?(?:==|@|version:?|\bv)\s?(?P<version>{VERSION})", re.IGNORECASE)
LABELLED_VERSION = re.compile(rf"(?:client version|version|版本号?)\s{{0,2}}[:：=是为]?\s{{0,2}}v?(?P<version>{VERSION})", re.IGNORECASE)


def client_in(text: str, clients: ClientBook) -> tuple[str | None, str | None]:
    """Canonical client id and version: from a label, a user agent, a name, a wrapper's words, or a curl command."""
    agent = _agent(text)
    client = _labelled(text, clients) or clients.of_user_agent(agent) or _named(text, clients) or clients.by_clue(text)
    if client is None and CURL.search(text):
        client = clients.get("curl")
    if client is None:
        return None, None
    return client.id, _version(text, client, agent)


def _agent(text: str) -> str | None:
    for pattern in (AGENT, AGENT_OPTION):
        found = pattern.search(text)
        if found:
            return found["agent"]
    bare = SOME_AGENT.search(text)
    return bare[0] if bare else None


def _labelled(text: str, clients: ClientBook) -> Client | None:
    found = LABEL.search(text)
    return clients.recognise(found["words"]) if found else None


def _named(text: str, clients: ClientBook) -> Client | None:
    """Find the first program the text names; curl, Python and the like only count when nothing more telling is said."""
    named = [client for client in clients.mentions(_without_addresses(text)) if _is_name(client, text)]
    return next((client for client in named if client.kind not in {"http", "sdk"}), None)


def _is_name(client: Client, text: str) -> bool:
    """Whether the text means the program: some names ("Continue", "Roo") are everyday words unless capitalised."""
    everyday = client.name.isalpha() and client.name.lower() in {"continue", "cursor", "node"}
    return not everyday or re.search(rf"(?<![A-Za-z0-9]){client.name}(?![A-Za-z0-9])", text) is not None


def _without_addresses(text: str) -> str:
    return re.sub(r"https?://[^\s\"'<>]{1,400}", " ", text)


def _version(text: str, client: Client, agent: str | None) -> str | None:
    if agent and (
        agent.lower().startswith(client.user_agents + client.shared_agents) if client.user_agents + client.shared_agents else False
    ):
        return version_in_agent(agent)
    for name in sorted((client.name, *client.aliases), key=len, reverse=True):
        found = re.search(
            rf"(?<![A-Za-z0-9]){re.escape(name)}[\s(（]{{0,3}}(?:version|版本)?[\s:：]{{0,2}}v?({VERSION})", text, re.IGNORECASE
        )
        if found:
            return found[1]
    found = PINNED.search(text) if client.kind == "sdk" else LABELLED_VERSION.search(text)
    return found["version"] if found else None
