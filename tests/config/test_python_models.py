from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict

from truto_unify import Registry, ResourceSchema
from truto_unify.config import python_models
from truto_unify.errors import ConfigError, InvalidInput
from truto_unify.models.fields import Flag, Id, Kind, Money, Text, Time

if TYPE_CHECKING:
    from collections.abc import Callable


class Venue(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: Text = None
    open: Flag = None


class Event(BaseModel):
    """An event that sells tickets."""

    model_config = ConfigDict(extra="allow")

    id: Id
    name: Text = None
    price: Money = None
    starts_at: Time = None
    venue: Annotated[Venue | None, Kind("object", Venue)] = None
    halls: Annotated[list[Venue], Kind("list", Venue)] = []
    remote_data: Any = None


EVENTS = ResourceSchema(
    name="ticketing/events",
    record=Event,
    text_filters=("name",),
    time_filters=("starts_at",),
    inner_filters={"venue_name": ("venue", "name")},
    element_filters={"halls": {"name": "text", "open": "boolean"}},
    sorts=("starts_at", "id"),
)


class Unkind(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: Id
    name: str | None = None
    price: Annotated[float | None, Kind("money")] = None
    starts_at: Annotated[str | None, Kind("time")] = None
    schema_: Text = None
    remote_data: Any = None


class Closed(BaseModel):
    id: Text = None


def message_of(models: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        Registry(models=models)
    return str(caught.value)


def test_a_registry_knows_resources_of_ones_own() -> None:
    registry = Registry(models=[EVENTS])

    assert registry.schema("ticketing/events") is EVENTS
    assert registry.resource_names[-1] == "ticketing/events"
    assert pickle.loads(pickle.dumps(registry)).schema("ticketing/events") == EVENTS


def test_a_file_adds_fields_to_a_resource_of_ones_own(tmp_path: Any) -> None:
    file = tmp_path / "models/ticketing/events.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("fields: {doors: {kind: time, filter: true}}\n", "utf-8")

    schema = Registry(overlay=tmp_path, models=[EVENTS]).schema("ticketing/events")

    assert issubclass(schema.record, Event)
    assert (schema.time_filters, schema.custom_fields) == (("starts_at", "doors"), frozenset({"doors"}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"name": "ecommerce/customers"},
            "ecommerce/customers: there is a resource of this name already; add fields to it in a file "
            "models/ecommerce/customers.yaml",
        ),
        (
            {"name": "events"},
            'events: "events" is not the name of a resource, which is model/resource, as ticketing/events',
        ),
        (
            {"name": "meta/events"},
            'meta/events: "meta" cannot name a model: the service has pages of its own below /unified/meta',
        ),
        ({"record": dict}, "ticketing/events: the record is a pydantic model, not <class 'dict'>"),
        (
            {"record": Closed},
            "ticketing/events: every record has an id; write id: Id; "
            "ticketing/events: every record has the native record; write remote_data: Any = None; "
            'ticketing/events: a mapping may add fields; write model_config = ConfigDict(extra="allow")',
        ),
        (
            {"record": Unkind},
            'ticketing/events: "name" needs one kind, as Annotated[str | None, Kind("text")]; it has 0; '
            'ticketing/events: "price" is of kind money, whose values its type does not keep; annotate it as '
            "str | None",
        ),
        (
            {"text_filters": ("price", "title")},
            'ticketing/events: the filter "price" names "price" of kind money; it takes country, id, status, text; '
            'ticketing/events: the filter "title" names "title", which the record does not have',
        ),
        (
            {"inner_filters": {"limit": ("venue", "name"), "venue_open": ("venue", "open")}},
            'ticketing/events: "limit" is another argument of a list; a filter needs a name of its own; '
            'ticketing/events: the filter "venue_open" names "venue.open" of kind boolean; it takes country, id, '
            "status, text",
        ),
        (
            {"element_filters": {"halls": {"open": "text"}}},
            'ticketing/events: the filter "halls[][open]" compares text, and the part is of kind boolean',
        ),
        (
            {"inner_filters": {"name": ("venue", "name")}, "sorts": ("name",)},
            'ticketing/events: the sort "name" names "name" of kind text; it takes id, time; '
            'ticketing/events: there are two filters "name"',
        ),
    ],
)
def test_a_faulty_resource_is_refused_with_every_fault(changes: dict[str, Any], message: str) -> None:
    assert message_of([replace(EVENTS, **changes)]) == f"models: {message}"


@pytest.mark.parametrize("models", [Event, [Event], "ticketing/events", {"ticketing/events": EVENTS}])
def test_what_is_no_schema_is_refused(models: Any) -> None:
    assert message_of(models).startswith(
        "models: a model is a ResourceSchema(name=…, record=…), not a value of the type"
    )


class EntryPoint:
    """The entry point of another installed package."""

    name, value = "ticketing", "tickets:models"

    def __init__(self, loaded: Any) -> None:
        self.load = lambda: loaded


@pytest.fixture
def announce(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Installs an entry point of the group of models."""

    def install(loaded: Any) -> None:
        groups = {"truto_unify.models": [EntryPoint(loaded)]}
        monkeypatch.setattr(python_models, "entry_points", lambda group: groups[group])

    return install


@pytest.mark.parametrize("target", [EVENTS, (EVENTS,), lambda: [EVENTS]], ids=["one", "several", "function"])
def test_an_installed_package_announces_models(announce: Callable[[Any], None], target: object) -> None:
    announce(target)

    assert Registry().schema("ticketing/events") is EVENTS
    assert Registry(models=[EVENTS]).schema("ticketing/events") is EVENTS


def fail() -> Any:
    raise ImportError("no such package")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (fail, 'cannot load "tickets:models" of truto_unify.models: ImportError: no such package'),
        (Event(id="1"), "a model is a ResourceSchema(name=…, record=…), not a value of the type Event"),
        (
            replace(EVENTS, sorts=("name",)),
            'ticketing/events: the sort "name" names "name" of kind text; it takes id, time',
        ),
    ],
)
def test_a_fault_of_an_installed_model_is_a_problem_of_its_entry_point(
    announce: Callable[[Any], None], target: object, message: str
) -> None:
    announce(target)

    with pytest.raises(ConfigError) as caught:
        Registry()

    assert [str(problem) for problem in caught.value.problems] == [f"entry point ticketing: {message}"]
