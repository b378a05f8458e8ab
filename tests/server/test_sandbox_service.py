"""``truto-unify serve --sandbox`` needs nothing, and the commands that it prints work."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx

from tests.docs.page import Fence, read_blocks, read_page
from tests.server.conftest import SLUGS

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = re.compile(r"curl -s '(http://\S+)' -H \"Authorization: Bearer \$TOKEN\"  # (\w+)")


def shown_in_the_readme() -> str:
    """The answer of the service to the call of a customer, as far as the README shows it."""
    fences = (block.text for block in read_blocks(read_page("README.md")) if isinstance(block, Fence))
    (text,) = [text for text in fences if "json.tool" in text]
    return text[text.index("\n{") + 1 : text.index("\n…")]


def test_every_printed_command_lists_customers_and_nothing_is_left_behind(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRUTO_UNIFY_")}
    environment = {**kept, "NO_PROXY": "127.0.0.1", "TMPDIR": str(tmp_path)}
    words = [sys.executable, "-m", "truto_unify.cli.main", "serve", "--sandbox", "--port", "0"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, cwd=tmp_path, env=environment, **pipes) as service:  # type: ignore[call-overload]
        token = service.stdout.readline().strip().removeprefix("export TOKEN=")
        commands = [COMMAND.fullmatch(service.stdout.readline().strip()) for _ in (*SLUGS, "shopify_rest")]
        next(line for line in service.stderr if "serving on" in line)
        answers = {
            command[2]: httpx.get(command[1], headers={"Authorization": f"Bearer {token}"}, trust_env=False)
            for command in commands
            if command is not None
        }
        call = next(command[1] for command in commands if command is not None and command[2] == "woocommerce")
        call = call.replace("/customers?", "/customers/2?").replace("&limit=2", "&truto_ignore_remote_data=true")
        customer = httpx.get(call, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
        service.terminate()
        service.communicate()

    assert {slug: (answer.status_code, answer.json()["result_count"]) for slug, answer in answers.items()} == (
        dict.fromkeys(sorted([*SLUGS, "shopify_rest"]), (200, 2))
    )
    assert json.dumps(customer.json(), indent=4).startswith(shown_in_the_readme())
    assert (service.returncode, [*tmp_path.iterdir()]) == (0, [])
