"""The demo as a person meets it: the real command in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from truto_unify.sandbox.people import invent_people
from truto_unify.sandbox.serve import STORES

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = invent_people()
TAKES = {
    "bigcommerce": [person for person in PEOPLE if person.email and (person.first_name or person.last_name)],
    "woocommerce": [person for person in PEOPLE if person.email],
}
"""Whom a store takes; the others take everybody."""


def run_python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in an empty folder, as on a clean machine: no settings, no accounts, no proxy."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("TRUTO_UNIFY_")}
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=folder,
        env={**variables, "NO_PROXY": "*", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def run_demo(folder: Path, *options: str) -> list[dict[str, Any]]:
    outcome = run_python(folder, "-m", "truto_unify.cli.main", "demo", "--format", "json", *options)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    records: list[dict[str, Any]] = json.loads(outcome.stdout)
    return records


def emails(records: list[dict[str, Any]], slug: str) -> list[str]:
    """The first e-mail of each customer of a store, blank where there is none."""
    of_store = [record for record in records if record["provider"] == slug]
    return [(record["emails"] or [{"email": ""}])[0]["email"] for record in of_store]


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return run_demo(tmp_path_factory.mktemp("clean"), "--limit", "200", "--resource", "ecommerce/customers")


def test_the_demo_lists_every_store(everybody: list[dict[str, Any]]) -> None:
    assert list(dict.fromkeys(record["provider"] for record in everybody)) == list(STORES)
    assert len(STORES) >= 6


@pytest.mark.parametrize("slug", STORES)
def test_each_store_has_the_same_people(everybody: list[dict[str, Any]], slug: str) -> None:
    assert sorted(emails(everybody, slug)) == sorted(person.email for person in TAKES.get(slug, list(PEOPLE)))


def test_a_first_look_shows_the_same_people_and_goods_of_each_store(tmp_path: Path) -> None:
    records = run_demo(tmp_path)
    customers, products = (
        [record for record in records if record["resource"] == name]
        for name in ("ecommerce/customers", "ecommerce/products")
    )

    shown = {slug: emails(customers, slug) for slug in STORES}
    assert shown == {slug: [person.email for person in PEOPLE[:2]] for slug in STORES}
    names = {slug: [record["name"] for record in products if record["provider"] == slug] for slug in STORES}
    assert names == {slug: ["Tea tin 1", "Mug 1"] for slug in STORES}


def test_a_command_that_needs_no_store_loads_none(tmp_path: Path) -> None:
    program = "import sys, truto_unify.cli.commands; print(*sorted(sys.modules))"
    loaded = run_python(tmp_path, "-c", program).stdout.split()

    assert {"graphql", *(f"truto_unify.sandbox.{slug}" for slug in STORES)}.isdisjoint(loaded)
    assert "truto_unify.cli.stores" in loaded
