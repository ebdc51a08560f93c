"""How fast the desk takes LiteLLM's posts over HTTP, and whether every record it acknowledged is stored once.

python -m benchmarks.http_ingest [--records 30000] [--batch 50] [--senders 4] [--rate 1000] [--size 13000] [--cores one|all] [--log-url URL]

Starts the desk as `flask start` does, on an empty data folder, and posts from a process of its own as LiteLLM's `generic_api`
callback does: JSON arrays of so many records, each sender one post at a time on a kept connection, at `--rate` records a second
together (0: as fast as answers come), then again at full speed. With `--cores one` the whole desk, its worker included, runs
on one core and the senders on the others. Records are those of tests/samples/litellm, filled up to `--size` bytes by what
LiteLLM sends along and the desk does not read. Every tenth post is sent twice, as LiteLLM's client does after a reset.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import msgspec

from app.store.logs_open import open_log_store

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "tests" / "samples" / "litellm"
USUAL, FAILED = ("chat-ok", "stream-ok", "embedding-ok"), ("rate-limited-upstream", "over-budget", "bad-gateway-html", "key-unknown")
FAILED_SHARE = 0.06
AGAIN = 10  # one post of so many is sent twice
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]
DRAIN_SECONDS = 120


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("records", 30_000), ("batch", 50), ("senders", 4), ("rate", 1_000), ("size", 13_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--cores", choices=("one", "all"), default="one")
    parser.add_argument("--log-url", help="an empty log store; a new SQLite file when not given")
    parser.add_argument("--send", nargs=2, metavar=("PORT", "TOKEN"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.send:
        send(options)
        return
    with desk(options) as (server, port, token, url):
        first = sent_by_another_process(options, port, token, "--records", str(options.batch * options.senders), "--rate", "0")
        print(f"the first post, which opens the log: {max(first['seconds']) * 1000:.0f} ms")
        runs = [first]
        for title, rate in ((f"at {options.rate:,} records/s", options.rate), ("at full speed", 0)):
            if rate or title == "at full speed":
                before = used_by(server)
                runs.append(sent_by_another_process(options, port, token, "--rate", str(rate)))
                report(title, options, runs[-1])
                report_use(before, used_by(server), len(runs[-1]["seconds"]))
        check_stored(url, runs)


@contextmanager
def desk(options: argparse.Namespace) -> Iterator[tuple[int, int, str, str]]:
    """A running desk: its process, its port, an ingest token, its log's address."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        url = options.log_url or f"sqlite:///{folder}/logs.db"
        os.environ |= {"GATEDESK_DATA_DIR": folder, "GATEDESK_PORT": str(port), "GATEDESK_LOGS_URL": url, "GATEDESK_HOST": "127.0.0.1"}
        subprocess.run([*FLASK, "setup"], cwd=ROOT, check=True, capture_output=True)
        made = subprocess.run([*FLASK, "logs", "tokens", "make", "benchmark"], cwd=ROOT, check=True, capture_output=True, text=True)
        cores = sorted(os.sched_getaffinity(0))
        if options.cores == "one" and len(cores) > 1:
            os.sched_setaffinity(0, {cores[-1]})
        server = subprocess.Popen([*FLASK, "start"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if options.cores == "one" and len(cores) > 1:
            os.sched_setaffinity(0, set(cores[:-1]))
        try:
            wait_for(port)
            yield server.pid, port, made.stdout.strip().splitlines()[-1], url
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def wait_for(port: int) -> None:
    """Until every web process has answered, most likely: the port is open before they are ready."""
    answered, end = 0, time.monotonic() + 60
    while answered < 8 and time.monotonic() < end:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/api/v1/openapi.json")
            answered += connection.getresponse().status == 200
        except OSError:
            time.sleep(0.1)
    if answered < 8:
        raise SystemExit("the desk did not start")


def sent_by_another_process(options: argparse.Namespace, port: int, token: str, *more: str) -> dict[str, Any]:
    """What the sending process measured."""
    own = [f"--{name}={getattr(options, name)}" for name in ("records", "batch", "senders", "rate", "size")]
    command = [sys.executable, __file__, *own, *more, "--send", str(port), token]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def send(options: argparse.Namespace) -> None:
    """Post everything, and print what was measured as JSON."""
    port, token = int(options.send[0]), options.send[1]
    posts = max(1, options.records // options.batch)
    wait = options.batch * options.senders / options.rate if options.rate else 0.0
    each = [posts // options.senders + (number < posts % options.senders) for number in range(options.senders)]
    began = time.perf_counter()
    with ThreadPoolExecutor(options.senders) as pool:
        started = [began + 0.5 + wait * number / options.senders for number in range(options.senders)]
        work = [options.batch] * options.senders, [options.size] * options.senders, [wait] * options.senders
        results = list(pool.map(one_sender, [port] * options.senders, [token] * options.senders, each, started, *work))
    measured = {"seconds": [], "ids": [], "refused": [], "late": [], "counts": {"accepted": 0, "duplicate": 0, "spooled": 0}}
    for result in results:
        for name in ("seconds", "ids", "refused", "late"):
            measured[name] += result[name]  # type: ignore[operator]
        for name, count in result["counts"].items():
            measured["counts"][name] += count  # type: ignore[index]
    span = max(result["ended"] for result in results) - min(result["began"] for result in results)
    print(json.dumps({**measured, "span": span}))


def one_sender(port: int, token: str, posts: int, start: float, batch: int, size: int, wait: float) -> dict[str, Any]:
    """One LiteLLM worker: a post at a time; bodies are made while it waits."""
    chance, connection = random.Random(), HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json", "User-Agent": "litellm/1.106.2", "Authorization": f"Bearer {token}"}
    result: dict[str, Any] = {
        "seconds": [],
        "ids": [],
        "refused": [],
        "late": [],
        "counts": dict.fromkeys(("accepted", "duplicate", "spooled"), 0),
    }
    ready = [a_post(chance, batch, size) for _ in range(min(posts, 40))] if not wait else []
    result["began"] = time.perf_counter()
    for number in range(posts):
        ids, body = ready[number] if number < len(ready) else a_post(chance, batch, size)
        due = start + number * wait
        if wait:
            time.sleep(max(0.0, due - time.perf_counter()))
            result["late"].append(time.perf_counter() - due)
        for _ in range(2 if number % AGAIN == AGAIN - 1 else 1):
            began = time.perf_counter()
            connection.request("POST", "/api/v1/logs/litellm", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            result["seconds"].append(time.perf_counter() - began)
            if answer.status != 200:
                result["refused"].append(answer.status)
                continue
            counted = json.loads(text)
            for name in result["counts"]:
                result["counts"][name] += counted.get(name, 0)
        result["ids"] += ids
    result["ended"] = time.perf_counter()
    return result


def a_post(chance: random.Random, batch: int, size: int) -> tuple[list[str], bytes]:
    """A body, and the call ids of its records."""
    ids, records = [], []
    for _ in range(batch):
        record = dict(chance.choice(samples(FAILED if chance.random() < FAILED_SHARE else USUAL)))
        call, began = str(uuid.UUID(int=chance.getrandbits(128))), time.time() - chance.random() * 5
        record |= {"litellm_call_id": call, "id": call, "startTime": began, "endTime": began + 1.5, "completionStartTime": began + 0.4}
        record["messages"] = [{"role": "user", "content": "x" * max(0, size - len(msgspec.json.encode(record)))}]
        ids.append(call)
        records.append(record)
    return ids, msgspec.json.encode(records)


_samples: dict[tuple[str, ...], list[dict[str, Any]]] = {}


def samples(names: tuple[str, ...]) -> list[dict[str, Any]]:
    if names not in _samples:
        files = [SAMPLES / f"{name}.json" for name in names]
        _samples[names] = [json.loads(file.read_text())[0] for file in files if file.exists()]
    return _samples[names]


def report(title: str, options: argparse.Namespace, run: dict[str, Any]) -> None:
    seconds = sorted(run["seconds"])
    p50, p95, p99 = (seconds[min(len(seconds) - 1, int(len(seconds) * share))] * 1000 for share in (0.5, 0.95, 0.99))
    records = len(run["ids"])
    print(f"{title}: {options.senders} senders, {options.batch} records of {options.size:,} bytes a post, desk on {options.cores} core(s)")
    worst, load = seconds[-1] * 1000, os.getloadavg()[0]
    print(f"  {records / run['span']:,.0f} records/s; acknowledged after p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f}, worst {worst:.1f} ms")
    late = f", posts late by {statistics.median(run['late']) * 1000:.1f} ms (median)" if run["late"] else ""
    print(f"  {run['counts']}, refused {len(run['refused'])}{late}; load of the machine {load:.1f}")


def used_by(server: int) -> dict[str, float]:
    """Seconds of processor time that a desk's web processes and its worker have used so far."""
    used = {"web": 0.0, "worker": 0.0}
    for process in children_of(server):
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        used["worker" if b"worker" in words else "web"] += sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return used


def children_of(process: int) -> list[int]:
    found = [int(child) for task in Path(f"/proc/{process}/task").iterdir() for child in (task / "children").read_text().split()]
    return found + [further for child in found for further in children_of(child)]


def report_use(before: dict[str, float], after: dict[str, float], posts: int) -> None:
    web, worker = ((after[name] - before[name]) / posts * 1000 for name in ("web", "worker"))
    print(f"  processor time a post: {web:.1f} ms in the web processes, {worker:.1f} ms in the worker")


def check_stored(url: str, runs: list[dict[str, Any]]) -> None:
    """Wait for the spool to drain, then compare what was acknowledged with what is stored."""
    ids = {call for run in runs for call in run["ids"]}
    store = open_log_store(url)
    began = time.perf_counter()
    spool = Path(os.environ["GATEDESK_DATA_DIR"]) / "spool"
    while list(spool.glob("*.batch")) and time.perf_counter() - began < DRAIN_SECONDS:
        time.sleep(0.2)
    drained = time.perf_counter() - began
    stored = [record.request_id for page in store.walk() for record in page]
    lost, twice = len(ids - set(stored)), len([call for call in stored if call in ids]) - len(ids & set(stored))
    wrong = len(store.check_rollups())
    store.close()
    print(f"stored {drained:.1f} s after: {len(ids):,} acknowledged, {lost} lost, {twice} stored twice, {wrong} roll-up errors")


if __name__ == "__main__":
    main()
