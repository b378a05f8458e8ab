"""Names the override layers of an environment or an account in messages, and refuses those that are nested too deep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from truto_unify.config.yaml import depth_problems
from truto_unify.errors import ConfigError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence


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
