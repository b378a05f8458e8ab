"""The contract's own server speaks every kind of paging and authorization: invented stores keep the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.stores import KINDS, MOST, RESOURCE, person, write_stores
from truto_unify.registry import Registry
from truto_unify.testing import ProviderUnderTest, Sample
from truto_unify.testing.contract.errors import check_errors
from truto_unify.testing.contract.paging import SCENARIOS, ListUnderTest, check_paging, check_single_record
from truto_unify.testing.contract.records import check_null_sweep, check_records
from truto_unify.testing.contract.requests import check_authorization

if TYPE_CHECKING:
    from pathlib import Path

OTHERS = ("one_page", "by_list", "oauth", "sides")


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return write_stores(tmp_path_factory.mktemp("stores"))


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("kind", [*KINDS, *OTHERS])
def test_a_list_of_every_paging_kind_passes_the_contract(stores: Registry, kind: str, scenario: str) -> None:
    assert check_paging(ProviderUnderTest(stores, kind, RESOURCE), scenario) == []


def test_a_numbered_list_that_does_not_declare_its_ties_loses_records(tmp_path: Path) -> None:
    kind = "numbers_total"
    write_stores(tmp_path)
    file = tmp_path / "mappings" / RESOURCE / f"{kind}.yaml"
    undeclared = file.read_text().replace("    unique: true\n", "")

    def problems_of(mapping: str) -> list[str]:
        file.write_text(mapping)
        return check_paging(ProviderUnderTest(Registry(overlay=[tmp_path]), kind, RESOURCE), "ties at page edges")

    (problem,) = problems_of(undeclared)
    assert (
        "ties at page edges: sorted by updated_at desc, with equal keys at page edges: 7 records expected, 5 read"
        in problem
    )
    assert problems_of(undeclared.replace("  sort:\n", "  sort:\n    unique: false\n")) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_lists_that_are_read_hold_several_pages(stores: Registry, kind: str) -> None:
    tested_list = ListUnderTest(ProviderUnderTest(stores, kind, RESOURCE))
    script = tested_list.script(2 * tested_list.size + 1)

    outcome = tested_list.read(script, limit=tested_list.size)

    assert (outcome.error, len(outcome.ids), outcome.requests >= 3) == (None, 2 * tested_list.size + 1, True)
    assert 0 < tested_list.size <= MOST


@pytest.mark.parametrize("kind", ["edges", *OTHERS])
def test_records_errors_and_authorization_pass_the_contract(stores: Registry, kind: str) -> None:
    under_test = ProviderUnderTest(stores, kind, RESOURCE)
    samples = [Sample(person(17)), Sample(person(18, status="off", mail=None))]

    problems = [*check_authorization(under_test), *check_single_record(under_test, samples)]
    for method in under_test.methods:
        problems += check_errors(under_test, method, samples)
    problems += [*check_records(under_test, "get", samples), *check_null_sweep(under_test, {"get": samples})]

    assert problems == []
