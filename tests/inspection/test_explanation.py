"""Every verdict, each on a record that leads to it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.acme import PEOPLE, RESOURCE, acme, write_acme
from tests.shipped import REGISTRY
from truto_unify import Registry
from truto_unify.errors import UnsupportedParameter
from truto_unify.inspection.explanation import ExplainedRecord, FieldExplanation, explain_field

if TYPE_CHECKING:
    from pathlib import Path

ANA, BO = PEOPLE


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return acme(tmp_path_factory.mktemp("acme")).registry


def explain(registry: Registry, field: str, native: dict[str, Any], **more: Any) -> FieldExplanation:
    return explain_field(registry.mapper(RESOURCE, "acme"), ExplainedRecord(native, **more), field)


# Field, record, verdict, raw result, value.
VERDICTS: dict[str, tuple[str, dict[str, Any], str, Any, Any]] = {
    "mapped": ("company_name", ANA, "mapped", "Ruiz y Cía", "Ruiz y Cía"),
    "mapped by an enum": ("status", ANA, "mapped", "open", "active"),
    "mapped part": ("phones[0].number", ANA, "mapped", "+1 555-0100 x12", "+1 555-0100"),
    "filled by the engine": ("phones[0].extension", ANA, "mapped", None, "12"),
    "without an index the first": ("emails.email", ANA, "mapped", "ana@example.test", "ana@example.test"),
    "absent": ("company_name", {"id": 1}, "absent", None, None),
    "repeated element": ("emails[1].email", ANA, "blank", "ANA@example.test", None),
    "unsupported": ("currency", ANA, "absent", None, None),
    "null": ("company_name", BO, "null", None, None),
    "blank": ("last_name", BO, "blank", "", None),
    "blank list": ("emails", BO, "blank", [], []),
    "dropped": ("addresses", BO, "blank", [{"city": None, "country": ""}], []),
    "unmapped enum": ("status", {**ANA, "state": "invited"}, "unmapped enum", "invited", "invited"),
    "error": ("updated_at", {**ANA, "updated": "2024-05-02T08:00:00"}, "error", "2024-05-02T08:00:00", None),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_a_field_has_its_verdict(name: str, registry: Registry) -> None:
    field, native, verdict, raw, value = VERDICTS[name]

    explanation = explain(registry, field, native)

    assert (explanation.verdict, explanation.raw, explanation.value) == (verdict, raw, value)


def test_an_explanation_names_the_values_the_rule_and_its_place(registry: Registry) -> None:
    explanation = explain(registry, "phones[0].number", ANA)

    place = registry.mapping(RESOURCE, "acme").place_of("phones[0].number")
    assert asdict(explanation) == {
        "field": "phones[0].number",
        "verdict": "mapped",
        "reason": "the record has it",
        "reads": ({"path": "phone", "is_there": True, "value": "+1 555-0100 x12"},),
        "expression": "phone",
        "each": None,
        "layer": f"overlay {place.partition('/mappings/')[0]}",
        "place": place,
        "raw": "+1 555-0100 x12",
        "value": "+1 555-0100",
    }


def test_an_error_has_the_reason_of_the_mapping(registry: Registry) -> None:
    explanation = explain(registry, "updated_at", {**ANA, "updated": "2024-05-02T08:00:00"})

    assert explanation.reason.startswith('the time "2024-05-02T08:00:00" carries no zone')


def test_a_field_that_only_the_get_answer_has_is_not_in_the_list_answer(registry: Registry) -> None:
    listed = {name: value for name, value in ANA.items() if name != "company"}

    explanation = explain(registry, "company_name", ANA, listed=listed)
    both = explain(registry, "last_name", ANA, listed=listed)

    assert (explanation.verdict, explanation.value) == ("not in list answer", "Ruiz y Cía")
    assert both.verdict == "mapped"


@pytest.mark.parametrize(
    ("slug", "field", "native", "reason"),
    [
        (
            "zohoinventory",
            "addresses[0].city",
            {"contact_id": "1"},
            "the list answer has less of this record than the get answer (!billing_address)",
        ),
        (
            "commerce7",
            "company_name",
            {"id": "1"},
            "a get call loads it with the side load addresses; a list call does so only on request",
        ),
    ],
)
def test_an_explanation_of_a_listed_record_says_what_the_list_answer_lacks(
    slug: str, field: str, native: dict[str, Any], reason: str
) -> None:
    mapper = REGISTRY.mapper(RESOURCE, slug)

    listed = explain_field(mapper, ExplainedRecord(native, is_listed=True), field)
    whole = explain_field(mapper, ExplainedRecord(native), field)

    assert (listed.verdict, listed.reason) == ("not in list answer", reason)
    assert whole.verdict == "absent"


def test_an_explanation_names_the_layer_that_sets_the_rule(tmp_path: Path) -> None:
    write_acme(tmp_path / "base")
    over = tmp_path / "over" / "mappings" / RESOURCE
    over.mkdir(parents=True)
    (over / "acme.yaml").write_text("response_mapping: {last_name: surname}\n")
    registry = Registry(overlay=[tmp_path / "base", tmp_path / "over"])
    overrides = ({"response_mapping": {"company_name": "firm"}}, {"response_mapping": {"first_name": "given"}})
    mapper = registry.mapper(RESOURCE, "acme", overrides)

    fields = ("id", "last_name", "company_name", "first_name")
    record = ExplainedRecord(ANA)
    layers = [explain_field(mapper, record, field, ("environment", "account")).layer for field in fields]

    assert layers == [f"overlay {tmp_path}/base", f"overlay {tmp_path}/over", "environment", "account"]
    assert explain_field(REGISTRY.mapper(RESOURCE, "wix"), ExplainedRecord({"id": "1"}), "id").layer == "base"


def test_an_unknown_field_is_refused_with_a_suggestion(registry: Registry) -> None:
    with pytest.raises(UnsupportedParameter, match=r'no field "compny_name" \(did you mean "company_name"\?\)'):
        explain(registry, "compny_name", ANA)
    with pytest.raises(UnsupportedParameter, match=r'no part "phone_number" of phones \(did you mean "number"\?\)'):
        explain(registry, "phones[0].phone_number", ANA)
    with pytest.raises(UnsupportedParameter, match='no part "x" of status; it has no parts'):
        explain(registry, "status.x", ANA)
