from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.config.invalid_files import GROUND
from truto_unify.config import configuration
from truto_unify.config.configuration import Configuration
from truto_unify.config.files import folder_layer
from truto_unify.tiers import MAX_DAYS, RULES, TIERS, Assessment, assess, assess_all

if TYPE_CHECKING:
    from collections.abc import Callable

RESOURCE: Final = "ecommerce/customers"
TODAY = date(2026, 11, 24)
FIELDS = [
    *("id", "name", "first_name", "last_name", "company_name", "currency", "status", "created_at", "updated_at"),
    *("emails", "emails.email", "emails.type", "emails.status", "emails.is_primary"),
    *("phones", "phones.number", "phones.type"),
]
RECORDED = {"level": "recorded", "day": "2026-11-01"}


def evidence(**changes: Any) -> dict[str, Any]:
    """Everything that gold needs, with some parts replaced."""
    recorded = dict.fromkeys(("list", "get", "second page", "refusal", "prove"), RECORDED)
    whole: dict[str, dict[str, Any]] = {
        "fields": {name: {**RECORDED, "where": "list"} for name in FIELDS},
        "query": {name: {"level": "synthetic"} for name in ("email", "emails[][email]", "sort_by[created_at]")},
        "proofs": {"contract": {"level": "synthetic"}, **recorded},
    }
    for place, cell in changes.items():
        part, _, name = place.partition("__")
        whole[part][name.replace("_", " " if part == "proofs" else "_")] = cell or {}
    return whole


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Assessment]:
    """The tier of the good provider with this evidence."""
    monkeypatch.setattr(configuration, "shipped_layer", lambda: folder_layer(GROUND))

    def call(entry: dict[str, Any] | None, today: date = TODAY) -> Assessment:
        (tmp_path / "mappings").mkdir(exist_ok=True)
        (tmp_path / "mappings/evidence.json").write_text(json.dumps({RESOURCE: {"acme": entry}} if entry else {}))
        configuration = Configuration([tmp_path])
        return assess(configuration, configuration.mapping(RESOURCE, "acme"), today)

    return call


def test_a_provider_with_everything_is_gold(judge: Callable[..., Assessment]) -> None:
    assessment = judge(evidence())

    assert (assessment, assessment.next_tier) == (Assessment("gold", ()), None)
    assert assessment.to_dict() == {"tier": "gold", "next": None, "missing": []}


def test_without_evidence_there_is_no_tier_and_the_first_steps_are_named(judge: Callable[..., Assessment]) -> None:
    assessment = judge(None)

    assert (assessment.tier, assessment.next_tier) == (None, "bronze")
    assert assessment.missing == (
        "the contract suite: needs synthetic, has nothing",
        f"never seen filled, not even in a pretend store: {', '.join(sorted(FIELDS, key=order_in_the_model))}",
    )


def order_in_the_model(name: str) -> int:
    top = ("id", "name", "first_name", "last_name", "company_name", "emails", "phones", "currency", "status")
    return (*top, "created_at", "updated_at").index(name.partition(".")[0])


@pytest.mark.parametrize(
    ("change", "tier", "missing"),
    [
        ({"proofs__contract": None}, None, "the contract suite: needs synthetic, has nothing"),
        (
            {"fields__status": {"level": "declared"}},
            None,
            "never seen filled, not even in a pretend store: status",
        ),
        (
            {"fields__status": {"level": "synthetic"}, "fields__emails.type": {"level": "synthetic"}},
            "bronze",
            "not seen in an example of the vendor or in a recording: emails.type, status",
        ),
        ({"query__email": None}, "bronze", "declared as native and never tried: email"),
        ({"query__sort_by[created_at]": None}, "bronze", "declared as native and never tried: sort_by[created_at]"),
        ({"proofs__second_page": None}, "bronze", "the page after the first: needs synthetic, has nothing"),
        (
            {"proofs__refusal": {"level": "synthetic"}},
            "bronze",
            "an error answer: needs docs-example, has synthetic",
        ),
        (
            {"proofs__get": {"level": "docs-example"}},
            "silver",
            "the answer of a get: needs recorded, has docs-example",
        ),
        (
            {"proofs__prove": {"level": "synthetic"}},
            "silver",
            "a run of truto-unify prove: needs recorded, has synthetic",
        ),
        (
            {"proofs__list": {"level": "recorded"}},
            "silver",
            "the answer of a list: recorded without a date",
        ),
        (
            {"proofs__list": {"level": "recorded", "day": "2025-11-23"}},
            "silver",
            "the answer of a list: recorded on 2025-11-23, more than 365 days ago",
        ),
    ],
)
def test_missing_evidence_is_named(
    judge: Callable[..., Assessment], change: dict[str, Any], tier: str | None, missing: str
) -> None:
    assert judge(evidence(**change)) == Assessment(tier, (missing,))  # type: ignore[arg-type]  # a tier is one of these texts


@pytest.mark.parametrize("change", [{"fields__status": {"level": "docs-example"}}, {"proofs__list": RECORDED}])
def test_sufficient_evidence_is_not_asked_for(judge: Callable[..., Assessment], change: dict[str, Any]) -> None:
    assert judge(evidence(**change)).tier == "gold"


def test_a_recording_grows_old(judge: Callable[..., Assessment]) -> None:
    day = date.fromisoformat(RECORDED["day"]).toordinal() + MAX_DAYS

    assert judge(evidence(), date.fromordinal(day)).tier == "gold"
    assert judge(evidence(), date.fromordinal(day + 1)).tier == "silver"


def test_a_field_that_only_a_side_load_fills_is_not_asked_for(judge: Callable[..., Assessment]) -> None:
    assert judge(evidence(fields__status={"level": "synthetic", "where": "side load"})).tier == "gold"


def test_every_resource_of_a_provider_is_judged(judge: Callable[..., Assessment], tmp_path: Path) -> None:
    expected = judge(evidence())

    assert assess_all(Configuration([tmp_path]), "acme", TODAY) == {RESOURCE: expected}


def test_the_page_about_quality_has_the_rules() -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "quality.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith(tuple(f"| {tier} |" for tier in TIERS))]

    assert rows == [f"| {rule.tier} | {rule.name} | {rule.text} |" for rule in RULES]
