"""Each verdict, on a record that earns it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.acme import PEOPLE, RESOURCE, acme, write_acme
from truto_unify import Registry
from truto_unify.errors import UnsupportedParameter
from truto_unify.inspection.explanation import FieldExplanation, Subject, explain_field

if TYPE_CHECKING:
    from pathlib import Path

ANA, BO = PEOPLE


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return acme(tmp_path_factory.mktemp("acme")).registry


def explain(registry: Registry, field: str, native: dict[str, Any], **more: Any) -> FieldExplanation:
    return explain_field(registry.mapper(RESOURCE, "acme"), Subject(native, **more), field)


# Field, record, verdict, raw, value.
VERDICTS: dict[str, tuple[str, dict[str, Any], str, Any, Any]] = {
    "mapped": ("company_name", ANA, "mapped", "Ruiz y Cía", "Ruiz y Cía"),
    "mapped by an enum": ("status", ANA, "mapped", "open", "active"),
    "mapped part": ("phones[0].number", ANA, "mapped", "+1 555-0100 x12", "+1 555-0100"),
    "filled by the engine": ("phones[0].extension", ANA, "mapped", None, "12"),
    "without a place the first": ("emails.email", ANA, "mapped", "ana@example.test", "ana@example.test"),
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

    found = explain(registry, field, native)

    assert (found.verdict, found.raw, found.value) == (verdict, raw, value)


def test_an_explanation_says_what_was_read_by_what_and_where_that_is_written(registry: Registry) -> None:
    found = explain(registry, "phones[0].number", ANA)

    place = registry.mapping(RESOURCE, "acme").place_of("phones[0].number")
    assert asdict(found) == {
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


def test_the_error_is_the_one_of_the_mapping(registry: Registry) -> None:
    found = explain(registry, "updated_at", {**ANA, "updated": "2024-05-02T08:00:00"})

    assert found.reason.startswith("the time '2024-05-02T08:00:00' carries no zone")


def test_what_get_gives_and_the_list_does_not_is_told(registry: Registry) -> None:
    listed = {name: value for name, value in ANA.items() if name != "company"}

    found = explain(registry, "company_name", ANA, listed=listed)
    both = explain(registry, "last_name", ANA, listed=listed)

    assert (found.verdict, found.value) == ("not in list answer", "Ruiz y Cía")
    assert both.verdict == "mapped"


@pytest.mark.parametrize(
    ("slug", "field", "native", "reason"),
    [
        (
            "zohoinventory",
            "addresses[0].city",
            {"contact_id": "1"},
            "the list gives less of this record than get does (!billing_address)",
        ),
        (
            "commerce7",
            "company_name",
            {"id": "1"},
            "get loads it with the side load addresses, and list does not unless asked",
        ),
    ],
)
def test_of_a_listed_record_is_known_what_a_list_lacks(
    slug: str, field: str, native: dict[str, Any], reason: str
) -> None:
    mapper = Registry().mapper(RESOURCE, slug)

    found = explain_field(mapper, Subject(native, is_listed=True), field)
    whole = explain_field(mapper, Subject(native), field)

    assert (found.verdict, found.reason) == ("not in list answer", reason)
    assert whole.verdict == "absent"


def test_the_layer_that_set_a_rule_is_told(tmp_path: Path) -> None:
    write_acme(tmp_path / "base")
    over = tmp_path / "over" / "mappings" / RESOURCE
    over.mkdir(parents=True)
    (over / "acme.yaml").write_text("response_mapping: {last_name: surname}\n")
    registry = Registry(overlay=[tmp_path / "base", tmp_path / "over"])
    overrides = ({"response_mapping": {"company_name": "firm"}}, {"response_mapping": {"first_name": "given"}})
    mapper = registry.mapper(RESOURCE, "acme", overrides)

    fields = ("id", "last_name", "company_name", "first_name")
    found = [explain_field(mapper, Subject(ANA), one, ("environment", "account")).layer for one in fields]

    assert found == [f"overlay {tmp_path}/base", f"overlay {tmp_path}/over", "environment", "account"]
    assert explain_field(Registry().mapper(RESOURCE, "wix"), Subject({"id": "1"}), "id").layer == "base"


def test_an_unknown_field_is_refused_with_what_there_is(registry: Registry) -> None:
    with pytest.raises(UnsupportedParameter, match=r'no field "compny_name" \(did you mean "company_name"\?\)'):
        explain(registry, "compny_name", ANA)
    with pytest.raises(UnsupportedParameter, match=r'no part "phone_number" of phones \(did you mean "number"\?\)'):
        explain(registry, "phones[0].phone_number", ANA)
    with pytest.raises(UnsupportedParameter, match='no part "x" of status; it has no parts'):
        explain(registry, "status.x", ANA)
