"""Measures what one hostile answer or override costs the service: memory, and the time of other callers."""

from __future__ import annotations

import tempfile
import textwrap
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.goals import Row
from benchmarks.load import goals
from benchmarks.load.processes import Memory, connect, pipe, send_line, start, start_store
from tests.server.running import run_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

LIST = "/unified/ecommerce/customers"
DOUBLED = " | ".join(["[@, @]"] * 18)
ANSWERS = {
    "good": "a page of 100",
    "gzip": "1 GiB in 1 MB of gzip",
    "gzip-twice": "1 GiB, compressed twice",
    "error": "an error of 60 MiB",
    "error-fits": "an error of 15 MiB",
    "million": "a page of 1,000,001 records",
    "largest-page": "9,000 whole records, the largest page that is accepted",
    "values": "a record of 990,000 numbers",
    "objects": "a record of 300,000 small objects",
    "deep": "200,000 nested lists",
    "long-text": "a name of 15 MiB",
}
"""What the store sends, by the first step of its path."""
OVERRIDES: dict[str, dict[str, Any]] = {
    "a result that doubles 18 times": {"response_mapping": {"tier": f"to_string(id | {DOUBLED})"}},
    "a separator that is the record": {"response_mapping": {"tier": "join(join(to_string(@), keys(@)), keys(@))"}},
    "(a+)+b over 100 texts": {
        "list": {"filters": {"email": {"eq": {"path": "email", "match": "exact", "pattern": "(a+)+b"}}}}
    },
    "the record in each address": {"response_mapping": {"notes": [{"each": "meta_data", "text": "record"}]}},
}
"""Overrides over a page of 100."""


def measure_answers() -> Iterator[Row]:
    """Two rows for each answer: memory, and the stall of others."""
    with ExitStack() as stack:
        origin = stack.enter_context(start_store())
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        service = stack.enter_context(run_service(Path(folder), TRUTO_UNIFY_PROVIDER_SECONDS="30"))
        accounts = {label: connect(service, origin, kind) for kind, label in ANSWERS.items()}
        for label, layer in OVERRIDES.items():
            override = {"ecommerce": {"customers": layer}}
            accounts[f"override: {label}"] = connect(service, origin, "good", unified_model_override=override)
        pinger = stack.enter_context(start("benchmarks.load.pinger", service.origin.rpartition(":")[2]))
        memory = Memory(service.process.pid)
        for account in (accounts[ANSWERS["good"]], accounts[ANSWERS["good"]]):
            _list(service, account)  # compiles the mapping
        rest = memory.read("VmRSS")
        for label, account in accounts.items():
            memory.forget_peak()
            send_line(pinger, "begin")
            pipe(pinger.stdout).readline()
            answer = _list(service, account, "&email=a@b.test" if "texts" in label else "")
            send_line(pinger, "end")
            stall = float(pipe(pinger.stdout).readline())
            yield Row(goals.PEAK, label, memory.read("VmHWM") - rest, _describe(answer))
            yield Row(goals.STALL, label, stall)


def _list(service: Any, account: str, query: str = "") -> httpx.Response:
    answer: httpx.Response = service.call("GET", f"{LIST}?integrated_account_id={account}&limit=100{query}")
    return answer


def _describe(answer: httpx.Response) -> str:
    body = answer.json()
    what = (
        f"{body['result_count']} records"
        if answer.is_success
        else textwrap.shorten(str(body["message"]), 90, placeholder=" …")
    )
    return f"{answer.status_code}: {what}".replace("|", "/")
