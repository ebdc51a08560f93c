#!/usr/bin/env bash
# What `make test` runs: checks first, then every test on SQLite and PostgreSQL, the queue on Redis too, then the browser journeys.
# Words given to it go to pytest: `tests/run.sh tests/web -k queue`.
set -euo pipefail
cd "$(dirname "$0")/.."
PY=.venv/bin/python

main() {
  have_chromium || install_debian chromium fonts-noto-cjk || true
  have_chromium || .venv/bin/playwright install chromium || echo "There is no Chromium: the browser tests are skipped."
  [ -n "$(postgres_bin)" ] || install_debian postgresql || true
  command -v redis-server >/dev/null || install_debian redis-server || true
  check
  start_postgres
  $PY -m pytest -n auto --dist worksteal "$@"
}

check() {
  .venv/bin/ruff check .
  .venv/bin/ruff format --check .
  .venv/bin/mypy
  .venv/bin/lint-imports
}

have_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null

install_debian() { # package…: only root may; fails elsewhere, and the tests that need it say that they were skipped
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update && apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}

postgres_bin() { # the newest server's folder, on Debian, on macOS with Homebrew, or on the path; nothing when there is none
  local found
  for found in /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin "$(dirname "$(command -v initdb || echo /none/initdb)")"; do
    [ -x "$found/initdb" ] && echo "$found"
  done | sort -t/ -k5 -n | tail -1
}

start_postgres() { # a throw-away cluster on a socket of its own; the path is short because a socket's name may not be long
  PGBIN=$(postgres_bin)
  [ -n "$PGBIN" ] || { echo "PostgreSQL is not installed: its tests are skipped."; return 0; }
  PGDIR=$(mktemp -d /tmp/gatedesk-pg.XXXXXX)
  trap stop_postgres EXIT
  if [ "$(id -u)" = 0 ]; then chown postgres "$PGDIR"; fi
  make_cluster C.UTF-8 2>/dev/null || make_cluster C
  as_server_user "$PGBIN/pg_ctl" -D "$PGDIR/data" -w -l "$PGDIR/log" -o "$(server_options)" start >/dev/null
  as_server_user "$PGBIN/createdb" -h "$PGDIR" -U gatedesk gatedesk_test
  export GATEDESK_TEST_POSTGRES="postgresql+psycopg://gatedesk@/gatedesk_test?host=$PGDIR"
}

make_cluster() { as_server_user "$PGBIN/initdb" -D "$PGDIR/data" -U gatedesk --auth=trust -E UTF8 --locale="$1" >/dev/null; }

stop_postgres() {
  as_server_user "$PGBIN/pg_ctl" -D "$PGDIR/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$PGDIR"
}

server_options() { # nothing here has to survive a power cut
  echo "-c listen_addresses= -c unix_socket_directories=$PGDIR -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
}

as_server_user() { # the server refuses to run as root
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

main "$@"
