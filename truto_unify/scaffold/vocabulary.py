"""What providers call things: the data that guesses are made from, read from ``vocabulary.yaml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from truto_unify.config.yaml import load_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "vocabulary.yaml"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words for one unified resource.

    Attributes:
        resource_names: what its collection is called in paths and envelopes.
        singular: what one record is called.
        fields: native names of each unified field, and of the parts of lists, the best first.
        enums: for a unified field, what native values mean.
        filters: native parameter names of each unified filter.
        code_or_text: parts for which a code is better than the text beside it.
        from_addresses: fields that often only an address holds.
    """

    resource_names: tuple[str, ...]
    singular: str
    fields: Mapping[str, tuple[str, ...]]
    enums: Mapping[str, Mapping[str, tuple[str, ...]]]
    filters: Mapping[str, tuple[str, ...]]
    code_or_text: tuple[str, ...]
    from_addresses: tuple[str, ...]

    def names(self, field: str) -> tuple[tuple[str, ...], ...]:
        """The native names of a field, folded, each as its steps."""
        return tuple(tuple(fold(step) for step in name.split(".")) for name in self.fields.get(field, ()))


@cache
def read_vocabulary(resource: str) -> Vocabulary:
    """The words for a unified resource; none where nobody wrote them down."""
    text = files("truto_unify.scaffold").joinpath(FILE).read_text("utf-8")
    node, _ = load_yaml(text, FILE)
    found: dict[str, Any] = node.plain().get(resource, {})
    singular = resource.rpartition("/")[2].removesuffix("s")
    return Vocabulary(
        resource_names=found.get("resource_names", (f"{singular}s", singular)),
        singular=found.get("singular", singular),
        fields=found.get("fields", {}),
        enums=found.get("enums", {}),
        filters=found.get("filters", {}),
        code_or_text=found.get("code_or_text", ()),
        from_addresses=found.get("from_addresses", ()),
    )


def fold(name: str) -> str:
    """A name without its spelling.

    >>> fold("firstName"), fold("First-Name"), fold("first_name")
    ('firstname', 'firstname', 'firstname')
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())
