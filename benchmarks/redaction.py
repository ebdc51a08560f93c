"""How fast the redactor is, against a bare scan of the same text in the same run.

    python -m benchmarks.redaction [corpus.jsonl]

Without a corpus it uses the adversarial documents of the tests. Figures are CPU time of one thread; each line stands
twice where the optional accelerator is installed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from app.core.redaction.accelerator import Accelerator
from app.core.redaction.engine import Engine
from app.store.rulebook import RULES_DIR, read_rules

MESSAGES = (
    "2026-08-02T21:19:34.134Z INFO gateway-hs969h6npn-v99x4 ok in 412 ms",
    "model=deepseek-reasoner latency_ms=386508 status=200",
    "upstream timed out after 600s (model glm-4.5, attempt 2)",
    "RateLimitError: Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29800",
    "no available channel for model qwen-max, request id 202611514496255582EbPfxS8K",
    "completed chatcmpl-EjRaz3zh9leCLnbUUhmeJVz1nbfmZ prompt_tokens=758979 completion_tokens=369149",
    "context deadline exceeded while reading body",
    "HTTP 502 from upstream, retry 1 of 3",
)
SECONDS = 2.0
DENSE = 200_000  # characters


def main() -> None:
    texts = _corpus(Path(sys.argv[1])) if len(sys.argv) > 1 else _documents()
    rules = read_rules(RULES_DIR, "redaction")
    plain, accelerated = Engine.of(rules, b"benchmark"), Engine.of(rules, b"benchmark")
    plain = replace(plain, accelerator=Accelerator(()))
    assert not [message for message in MESSAGES if plain.redact(message).findings]
    _report_all("plain", plain, texts)
    if accelerated.accelerator.compile():
        _report_all("accelerated", accelerated, texts)


def _report_all(name: str, engine: Engine, texts: Sequence[str]) -> None:
    dense = "\n".join(text for text in texts if engine.redact(text).findings)[:DENSE]
    _report(f"{name}: corpus", texts, engine.redact)
    _report(f"{name}: its texts with findings as one", [dense], engine.redact)
    _report(f"{name}: short messages with nothing to hide", MESSAGES, engine.redact)


def _corpus(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def _documents() -> list[str]:
    from tests.core.redaction_cases.documents import documents  # noqa: PLC0415 - only without a corpus

    return [document.text for document in documents()]


def _report(name: str, texts: Sequence[str], redact: Callable[[str], object]) -> None:
    size = sum(len(text.encode()) for text in texts)
    scan, full = _rate(texts, str.lower), _rate(texts, redact)
    print(f"{name}: {full:,.0f} texts/s, {full * size / len(texts) / 1e6:.1f} MB/s; a bare lower() scan is {scan / full:.0f} times as fast")


def _rate(texts: Sequence[str], work: Callable[[str], object]) -> float:
    """Texts a second of CPU time; whole passes over `texts`."""
    done, start = 0, time.process_time()
    while time.process_time() - start < SECONDS:
        for text in texts:
            work(text)
        done += len(texts)
    return done / (time.process_time() - start)


if __name__ == "__main__":
    main()
