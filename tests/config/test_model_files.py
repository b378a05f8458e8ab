from __future__ import annotations

import pickle
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.config.invalid_files import GROUND
from truto_unify import Customer, InvalidInput, Registry
from truto_unify.call_arguments import read_list_call
from truto_unify.engine.local_query import matches
from truto_unify.errors import ConfigError, UnknownResource
from truto_unify.models.fields import Kind, field_kinds
from truto_unify.server.schemas import query_schema
from truto_unify.types import Filter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from truto_unify.models.resource import ResourceSchema

EVENTS, CUSTOMERS = "ticketing/events", "ecommerce/customers"
EVENTS_FILE, CUSTOMERS_FILE = f"models/{EVENTS}.yaml", f"models/{CUSTOMERS}.yaml"
EVENT_MODEL = """\
description: An event that sells tickets.
fields:
  id: {kind: id}
  name: {kind: text, filter: true, description: Name of the event.}
  status: {kind: status, values: [live, draft, over], filter: true}
  starts_at: {kind: time, filter: true, sort: true}
  venue: {kind: object, fields: {name: {kind: text, filter: true}, country: {kind: country, filter: country}}}
  contacts:
    kind: list
    required: [number]
    unique: [number, extension]
    fields:
      number: {kind: phone, filter: true}
      extension: {kind: text, extension_of: number}
      email: {kind: text, filter: email}
      is_primary: {kind: boolean, filter: true}
      rank: {kind: integer, filter: true}
  seats: {kind: integer}
  tags: {kind: list, of: text, unique: true}
  opens_at: {kind: list, of: time}
"""
EVENT_MAPPING = """\
list: {endpoint: customers.list}
get: customers.get
response_mapping:
  id: id
  name: title
  status: {expr: state, enum: {open: live}}
  starts_at: {expr: start, zone: utc}
  venue: {name: place, country: land}
  contacts: [{each: people, number: phone, email: mail, is_primary: main, rank: rank}]
  seats: places
  tags: labels
  opens_at: doors
"""
NATIVE = {
    "id": 7,
    "title": " Fair ",
    "state": "OPEN",
    "start": "2026-05-02T08:00:00",
    "place": "Hall",
    "land": "de",
    "people": [
        {"phone": "555 0100 x7", "main": 1, "rank": 2.0},
        {"phone": "5550100", "mail": "a@fair.example"},
        {"phone": ""},
    ],
    "places": "120",
    "labels": ["Art", "art "],
    "doors": ["2026-05-02T07:00:00Z"],
}
UNIFIED = {
    "id": "7",
    "name": "Fair",
    "status": "live",
    "starts_at": "2026-05-02T08:00:00Z",
    "venue": {"name": "Hall", "country": "DE"},
    "contacts": [{"number": "555 0100", "extension": "7", "email": None, "is_primary": True, "rank": 2}],
    "seats": 120,
    "tags": ["Art"],
    "opens_at": ["2026-05-02T07:00:00Z"],
}


@pytest.fixture
def overlay(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Writes the files of an overlay, content by path."""
    count = iter(range(9))

    def write(files: dict[str, str]) -> Path:
        folder = tmp_path / f"overlay-{next(count)}"
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content, "utf-8")
        return folder

    return write


@pytest.fixture
def events(overlay: Callable[..., Path]) -> Registry:
    """A registry that knows events, and how Acme calls them."""
    own = overlay({EVENTS_FILE: EVENT_MODEL, f"mappings/{EVENTS}/acme.yaml": EVENT_MAPPING})
    return Registry(overlay=[GROUND, own])


def queries(schema: ResourceSchema) -> dict[str, Any]:
    """What lists may be filtered and sorted by."""
    names = ("text_filters", "time_filters", "inner_filters", "element_filters", "sorts")
    return {name: getattr(schema, name) for name in names}


def test_a_file_describes_fields_filters_and_sorts(events: Registry) -> None:
    schema: ResourceSchema = events.schema(EVENTS)

    assert queries(schema) == {
        "text_filters": ("name", "status"),
        "time_filters": ("starts_at",),
        "inner_filters": {
            "venue_name": ("venue", "name"),
            "country": ("venue", "country"),
            "email": ("contacts", "email"),
        },
        "element_filters": {
            "contacts": {"number": "phone", "email": "text", "is_primary": "boolean", "rank": "integer"}
        },
        "sorts": ("starts_at",),
    }
    assert {name: kind.name for name, kind in field_kinds(schema.record).items()} == {
        "id": "id",
        "name": "text",
        "status": "status",
        "starts_at": "time",
        "venue": "object",
        "contacts": "list",
        "seats": "integer",
        "tags": "list",
        "opens_at": "list",
    }
    assert field_kinds(schema.record)["status"] == Kind("status", values=("live", "draft", "over"))
    assert schema.custom_fields == frozenset()


def test_a_whole_number_filters_by_elements(events: Registry) -> None:
    schema = events.schema(EVENTS)
    second, third = (read_list_call(schema, {"contacts": [{"rank": rank}]}) for rank in ("2", 3))

    assert second.filters == (Filter("contacts", "eq", {"rank": 2}),)
    assert [matches(UNIFIED, call.filters, schema) for call in (second, third)] == [True, False]
    with pytest.raises(
        InvalidInput, match=r'contacts\[0\]\[rank\] must be a whole number of at most 18 digits, not "two"'
    ):
        read_list_call(schema, {"contacts": [{"rank": "two"}]})


def test_a_whole_number_is_one_for_pydantic_and_for_openapi(events: Registry) -> None:
    schema = events.schema(EVENTS)
    record = schema.record.model_json_schema()

    assert record["properties"]["seats"]["anyOf"] == [{"type": "integer"}, {"type": "null"}]
    assert query_schema(schema)["properties"]["contacts"]["items"]["properties"]["rank"] == {"type": "integer"}


@pytest.mark.parametrize("engine", ["compiled", "interpreter"])
def test_its_records_are_mapped_as_those_of_shipped_resources(events: Registry, engine: Any) -> None:
    mapper = Registry(overlay=events._folders, engine=engine).mapper(EVENTS, "acme")

    assert mapper.map(NATIVE) == {**UNIFIED, "remote_data": NATIVE}
    assert mapper.map({"id": 8}) == {
        **dict.fromkeys(UNIFIED),
        "id": "8",
        "contacts": [],
        "tags": [],
        "opens_at": [],
        "remote_data": {"id": 8},
    }


def test_a_record_is_a_model_with_the_fields_as_attributes(events: Registry) -> None:
    record: Any = events.schema(EVENTS).record.model_validate({**UNIFIED, "remote_data": NATIVE})

    assert (record.venue.country, record.starts_at) == ("DE", datetime(2026, 5, 2, 8, tzinfo=UTC))
    assert record.model_dump(mode="json", exclude={"remote_data"}) == UNIFIED


def test_a_record_survives_a_pickle_and_equals_that_of_another_registry(events: Registry) -> None:
    record: Any = events.schema(EVENTS).record.model_validate({**UNIFIED, "tier": "gold"})
    other = pickle.loads(pickle.dumps(events)).schema(EVENTS).record

    assert pickle.loads(pickle.dumps([record, record.venue])) == [record, record.venue]
    assert pickle.loads(pickle.dumps(record)).tier == "gold"
    assert other is type(record)


def test_a_mapping_fills_each_field_or_says_why_not(overlay: Callable[..., Path]) -> None:
    mapping = "get: customers.get\nresponse_mapping: {id: id}\nunsupported: {venue: Acme has none., nmae: x}\n"
    own = overlay({EVENTS_FILE: EVENT_MODEL, f"mappings/{EVENTS}/acme.yaml": mapping})

    problems = Registry(overlay=[GROUND, own]).problems()

    assert [problem.message for problem in problems] == [
        *(
            f'unified field "{name}" is neither mapped nor listed under "unsupported" with a reason'
            for name in ("name", "status", "starts_at", "contacts", "seats", "tags", "opens_at")
        ),
        'no unified field "nmae" (did you mean "name"?)',
    ]


def test_a_further_layer_adds_and_removes_fields(overlay: Callable[..., Path]) -> None:
    base = overlay({EVENTS_FILE: EVENT_MODEL, f"mappings/{EVENTS}/acme.yaml": EVENT_MAPPING})
    change = {"tags": "null", "doors": "{kind: text, filter: true}", "name": "{filter: false}"}
    lines = "\n".join(f"  {name}: {field}" for name, field in change.items())
    mine = overlay(
        {EVENTS_FILE: f"fields:\n{lines}\n", f"mappings/{EVENTS}/acme.yaml": "response_mapping: {tags: null}"}
    )

    registry = Registry(overlay=[GROUND, base, mine])
    schema: ResourceSchema = registry.schema(EVENTS)

    assert (schema.text_filters, schema.custom_fields) == (("status", "doors"), frozenset({"doors"}))
    assert [*field_kinds(schema.record)] == [*(name for name in UNIFIED if name != "tags"), "doors"]
    assert registry.problems() == []


def test_a_file_adds_typed_fields_to_a_shipped_model(overlay: Callable[..., Path]) -> None:
    model = """\
fields:
  loyalty_tier: {kind: text, filter: true}
  last_visit: {kind: time, filter: true, sort: true}
  account_manager: {kind: object, fields: {email: {kind: text, filter: true}}}
"""
    rules = "response_mapping: {loyalty_tier: tier, last_visit: {expr: seen, zone: utc}}"
    own = overlay({CUSTOMERS_FILE: model, f"mappings/{CUSTOMERS}/acme.yaml": rules})
    registry = Registry(overlay=[GROUND, own])
    schema, shipped = registry.schema(CUSTOMERS), Registry().schema(CUSTOMERS)

    record: Any = schema.record(id="1", loyalty_tier="gold")
    mapped = registry.mapper(CUSTOMERS, "acme").map({"id": 1, "tier": " gold ", "seen": "2026-05-02T08:00:00"})

    assert queries(schema) == {
        "text_filters": (*shipped.text_filters, "loyalty_tier"),
        "time_filters": (*shipped.time_filters, "last_visit"),
        "inner_filters": {**shipped.inner_filters, "account_manager_email": ("account_manager", "email")},
        "element_filters": shipped.element_filters,
        "sorts": (*shipped.sorts, "last_visit"),
    }
    assert schema.custom_fields == {"loyalty_tier", "last_visit", "account_manager"}
    assert isinstance(record, Customer)
    assert pickle.loads(pickle.dumps(record)) == record
    assert (mapped["loyalty_tier"], mapped["last_visit"]) == ("gold", "2026-05-02T08:00:00Z")
    assert (mapped["account_manager"], shipped.record) == (None, Customer)
    assert registry.problems() == []


def test_a_field_that_is_nearly_one_of_the_model_is_a_warning(overlay: Callable[..., Path]) -> None:
    own = overlay({CUSTOMERS_FILE: "fields: {curency: {kind: text}}\n"})

    (finding,) = Registry(overlay=[own]).findings()

    assert (finding.is_warning, finding.rule) == (True, "near-field-name")
    assert finding.message.startswith('the field "curency" is nearly "currency" of the model')
    assert "curency" in Registry(overlay=[own]).schema(CUSTOMERS).record.model_fields


def test_a_faulty_file_is_an_error_wherever_the_resource_is_used(overlay: Callable[..., Path]) -> None:
    own = overlay({EVENTS_FILE: "fields: {name: {kind: text}}\n", f"mappings/{EVENTS}/acme.yaml": EVENT_MAPPING})
    registry = Registry(overlay=[GROUND, own])
    calls: list[Callable[[], object]] = [
        lambda: registry.schema(EVENTS),
        lambda: registry.resources,
        lambda: registry.mapper(EVENTS, "acme"),
    ]

    for call in calls:
        with pytest.raises(ConfigError, match=r'events.yaml:1:1: missing field "id"'):
            call()
    assert registry.schema(CUSTOMERS).record is Customer


def test_an_unknown_resource_is_refused_with_what_is_known(events: Registry) -> None:
    with pytest.raises(UnknownResource) as caught:
        events.schema("ticketing/event")

    assert str(caught.value) == 'unknown unified resource "ticketing/event" (did you mean "ticketing/events"?)'
    assert events.resource_names[-1] == EVENTS
    assert [*events.resources] == [*events.resource_names]
