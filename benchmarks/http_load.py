"""A closed-loop HTTP/1.1 client in a process of its own: prepared requests over kept connections, times in milliseconds.

It reads one JSON job from standard input, {"port", "connections", "seconds", "requests": [text…]}, and answers with JSON:
{"times": [ms…], "seconds", "statuses": {status: how many}, "bytes"}. Each connection goes through the requests from a
place of its own, so that no two ask the same at the same moment.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LONGEST = 60  # seconds without a byte: the server is stuck
ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Tally:
    """What one connection saw."""

    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    length: int = 0


def start(port: int, requests: list[str], connections: int, seconds: float) -> subprocess.Popen[str]:
    """A client that begins at once; `finish` gives what it saw."""
    job = {"port": port, "requests": requests, "connections": connections, "seconds": seconds}
    client = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.http_load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert client.stdin is not None
    client.stdin.write(json.dumps(job))
    client.stdin.close()
    return client


def finish(client: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a client; what it saw, its times in order."""
    assert client.stdout is not None
    seen: dict[str, Any] = json.loads(client.stdout.read())
    client.wait()
    return seen | {"times": sorted(seen["times"])}


def run(job: dict[str, Any]) -> dict[str, Any]:
    sent = [text.encode() for text in job["requests"]]
    tallies = [Tally() for _ in range(job["connections"])]
    begun = time.perf_counter()
    threads = [
        threading.Thread(target=_ask, args=(job["port"], sent, place * len(sent) // len(tallies), begun + job["seconds"], tally))
        for place, tally in enumerate(tallies)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses: Counter[int] = sum((tally.statuses for tally in tallies), Counter())
    times = [took for tally in tallies for took in tally.times]
    length = sum(tally.length for tally in tallies)
    return {"times": times, "seconds": time.perf_counter() - begun, "statuses": statuses, "bytes": length}


def _ask(port: int, sent: list[bytes], place: int, until: float, tally: Tally) -> None:
    """Request after request over one connection until the time is over."""
    with socket.create_connection(("127.0.0.1", port), timeout=LONGEST) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.perf_counter() < until:
            begun = time.perf_counter()
            connection.sendall(sent[place % len(sent)])
            status, length = _answer(connection)
            tally.times.append((time.perf_counter() - begun) * 1000)
            tally.statuses[status] += 1
            tally.length += length
            place += 1


def _answer(connection: socket.socket) -> tuple[int, int]:
    """The status and length of one answer, read to its end."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _gap, body = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    length = next(int(line[15:]) for line in lines if line.lower().startswith(b"content-length:"))
    got = len(body)
    while got < length:
        got += len(_more(connection))
    return int(lines[0].split(b" ", 2)[1]), length


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(1 << 18)
    if not part:
        raise ConnectionError("the server closed the connection")
    return part


if __name__ == "__main__":
    if not sys.stdin.isatty() and (given := sys.stdin.read()):
        print(json.dumps(run(json.loads(given))))
