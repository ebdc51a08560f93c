"""Settings: the environment (and `.env`) made into one frozen value; a bad value refuses to start."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SHORTEST_SECRET = 32
MAIL_ADDRESS = re.compile(r"[A-Za-z0-9._-]{1,48}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}\Z")  # no plus: replies add one


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
    guest_tickets_per_hour: int  # from one address; beyond it they are set aside; 0: any number
    guest_fill_seconds: int  # a guest who files sooner is taken for a program; 0: nobody asks
    keep_ok_days: int  # 0: for ever; as the next
    keep_problem_days: int
    spool_mb: int
    formats_dir: Path | None
    pull_url: str
    pull_token: str = field(repr=False)
    pull_user: str
    pull_format: str
    mail_smtp_url: str = field(default="", repr=False)
    mail_imap_url: str = field(default="", repr=False)
    mail_from: str = ""
    mail_replies: bool = False
    mail_new_tickets: bool = False
    link_days: int = 90
    webhook_private: bool = False
    check_links: bool = False

    @property
    def pepper(self) -> bytes:
        """The key of every fingerprint; derived, so that one secret is enough to keep."""
        return f"gatedesk key fingerprint\0{self.secret_key}".encode()

    @property
    def sends_mail(self) -> bool:
        """Whether there is a way to send e-mail; without one the desk does not speak of it."""
        return bool(self.mail_smtp_url and self.mail_from)

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
    settings = Settings(
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
        guest_tickets_per_hour=read.number("GUEST_TICKETS_PER_HOUR", 30, 0, 100_000),
        guest_fill_seconds=read.number("GUEST_FILL_SECONDS", 3, 0, 3_600),
        quota_unit=read.number("QUOTA_UNIT", 500_000, 1, 1_000_000_000),
        formats_dir=Path(folder).resolve() if (folder := read.text("FORMATS_DIR", "")) else None,
        pull_url=read.url("PULL_URL", "") if read.text("PULL_URL", "") else "",
        pull_token=read.text("PULL_TOKEN", ""),
        pull_user=read.text("PULL_USER", ""),
        pull_format=read.choice("PULL_FORMAT", "new_api", ("new_api", "one_api")),
        link_days=read.number("LINK_DAYS", 90, 1, 3_650),
        check_links=read.choice("CHECK_LINKS", "off", ("on", "off")) == "on",
        webhook_private=read.choice("WEBHOOK_PRIVATE", "off", ("on", "off")) == "on",
    )
    return _with_mail(settings, read)


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


def _with_mail(settings: Settings, read: _Reader) -> Settings:
    """The settings of e-mail beside the others."""
    smtp_url, imap_url = read.text("MAIL_SMTP_URL", ""), read.text("MAIL_IMAP_URL", "")
    return replace(
        settings,
        mail_smtp_url=_mail_url(smtp_url, "MAIL_SMTP_URL", ("smtp", "smtps")),
        mail_imap_url=_mail_url(imap_url, "MAIL_IMAP_URL", ("imap", "imaps")),
        mail_from=_mail_from(read.text("MAIL_FROM", ""), needed=bool(smtp_url or imap_url)),
        mail_replies=_yes(read.choice("MAIL_REPLIES", "auto", ("auto", "on", "off")), auto=bool(imap_url)),
        mail_new_tickets=read.choice("MAIL_NEW_TICKETS", "off", ("on", "off")) == "on",
    )


def _yes(value: str, *, auto: bool) -> bool:
    """Whether something is on; `auto`: what follows from the other settings."""
    return value == "on" or (value == "auto" and auto)


def _mail_url(value: str, name: str, schemes: tuple[str, ...]) -> str:
    """A mail server's address, with user and password in it where it wants them; empty: none."""
    parts = urlsplit(value)
    try:
        fits = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        fits = False
    if value and not fits:
        raise BadSetting(f"GATEDESK_{name} must begin with {' or '.join(f'{scheme}://' for scheme in schemes)} and name a host")
    return value


def _mail_from(value: str, *, needed: bool) -> str:
    """The desk's own address."""
    if (value or needed) and not MAIL_ADDRESS.match(value):
        raise BadSetting("GATEDESK_MAIL_FROM must be an e-mail address such as help@example.com")
    return value.lower()


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
