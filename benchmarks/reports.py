"""How long the report pages take over a kept desk and a kept log, each beside a page that reads next to nothing.

python -m benchmarks.reports DESK_FOLDER LOGS.db [--rounds 7]

The folder is one that `benchmarks.desk --keep` left; the log is of `benchmarks.scale --folder`, or the folder's own. Both are
brought up to date and counted first (not timed), as the worker does: copy them if they are to stay as they were.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import time
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from app import create_app
from app.core.roles import Role
from app.operations.desk_counting import count_desk
from app.operations.key_tallies import tally_keys
from app.settings import load
from app.store.database import db
from app.store.models import User
from benchmarks.traffic import DAYS, START

END = START + timedelta(days=DAYS)
BARE = "/reports/approvals"
LONG = f"from={(END - timedelta(days=91)).date()}&to={(END - timedelta(days=1)).date()}"
PAGES = (
    BARE,
    *(f"/reports/?span={span}" for span in ("24h", "7d", "30d")),
    *(f"/reports/?span=30d&by={by}" for by in ("group", "client", "owner")),
    f"/reports/?{LONG}&by=owner",
    *(f"/reports/consumption?span=30d&by={by}" for by in ("model", "owner")),
    *(f"/reports/desk?span={span}" for span in ("24h", "7d", "30d")),
    f"/reports/desk?{LONG}",
    f"/reports/review/{(END - timedelta(days=7)).strftime('%G-W%V')}",
    "/reports/budgets",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("desk", type=Path)
    parser.add_argument("logs", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    logging.disable(logging.INFO)
    app = an_app(options.desk, options.logs)
    client = a_client(app)
    for page in PAGES:
        print(f"{page:56} {middle(client, page, options.rounds):6.1f} ms")


def an_app(desk: Path, logs: Path) -> Flask:
    """The desk at the log's end, everything counted."""
    secret = "benchmark-" + "0" * 32
    environment = {"GATEDESK_DATA_DIR": str(desk), "GATEDESK_SECRET_KEY": secret, "GATEDESK_LOGS_URL": f"sqlite:///{logs.resolve()}"}
    app = create_app(load(environment))
    app.config.update(CLOCK=lambda: END, TESTING=True)
    store = app.extensions["log_store"]
    store.prepare()
    with app.app_context():
        upgrade()
        while tally_keys(store, END):
            pass
        count_desk()
    store.add_up_rollups(END)
    return app


def a_client(app: Flask) -> FlaskClient:
    """Somebody who sees amounts."""
    client = app.test_client()
    with app.app_context():
        person = db.session.query(User).filter(User.role.in_((Role.OWNER, Role.MANAGER))).first() or db.session.query(User).first()
        assert person is not None, "the desk has no account"
        person.role = Role.OWNER
        db.session.commit()
        name = person.get_id()
    with client.session_transaction() as session:
        session["_user_id"] = name
    return client


def middle(client: FlaskClient, page: str, rounds: int) -> float:
    """The median time by the clock, ms; the first answer, which compiles statements and templates, does not count."""
    took = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        answer = client.get(page, follow_redirects=True)
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, (page, answer.status_code)
    return statistics.median(took[1:])


if __name__ == "__main__":
    main()
