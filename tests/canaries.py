"""Synthetic secrets to plant: whole keys of many vendors, headers, cookies, an address, a prompt. Made, never real."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass

ALNUM = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Canary:
    """A secret and the part of it that must be found nowhere."""

    name: str
    planted: str
    probe: str


def canaries(seed: int = 7) -> list[Canary]:
    """The same synthetic secrets for the same seed."""
    pick = random.Random(seed)

    def some(count: int, alphabet: str = ALNUM) -> str:
        return "".join(pick.choices(alphabet, k=count))

    hexadecimal = "0123456789abcdef"
    keys = {
        "openai project": "sk-proj-" + some(58) + "T3BlbkFJ" + some(58),
        "anthropic": "sk-ant-api03-" + some(93) + "AA",
        "google": "AIzaSy" + some(33),
        "deepseek": "sk-" + some(32, hexadecimal),
        "new api": "sk-" + some(48),
        "litellm": "sk-" + some(22),
        "openrouter": "sk-or-v1-" + some(64, hexadecimal),
        "groq": "gsk_" + some(20) + "WGdyb3FY" + some(24),
        "xai": "xai-" + some(80),
        "huggingface": "hf_" + some(34, string.ascii_letters),
        "replicate": "r8_" + some(37),
        "perplexity": "pplx-" + some(48),
        "zhipu": some(32, hexadecimal) + "." + some(16),
        "aws": "AKIA" + some(16, string.ascii_uppercase + "234567"),
        "github": "ghp_" + some(36),
    }
    found = [Canary(name, key, key[12:-5] if len(key) > 24 else key[6:-4]) for name, key in keys.items()]
    bearer, cookie, local, prompt = (
        some(40),
        some(36),
        some(12, string.ascii_lowercase),
        f"the {some(9, string.ascii_lowercase)} merger memo {some(9, string.ascii_lowercase)}",
    )
    return [
        *found,
        Canary("bearer", f"Authorization: Bearer {bearer}", bearer[4:-5]),
        Canary("cookie", f"Cookie: session={cookie}; theme=dark", cookie[4:-5]),
        Canary("e-mail", f"{local}@corp.example", local),
        Canary("prompt", '{"messages": [{"role": "user", "content": "' + prompt + '"}]}', prompt),
    ]


def everything(found: list[Canary]) -> str:
    """One paste that holds them all, each on its line."""
    return "\n".join(canary.planted for canary in found)
