from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from truto_unify import Registry
from truto_unify.cli import stores
from truto_unify.sandbox.serve import STORES

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import Run

SLUGS = sorted({slug for _, slug in Registry().mappings} & set(STORES))


def test_the_demo_shows_customers_of_every_pretend_store_in_one_table(run: Run) -> None:
    outcome = run("demo", "--limit", "2")

    lines = [line.split() for line in outcome.out.splitlines() if line]
    assert outcome.code == 0
    assert [words[0] for words in lines[2:]] == [slug for slug in SLUGS for _ in range(2)]
    assert lines[0][:3] == ["provider", "id", "name"]
    assert outcome.err == (
        "next: truto-unify sandbox   keeps these stores running, and prints commands to try on them\n"
    )


def test_the_demo_names_the_provider_of_each_record_in_every_form(run: Run) -> None:
    as_json, ndjson, csv = (run("demo", "--limit", "1", "--format", form) for form in ("json", "ndjson", "csv"))

    records = json.loads(as_json.out)
    assert [record["provider"] for record in records] == SLUGS
    assert [json.loads(line)["name"] for line in ndjson.out.splitlines()] == [record["name"] for record in records]
    assert [line.partition(",")[0] for line in csv.out.splitlines()] == ["provider", *SLUGS]
    assert [outcome.err for outcome in (as_json, ndjson, csv)] == ["", "", ""]


def test_the_sandbox_prints_a_command_for_each_store_and_serves(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[Any, ...]] = []
    monkeypatch.setattr(stores, "serve", lambda *address: served.append(address))

    outcome = run("sandbox", "--port", "9876")

    commands = [shlex.split(line) for line in outcome.out.splitlines()]
    assert (outcome.code, served) == (0, [("127.0.0.1", 9876)])
    assert outcome.err == "serving on http://127.0.0.1:9876; stop with Ctrl-C\n"
    assert [words[:5] for words in commands] == [
        ["truto-unify", "list", "ecommerce/customers", "--provider", slug] for slug in SLUGS
    ]
    assert [
        words[6].startswith(f"http://127.0.0.1:9876/{slug}") for words, slug in zip(commands, SLUGS, strict=True)
    ] == ([True] * len(SLUGS))
