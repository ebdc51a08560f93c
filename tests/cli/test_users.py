"""`flask users` and `flask setup`: accounts, the first owner, the demonstration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.core.roles import Role
from app.operations.accounts import invited_user
from app.settings import load
from app.store import users
from app.store.database import db
from tests.conftest import rules_once

Run = Callable[..., tuple[int, str]]
MARK = "/welcome/"


@pytest.fixture
def run(app: Flask) -> Run:
    return lambda *words: invoke(app, *words)


def invoke(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(words))
    return result.exit_code, result.output


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Flask]]:
    """Makes an application over nothing at all, in the demo mode asked for."""
    monkeypatch.setattr("app.load_rulebook", rules_once)
    made: list[Flask] = []

    def make(demo: str) -> Flask:
        names = {"DATA_DIR": str(tmp_path / "var"), "KB_DIR": str(tmp_path / "kb"), "SECRET_KEY": "s" * 40, "DEMO": demo}
        names["PUBLIC_URL"] = "https://help.example.com"
        made.append(create_app(load({f"GATEDESK_{name}": value for name, value in names.items()})))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        app.extensions["log_store"].close()


def token_in(output: str) -> str:
    return output.split(MARK)[1].split(maxsplit=1)[0]


def test_a_new_account_gets_a_one_time_link(app: Flask, run: Run) -> None:
    code, output = run("users", "create", "kim", "--role", "agent", "--display-name", "Kim")
    assert code == 0
    invited = invited_user(token_in(output), datetime.now(UTC))  # noqa: TID251 - the command reads the clock too
    assert invited is not None
    assert (invited.name, invited.role, invited.password_hash) == ("kim", Role.AGENT, None)


@pytest.mark.parametrize(
    "words", [("create", "Kim Li", "--role", "agent"), ("create", "kim", "--role", "root"), ("create", "kim"), ("link", "nobody")]
)
def test_what_cannot_be_is_refused(run: Run, words: tuple[str, ...]) -> None:
    code, output = run("users", *words)
    assert code != 0
    assert "Traceback" not in output
    assert MARK not in output


def test_a_name_is_taken_once(run: Run) -> None:
    run("users", "create", "kim", "--role", "agent")
    assert run("users", "create", "kim", "--role", "agent") == (1, "Error: name_taken\n")


def test_everybody_is_listed_with_role_and_state(run: Run) -> None:
    run("users", "create", "kim", "--role", "agent")
    assert run("users", "list") == (0, "kim\tagent\tactive\n")


def test_without_the_demo_the_first_start_prints_the_owners_link_and_no_password(bare: Callable[[str], Flask]) -> None:
    app = bare("off")
    code, output = invoke(app, "setup")
    assert code == 0, output
    assert "https://help.example.com/welcome/" in output
    with app.app_context():
        assert [(user.name, user.role, user.password_hash) for user in users.everyone()] == [("owner", Role.OWNER, None)]


def test_the_owners_link_is_not_printed_again_once_there_is_an_owner(bare: Callable[[str], Flask]) -> None:
    app = bare("off")
    invoke(app, "setup")
    code, output = invoke(app, "setup")
    assert code == 0
    assert MARK not in output


def test_the_demonstration_is_filled_once(bare: Callable[[str], Flask], monkeypatch: pytest.MonkeyPatch) -> None:
    filled: list[object] = []

    def fill(settings: object, rulebook: object, log_store: object, now: object) -> None:
        from app.operations.accounts import create_account

        filled.append(settings)
        create_account("olivia", "Olivia", Role.OWNER, rulebook.redactor, now)  # type: ignore[attr-defined, arg-type]

    monkeypatch.setattr("app.cli.setup.fill_demo", fill)
    app = bare("auto")
    assert "Demo mode" in invoke(app, "setup")[1]
    assert invoke(app, "setup") == (0, "")
    assert len(filled) == 1
    assert app.extensions["settings"].is_demo


def test_a_desk_with_accounts_is_never_filled(bare: Callable[[str], Flask], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.setup.fill_demo", lambda *_: pytest.fail("filled a desk in use"))
    app = bare("off")
    invoke(app, "setup")
    later = bare("auto")
    assert invoke(later, "setup")[0] == 0
    assert not later.extensions["settings"].is_demo
