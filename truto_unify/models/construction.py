"""Builds models from valid records, without validating again what the mapper has cleaned."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, TypeAdapter

from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic.fields import FieldInfo

    BuildAll = Callable[[list[dict[str, Any]]], list[Any]]

_CLEANED = frozenset({"id", "text", "phone", "country", "status", "money", "decimal", "integer", "boolean"})
"""Kinds whose cleaned values are those of the model."""
_slots = vars(BaseModel)
# ``model_construct`` sets these by name; the descriptors of the slots set them in a fifth of the time.
_set_values = _slots["__dict__"].__set__
_set_names, _set_extra, _set_private = (
    _slots[f"__pydantic_{name}__"].__set__ for name in ("fields_set", "extra", "private")
)


@cache
def models_builder(model: type[BaseModel]) -> BuildAll:
    """The function that builds instances from valid unified records, or from elements of a list; it keeps the dicts.

    The instances equal those of ``model_validate``. pydantic validates each field whose kind does not settle
    its value, and every record of a model with rules of its own.

    >>> from truto_unify.models.ecommerce import Phone
    >>> phone = {"number": "+15550100", "extension": None, "type": "home"}
    >>> models_builder(Phone)([{**phone}]) == [Phone.model_validate(phone)]
    True
    """
    if _has_own_rules(model):
        return lambda records: [model.model_validate(record) for record in records]
    kinds = field_kinds(model)
    steps = [(name, _converter(info, kinds.get(name))) for name, info in model.model_fields.items()]
    conversions = [(name, convert) for name, convert in steps if convert is not None]
    names = set(model.model_fields)
    count, copy_names, new = len(names), names.copy, model.__new__

    def build_all(records: list[dict[str, Any]]) -> list[Any]:
        instances: list[Any] = []
        for record in records:
            extra, names_set = {}, copy_names()
            if len(record) != count:
                extra = {name: record.pop(name) for name in [*record] if name not in names}
                names_set.update(extra)
            for name, convert in conversions:
                record[name] = convert(record[name])
            instance = new(model)
            _set_values(instance, record)
            _set_names(instance, names_set)
            _set_extra(instance, extra)
            _set_private(instance, None)
            instances.append(instance)
        return instances

    return build_all


def _has_own_rules(model: type[BaseModel]) -> bool:
    """Whether a model has validators or other rules beside its fields."""
    rules = model.__pydantic_decorators__
    return bool(
        rules.validators
        or rules.field_validators
        or rules.root_validators
        or rules.model_validators
        or model.__private_attributes__
        or model.__pydantic_post_init__
        or model.model_config != {"extra": "allow"}
    )


def _converter(info: FieldInfo, kind: Any) -> Callable[[Any], Any] | None:
    """The function from the cleaned value of a field to that of the model; None if they are the same."""
    if kind is None or kind.name in _CLEANED or (kind.of is not None and kind.of.name in _CLEANED):
        return None
    if kind.item is not None and kind.is_list:
        build: Callable[[Any], Any] = models_builder(kind.item)
        return build
    if kind.item is not None:
        build_all = models_builder(kind.item)
        return lambda value: None if value is None else build_all([value])[0]
    annotation: Any = Annotated[info.annotation, *info.metadata]
    validate: Callable[[Any], Any] = TypeAdapter(annotation).validator.validate_python
    return validate
