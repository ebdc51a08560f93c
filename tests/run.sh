#!/usr/bin/env bash
# What `make test` runs: checks first, then every test on SQLite and PostgreSQL, then the browser journeys.
set -euo pipefail
cd "$(dirname "$0")/.."
PY=.venv/bin/python

install_debian() { # package…: needs root; elsewhere the tests that need it say that they were skipped
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update && apt-get -qq install -y "$@" >/dev/null
}

postgres_bin() { { ls -d /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin 2>/dev/null || true; } | sort -V | tail -1; }

as_server_user() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

start_postgres() { # a throw-away cluster on a socket of its own
  PGBIN=$(postgres_bin)
  [ -n "$PGBIN" ] || { echo "PostgreSQL is not installed: its tests are skipped."; return 0; }
  PGDIR=$(mktemp -d)
  [ "$(id -u)" = 0 ] && chown postgres "$PGDIR"
  as_server_user "$PGBIN/initdb" -D "$PGDIR/data" -U gatedesk --auth=trust -E UTF8 --locale=C.UTF-8 >/dev/null 2>&1 ||
    as_server_user "$PGBIN/initdb" -D "$PGDIR/data" -U gatedesk --auth=trust -E UTF8 >/dev/null
  as_server_user "$PGBIN/pg_ctl" -D "$PGDIR/data" -w -o "-c listen_addresses= -c unix_socket_directories=$PGDIR -c fsync=off" -l "$PGDIR/log" start >/dev/null
  trap 'as_server_user "$PGBIN/pg_ctl" -D "$PGDIR/data" -m immediate stop >/dev/null; rm -rf "$PGDIR"' EXIT
  as_server_user "$PGBIN/createdb" -h "$PGDIR" -U gatedesk gatedesk_test
  export GATEDESK_TEST_POSTGRES="postgresql+psycopg://gatedesk@/gatedesk_test?host=$PGDIR"
}

command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || install_debian chromium fonts-noto-cjk
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || .venv/bin/playwright install chromium
[ -n "$(postgres_bin)" ] || install_debian postgresql

.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
.venv/bin/lint-imports
start_postgres
$PY -m pytest -n auto "$@"
