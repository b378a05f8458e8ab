"""The contract's own server speaks every kind of paging and authorization: invented stores keep the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.stores import KINDS, MOST, RESOURCE, person, write_stores
from truto_unify.testing import Sample, Subject
from truto_unify.testing.contract.errors import check_errors
from truto_unify.testing.contract.paging import SCENARIOS, ListUnderTest, check_paging, check_single_record
from truto_unify.testing.contract.records import check_null_sweep, check_records
from truto_unify.testing.contract.requests import check_authorization

if TYPE_CHECKING:
    from truto_unify.registry import Registry

OTHERS = ("one_page", "unsafe", "by_list", "oauth", "sides")


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return write_stores(tmp_path_factory.mktemp("stores"))


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("kind", [*KINDS, *OTHERS])
def test_a_list_of_every_kind_keeps_the_contract(stores: Registry, kind: str, scenario: str) -> None:
    assert check_paging(Subject(stores, kind, RESOURCE), scenario) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_lists_that_are_read_hold_several_pages(stores: Registry, kind: str) -> None:
    under = ListUnderTest(Subject(stores, kind, RESOURCE))
    script = under.script(2 * under.size + 1)

    outcome = under.read(script, limit=under.size)

    assert (outcome.error, len(outcome.ids), outcome.requests >= 3) == (None, 2 * under.size + 1, True)
    assert 0 < under.size <= MOST


@pytest.mark.parametrize("kind", ["edges", *OTHERS])
def test_records_refusals_and_ways_in_keep_the_contract(stores: Registry, kind: str) -> None:
    subject = Subject(stores, kind, RESOURCE)
    samples = [Sample(person(17)), Sample(person(18, status="off", mail=None))]

    found = [*check_authorization(subject), *check_single_record(subject, samples)]
    for method in subject.methods:
        found += check_errors(subject, method, samples)
    found += [*check_records(subject, "get", samples), *check_null_sweep(subject, "get", samples)]

    assert found == []
