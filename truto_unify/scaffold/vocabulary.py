"""The names that providers use, read from ``vocabulary.yaml``: the data behind the guesses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

from truto_unify.config.yaml import load_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from truto_unify.models.fields import Kind

_Value = TypeVar("_Value")
FILE = "vocabulary.yaml"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words for one unified resource.

    Attributes:
        resource_names: the names of its collection in paths and envelopes.
        singular: the name of one record.
        fields: native names of each unified field, and of the parts of lists, the best name first.
        parts: native names of fields and parts in any resource, for those that ``fields`` lacks.
        enums: for a unified field, the native values of each unified value.
        filters: native parameter names of each unified filter.
        code_or_text: parts that prefer a code to the text beside it.
        from_addresses: fields that often stand in an address only.
        beside: for an object of the resource, the addresses that hold its parts if the record has no such object.
        places: the fields of the resource that are addresses, with their kinds.
        has_minor_units: whether the amounts of the samples look like cents.
        currency: the field that holds the currency of every record of the samples; None if there is none.
        finds_ids_by_value: whether a field with another value in each record may be the id.
    """

    resource_names: tuple[str, ...]
    singular: str
    fields: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, tuple[str, ...]]
    enums: Mapping[str, Mapping[str, tuple[str, ...]]]
    filters: Mapping[str, tuple[str, ...]]
    code_or_text: tuple[str, ...]
    from_addresses: tuple[str, ...]
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    places: Mapping[str, Kind] = field(default_factory=dict)
    has_minor_units: bool = False
    currency: str | None = None
    finds_ids_by_value: bool = False

    def names(self, field: str) -> tuple[tuple[str, ...], ...]:
        """The native names of a field, folded, each as a tuple of steps; its own name if there are no words for it."""
        own = field.rpartition(".")[2]
        known = self.fields.get(field) or self.parts.get(own) or (own,)
        return tuple(tuple(fold(step) for step in name.split(".")) for name in known)

    def with_id(self, name: str) -> Vocabulary:
        """The words, with this as the only name of a record's id."""
        return replace(self, fields={**self.fields, "id": (name,)})


@cache
def read_vocabulary(resource: str) -> Vocabulary:
    """The words for a unified resource; if the file has none, those for the ids of any resource."""
    text = files("truto_unify.scaffold").joinpath(FILE).read_text("utf-8")
    node, _ = load_yaml(text, FILE)
    content: dict[str, Any] = node.plain()
    words: dict[str, Any] = content.get(resource, {})
    singular = resource.rpartition("/")[2].removesuffix("s")
    ids = (*content["parts"]["id"], f"{singular}_id", *content["keys_of_records"])
    return Vocabulary(
        resource_names=words.get("resource_names", (f"{singular}s", singular)),
        singular=words.get("singular", singular),
        fields=words.get("fields", {"id": ids}),
        parts=content["parts"],
        enums=words.get("enums", {}),
        filters=words.get("filters", {}),
        code_or_text=content["code_or_text"],
        from_addresses=words.get("from_addresses", ()),
        beside=words.get("beside", {}),
    )


def first_named(values: Mapping[str, _Value], names: Iterable[str]) -> _Value | None:
    """The value of the first of these names that is known; None if no name is known.

    >>> first_named({"page": 1, "offset": 20}, ("skip", "offset"))
    20
    """
    return next((values[name] for name in names if name in values), None)


def snake(name: str, default: str = "field") -> str:
    """A name as our files write it; the default if it has no letter and no digit.

    >>> snake("storeHash"), snake("Shop-Id")
    ('store_hash', 'shop_id')
    """
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or default


def fold(name: str) -> str:
    """The name without case, hyphens and underscores.

    >>> fold("firstName"), fold("First-Name"), fold("first_name")
    ('firstname', 'firstname', 'firstname')
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())
