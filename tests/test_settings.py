"""Settings: every value checked at the start; a bad one is named, never quoted."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from app.jobs import open_queue
from app.settings import BadSetting, load

SECRET = "s" * 40


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {"GATEDESK_DATA_DIR": str(folder), "GATEDESK_SECRET_KEY": SECRET} | {f"GATEDESK_{name}": value for name, value in more.items()}


def test_an_empty_environment_is_enough(tmp_path: Path) -> None:
    settings = load({"GATEDESK_DATA_DIR": str(tmp_path)})
    assert (settings.host, settings.port, settings.demo, settings.time_zone) == ("127.0.0.1", 8000, "auto", "UTC")
    assert settings.public_url == "http://127.0.0.1:8000"
    for url in (settings.database_url, settings.logs_url, settings.queue_url):
        assert str(tmp_path) in url


def test_everything_written_lives_under_the_data_folder(tmp_path: Path) -> None:
    settings = load(environment(tmp_path / "deep" / "down"))
    assert settings.data_dir == tmp_path / "deep" / "down"
    assert settings.demo_marker.parent == settings.data_dir


def test_a_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    first, second = load({"GATEDESK_DATA_DIR": str(tmp_path)}), load({"GATEDESK_DATA_DIR": str(tmp_path)})
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 43
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_two_installations_have_two_secrets(tmp_path: Path) -> None:
    assert load({"GATEDESK_DATA_DIR": str(tmp_path / "a")}).secret_key != load({"GATEDESK_DATA_DIR": str(tmp_path / "b")}).secret_key


def test_without_the_demo_a_secret_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="GATEDESK_SECRET_KEY must be set"):
        load({"GATEDESK_DATA_DIR": str(tmp_path), "GATEDESK_DEMO": "off"})
    assert not (tmp_path / "secret_key").exists()


BAD = {
    "SECRET_KEY": ("short",),
    "DEMO": ("maybe",),
    "PORT": ("0", "65536", "80a", "-1", "8³"),
    "WEB_WORKERS": ("0",),
    "MAX_BODY_MB": ("1.5", "9999"),
    "TIME_ZONE": ("Mars/Olympus", "../etc/passwd", "America", "x" * 500),
    "PUBLIC_URL": ("help.example.com", "ftp://help.example.com", "https://user:pass@help.example.com"),
    "GATEWAY_URL": ("https://gw.example.com/v1?key=x", "https://"),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_refuses_to_start_and_is_named_not_quoted(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting) as caught:
        load(environment(tmp_path, **{name: value}))
    assert f"GATEDESK_{name} must" in str(caught.value)
    assert len(value) < 3 or value not in str(caught.value)


def test_blank_values_are_defaults(tmp_path: Path) -> None:
    assert load(environment(tmp_path, PORT="  ", PUBLIC_URL="")).port == 8000


def test_addresses_lose_their_last_slash(tmp_path: Path) -> None:
    settings = load(environment(tmp_path, PUBLIC_URL="https://help.example.com/", GATEWAY_URL="https://gw.example.com/v1/"))
    assert (settings.public_url, settings.gateway_url) == ("https://help.example.com", "https://gw.example.com/v1")


def test_the_public_address_follows_host_and_port(tmp_path: Path) -> None:
    assert load(environment(tmp_path, HOST="0.0.0.0", PORT="9000")).public_url == "http://0.0.0.0:9000"


def test_cookies_are_secure_behind_https(tmp_path: Path) -> None:
    assert load(environment(tmp_path, PUBLIC_URL="https://help.example.com")).secure_cookies
    assert not load(environment(tmp_path)).secure_cookies


def test_fingerprints_depend_on_the_secret(tmp_path: Path) -> None:
    settings = load(environment(tmp_path))
    assert settings.pepper == load(environment(tmp_path)).pepper
    assert settings.pepper != replace(settings, secret_key="t" * 40).pepper


def test_a_demonstration_is_one_only_where_demo_data_was_made(tmp_path: Path) -> None:
    settings = load(environment(tmp_path, DEMO="on"))
    assert not settings.is_demo
    settings.demo_marker.touch()
    assert settings.is_demo
    assert not load(environment(tmp_path, DEMO="off")).is_demo


def test_the_queue_is_a_file_or_a_redis(tmp_path: Path) -> None:
    assert type(open_queue(load(environment(tmp_path)))).__name__ == "SqliteHuey"
    assert type(open_queue(load(environment(tmp_path, QUEUE_URL="redis://127.0.0.1:1/0")))).__name__ == "RedisHuey"
    with pytest.raises(BadSetting, match="GATEDESK_QUEUE_URL"):
        open_queue(load(environment(tmp_path, QUEUE_URL="amqp://x")))
