"""Settings of e-mail: a bad one refuses to start and is named, never quoted; passwords are in no representation."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import BadSetting, Settings, load


def settings(folder: Path, **more: str) -> Settings:
    named = {"DATA_DIR": str(folder), "SECRET_KEY": "s" * 40} | more
    return load({f"GATEDESK_{name}": value for name, value in named.items()})


@pytest.mark.parametrize(
    "wrong",
    [
        {"MAIL_SMTP_URL": "http://zq.example", "MAIL_FROM": "a@b.example"},
        {"MAIL_SMTP_URL": "smtp://", "MAIL_FROM": "a@b.example"},
        {"MAIL_SMTP_URL": "smtp://zq.example:99999", "MAIL_FROM": "a@b.example"},
        {"MAIL_SMTP_URL": "smtp://zq.example"},
        {"MAIL_IMAP_URL": "imaps://zq.example"},
        {"MAIL_FROM": "zq"},
        {"MAIL_FROM": "zq+tag@b.example"},
        {"MAIL_IMAP_URL": "pop3://zq.example", "MAIL_FROM": "a@b.example"},
        {"MAIL_REPLIES": "zq"},
        {"LINK_DAYS": "0"},
        {"WEBHOOK_PRIVATE": "zq"},
    ],
)
def test_a_bad_setting_is_named_and_not_quoted(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(BadSetting, match="GATEDESK_") as refused:
        settings(tmp_path, **wrong)
    assert "zq" not in str(refused.value)


def test_passwords_of_mail_servers_are_in_no_representation(tmp_path: Path) -> None:
    made = settings(
        tmp_path,
        MAIL_SMTP_URL="smtps://u:zqsecret@m.example",
        MAIL_IMAP_URL="imaps://u:zqsecret@m.example/INBOX",
        MAIL_FROM="Help@B.example",
    )
    assert "zqsecret" not in repr(made)
    assert (made.sends_mail, made.mail_replies, made.mail_from) == (True, True, "help@b.example")


def test_without_settings_there_is_no_mail(tmp_path: Path) -> None:
    made = settings(tmp_path)
    assert (made.sends_mail, made.mail_replies, made.mail_new_tickets, made.webhook_private) == (False, False, False, False)
