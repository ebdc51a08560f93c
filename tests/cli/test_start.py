"""`flask start` for real: web and worker come up together, and one interrupt ends both."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import click
import pytest

from app.cli.start import wait_for_port
from app.settings import PROJECT_ROOT

PATIENCE = 60
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def environment(folder: Path, port: int) -> dict[str, str]:
    """Of a desk that was set up."""
    own = {"DATA_DIR": folder / "var", "KB_DIR": folder / "kb", "DEMO": "off", "SECRET_KEY": "s" * 40, "PORT": port, "WEB_WORKERS": 1}
    environment = os.environ | {f"GATEDESK_{name}": str(value) for name, value in own.items()}
    subprocess.run([*FLASK, "setup"], cwd=PROJECT_ROOT, env=environment, check=True, capture_output=True)
    return environment


@pytest.fixture
def desk(environment: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A desk served by processes of its own."""
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen(
            [*FLASK, "start"], cwd=PROJECT_ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        yield process
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def fetch(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def wait_for(what: str, is_so: object) -> None:
    """Give processes time; fail by name when they do not get there."""
    for _each in range(PATIENCE * 10):
        try:
            if is_so():  # type: ignore[operator]
                return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail(f"waited in vain for {what}")


def anybody_left(desk: subprocess.Popen[bytes]) -> bool:
    """Whether a process of the desk's group still lives."""
    try:
        os.killpg(desk.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def test_one_interrupt_ends_web_and_worker(desk: subprocess.Popen[bytes], port: int, folder: Path, tmp_path: Path) -> None:
    wait_for("the first page", lambda: fetch(port, "/")[0] == 200)
    wait_for("the worker's queue", (folder / "var" / "queue.db").exists)
    assert "What went wrong?" in fetch(port, "/")[1]
    desk.send_signal(signal.SIGINT)
    wait_for("the end", lambda: desk.poll() is not None)
    wait_for("the end of its children", lambda: not anybody_left(desk))
    assert "Traceback" not in (tmp_path / "output").read_text()


@pytest.mark.skipif(not hasattr(socket, "SO_REUSEPORT"), reason="ports are not shared on this system")
def test_a_port_that_another_desk_listens_on_is_not_shared() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as the server does for its processes
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        other.listen()
        with pytest.raises(click.ClickException, match=f"port {port} of 127.0.0.1 is taken"):
            wait_for_port("127.0.0.1", port, patience=0)
    wait_for_port("127.0.0.1", port)


def processes_of(desk: subprocess.Popen[bytes]) -> list[int]:
    """The desk's group, without the one that started it."""
    found = subprocess.run(["pgrep", "-g", str(desk.pid)], capture_output=True, text=True, check=False).stdout.split()
    return [int(process) for process in found if int(process) != desk.pid]


@pytest.mark.skipif(not (Path("/proc/self").exists() and shutil.which("pgrep")), reason="processes are listed by /proc and pgrep")
def test_a_killed_web_process_is_replaced_and_a_killed_desk_leaves_nobody(desk: subprocess.Popen[bytes], port: int) -> None:
    wait_for("the first page", lambda: fetch(port, "/")[0] == 200)
    web = next(process for process in processes_of(desk) if b"worker" not in Path(f"/proc/{process}/cmdline").read_bytes())
    os.kill(web, signal.SIGKILL)
    wait_for("its successor", lambda: web not in processes_of(desk) and fetch(port, "/")[0] == 200)
    assert desk.poll() is None
    desk.kill()
    desk.wait()
    wait_for("the end of its children", lambda: not anybody_left(desk))
