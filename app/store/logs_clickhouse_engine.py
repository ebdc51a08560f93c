"""A ClickHouse for the log: a server over HTTP, or the embedded engine in this process, by the same client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, make_url

from app.store.logs import LogStoreBusy

if TYPE_CHECKING:
    from clickhouse_connect.datatypes.base import ClickHouseType
    from clickhouse_connect.driver.client import Client

SCHEMES = ("clickhouse", "clickhouses", "chdb", "clickhouse+chdb")
EMBEDDED = ("chdb", "clickhouse+chdb")
SECURE = "clickhouses"
PLAIN_PORT, SECURE_PORT = 8123, 8443
CONNECT_SECONDS, ANSWER_SECONDS = 5, 300
UNKNOWN_DATABASE = 81
# what passes when one waits: timeouts, full memory or disk, too many parts, a read-only replica, no quorum, no keeper
PASSING = frozenset({159, 202, 203, 209, 210, 225, 236, 241, 242, 243, 252, 279, 285, 286, 319, 425, 439, 473, 999})
SETTINGS: Mapping[str, Any] = {
    "max_query_size": 64 * 2**20,  # a batch's record ids are looked up in one statement
    "max_partitions_per_insert_block": 0,  # a batch may span any number of months
    "insert_deduplicate": 1,
    "deduplicate_blocks_in_dependent_materialized_views": 1,  # a block sent twice is counted once
    "distributed_foreground_insert": 1,  # where the tables are spread over shards: answered means stored there
    "mutations_sync": 2,  # removed means removed on every replica
    "lightweight_deletes_sync": 2,
}
# rows are sorted, but not merged before they are written: a batch brings each record once, and merging takes a third of the time
AS_THEY_COME: Mapping[str, Any] = {"optimize_on_insert": 0}


@dataclass(frozen=True, slots=True)
class Tables:
    """Where rows are kept: on a cluster, reads and inserts go to tables that span the shards, and upkeep to each shard's own."""

    cluster: str | None = None

    def own(self, table: str) -> str:
        """The table to look after, on every shard."""
        return table if self.cluster is None else f"{table}_local ON CLUSTER `{self.cluster}`"


class ClickHouse:
    """One client, opened when it is first used; threads may share it."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self.lock = RLock()  # held by whoever writes, so that threads of one process wait here and not at the server
        self._types: dict[str, dict[str, ClickHouseType]] = {}
        cluster = self._url.query.get("cluster")
        self.tables = Tables(cluster if isinstance(cluster, str) and cluster.replace("_", "").isalnum() else None)

    @property
    def folder(self) -> str | None:
        """Where the engine lives that this process embeds; None when it is a server."""
        return "/" + (self._url.database or "").lstrip("/") if self._url.drivername in EMBEDDED else None

    @cached_property
    def client(self) -> Client:
        """The client; the database is made when there is none."""
        # one process may have one folder open, and one folder belongs to one process
        return _remote(self._url) if self.folder is None else _open(interface="chdb", path=self.folder)

    def close(self) -> None:
        """Close the client; the next use opens it again."""
        with self.lock:
            client = self.__dict__.pop("client", None)
            if client is not None:
                client.close()

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """Every row of the answer."""
        found: Sequence[Any] = self.client.query(query, parameters=dict(parameters or {}), settings=dict(settings or {})).result_rows
        return found

    def value(self, query: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row; None without one."""
        found = self.rows(query, parameters)
        return found[0][0] if found else None

    def run(self, statement: str, parameters: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None) -> None:
        """A statement that answers nothing."""
        self.client.command(statement, parameters=dict(parameters or {}), settings=dict(settings or {}))

    def insert(self, table: str, names: Sequence[str], columns: Sequence[Sequence[Any]], token: str | None = None) -> None:
        """Insert whole columns. A block with a `token` that was inserted before is left out."""
        settings = {"insert_deduplication_token": token} if token else {}
        types = self._types_of(table)
        chosen = [types[name] for name in names]
        self.client.insert(table, columns, column_names=names, column_types=chosen, column_oriented=True, settings=settings)

    def insert_blocks(self, table: str, names: Sequence[str], blocks: bytes, token: str) -> None:
        """Insert blocks in the Native format, unless some with this token were inserted before."""
        self.client.raw_insert(table, names, blocks, {"insert_deduplication_token": token, **AS_THEY_COME}, "Native")

    def _types_of(self, table: str) -> dict[str, ClickHouseType]:
        """The table's column types; asked for once, since they do not change while the desk runs."""
        if table not in self._types:
            context = self.client.create_insert_context(table)
            self._types[table] = dict(zip(context.column_names, context.column_types, strict=True))
        return self._types[table]


@contextmanager
def busy_when_away() -> Iterator[None]:
    """Turn what passes when one waits into LogStoreBusy; nothing that was to be stored is quoted."""
    from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError  # noqa: PLC0415 - only desks with ClickHouse load it

    try:
        yield
    except OperationalError:
        raise LogStoreBusy from None
    except DatabaseError as problem:
        if problem.code in PASSING:
            raise LogStoreBusy from None
        raise


def _remote(url: URL) -> Client:
    """A server's client; makes the database when it is not there."""
    from clickhouse_connect.driver.exceptions import DatabaseError  # noqa: PLC0415

    secure = url.drivername == SECURE
    where = {
        "host": url.host or "localhost",
        "port": url.port or (SECURE_PORT if secure else PLAIN_PORT),
        "username": url.username,
        "password": str(url.password or ""),
        "secure": secure,
        "connect_timeout": CONNECT_SECONDS,
        "send_receive_timeout": ANSWER_SECONDS,
        "autogenerate_session_id": False,  # a session takes one query at a time; threads share this client
    }
    database = url.database or "default"
    try:
        return _open(**where, database=database)
    except DatabaseError as problem:
        if problem.code != UNKNOWN_DATABASE:
            raise
    with _open(**where) as client:
        client.command("CREATE DATABASE IF NOT EXISTS {name:Identifier}", parameters={"name": database})
    return _open(**where, database=database)


def _open(**where: Any) -> Client:
    from clickhouse_connect import get_client  # noqa: PLC0415

    return get_client(**where, settings=dict(SETTINGS), show_clickhouse_errors=False)
