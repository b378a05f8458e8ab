"""Starts the processes of a measurement, and reads what they use."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from benchmarks.service import free_port, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.running import Running


@contextmanager
def start(module: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A Python module in a process of its own, which is killed at the end."""
    command = [sys.executable, "-m", module, *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603 - ours
        try:
            yield child
        finally:
            child.kill()


def pipe(stream: IO[str] | None) -> IO[str]:
    """The stream of a process that was started with pipes."""
    assert stream is not None  # noqa: S101 - started with pipes
    return stream


def send_line(child: subprocess.Popen[str], word: str) -> None:
    """Sends a line to a process."""
    stream = pipe(child.stdin)
    stream.write(f"{word}\n")
    stream.flush()


@contextmanager
def start_store() -> Iterator[str]:
    """The origin of the store."""
    port = free_port()
    with start("benchmarks.load.store", str(port)) as child:
        wait_for(port, child)
        yield f"http://127.0.0.1:{port}"


def read_statistics(origin: str) -> dict[str, float]:
    """What the store saw since the last time."""
    with urllib.request.urlopen(f"{origin}/statistics") as answer:  # noqa: S310 - ours
        statistics: dict[str, float] = json.loads(answer.read())
    return statistics


def connect(service: Running, origin: str, kind: str, **changes: Any) -> str:
    """Creates an account at the store; returns its id."""
    body = {
        "tenant_id": kind,
        "integration": "woocommerce",
        "credentials": {"consumer_key": "ck_0123", "consumer_secret": "cs_0123"},
        "context": {"store_url": "https://shop.example"},
        "base_url": f"{origin}/{kind}",
        **changes,
    }
    answer = service.call("POST", "/integrated-account", json=body)
    answer.raise_for_status()
    return str(answer.json()["id"])


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of a process, as Linux counts it (``man 5 proc``)."""

    pid: int

    def forget_peak(self) -> None:
        """Counts the peak from now on."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", encoding="ascii")

    def read(self, name: str) -> float:
        """``VmRSS`` (now) or ``VmHWM`` (the peak) in MiB."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
