"""The support matrix says what the tests show, and the pages show the matrix."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.evidence import (
    ROOT,
    TIERS_FILE,
    compute_evidence,
    compute_tiers,
    fallen,
    fixture_exchanges,
)
from tests.page_sections import read_sections
from tests.shared_material import needs_shared
from tests.shipped import REGISTRY
from tests.support_page import describe_all, pages, summary
from truto_unify.config.editions import edition_label
from truto_unify.config.evidence import FILE
from truto_unify.testing.provider_under_test import providers_under_test

if TYPE_CHECKING:
    from truto_unify.testing import ProviderUnderTest

PAIRS = sorted(providers_under_test(REGISTRY), key=lambda pair: (pair.resource, pair.slug))
EVIDENCE = json.loads((ROOT / FILE).read_text(encoding="utf-8"))


def evidence_of(subject: ProviderUnderTest) -> dict[str, Any]:
    """The committed evidence of a pair, without that of the other editions."""
    of_provider = EVIDENCE[subject.resource][subject.slug]
    editions = of_provider.get("editions", {})
    of_pair = of_provider if subject.edition is None else editions[edition_label(subject.edition)]
    return {name: cells for name, cells in of_pair.items() if name != "editions"}


@needs_shared
@pytest.mark.parametrize("subject", PAIRS, ids=str)
def test_the_evidence_is_what_recordings_examples_and_stores_show(subject: ProviderUnderTest) -> None:
    # tests/contract tries the contract on the same records, and it is most of the work.
    computed = compute_evidence(subject, meets_contract=lambda _: True)

    assert evidence_of(subject) == computed, "run: make evidence"


def test_every_resource_of_every_provider_has_evidence() -> None:
    assert [(resource, slug) for resource, slugs in EVIDENCE.items() for slug in slugs] == sorted(REGISTRY.mappings)
    assert [pair for pair in PAIRS if not evidence_of(pair)] == []


@needs_shared
@pytest.mark.parametrize(
    ("slug", "resources"),
    [("shopify_rest", {"ecommerce/customers", "ecommerce/orders", "ecommerce/products", None})],
)
def test_the_name_of_an_example_says_which_resource_it_answers(slug: str, resources: set[str | None]) -> None:
    exchanges = fixture_exchanges(slug)

    assert {exchange.resource for exchange in exchanges} == resources
    assert {exchange.resource for exchange in exchanges if exchange.status >= 400} <= {"ecommerce/customers", None}


def test_the_pages_and_pictures_show_the_support_of_today() -> None:
    expected = pages(REGISTRY)
    names = {*expected, *(f"support/{file.name}" for file in (ROOT / "docs/support").iterdir())}

    assert {name: (ROOT / "docs" / name).read_text(encoding="utf-8") for name in names} == expected


def test_the_readme_has_a_line_for_each_provider() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert read_sections(readme) == {"support": summary(describe_all(REGISTRY))}


def test_no_tier_fell_and_none_rose_unseen() -> None:
    committed = json.loads(TIERS_FILE.read_text(encoding="utf-8"))

    assert compute_tiers(REGISTRY) == committed, "run: make evidence"


def test_a_tier_that_fell_is_reported() -> None:
    before = {"tiers": {"m/r": {"a": "gold", "b": "bronze", "c": None, "d": "silver", "e": "bronze"}}}
    after = {"tiers": {"m/r": {"a": "silver", "b": "silver", "c": None, "d": "silver"}}}

    assert fallen(before, after) == ["a m/r: gold became silver", "e m/r: bronze became None"]
