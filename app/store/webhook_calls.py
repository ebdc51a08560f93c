"""Call an endpoint of somebody else's: never one of this machine or of its network, unless a setting says so."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

PATIENCE = 10  # seconds
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # NAT64: any IPv4 address may stand behind it
MOST_READ = 1024  # of an answer that nobody reads


class Refused(Exception):
    """The call was not made or not taken; `reason` is a short code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def fits(url: str, *, private: bool) -> bool:
    """Whether an address may be an endpoint at all: https, a host, no user; http only where private hosts are allowed."""
    parts = urlsplit(url)
    try:
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        return False
    schemes = {"https", "http"} if private else {"https"}
    return parts.scheme in schemes and bool(parts.hostname) and not parts.username and not parts.fragment and port_fits


def post(url: str, body: bytes, headers: Mapping[str, str], *, private: bool) -> None:
    """Make the call. Raises Refused: private_address, no_host, unreachable, or status_ with the answer's number."""
    if not fits(url, private=private):
        raise Refused("bad_url")
    parts = urlsplit(url)
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, private=private)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, {"Content-Type": "application/json", "User-Agent": "Gatedesk", **headers})
        answer = connection.getresponse()
        answer.read(MOST_READ)
    except (OSError, HTTPException) as error:
        raise Refused("timeout" if isinstance(error, TimeoutError) else "unreachable") from None
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise Refused(f"status_{answer.status}")


def status_of(url: str) -> int | None:
    """What a public address answers when it is asked for nothing but its head; None when it is not asked or does not answer."""
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username:
        return None
    try:
        connection = _connection(parts.scheme, parts.hostname, parts.port, private=False)
    except (Refused, ValueError):
        return None
    try:
        connection.request("HEAD", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), headers={"User-Agent": "Gatedesk"})
        return connection.getresponse().status
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int | None, *, private: bool) -> HTTPConnection:
    """A connection to an address that was looked at: it is not looked up a second time, so it cannot have become another."""
    number = port or (443 if scheme == "https" else 80)
    address = _address(host, number, private=private)
    connection: HTTPConnection = (
        HTTPSConnection(host, number, timeout=PATIENCE, context=ssl.create_default_context())
        if scheme == "https"
        else HTTPConnection(host, number, timeout=PATIENCE)
    )

    def connect(_name: object, timeout: float = PATIENCE, source: tuple[str, int] | None = None) -> socket.socket:
        return socket.create_connection((address, number), timeout, source)

    connection._create_connection = connect  # type: ignore[attr-defined]  # noqa: SLF001 - the one place where http.client lets an address be given
    return connection


def _address(host: str, port: int, *, private: bool) -> str:
    """The first address of a host; every one of them must be public. Raises Refused."""
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise Refused("no_host") from None
    if not private and not all(is_public(address) for address in found):
        raise Refused("private_address")
    return found[0]


def is_public(address: str) -> bool:
    """Whether an address is one of the open network: not of this machine, a private, link-local or reserved one."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(parsed, "ipv4_mapped", None) or getattr(parsed, "sixtofour", None) or parsed
    return parsed.is_global and inner.is_global and not parsed.is_multicast and parsed not in TRANSLATED
