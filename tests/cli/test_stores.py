from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.shipped import REGISTRY
from truto_unify.cli import output, stores
from truto_unify.models import RESOURCES
from truto_unify.sandbox.serve import STORES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

LEFT_OUT = {
    80: "created_at, country, phone, city, email, payment_status, fulfillment_status, sku, inventory_quantity",
    120: "phone, email, fulfillment_status, country, city",
}
SLUGS = sorted({slug for _, slug in REGISTRY.mappings} & set(STORES))


@pytest.mark.parametrize("width", [80, 120])
def test_the_demo_has_a_table_of_every_resource_with_every_store(
    run: Run, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    outcome = run("demo")

    lines = outcome.out.splitlines()
    rows = [word for line in lines for word in line.split()[:1] if word in SLUGS]
    assert outcome.code == 0
    assert max(map(len, lines)) <= width
    assert [line for line in lines if line in RESOURCES] == [*RESOURCES]
    assert rows == [slug for slug in SLUGS for _ in range(2)] * 3
    assert outcome.out.count("Priya Fitzgerald") == outcome.out.count("李 小明") == len(SLUGS)
    assert outcome.err.splitlines() == [
        f"some columns do not fit ({LEFT_OUT[width]}): widen the terminal, or use --format json",
        "next: truto-unify sandbox   keeps these stores running, and prints commands to try on them",
    ]


@pytest.mark.parametrize(("encoding", "form"), [("cp1252", "table"), ("ascii", "ndjson")])
def test_the_demo_runs_with_any_encoding_of_its_output(encoding: str, form: str) -> None:
    command = [sys.executable, "-m", "truto_unify.cli.main", "demo", "--limit", "2", "--format", form]
    shown = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": encoding})

    assert shown.stdout.decode(encoding).count("\\u674e") >= len(SLUGS)


def test_the_demo_names_the_provider_of_each_record_in_every_form(run: Run) -> None:
    words = ("demo", "--limit", "1", "--resource", "ecommerce/products", "--format")
    as_json, ndjson, csv = (run(*words, form) for form in ("json", "ndjson", "csv"))

    records = json.loads(as_json.out)
    assert [record["provider"] for record in records] == SLUGS
    assert {record["resource"] for record in records} == {"ecommerce/products"}
    assert [json.loads(line)["name"] for line in ndjson.out.splitlines()] == [record["name"] for record in records]
    assert [line.partition(",")[0] for line in csv.out.splitlines()] == ["provider", *SLUGS]
    assert [outcome.err for outcome in (as_json, ndjson, csv)] == ["", "", ""]


def test_a_csv_table_of_several_resources_is_refused(run: Run) -> None:
    outcome = run("demo", "--format", "csv")

    assert (outcome.code, outcome.err.splitlines()[-1]) == (
        3,
        "Error: a CSV table has one resource; name it with --resource: ecommerce/customers, ecommerce/orders, "
        "ecommerce/products",
    )


def test_the_sandbox_prints_a_command_for_each_list_of_each_store_and_serves(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[tuple[Any, ...]] = []
    monkeypatch.setattr(stores, "serve", lambda *address: served.append(address))

    outcome = run("sandbox", "--port", "9876")

    commands = [shlex.split(line) for line in outcome.out.splitlines() if line.startswith("truto-unify")]
    assert (outcome.code, served) == (0, [("127.0.0.1", 9876)])
    assert outcome.err == "serving on http://127.0.0.1:9876; stop with Ctrl-C\n"
    assert [words[:5] for words in commands] == [
        ["truto-unify", "list", resource, "--provider", slug] for slug in SLUGS for resource in RESOURCES
    ]
    assert [words[6].startswith(f"http://127.0.0.1:9876/{words[4]}") for words in commands] == [True] * len(commands)
    assert [line for line in outcome.out.splitlines() if line.startswith("#")] == [f"# {slug}" for slug in SLUGS]


def test_a_hint_names_the_path_of_a_program_that_is_not_on_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / ".venv-demo" / "bin" / "truto-unify"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(program)])
    monkeypatch.setenv("PATH", "")
    by_path = output.program()
    monkeypatch.setenv("PATH", str(program.parent))

    assert (by_path, output.program()) == (".venv-demo/bin/truto-unify", "truto-unify")
