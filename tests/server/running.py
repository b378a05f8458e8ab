"""The service as people run it: ``truto-unify serve`` in a process of its own, on an empty database."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from truto_unify.accounts.vault import new_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PROGRAM = [sys.executable, "-m", "truto_unify.cli.main"]
_SERVING = re.compile(r"serving on (http://\S+);")
PATIENCE = 60


@dataclass
class Running:
    """A service in a process.

    Attributes:
        origin: where it listens.
        token: an API token.
        lines: what it has written to standard error so far.
    """

    process: subprocess.Popen[str]
    folder: Path
    environment: dict[str, str]
    origin: str = ""
    token: str = ""
    lines: list[str] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)
    ready: threading.Event = field(default_factory=threading.Event)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs another command on the same database."""
        return subprocess.run(
            [*_PROGRAM, *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One call with the token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.request(method, self.origin + path, headers=headers, trust_env=False, timeout=PATIENCE, **more)

    def line_about(self, words: str) -> str:
        """The line of standard error that holds these words, waited for: it is written after the answer."""
        with self.news:
            assert self.news.wait_for(lambda: any(words in line for line in self.lines), PATIENCE)
            return next(line for line in self.lines if words in line)

    def listen(self) -> None:
        """Reads the output of the process to its end."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self.news:
                self.lines.append(line)
                self.news.notify_all()
            match = _SERVING.search(line)
            if match is not None:
                self.origin = match[1]
                self.ready.set()
        self.ready.set()  # it ended; there is no use in waiting


@contextmanager
def run_service(folder: Path, **settings: str) -> Iterator[Running]:
    """Starts the service, makes a token, and stops it at the end."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TRUTO_UNIFY_")}
    this_machine = {"TRUTO_UNIFY_ALLOWED_NETWORKS": "127.0.0.0/8", "TRUTO_UNIFY_ALLOW_HTTP": "true"}
    own = {"NO_PROXY": "127.0.0.1", "TRUTO_UNIFY_SECRET_KEY": new_key(), **this_machine, **settings}
    environment = {**inherited, **own}
    process = subprocess.Popen(
        [*_PROGRAM, "serve", "--port", "0"], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
    )
    service = Running(process, folder, environment)
    reader = threading.Thread(target=service.listen, daemon=True)
    reader.start()
    try:
        assert service.ready.wait(PATIENCE)
        assert service.origin, "".join(service.lines)
        service.token = service.command("token", "create").stdout.strip()
        yield service
    finally:
        process.terminate()
        process.wait(PATIENCE)
        reader.join(PATIENCE)
        assert process.stderr is not None
        process.stderr.close()
