"""A model that is built without validation is the model that pydantic would have made."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator, model_validator

from tests.shipped import REGISTRY
from truto_unify.models.construction import models_builder
from truto_unify.models.ecommerce import Address, Customer, CustomerOrder, Email, Phone
from truto_unify.models.fields import Id, Kind, Text

RESOURCE = "ecommerce/customers"
SAMPLES = Path(__file__).resolve().parents[1] / "contract" / "samples"
TEXTS = st.none() | st.text(st.characters(codec="utf-8"), max_size=5)
TIMES = st.none() | st.datetimes().map(lambda moment: f"{moment.replace(microsecond=0).isoformat()}Z")


def in_order(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields as the mapper gives them: those of the model in its order, then those that it lacks."""
    models: dict[str, type[BaseModel]] = {
        "emails": Email,
        "phones": Phone,
        "addresses": Address,
        "orders": CustomerOrder,
    }
    for name, model in models.items():
        fields[name] = [_in_order_of(model, element) for element in fields[name]]
    return _in_order_of(Customer, fields)


def _in_order_of(model: type[BaseModel], values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in [*model.model_fields, *values.keys() - model.model_fields.keys()]}


def rows(*names: str, **kinds: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries(dict.fromkeys(names, TEXTS) | kinds), max_size=3)


CUSTOMERS = st.fixed_dictionaries(
    {
        "id": st.text("0123456789", min_size=1),
        **dict.fromkeys(("name", "first_name", "last_name", "company_name"), TEXTS),
        "emails": rows("email", "type", "status", is_primary=st.none() | st.booleans()),
        "phones": rows("number", "extension", "type"),
        "addresses": rows("id", "type", "street_1", "street_2", "city", "state", "postal_code", "country", floor=TEXTS),
        "currency": TEXTS,
        "status": TEXTS,
        "orders": rows("status", "total_amount", id=st.text("0123456789", min_size=1)),
        "created_at": TIMES,
        "updated_at": TIMES,
    },
    optional={"loyalty_tier": TEXTS | st.lists(st.integers(), max_size=2)},
).map(lambda fields: in_order({**fields, "remote_data": {"id": fields["id"]}}))


def assert_same(model: type[BaseModel], records: list[dict[str, Any]]) -> None:
    validated = [model.model_validate(record) for record in records]
    built = models_builder(model)(copy.deepcopy(records))

    assert built == validated
    for instance, expected in zip(built, validated, strict=True):
        assert repr(instance) == repr(expected)
        assert (instance.model_fields_set, instance.model_extra) == (expected.model_fields_set, expected.model_extra)
        assert instance.model_dump() == expected.model_dump()
        assert instance.model_dump_json() == expected.model_dump_json()
        assert pickle.loads(pickle.dumps(instance)) == expected
        assert instance.model_copy(deep=True) == expected


@given(st.lists(CUSTOMERS, max_size=4))
def test_it_equals_the_validated_one_in_every_respect(records: list[dict[str, Any]]) -> None:
    assert_same(Customer, records)


@pytest.mark.parametrize("slug", REGISTRY.providers)
def test_the_samples_of_every_provider_come_out_the_same(slug: str) -> None:
    mapper = REGISTRY.mapper(RESOURCE, slug)
    declared = mapper.mapping.provider.config.context
    context = {name: field.default or field.example for name, field in declared.items()}
    content = json.loads((SAMPLES / slug / RESOURCE / "list.json").read_text("utf-8"))
    natives = content if isinstance(content, list) else mapper.records_of(content)
    mapped = [mapper.map_record(native, context=context) for native in natives]
    records = [record.fields for record in mapped if not record.faults]

    assert records
    assert_same(Customer, records)


def test_it_can_be_changed_as_any_other_and_shares_nothing_with_its_neighbours() -> None:
    phones = [{"number": number, "extension": None, "type": None} for number in ("1", "2")]
    first, second = models_builder(Phone)(phones)

    first.number, first.label = "3", "new"

    assert (first.model_dump(), second.number, second.model_extra) == (
        {"number": "3", "extension": None, "type": None, "label": "new"},
        "2",
        {},
    )


def test_a_time_that_is_none_is_refused_as_by_validation() -> None:
    record = Customer(id="1").model_dump() | {"created_at": "soon"}

    with pytest.raises(ValidationError, match="Input should be a valid datetime"):
        models_builder(Customer)([record])


class Shouting(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: Id

    @field_validator("id")
    @classmethod
    def shout(cls, value: str) -> str:
        return value.upper()


class Twofold(Shouting):
    @model_validator(mode="after")
    def double(self) -> Twofold:
        self.id *= 2
        return self


class Secretive(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: Id
    _seen: int = PrivateAttr(default=7)


class Strict(BaseModel):
    model_config = ConfigDict(extra="allow", str_strip_whitespace=True)

    id: Id


class Counted(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: Id
    label: Text = None
    points: Annotated[int, Kind("points")] = Field(default=0)


@pytest.mark.parametrize("model", [Shouting, Twofold, Secretive, Strict])
def test_a_model_with_rules_of_its_own_is_validated(model: type[BaseModel]) -> None:
    assert_same(model, [{"id": " a "}, {"id": "b", "more": 1}])


def test_a_kind_that_nothing_is_known_of_is_validated_alone() -> None:
    assert_same(Counted, [{"id": "a", "label": None, "points": "7"}])

    with pytest.raises(ValidationError, match="unable to parse string as an integer"):
        models_builder(Counted)([{"id": "a", "label": None, "points": "x"}])
