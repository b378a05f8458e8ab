"""What tenants write into an override runs within bounds; the same text in a file runs as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.laid_over import mapper_of_file
from tests.shipped import REGISTRY
from truto_unify.errors import MappingError
from truto_unify.mapping import override_bounds
from truto_unify.mapping.record import NativeRecord

CUSTOMERS = "ecommerce/customers"
PERSON = {"id": 17, "first_name": "Ana", "m": [f"person {number}" for number in range(100)]}
DOUBLED = " | ".join(["[@, @]"] * 18)


def override(**rules: Any) -> list[dict[str, Any]]:
    return [{"response_mapping": rules}]


@pytest.mark.parametrize(
    "expression",
    [
        "join(join(to_string(m), m), m)",
        f"{'to_string([' * 20}m{'])' * 20}",
        f"to_string(id | {DOUBLED})",
        f"(m | {DOUBLED} | {DOUBLED}) == (m | {DOUBLED} | {DOUBLED})",
    ],
)
def test_an_expression_that_grows_is_stopped_and_costs_its_field_alone(expression: str) -> None:
    mapper = REGISTRY.mapper(CUSTOMERS, "woocommerce", override(tier=expression))

    record = mapper.map_record(PERSON)

    assert [name for name, _ in record.faults] == ["tier"]
    assert "takes more than 20000 steps" in record.faults[0][1]
    assert (record.fields["id"], record.fields["first_name"], record.fields["tier"]) == ("17", "Ana", None)


def test_a_steep_expression_that_costs_little_gives_its_value() -> None:
    rules = {"tier": "to_string([to_string([to_string([id])])])", "names": "join(first_name, m[:2])"}
    mapper = REGISTRY.mapper(CUSTOMERS, "woocommerce", override(**rules))
    of_file = mapper_of_file(REGISTRY, CUSTOMERS, "woocommerce", override(**rules)[0])

    record = mapper.map_record(PERSON, context={"shop": "acme"})

    assert record.faults == []
    assert record.fields == of_file.map_record(PERSON, context={"shop": "acme"}).fields
    assert (record.fields["tier"], record.fields["names"]) == ('["[\\"[17]\\"]"]', "person 0Anaperson 1")


def test_a_result_that_holds_itself_many_times_does_not_leave() -> None:
    mapper = REGISTRY.mapper(CUSTOMERS, "woocommerce", override(tier=f"id | {DOUBLED}"))

    record = mapper.map_record(PERSON)

    assert record.faults == [("", "the unified fields hold more than 4 MiB: an override copies too much of the record")]
    assert record.fields == {**record.fields, "id": "17", "first_name": None, "emails": [], "remote_data": PERSON}


def test_a_record_whose_elements_copy_it_is_weighed_before_it_is_written() -> None:
    layer = {"response_mapping": {"notes": [{"each": "m", "text": "record.long"}]}}
    mapper = REGISTRY.mapper(CUSTOMERS, "woocommerce", [layer])
    body = json.dumps({**PERSON, "long": "x" * 100_000}).encode()

    (record,) = mapper.map_natives([NativeRecord(body)], keeps_fields=False)

    assert record is not None
    assert [fault for _, fault in record.faults] == [
        "the unified fields hold more than 4 MiB: an override copies too much of the record"
    ]


def test_a_page_that_takes_too_long_ends_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(override_bounds, "MAX_PAGE_SECONDS", 0)
    mapper = REGISTRY.mapper(CUSTOMERS, "woocommerce", override(tier="first_name"))

    with pytest.raises(MappingError, match="with the overrides a page takes more than 0 seconds to map") as caught:
        list(mapper.map_natives([NativeRecord(b'{"id": 17}')]))

    assert caught.value.security_event == "override_stopped"


def test_a_page_that_grows_too_large_ends_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(override_bounds, "MAX_PAGE_BYTES", 1_000)
    mapper = REGISTRY.mapper(CUSTOMERS, "woocommerce", override(tier="first_name"))

    with pytest.raises(MappingError, match="with the overrides a page has more than 0 MiB"):
        list(mapper.map_natives([NativeRecord(b'{"id": 17}')] * 10, keeps_fields=False))


def test_an_honest_override_gives_the_bytes_that_the_file_gives() -> None:
    layer = override(tier="first_name", notes=[{"each": "m", "text": "@"}])[0]
    natives = [NativeRecord(json.dumps({**PERSON, "id": number}).encode()) for number in range(3)]

    own = REGISTRY.mapper(CUSTOMERS, "woocommerce", [layer]).map_natives(natives, keeps_fields=False)
    of_file = mapper_of_file(REGISTRY, CUSTOMERS, "woocommerce", layer).map_natives(natives, keeps_fields=False)

    assert [record.encoded for record in own if record] == [record.encoded for record in of_file if record]


@pytest.mark.parametrize("pattern", ["(?=x).*", r"(a)\1"])
def test_a_pattern_of_an_override_is_one_of_linear_time(pattern: str) -> None:
    layer = {"list": {"filters": {"email": {"eq": {"path": "email", "pattern": pattern}}}}}

    with pytest.raises(Exception, match="must be one that RE2 knows"):
        REGISTRY.mapping(CUSTOMERS, "woocommerce", [layer])
