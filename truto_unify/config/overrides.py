"""Lays a file or an override over another, names overrides in messages, and refuses those that are nested too deep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from truto_unify.config.yaml import depth_problems, merge_nodes
from truto_unify.errors import ConfigError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from truto_unify.config.yaml import Node


def check_depths(overrides: Sequence[Mapping[str, Any]], resource: str, slug: str) -> None:
    """Refuses overrides that are nested too deep, or are no layers.

    Raises:
        ConfigError: one is nested too deep.
        InvalidInput: they are no list of mappings.
    """
    if isinstance(overrides, Mapping) or not all(isinstance(override, Mapping) for override in overrides):
        raise InvalidInput(f"the overrides of {resource} must be a list of mappings, one for each layer")
    names = [override_name(f"mappings/{resource}/{slug}.yaml", number) for number in range(1, len(overrides) + 1)]
    pairs = zip(names, overrides, strict=True)
    problems = [problem for name, override in pairs for problem in depth_problems(override, name)]
    if problems:
        raise ConfigError(problems)


def override_name(name: str, number: int) -> str:
    """What messages call an override.

    >>> override_name("mappings/ecommerce/customers/acme.yaml", 1)
    'override 1 of mappings/ecommerce/customers/acme.yaml'
    """
    return f"override {number} of {name}"


def lay_over(base: Node, over: Node) -> Node:
    """The merged file, without the ``unsupported`` entries of fields that the overlay maps."""
    merged = merge_nodes(base, over)
    excuses = merged.value.get("unsupported")
    if excuses is None or not isinstance(excuses.value, dict):
        return merged
    own = over.at(["unsupported"]).value if "unsupported" in over.value else {}
    mapped = set(_mapped_names(over.value.get("response_mapping"))) - set(own)
    remaining = {name: node for name, node in excuses.value.items() if name not in mapped}
    return replace(merged, value={**merged.value, "unsupported": replace(excuses, value=remaining)})


def _mapped_names(rules: Node | None) -> Iterator[str]:
    """The fields and parts that a table of rules names, as far as its form shows; null removes one."""
    for name, rule in rules.value.items() if rules is not None and isinstance(rules.value, dict) else ():
        if rule.value is not None:
            yield name
        for table in rule.value if isinstance(rule.value, list) else (rule,):
            yield from (f"{name}.{part}" for part in _mapped_names(table))
