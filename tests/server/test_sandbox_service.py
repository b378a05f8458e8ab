"""``truto-unify serve --sandbox`` needs nothing, and the commands that it prints work."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

import httpx

from tests.docs.page import Fence, read_blocks, read_page
from tests.server.conftest import SLUGS
from truto_unify.models import RESOURCES

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = re.compile(r"export ACCOUNT=(\S+)  # (\w+)")
CALL = re.compile(r'curl -s "(http://\S+)" -H "Authorization: Bearer \$TOKEN"')


STORES = sorted([*SLUGS, "shopify_rest"])


def shown_in_the_readme() -> str:
    """The answer of the service to the call of a customer, as far as the README shows it."""
    fences = (block.text for block in read_blocks(read_page("README.md")) if isinstance(block, Fence))
    (text,) = [text for text in fences if "json.tool" in text]
    return text[text.index("\n{") + 1 : text.index("\n…")]


def test_every_printed_call_lists_records_of_every_account_and_nothing_is_left_behind(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRUTO_UNIFY_")}
    environment = {**kept, "NO_PROXY": "127.0.0.1", "TMPDIR": str(tmp_path)}
    words = [sys.executable, "-m", "truto_unify.cli.main", "serve", "--sandbox", "--port", "0"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, cwd=tmp_path, env=environment, **pipes) as service:  # type: ignore[call-overload]  # mypy sees no keywords in a dict
        token = service.stdout.readline().strip().removeprefix("export TOKEN=")
        next(line for line in service.stderr if "serving on" in line)
        lines = [service.stdout.readline().strip() for _ in (*STORES, *RESOURCES)]
        accounts = {match[2]: match[1] for line in lines if (match := ACCOUNT.fullmatch(line))}
        calls = [match[1] for line in lines if (match := CALL.fullmatch(line))]
        read = partial(httpx.get, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
        answers = [
            (slug, answer.status_code, answer.json()["result_count"])
            for slug, account in accounts.items()
            for call in calls
            for answer in [read(call.replace("$ACCOUNT", account))]
        ]
        call = calls[0].replace("$ACCOUNT", accounts["woocommerce"])
        customer = read(
            call.replace("/customers?", "/customers/2?").replace("&limit=2", "&truto_ignore_remote_data=true")
        )
        service.terminate()
        service.communicate()

    assert sorted(answers) == [(slug, 200, 2) for slug in STORES for _ in RESOURCES]
    assert json.dumps(customer.json(), indent=4).startswith(shown_in_the_readme())
    assert (service.returncode, [*tmp_path.iterdir()]) == (0, [])
