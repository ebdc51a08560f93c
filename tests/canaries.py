"""Synthetic secrets to plant: whole keys of many vendors, headers, cookies, an address, a prompt. Made, never real."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass

from tests.conftest import NOW

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


def litellm_record(call_id: str, canary: Canary) -> dict[str, object]:
    """A failed call in LiteLLM's shape with the secret wherever text can stand."""
    secret, at = canary.planted, NOW.timestamp()
    key = ("hash", "alias", "user_id", "user_email", "team_alias", "request_route", "org_id", "end_user_id")
    return {
        "id": call_id, "litellm_call_id": call_id, "trace_id": secret, "call_type": "acompletion", "status": "failure",
        "model": secret, "model_group": secret, "custom_llm_provider": secret, "response_cost": 0.0,
        "startTime": at - 60, "endTime": at - 59, "completionStartTime": at - 59,
        "messages": [{"role": "user", "content": secret}], "response": secret, "api_base": secret, "end_user": secret,
        "user_agent": secret, "request_tags": [secret, f"env:{secret}"], "error_str": secret, "requester_ip_address": secret,
        "metadata": {f"user_api_key_{name}": secret for name in key} | {
            "requester_metadata": {"headers": {"authorization": secret}}, "user_api_key_auth_metadata": {"environment": secret},
        },
        "error_information": dict.fromkeys(
            ("error_code", "error_class", "llm_provider", "error_message", "traceback", "normalized_error"), secret
        ),
        "hidden_params": {"api_base": secret, "additional_headers": {"x-api-key": secret}},
    }  # fmt: skip
