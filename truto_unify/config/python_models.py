"""Checks unified resources that are written in Python: those of ``Registry(models=…)``, and those of packages."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from truto_unify.config.model_names import field_name_fault, filter_name_fault, resource_name_fault
from truto_unify.config.model_schema import PART_KINDS, SORT_KINDS, TEXT_KINDS
from truto_unify.errors import ConfigError, InvalidInput, Problem
from truto_unify.models import RESOURCES
from truto_unify.models.fields import Kind, field_kinds
from truto_unify.models.resource import ResourceSchema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.metadata import EntryPoint

    from pydantic.fields import FieldInfo

MODELS_GROUP = "truto_unify.models"
"""Entry-point group; each entry names a ``ResourceSchema``, several, or a function that returns them."""

_SAMPLES: dict[str, Any] = {
    "integer": 5,
    "boolean": True,
    "money": "1.5",
    "decimal": "1.5",
    "time": "2024-05-02T08:00:00Z",
}
"""A cleaned value of a kind; of any other kind, a text."""


def read_models(models: Any) -> dict[str, ResourceSchema]:
    """The resources by name.

    Raises:
        InvalidInput: a model is none, or has a fault; the message names every fault.
    """
    schemas, faults = _checked(models, RESOURCES)
    if faults:
        raise InvalidInput(f"models: {'; '.join(faults)}")
    return schemas


def installed_models() -> dict[str, ResourceSchema]:
    """The resources that installed packages announce.

    Raises:
        ConfigError: an entry cannot be loaded, or one of its models has a fault.
    """
    schemas: dict[str, ResourceSchema] = {}
    for entry in entry_points(group=MODELS_GROUP):
        loaded, faults = _checked(_load(entry), {**RESOURCES, **schemas})
        if faults:
            raise ConfigError([_problem(entry, fault, "model-fault") for fault in faults])
        schemas |= loaded
    return schemas


def _load(entry: EntryPoint) -> Any:
    try:
        target = entry.load()
        return target() if callable(target) else target
    except Exception as error:
        message = f'cannot load "{entry.value}" of {MODELS_GROUP}: {type(error).__name__}: {error}'
        raise ConfigError([_problem(entry, message, "models-not-loadable")]) from error


def _problem(entry: EntryPoint, message: str, rule: str) -> Problem:
    return Problem(f"entry point {entry.name}", 1, 1, message, rule=rule, has_line=False)


def _checked(models: Any, known: Mapping[str, ResourceSchema]) -> tuple[dict[str, ResourceSchema], list[str]]:
    """The resources by name, and every fault of them."""
    listed = [models] if isinstance(models, ResourceSchema) else models
    if not isinstance(listed, Iterable) or isinstance(listed, str | dict | BaseModel):
        return {}, [_no_schema(models)]
    schemas: dict[str, ResourceSchema] = {}
    faults: list[str] = []
    for schema in listed:
        if not isinstance(schema, ResourceSchema):
            faults.append(_no_schema(schema))
            continue
        others = {**known, **schemas}
        own_faults = list(_schema_faults(schema, others))
        faults += [f"{schema.name}: {fault}" for fault in own_faults]
        if not own_faults:
            schemas[schema.name] = schema
    return schemas, faults


def _no_schema(value: Any) -> str:
    hint = "ResourceSchema(name=…, record=…)"
    return f"a model is a {hint}, not a value of the type {type(value).__name__}"


def _schema_faults(schema: ResourceSchema, others: Mapping[str, ResourceSchema]) -> Iterator[str]:
    fault = resource_name_fault(str(schema.name), others)
    if fault is not None:
        yield fault
    elif schema.name in others:
        yield f"there is a resource of this name already; add fields to it in a file models/{schema.name}.yaml"
    record: Any = schema.record
    if not (isinstance(record, type) and issubclass(record, BaseModel)):
        yield f"the record is a pydantic model, not {record!r}"[:160]
        return
    faults = [*_record_faults(record)]
    yield from faults or _query_faults(schema)


def _record_faults(record: type[BaseModel]) -> Iterator[str]:
    info = record.model_fields.get("id")
    if info is None or not info.is_required() or Kind("id") not in info.metadata:
        yield "every record has an id; write id: Id"
    if "remote_data" not in record.model_fields:
        yield "every record has the native record; write remote_data: Any = None"
    if record.model_config.get("extra") != "allow":
        yield 'a mapping may add fields; write model_config = ConfigDict(extra="allow")'
    yield from _model_faults("", record, is_part=False)


def _model_faults(above: str, model: type[BaseModel], *, is_part: bool) -> Iterator[str]:
    """The faults of the fields of a model, and of the models inside of it."""
    for name, info in model.model_fields.items():
        label = f"{above}{name}"
        if name == "remote_data" and not is_part:
            continue
        fault = field_name_fault(name, is_part=is_part)
        if fault is not None:
            yield fault
        kinds = [note for note in info.metadata if isinstance(note, Kind)]
        if len(kinds) != 1:
            yield f'"{label}" needs one kind, as Annotated[str | None, Kind("text")]; it has {len(kinds)}'
            continue
        (kind,) = kinds
        if kind.item is not None:
            yield from _model_faults(f"{label}.", kind.item, is_part=True)
        elif not kind.is_list and not _takes(info, kind):
            special = {"integer": "int | None", "boolean": "bool | None", "time": "Time of truto_unify.models.fields"}
            kept = special.get(kind.name, "str | None")
            yield f'"{label}" is of kind {kind.name}, whose values its type does not keep; annotate it as {kept}'


def _takes(info: FieldInfo, kind: Kind) -> bool:
    """Whether the type of a field keeps the values that its kind has after cleaning."""
    annotation: Any = Annotated[info.annotation, *info.metadata]
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    sample = _SAMPLES.get(kind.name, "a text")
    try:
        value = adapter.validate_python(sample)
        if not info.is_required():
            adapter.validate_python(None)
    except ValidationError:
        return False
    return kind.name == "time" or (value == sample and type(value) is type(sample))


def _query_faults(schema: ResourceSchema) -> Iterator[str]:
    """The faults of filters and sorts."""
    kinds = field_kinds(schema.record)
    rows = [
        *((name, name, kinds.get(name), TEXT_KINDS) for name in schema.text_filters),
        *((name, name, kinds.get(name), {"time"}) for name in schema.time_filters),
        *(
            (name, f"{field}.{part}", _part(kinds, field, part), TEXT_KINDS)
            for name, (field, part) in schema.inner_filters.items()
        ),
    ]
    for name, label, kind, allowed in rows:
        fault = filter_name_fault(name)
        if fault is not None:
            yield fault
        yield from _kind_faults(f'the filter "{name}"', label, kind, allowed)
    for field, parts in schema.element_filters.items():
        for part, how in parts.items():
            kind = _part(kinds, field, part)
            yield from _kind_faults(f'the filter "{field}[][{part}]"', f"{field}.{part}", kind, PART_KINDS)
            if kind is not None and PART_KINDS.get(kind.name, how) != how:
                yield f'the filter "{field}[][{part}]" compares {how}, and the part is of kind {kind.name}'
    for name in schema.sorts:
        yield from _kind_faults(f'the sort "{name}"', name, kinds.get(name), SORT_KINDS)
    names = [*schema.time_filters, *schema.text_filters, *schema.inner_filters, *schema.element_filters]
    yield from (f'there are two filters "{name}"' for name in sorted({name for name in names if names.count(name) > 1}))


def _part(kinds: Mapping[str, Kind], field: str, part: str) -> Kind | None:
    return kinds[field].parts.get(part) if field in kinds else None


def _kind_faults(what: str, label: str, kind: Kind | None, allowed: Iterable[str]) -> Iterator[str]:
    if kind is None:
        yield f'{what} names "{label}", which the record does not have'
    elif kind.name not in allowed:
        yield f'{what} names "{label}" of kind {kind.name}; it takes {", ".join(sorted(allowed))}'
