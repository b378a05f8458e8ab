"""Draws the road from a curl command to the first unified customer: two commands, run against a small store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import textwrap
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from tests.drawings import draw_terminal

_PEOPLE: list[dict[str, Any]] = [
    {
        "id": "p_1",
        "given_name": "Ana",
        "family_name": "Nilsen",
        "mail": "ana@example.test",
        "phone": "+43 1 5550100",
        "created": "2026-01-02T10:00:00Z",
    },
    {
        "id": "p_2",
        "given_name": "Bo",
        "family_name": "Perez",
        "mail": "bo@example.test",
        "phone": None,
        "created": "2026-01-03T10:00:00Z",
    },
]
_ANSWER = json.dumps({"data": _PEOPLE, "meta": {"total": len(_PEOPLE), "page": 1}}).encode()
_CURL = "curl '{origin}/v2/people?per_page=50&page=1' -H 'X-Api-Key: acme_0123'\n"
_COMMANDS = (
    ("truto-unify scaffold acme --from-curl curl.txt --from-sample answer.json",),
    (
        "truto-unify list ecommerce/customers --provider acme --overlay . \\",
        "    --credential api_key=acme_0123 --format table",
    ),
)


class _Store(BaseHTTPRequestHandler):
    """Answers every request alike."""

    def do_GET(self) -> None:
        """Sends the two people."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(_ANSWER)))
        self.end_headers()
        self.wfile.write(_ANSWER)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def curl_capture() -> str:
    """The two commands with their output, on a terminal of 80 columns, as SVG."""
    with HTTPServer(("127.0.0.1", 0), _Store) as server, tempfile.TemporaryDirectory() as folder:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        origin = f"http://127.0.0.1:{server.server_port}"
        Path(folder, "curl.txt").write_text(_CURL.format(origin=origin), encoding="utf-8")
        Path(folder, "answer.json").write_bytes(_ANSWER)
        lines: list[str] = []
        for command in _COMMANDS:
            first, *further = command
            lines += [f"$ {first}", *further, *_run("".join(command).replace("\\", ""), folder)]
        server.shutdown()
    first, *rest = lines
    return draw_terminal(first.removeprefix("$ "), rest)


def _run(command: str, folder: str) -> list[str]:
    _, *arguments = command.split()
    words = [sys.executable, "-m", "truto_unify.cli.main", *arguments]
    environment = {**os.environ, "COLUMNS": "80"}
    done = subprocess.run(words, check=True, capture_output=True, encoding="utf-8", env=environment, cwd=folder)
    lines = f"{done.stdout}{done.stderr}".rstrip().splitlines()
    return [part for line in lines for part in (textwrap.wrap(line, 80) if len(line) > 80 else [line])]
