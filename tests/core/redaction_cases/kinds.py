"""Synthetic secrets and harmless look-alikes, by kind, from a seeded generator. None was ever issued."""
# ruff: noqa: E501 - tables of examples read best one to a line

import base64
import json
import random
import string
import uuid
from collections.abc import Callable

ALNUM = string.ascii_letters + string.digits
URL64 = ALNUM + "_-"
B64 = ALNUM + "+/"
HEX = "0123456789abcdef"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
Rng = random.Random


def run(rng: Rng, alphabet: str, length: int) -> str:
    """A run that starts and ends with a letter or digit, as tokens do in practice."""
    text = "".join(rng.choices(alphabet, k=length))
    if length == 1:
        return text
    return (
        rng.choice(ALNUM if alphabet in {URL64, B64} else alphabet)
        + text[1:-1]
        + rng.choice(ALNUM if alphabet in {URL64, B64} else alphabet)
    )


def mixed(rng: Rng, length: int) -> str:
    """Letters and digits, both surely there."""
    return run(rng, ALNUM, length - 4) + "7" + run(rng, string.ascii_letters, 1) + "4" + run(rng, string.ascii_uppercase, 1)


def hexes(rng: Rng, length: int) -> str:
    """Lower-case hex."""
    return run(rng, HEX, length)


def uuid4(rng: Rng) -> str:
    """A random UUID."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def b64json(rng: Rng, value: dict[str, object]) -> str:
    """Base64url of JSON, as in a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def jwt(rng: Rng) -> str:
    """A JWT with a random signature."""
    head = b64json(rng, {"alg": rng.choice(["HS256", "RS256", "ES256"]), "typ": "JWT", "kid": mixed(rng, 8)})
    body = b64json(rng, {"sub": mixed(rng, 12), "iss": "https://login.example.org", "exp": rng.randint(1_700_000_000, 1_900_000_000)})
    return f"{head}.{body}.{run(rng, URL64, rng.choice([43, 86]))}"


def pem(rng: Rng) -> str:
    """The body of a private key."""
    lines = [run(rng, B64, 64) for _ in range(rng.randint(3, 9))]
    return "\n".join(["MII" + lines[0][3:], *lines[1:], run(rng, B64, rng.randint(12, 50)) + "=="])


def password(rng: Rng) -> str:
    """What people and password managers choose."""
    word = rng.choice(["Sommer", "tiger", "Dragon", "xiaoming", "Winter", "koala", "admin", "Beijing"])
    return rng.choice(
        [
            lambda: f"{word}{rng.randint(100, 99999)}{rng.choice('!@#$%&*')}",
            lambda: mixed(rng, rng.randint(10, 20)),
            lambda: f"{word}-{run(rng, string.ascii_lowercase, 5)}-{rng.randint(10, 9999)}",
            lambda: f"{mixed(rng, 5)}{rng.choice('#$%^&*!~')}{mixed(rng, 6)}{rng.choice('#$^*!~')}{mixed(rng, 5)}",
            lambda: f"{word}_{mixed(rng, 6)}",
        ]
    )()


def cookie(rng: Rng) -> str:
    """A session cookie's value."""
    return rng.choice(
        [lambda: hexes(rng, 40), lambda: mixed(rng, 43), lambda: f"s%3A{mixed(rng, 32)}.{mixed(rng, 43)}", lambda: f"MTc{mixed(rng, 90)}"]
    )()


def cn_id(rng: Rng) -> str:
    """A Chinese identity number with a right checksum."""
    body = (
        rng.choice(["110105", "310115", "440305", "510104", "330106"])
        + f"{rng.randint(1950, 2005)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{rng.randint(0, 999):03}"
    )
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def card(rng: Rng) -> str:
    """A card number with a right Luhn digit, plain or in groups."""
    prefix, length = rng.choice([("4", 16), ("51", 16), ("2221", 16), ("62", 16), ("62", 19), ("37", 15), ("6011", 16)])
    body = prefix + "".join(rng.choices(string.digits, k=length - len(prefix) - 1))
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(body))]
    number = body + str(-sum(n - 9 if n > 9 else n for n in doubled) % 10)
    separator = rng.choice(["", "", " ", "-"])
    if length == 15:
        return separator.join((number[:4], number[4:10], number[10:]))
    return separator.join(number[i : i + 4] for i in range(0, length, 4)) if separator else number


def cn_mobile(rng: Rng) -> str:
    """A Chinese mobile number in one of its spellings."""
    number = f"1{rng.choice('3456789')}{''.join(rng.choices(string.digits, k=9))}"
    return rng.choice(
        [
            number,
            number,
            f"+86 {number}",
            f"+86-{number}",
            f"{number[:3]} {number[3:7]} {number[7:]}",
            f"{number[:3]}-{number[3:7]}-{number[7:]}",
            f"(+86){number}",
            f"0086{number}",
        ]
    )


def phone(rng: Rng) -> str:
    """An international number."""
    d = lambda n: "".join(rng.choices("23456789", k=n))  # noqa: E731
    return rng.choice(
        [
            f"+49 30 {d(8)}",
            f"+1 ({d(3)}) {d(3)}-{d(4)}",
            f"+1-{d(3)}-{d(3)}-{d(4)}",
            f"+44 7{d(3)} {d(6)}",
            f"+81 90-{d(4)}-{d(4)}",
            f"+65 {d(4)} {d(4)}",
            f"+852{d(8)}",
            f"+33 6 {d(2)} {d(2)} {d(2)} {d(2)}",
            f"+91{d(10)}",
        ]
    )


def ip4(rng: Rng) -> str:
    """A public IPv4 address."""
    return f"{rng.choice([23, 36, 47, 58, 101, 120, 183, 203])}.{rng.randint(1, 254)}.{rng.randint(1, 254)}.{rng.randint(100, 254)}"


def ip6(rng: Rng) -> str:
    """A public IPv6 address, written out or shortened."""
    g = lambda: f"{rng.randint(0x1000, 0xFFFF):x}"  # noqa: E731
    return rng.choice(
        [
            f"240e:{g()}:{g()}:{g()}:{g()}:{g()}:{g()}:{g()}",
            f"2409:{g()}:{g()}::{g()}",
            f"2a02:{g()}:{g()}::{g()}:{g()}",
            f"2001:{g()}:{g()}:{g()}::{g()}",
        ]
    )


def email(rng: Rng) -> str:
    """A person's address."""
    first, last = (
        rng.choice(["marie", "lei.wang", "tom", "o.schulz", "chenxi", "j_doe", "fatima", "yuki88"]),
        rng.choice(["keller", "zhang", "osei", "2001", "dev+billing", "lopez"]),
    )
    return f"{first}.{last}@{rng.choice(['gmail.com', 'qq.com', '163.com', 'outlook.com', 'brightwave.example', 'lab.tsinghua.edu.cn', 'kraut-und-rueben.de', 'mail.startup.io'])}"


def prompt(rng: Rng) -> str:
    """Something private that somebody asked a model."""
    return (
        rng.choice(
            [
                "Summarise the attached termination agreement for employee Jonas Brandt",
                "为张伟起草一封离职谈话邮件，补偿金为六个月工资",
                "my daughter has a rash since tuesday, what could it be?",
                "把这份并购合同里的保密条款列出来：甲方为东海科技",
                "Rewrite: Our Q3 revenue fell 14% because of the Lisbon outage",
                "如何告诉投资人我们只剩两个月现金流",
                "translate to German: the patient reports chest pain",
            ]
        )
        + f" #{rng.randint(1000, 9999)}"
    )


PREFIXED: dict[str, Callable[[Rng], str]] = {
    "openai-old": lambda r: f"sk-{mixed(r, 20)}T3BlbkFJ{mixed(r, 20)}",
    "openai-project": lambda r: f"sk-proj-{run(r, URL64, 74)}T3BlbkFJ{run(r, URL64, 74)}",
    "openai-service": lambda r: f"sk-svcacct-{run(r, URL64, 58)}T3BlbkFJ{run(r, URL64, 58)}",
    "openai-admin": lambda r: f"sk-admin-{run(r, URL64, 58)}T3BlbkFJ{run(r, URL64, 58)}",
    "openai-session": lambda r: f"sess-{mixed(r, 40)}",
    "anthropic": lambda r: f"sk-ant-api03-{run(r, URL64, 93)}AA",
    "anthropic-admin": lambda r: f"sk-ant-admin01-{run(r, URL64, 93)}AA",
    "anthropic-oauth": lambda r: f"sk-ant-oat01-{run(r, URL64, 93)}AA",
    "google": lambda r: f"AIzaSy{run(r, URL64, 33)}",
    "google-auth": lambda r: f"AQ.Ab8RN6{run(r, URL64, 44)}",
    "google-oauth": lambda r: f"ya29.a0{run(r, URL64, 120)}",
    "google-secret": lambda r: f"GOCSPX-{run(r, URL64, 28)}",
    "azure": lambda r: f"{mixed(r, 52)}JQQJ99{mixed(r, 5)[:1]}A{mixed(r, 5)[:2]}AC{mixed(r, 12)}z{mixed(r, 7)}",
    "bedrock": lambda r: f"ABSK{run(r, B64, 128)}",
    "sk-hex": lambda r: f"sk-{hexes(r, 32)}",
    "sk-48": lambda r: f"sk-{mixed(r, 48)}",
    "sk-lower": lambda r: f"sk-{run(r, string.ascii_lowercase, 48)}",
    "sk-litellm": lambda r: f"sk-{run(r, URL64, 22)}",
    "zhipu": lambda r: f"{hexes(r, 32)}.{mixed(r, 16)}",
    "openrouter": lambda r: f"sk-or-v1-{hexes(r, 64)}",
    "groq": lambda r: f"gsk_{mixed(r, 20)}WGdyb3FY{mixed(r, 24)}",
    "xai": lambda r: f"xai-{mixed(r, 80)}",
    "fireworks": lambda r: f"fw_{mixed(r, 24)}",
    "replicate": lambda r: f"r8_{mixed(r, 37)}",
    "huggingface": lambda r: f"hf_{run(r, string.ascii_letters, 34)}",
    "perplexity": lambda r: f"pplx-{mixed(r, 48)}",
    "elevenlabs": lambda r: f"sk_{hexes(r, 48)}",
    "runway": lambda r: f"key_{hexes(r, 128)}",
    "cerebras": lambda r: f"csk-{run(r, string.ascii_lowercase + string.digits, 48)}",
    "nvidia": lambda r: f"nvapi-{run(r, URL64, 64)}",
    "voyage": lambda r: f"pa-{run(r, URL64, 43)}",
    "jina": lambda r: f"jina_{mixed(r, 60)}",
    "together": lambda r: f"tgp_v1_{run(r, URL64, 43)}",
    "qianfan": lambda r: f"bce-v3/ALTAK-{mixed(r, 21)}/{hexes(r, 40)}",
    "langfuse": lambda r: f"sk-lf-{uuid4(r)}",
    "langsmith": lambda r: f"lsv2_pt_{hexes(r, 32)}_{hexes(r, 10)}",
    "aws-id": lambda r: f"AKIA{run(r, BASE32, 16)}",
    "aliyun-id": lambda r: f"LTAI5t{mixed(r, 18)}",
    "tencent-id": lambda r: f"AKID{mixed(r, 32)}",
    "github": lambda r: f"{r.choice(['ghp', 'gho', 'ghs', 'ghu', 'ghr'])}_{mixed(r, 36)}",
    "github-fine": lambda r: f"github_pat_{mixed(r, 22)}_{mixed(r, 59)}",
    "gitlab": lambda r: f"glpat-{run(r, URL64, 20)}",
    "npm": lambda r: f"npm_{mixed(r, 36)}",
    "pypi": lambda r: f"pypi-AgEIcHlwaS5vcmc{run(r, URL64, 130)}",
    "slack": lambda r: f"xoxb-{r.randint(10**11, 10**12)}-{r.randint(10**11, 10**12)}-{mixed(r, 24)}",
    "stripe": lambda r: f"sk_live_{mixed(r, 24)}",
    "stripe-hook": lambda r: f"whsec_{mixed(r, 32)}",
    "sendgrid": lambda r: f"SG.{run(r, URL64, 22)}.{run(r, URL64, 43)}",
    "telegram": lambda r: f"{r.randint(10**9, 9 * 10**9)}:AA{run(r, URL64, 33)}",
    "jwt": jwt,
}
UNMARKED: dict[str, Callable[[Rng], str]] = {
    "hex32": lambda r: hexes(r, 32),
    "mixed32": lambda r: mixed(r, 32),
    "mixed40": lambda r: mixed(r, 40),
    "hex64": lambda r: hexes(r, 64),
    "uuid": uuid4,
    "aws-secret": lambda r: run(r, B64, 40),
    "aliyun-secret": lambda r: mixed(r, 30),
    "url43": lambda r: run(r, URL64, 43),
}
PERSONAL: dict[str, Callable[[Rng], str]] = {
    "email": email,
    "cn_mobile": cn_mobile,
    "phone": phone,
    "cn_id": cn_id,
    "card": card,
    "ip4": ip4,
    "ip6": ip6,
}
HARMLESS: dict[str, Callable[[Rng], str]] = {
    "reqid": lambda r: r.choice(
        [f"req_{hexes(r, 32)}", f"req_011C{mixed(r, 20)}", f"2026{r.randint(10**13, 10**14 - 1)}{mixed(r, 8)}", f"req-{uuid4(r)}", uuid4(r)]
    ),
    "sha": lambda r: hexes(r, r.choice([7, 12, 40])),
    "md5": lambda r: hexes(r, 32),
    "sha256": lambda r: f"sha256:{hexes(r, 64)}",
    "uuid": uuid4,
    "trace": lambda r: f"00-{hexes(r, 32)}-{hexes(r, 16)}-01",
    "ray": lambda r: f"{hexes(r, 16)}-{r.choice(['LAX', 'HKG', 'FRA', 'SIN'])}",
    "model": lambda r: r.choice(
        [
            "gpt-4o-mini-2024-07-18",
            "claude-opus-4-1-20250805",
            "gemini-2.5-pro-preview-06-05",
            "qwen-max-2025-01-25",
            "deepseek-chat",
            "moonshot-v1-128k",
            "glm-4.5-air",
            "doubao-1-5-pro-32k-250115",
            "o3-mini",
            "kling-v1-6",
            "hunyuan-turbos-20250416",
            "llama-3.3-70b-versatile",
        ]
    ),
    "version": lambda r: r.choice(
        [
            f"v{r.randint(0, 9)}.{r.randint(0, 30)}.{r.randint(0, 9)}",
            f"1.{r.randint(10, 99)}.{r.randint(0, 9)}-nightly.{r.randint(1, 99)}",
            f"Chrome/{r.randint(100, 140)}.0.{r.randint(1000, 9999)}.{r.randint(10, 200)}",
        ]
    ),
    "time": lambda r: r.choice(
        [
            f"2026-0{r.randint(1, 9)}-1{r.randint(0, 9)}T08:{r.randint(10, 59)}:12.{r.randint(100, 999)}Z",
            str(r.randint(1_760_000_000, 1_799_999_999)),
            str(r.randint(1_760_000_000_000, 1_799_999_999_999)),
            f"2026/03/{r.randint(10, 28)} - 09:{r.randint(10, 59)}:07",
        ]
    ),
    "object": lambda r: r.choice(
        [
            f"chatcmpl-{mixed(r, 29)}",
            f"msg_01{mixed(r, 22)}",
            f"resp_{hexes(r, 48)}",
            f"file-{mixed(r, 24)}",
            f"asst_{mixed(r, 24)}",
            f"thread_{mixed(r, 24)}",
            f"call_{mixed(r, 24)}",
            f"toolu_01{mixed(r, 22)}",
            f"batch_{hexes(r, 32)}",
            f"fp_{hexes(r, 10)}",
            f"gen-{r.randint(1_700_000_000, 1_800_000_000)}-{mixed(r, 20)}",
        ]
    ),
    "mask": lambda r: r.choice(
        [
            f"sk-...{mixed(r, 5)[:4]}",
            f"sk-…{mixed(r, 5)[:4]}",
            f"sk-****{mixed(r, 5)[:4]}",
            f"sk-{mixed(r, 5)[:4]}********************{mixed(r, 5)[:4]}",
            f"AIza****{mixed(r, 5)[:4]}",
            "sk-xxxxxxxx",
            f"gsk_…{mixed(r, 5)[:4]}",
        ]
    ),
    "placeholder": lambda r: r.choice(
        [
            "YOUR_API_KEY",
            "sk-your-key-here",
            "${OPENAI_API_KEY}",
            "$API_KEY",
            "<your-api-key>",
            "{{ api_key }}",
            "sk-xxxxxxxxxxxxxxxx",
            "os.environ['KEY']",
            "process.env.API_KEY",
            "%API_KEY%",
            "***",
            "REDACTED",
            "your-secret-token",
            "changeme",
            "<token>",
            "sk-...",
        ]
    ),
    "order": lambda r: r.choice(
        [
            f"NO{r.randint(10**15, 10**16)}",
            f"202603{r.randint(10**10, 10**11)}",
            f"TRX-{r.randint(10**11, 10**12)}",
            f"INV{r.randint(10**13, 10**14)}",
        ]
    ),
    "pod": lambda r: f"api-{run(r, 'bcdfghjklmnpqrstvwxz2456789', 10)}-{run(r, 'bcdfghjklmnpqrstvwxz2456789', 5)}",
    "package": lambda r: r.choice(
        [
            "@scope/sdk@1.2.3",
            "openai@4.77.0",
            "git@gitlab.example.com:team/app.git",
            "scikit-learn",
            "sk-toggleable__label",
            "risk-engine-worker-v3",
            "task-runner-7",
            "flask-limiter",
            "desk-lamp-pro-2000",
        ]
    ),
    "image": lambda r: f"data:image/png;base64,iVBORw0KGgo{run(r, B64, 300)}",
}
