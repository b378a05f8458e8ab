"""The support matrix says what the tests show, and the pages show the matrix."""

from __future__ import annotations

import json

from tests.evidence import RESOURCE, ROOT, TIERS_FILE, compute_evidence, compute_tiers, fallen
from tests.page_sections import read_sections
from tests.shared_material import needs_shared
from tests.support_page import describe_all, pages, summary
from truto_unify import Registry
from truto_unify.config.evidence import FILE

PAGES = ("support.md", "support.svg", "demo.svg")


@needs_shared
def test_the_evidence_is_what_recordings_examples_and_stores_show() -> None:
    # tests/contract tries the contract on the same records, and it is most of the work.
    computed = compute_evidence(meets_contract=lambda _: True)

    assert json.loads((ROOT / FILE).read_text(encoding="utf-8")) == computed


def test_the_pages_and_pictures_show_the_support_of_today() -> None:
    assert {name: (ROOT / "docs" / name).read_text(encoding="utf-8") for name in PAGES} == pages(Registry(), RESOURCE)


def test_the_readme_has_a_line_for_each_provider() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert read_sections(readme) == {"support": summary(describe_all(Registry()), RESOURCE)}


def test_no_tier_fell_and_none_rose_unseen() -> None:
    committed = json.loads(TIERS_FILE.read_text(encoding="utf-8"))

    assert compute_tiers(Registry()) == committed, "run: make evidence"


def test_a_tier_that_fell_is_reported() -> None:
    before = {"tiers": {"m/r": {"a": "gold", "b": "bronze", "c": None, "d": "silver", "e": "bronze"}}}
    after = {"tiers": {"m/r": {"a": "silver", "b": "silver", "c": None, "d": "silver"}}}

    assert fallen(before, after) == ["a m/r: gold became silver", "e m/r: bronze became None"]
