"""The mutation check: the breaks, the checks that catch them, and the report of a mutant that survives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.acme import acme, acme_samples
from tests.shipped import REGISTRY
from truto_unify.testing import ProviderUnderTest
from truto_unify.testing.contract.records import golden_records
from truto_unify.testing.contract.requests import request_table
from truto_unify.testing.contract.rules import rule_table
from truto_unify.testing.golden import compare_golden
from truto_unify.testing.mutation.campaign import (
    Expectations,
    MutationReport,
    choose_mutants,
    find_mutants,
    try_mutants,
    unexplained,
)


@pytest.fixture(scope="module")
def under_test(tmp_path_factory: pytest.TempPathFactory) -> ProviderUnderTest:
    return acme(tmp_path_factory.mktemp("acme"))


@pytest.fixture(scope="module")
def expected(under_test: ProviderUnderTest, tmp_path_factory: pytest.TempPathFactory) -> Expectations:
    folder = tmp_path_factory.mktemp("golden")
    files = under_test.registry.mapping(under_test.resource, under_test.slug).node.place.file
    samples = acme_samples(under_test, _folder_of(files))
    folder_name = f"acme/{under_test.resource}"
    for method, group in samples.items():
        compare_golden(folder / f"records/{folder_name}/{method}.json", golden_records(under_test, group), update=True)
    compare_golden(folder / f"rules/{folder_name}.json", rule_table(under_test, samples), update=True)
    compare_golden(folder / f"requests/{folder_name}.json", request_table(under_test, samples["get"]), update=True)
    return Expectations(samples, folder)


def _folder_of(file: str) -> Path:
    return Path(file.partition("/mappings/")[0])


# A break of each kind, and the check that catches it.
CAUGHT = {
    "response_mapping.company_name: dropped": "loading",
    "response_mapping.company_name: company -> companyx": "golden list records",
    "response_mapping.emails.0.email: address -> addressx": "golden list records",
    "response_mapping.emails.0.type.const: work -> workx": "golden list records",
    "response_mapping.status.enum.closed: dropped": "golden list records",
    "response_mapping.status.enum.closed: inactive -> active": "golden list records",
    "response_mapping.status.expr: state -> statex": "golden list records",
    "response_mapping.created_at.zone: utc -> Asia/Tokyo": "golden list records",
    "list.sort.directions: asc and desc swapped": "golden requests",
    "list.sort.fields.updated_at: updated -> updatedx": "golden requests",
    "list.sort.body.order: {direction}{field} -> {direction}{field}x": "golden requests",
    "list.filters.email.eq: dropped": "golden rules",
    "list.filters.email.eq.path: mail -> mailx": "golden requests",
    "list.filters.email: match: wider -> exact": "golden requests",
    "list.filters.name.eq: name:{value} -> name:{value}x": "golden rules",
    "list.filters.name.encode: quoted -> words": "golden rules",
    "list.filters.email.in.join: , -> ,x": "golden rules",
    "list.search: dropped": "loading",
    "list.endpoint: dropped": "loading",
    "get: dropped": "golden requests",
}


@pytest.mark.parametrize("name", CAUGHT)
def test_a_break_of_each_kind_is_caught_by_the_check_for_it(
    name: str, under_test: ProviderUnderTest, expected: Expectations
) -> None:
    mutants = [mutant for mutant in find_mutants(under_test) if mutant.name == name]

    report = try_mutants(under_test, expected, mutants)

    caught_by = report.caught.get(name, "loading" if report.refused else "nobody")
    assert (len(mutants), caught_by) == (1, CAUGHT[name])


def test_the_checks_catch_every_mutant_of_a_small_mapping(
    under_test: ProviderUnderTest, expected: Expectations
) -> None:
    mutants = find_mutants(under_test)

    report = try_mutants(under_test, expected, choose_mutants(mutants, 40))

    assert len({mutant.name for mutant in mutants}) == len(mutants)
    assert report.tried + len(report.refused) == 40
    assert [mutant.name for mutant in report.survivors] == []


def test_a_provider_file_can_be_broken_too(under_test: ProviderUnderTest, expected: Expectations) -> None:
    chosen = [
        mutant for mutant in find_mutants(under_test, "provider") if "resources.people.list.path: /" in mutant.name
    ]

    report = try_mutants(under_test, expected, chosen, "provider")

    assert report.caught == {"resources.people.list.path: /people/search -> /people/searchx": "golden requests"}


def test_a_survivor_needs_a_reason_and_a_reason_needs_a_survivor(under_test: ProviderUnderTest) -> None:
    mutants = {mutant.name: mutant for mutant in find_mutants(under_test)}
    survivor, caught, *_ = mutants.values()
    report = MutationReport(caught={caught.name: "golden requests"}, survivors=[survivor])

    assert report.rate == 0.5
    assert unexplained(report, {survivor.name: "both mean the same"}) == []
    assert unexplained(report, {survivor.name: " ", caught.name: "both mean the same"}) == [
        f"{survivor.line}: {survivor.name}: no test notices; add a sample that shows it, or a reason why none can",
        f"{caught.name}: is in the list of survivors, and a test catches it",
    ]


def test_a_mutant_names_the_line_that_it_breaks(under_test: ProviderUnderTest) -> None:
    (mutant,) = [item for item in find_mutants(under_test) if item.name == "response_mapping.name: first -> firstx"]

    assert mutant.line.endswith("/mappings/ecommerce/customers/acme.yaml:18")


def test_trying_mutants_leaves_the_mapping_unchanged(under_test: ProviderUnderTest, expected: Expectations) -> None:
    before = under_test.mapping.config

    try_mutants(under_test, expected, choose_mutants(find_mutants(under_test), 5))

    assert under_test.registry.mapping(under_test.resource, under_test.slug).config == before


def test_an_expression_is_broken_step_by_step_at_any_depth() -> None:
    names = {mutant.name for mutant in find_mutants(ProviderUnderTest(REGISTRY, "woocommerce", "ecommerce/orders"))}

    assert {
        "response_mapping.customer.id: != -> ==",
        "response_mapping.customer.emails.0.email: billing -> billingx",
        "response_mapping.customer.emails.0.type.const: billing -> billingx",
        "response_mapping.line_items.0.unit_price: divide_decimals -> subtract_decimals",
        "response_mapping.refunds.0.created_at.zone: utc -> Asia/Tokyo",
    } <= names
