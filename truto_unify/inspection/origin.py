"""Names the layer that a rule comes from: the package, an overlay, the environment or the account."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_OVERRIDE = re.compile(r"override (\d+) of .*")


def layer_of(file: str, name: str, override_names: Sequence[str] = ()) -> str:
    """The layer of a rule, from the file name in its place.

    Args:
        file: the file name in the place.
        name: the path of the file inside its layer.
        override_names: the names of the overrides, in order.

    >>> name = "mappings/ecommerce/customers/acme.yaml"
    >>> layer_of(name, name), layer_of(f"my/{name}", name)
    ('base', 'overlay my')
    >>> layer_of(f"entry point acme/{name}", name), layer_of(f"override 1 of {name}", name)
    ('installed overlay acme', 'override 1')
    """
    override = _OVERRIDE.fullmatch(file)
    if override:
        number = int(override[1])
        return override_names[number - 1] if number <= len(override_names) else f"override {number}"
    label = file.removesuffix(name).rstrip("/")
    if not label:
        return "base"
    if label.startswith("entry point "):
        return f"installed overlay {label.removeprefix('entry point ')}"
    return f"overlay {label}"
