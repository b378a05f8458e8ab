"""Turns stored overrides into mapping layers for one method, and checks them before they are stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from truto_unify.config.mapping import MappingConfig
from truto_unify.errors import ConfigError, InvalidOverride, Problem, UnknownResource

if TYPE_CHECKING:
    from truto_unify.registry import Registry

METHODS = ("list", "get")
EVERY_METHOD = "all"
MAX_DEPTH = 32
_SHARED = frozenset(MappingConfig.model_fields) - set(METHODS)
_LAYER = re.compile(r"override (\d+) of ")
Layers = dict[str, tuple[Mapping[str, Any], ...]]
StoredOverride = tuple[str, str, Mapping[str, Any]]
"""Resource, method (``list``, ``get``, ``all``) and content."""


def override_layers(environment: Iterable[StoredOverride], account: Mapping[str, Any], method: str) -> Layers:
    """The layers of each resource, the environment's before the account's.

    Args:
        environment: what the environment says about the account's provider.
        account: the account's ``unified_model_override``, ``{model: {resource: {...}}}``.
        method: ``list`` or ``get``. What an override says under this name holds for it alone.

    >>> override_layers((), {"crm": {"contacts": {"get": {"response_mapping": {"name": "label"}}}}}, "get")
    {'crm/contacts': ({'response_mapping': {'name': 'label'}},)}
    >>> override_layers((), {"crm": {"contacts": {"get": {"response_mapping": {"name": "label"}}}}}, "list")
    {}
    """
    found: Layers = {}
    ordered = sorted(environment, key=lambda one: (one[0], one[1] != EVERY_METHOD, one[1]))
    for resource, which, config in ordered:
        content = config if which == EVERY_METHOD else {which: config}
        _add(found, resource, content, method)
    for model, resources in account.items():
        for resource, content in resources.items():
            _add(found, f"{model}/{resource}", content, method)
    return found


def _add(found: Layers, resource: str, content: Mapping[str, Any], method: str) -> None:
    layers = [layer for layer in _split(content, method) if layer]
    if layers:
        found[resource] = (*found.get(resource, ()), *layers)


def _split(content: Mapping[str, Any], method: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What holds for the resource, and what the section of the method says about things that both methods share."""
    shared = {name: value for name, value in content.items() if name not in METHODS}
    special: dict[str, Any] = {}
    for name in METHODS:
        section = content.get(name)
        if not isinstance(section, Mapping):
            shared |= {name: section} if name in content else {}
            continue
        rest = {key: value for key, value in section.items() if key not in _SHARED}
        if rest:
            shared[name] = rest
        if name == method:
            special = {key: value for key, value in section.items() if key in _SHARED}
    return shared, special


def check_overrides(
    registry: Registry, integration: str, environment: Iterable[StoredOverride], account: Any = None
) -> None:
    """Makes sure that overrides give a mapping that ``truto-unify lint`` would pass.

    Args:
        registry: what is overridden.
        integration: the provider.
        environment: what the environment says about it.
        account: an account's ``unified_model_override``.

    Raises:
        InvalidOverride: with every problem.
    """
    stored, own = list(environment), account or {}
    problems = [_misshapen(resource.replace("/", "."), config) for resource, _, config in stored]
    problems += _shape_problems(own)
    found = [one for one in problems if one is not None]
    if not found:
        for method in METHODS:
            for resource, layers in override_layers(stored, own, method).items():
                found += _layer_problems(registry, resource, integration, layers)
    if found:
        raise InvalidOverride(list(dict.fromkeys(found)))


def _layer_problems(
    registry: Registry, resource: str, integration: str, layers: tuple[Mapping[str, Any], ...]
) -> list[Problem]:
    try:
        registry.mapping(resource, integration, layers)
    except ConfigError as error:
        whole = resource.replace("/", ".")
        return [_named(one, whole, layers) for one in error.problems]
    except UnknownResource as error:
        return [_problem(resource.replace("/", "."), error.message)]
    return []


def _named(problem: Problem, whole: str, layers: tuple[Mapping[str, Any], ...]) -> Problem:
    """The problem at the name of its field instead of a line, which an override in a database does not have."""
    match = _LAYER.match(problem.file)
    if match is None:
        return problem
    steps = dict(_lines(layers[int(match[1]) - 1], (), [0]))[problem.line]
    return _problem(".".join([whole, *steps]), problem.message)


def _lines(value: Any, path: tuple[str, ...], line: list[int]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The path of each line of a value that is written as indented JSON, as ``nodes_from`` counts them."""
    line[0] += 1
    yield line[0], path
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield from _lines(one, (*path, str(name)), line)
    line[0] += bool(inner)


def _problem(field: str, message: str) -> Problem:
    return Problem(field, 1, 1, message)


def _shape_problems(own: Any) -> list[Problem | None]:
    if not isinstance(own, Mapping):
        return [_problem("unified_model_override", "must be {model: {resource: {...}}}")]
    found: list[Problem | None] = []
    for model, resources in own.items():
        if not isinstance(resources, Mapping):
            found.append(_problem(str(model), "must be {resource: {...}}"))
            continue
        found += [_misshapen(f"{model}.{resource}", content) for resource, content in resources.items()]
    return found


def _misshapen(field: str, content: Any) -> Problem | None:
    if not isinstance(content, Mapping):
        return _problem(field, "must be what a mapping file says, as in {response_mapping: {...}}")
    if _is_deeper(content, MAX_DEPTH):
        return _problem(field, f"is nested more than {MAX_DEPTH} deep")
    return None


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in inner)
