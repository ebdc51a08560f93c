"""Settings: the environment (and `.env`) made into one frozen value; a bad value refuses to start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SHORTEST_SECRET = 32


class BadSetting(Exception):
    """A setting has a value the desk cannot run with. The message names the setting, not the value."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ between two installations. README lists each with its default."""

    data_dir: Path
    secret_key: str
    database_url: str
    logs_url: str
    queue_url: str
    public_url: str
    gateway_url: str
    gateway_name: str
    demo: str  # auto, on, off
    host: str
    port: int
    web_workers: int
    max_body_mb: int
    time_zone: str
    kb_dir: Path
    quota_unit: int
    keep_ok_days: int  # 0: for ever; as the next
    keep_problem_days: int
    spool_mb: int
    formats_dir: Path | None
    pull_url: str
    pull_token: str = field(repr=False)
    pull_user: str
    pull_format: str

    @property
    def pepper(self) -> bytes:
        """The key of every fingerprint; derived, so that one secret is enough to keep."""
        return f"gatedesk key fingerprint\0{self.secret_key}".encode()

    @property
    def secure_cookies(self) -> bool:
        """Cookies are Secure wherever users come by https."""
        return self.public_url.startswith("https://")

    @property
    def demo_marker(self) -> Path:
        """A file that says: this installation was filled with generated data."""
        return self.data_dir / "demo"

    @property
    def is_demo(self) -> bool:
        """Whether demo accounts may sign in without a password."""
        return self.demo != "off" and self.demo_marker.exists()


def load(environment: Mapping[str, str]) -> Settings:
    """Settings from `environment` (names GATEDESK_*). Raises BadSetting; writes only the generated secret."""
    read = _Reader(environment)
    data_dir = Path(read.text("DATA_DIR", str(PROJECT_ROOT / "var"))).resolve()
    demo = read.choice("DEMO", "auto", ("auto", "on", "off"))
    port = read.number("PORT", 8000, 1, 65535)
    host = read.text("HOST", "127.0.0.1")
    public_url = read.url("PUBLIC_URL", f"http://{host}:{port}")
    return Settings(
        data_dir=data_dir,
        secret_key=_secret_key(read, data_dir, demo),
        database_url=read.text("DATABASE_URL", f"sqlite:///{data_dir / 'desk.db'}"),
        logs_url=read.text("LOGS_URL", f"sqlite:///{data_dir / 'logs.db'}"),
        queue_url=read.text("QUEUE_URL", f"sqlite:///{data_dir / 'queue.db'}"),
        public_url=public_url,
        gateway_url=read.url("GATEWAY_URL", "https://gateway.example.com/v1"),
        gateway_name=read.text("GATEWAY_NAME", "AI gateway"),
        demo=demo,
        host=host,
        port=port,
        web_workers=read.number("WEB_WORKERS", 2, 1, 64),
        max_body_mb=read.number("MAX_BODY_MB", 32, 1, 256),
        time_zone=read.zone("TIME_ZONE", "UTC"),
        kb_dir=Path(read.text("KB_DIR", str(PROJECT_ROOT / "kb"))).resolve(),
        keep_ok_days=read.number("KEEP_OK_DAYS", 90, 0, 36_500),
        keep_problem_days=read.number("KEEP_PROBLEM_DAYS", 365, 0, 36_500),
        spool_mb=read.number("SPOOL_MB", 512, 0, 1_000_000),
        quota_unit=read.number("QUOTA_UNIT", 500_000, 1, 1_000_000_000),
        formats_dir=Path(folder).resolve() if (folder := read.text("FORMATS_DIR", "")) else None,
        pull_url=read.url("PULL_URL", "") if read.text("PULL_URL", "") else "",
        pull_token=read.text("PULL_TOKEN", ""),
        pull_user=read.text("PULL_USER", ""),
        pull_format=read.choice("PULL_FORMAT", "new_api", ("new_api", "one_api")),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Typed reads of GATEDESK_* with errors that name the setting."""

    environment: Mapping[str, str]

    def text(self, name: str, default: str) -> str:
        """A non-empty string."""
        return self.environment.get(f"GATEDESK_{name}", "").strip() or default

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """One of `allowed`."""
        value = self.text(name, default).lower()
        if value not in allowed:
            raise BadSetting(f"GATEDESK_{name} must be one of: {', '.join(allowed)}")
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from low to high."""
        value = self.text(name, str(default))
        if not value.isdecimal() or not low <= int(value) <= high:
            raise BadSetting(f"GATEDESK_{name} must be a whole number from {low} to {high}")
        return int(value)

    def url(self, name: str, default: str) -> str:
        """An http(s) address without user, query or trailing slash."""
        value = self.text(name, default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
            raise BadSetting(f"GATEDESK_{name} must be an http or https address without credentials or query")
        return value

    def zone(self, name: str, default: str) -> str:
        """An IANA time zone."""
        value = self.text(name, default)
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise BadSetting(f"GATEDESK_{name} must be an IANA time zone such as Asia/Shanghai") from error
        return value


def _secret_key(read: _Reader, data_dir: Path, demo: str) -> str:
    """The configured secret; with demo mode possible, one generated once and kept in the data folder."""
    configured = read.text("SECRET_KEY", "")
    if configured:
        if len(configured) < SHORTEST_SECRET:
            raise BadSetting(f"GATEDESK_SECRET_KEY must have at least {SHORTEST_SECRET} characters")
        return configured
    if demo == "off":
        raise BadSetting(
            "GATEDESK_SECRET_KEY must be set when GATEDESK_DEMO is off: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return _kept_secret(data_dir / "secret_key")


def _kept_secret(path: Path) -> str:
    """Read the secret in `path`, or make it; the file is readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        value = secrets.token_urlsafe(48)
        file.write(value)
    return value
