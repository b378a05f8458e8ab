"""Commands on resources of one's own: the files of examples/ticketing, and a field added to customers."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.examples.outside import TICKETING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

OVERLAY = ["--overlay", str(TICKETING)]
SAMPLE = str(TICKETING / "tests/pretix/samples/pretix/ticketing/events/list.json")
RESOURCES = {"events": "stage", "orders": "booth"}
TIER_MODEL = "fields: {loyalty_tier: {kind: text, filter: true}}\n"
TIER_MAPPING = "response_mapping: {loyalty_tier: username}\n"


@pytest.fixture
def tiers(tmp_path: Path) -> list[str]:
    """The option that adds a field to customers."""
    files = {"models/ecommerce/customers": TIER_MODEL, "mappings/ecommerce/customers/woocommerce": TIER_MAPPING}
    for name, text in files.items():
        file = tmp_path / f"tiers/{name}.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(text, "utf-8")
    return ["--overlay", "tiers"]


def test_map_shows_records_in_every_format(run: Run) -> None:
    records = json.loads(run("map", "ticketing/events", "--provider", "pretix", *OVERLAY, SAMPLE).out)
    table = run("map", "ticketing/events", "--provider", "pretix", *OVERLAY, SAMPLE, "--format", "table").out
    csv = run("map", "ticketing/events", "--provider", "pretix", *OVERLAY, SAMPLE, "--format", "csv").out

    heading = next(line.split() for line in table.splitlines() if line.split()[:1] == ["id"])
    assert heading[:5] == ["id", "name", "status", "currency", "starts_at"]
    assert csv.splitlines()[0].startswith("id,name,status,currency,starts_at,")
    assert {record["id"] for record in records} <= {*table.split()}


def test_explain_says_who_serves_a_filter(run: Run) -> None:
    account = ["--context", "server_url=https://tickets.example", "--context", "organizer=acme"]
    query = ["--query", "status=live", "--query", "venue_name=Hall", "--sort", "starts_at:desc"]

    outcome = run("explain", "ticketing/events", "--provider", "pretix", *account, *OVERLAY, *query, "--format", "json")

    plan = {entry["parameter"]: entry["how"] for entry in json.loads(outcome.out)["query_plan"]}
    assert plan == {"status": "native", "venue_name": "emulated", "sort_by[starts_at]": "native"}


def test_capabilities_lists_them_beside_those_that_ship(run: Run) -> None:
    outcome = run("capabilities", *OVERLAY, "--format", "markdown")

    assert "**ticketing/events: fields**" in outcome.out
    assert "| venue.name | " in outcome.out


def test_a_field_added_to_customers_is_a_column_and_a_filter(run: Run, tiers: list[str]) -> None:
    record = json.dumps([{"id": 17, "username": "gold"}])
    table = run(
        "map", "ecommerce/customers", "--provider", "woocommerce", *tiers, "-", "--format", "table", stdin=record
    )
    account = ["--context", "store_url=https://shop.example", "--query", "loyalty_tier=gold"]

    plan = run("explain", "ecommerce/customers", "--provider", "woocommerce", *tiers, *account)

    assert table.out.split()[:2] == ["id", "loyalty_tier"]
    assert 'the provider has no filter for "loyalty_tier"' in plan.out


def test_lint_counts_model_files_and_shows_their_faults(run: Run, tiers: list[str], tmp_path: Path) -> None:
    good = run("lint", tiers[1])
    (tmp_path / "tiers/models/ecommerce/customers.yaml").write_text("fields: {name: {kind: text}}\n", "utf-8")
    bad = run("lint", tiers[1])

    assert (good.code, good.err.endswith(", 1 model file\n")) == (0, True)
    assert (bad.code, bad.out) == (
        2,
        'tiers/models/ecommerce/customers.yaml:1:10: the model has a field "name" already; a field that is added '
        "needs another name\n",
    )


def test_scaffold_drafts_mappings_of_models_that_the_folder_has(run: Run, tmp_path: Path) -> None:
    shutil.copytree(TICKETING / "models", tmp_path / "mine/models")
    samples = {name: str(TICKETING / f"tests/pretix/samples/pretix/ticketing/{name}/list.json") for name in RESOURCES}

    for name, slug in RESOURCES.items():
        words = ("--resource", f"ticketing/{name}", "--from-sample", samples[name], "--into", "mine")
        assert run("scaffold", slug, *words).code == 0
    lint = run("lint", "mine")
    words = ("--provider", "booth", "--overlay", "mine", "--format", "ndjson")
    mapped = run("map", "ticketing/orders", *words, samples["orders"])

    first = json.loads(mapped.out.splitlines()[0])
    native = first["remote_data"]
    assert (lint.code, lint.out) == (0, "")
    assert (first["id"], first["status"]) == (native["code"], native["status"])
    assert 'models = "truto_unify_stage/models"' in (tmp_path / "mine/pyproject.toml").read_text("utf-8")


def test_an_unknown_resource_is_refused_with_what_is_known(run: Run) -> None:
    outcome = run("scaffold", "stage", "--resource", "ticketing/event", *OVERLAY)

    assert (outcome.code, outcome.err) == (
        3,
        'UnknownResource: unknown unified resource "ticketing/event" (did you mean "ticketing/events"?)\n',
    )


def test_schema_prints_the_schema_of_model_files(run: Run) -> None:
    schema = json.loads(run("schema", "model").out)

    assert (schema["title"], [*schema["properties"]]) == ("truto_unify model file", ["description", "fields"])
