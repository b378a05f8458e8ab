"""Turns stored overrides into mapping layers for one method, and checks them before they are stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from truto_unify.accounts.stored_json import cleaned, storage_faults
from truto_unify.config.editions import context_of_edition
from truto_unify.config.mapping import MappingConfig
from truto_unify.errors import ConfigError, InvalidOverride, Problem, UnknownResource

if TYPE_CHECKING:
    from truto_unify.registry import Registry

METHODS = ("list", "get")
EVERY_METHOD = "all"
MAX_DEPTH = 32
MAX_VALUES = 1_000
"""Keys and elements of an override; the largest shipped mapping file has about 230."""
MAX_KEY_CHARS = 100
MAX_CHARS = 100_000
"""Characters of all keys and texts of an override."""
MAX_PROBLEMS = 100
"""Problems that are reported at once."""
_SHARED = frozenset(MappingConfig.model_fields) - set(METHODS)
_LAYER = re.compile(r"override (\d+) of ")
Layers = dict[str, tuple[Mapping[str, Any], ...]]
StoredOverride = tuple[str, str, Mapping[str, Any]]
"""Resource, method (``list``, ``get``, ``all``) and content."""


def override_layers(environment: Iterable[StoredOverride], account: Mapping[str, Any], method: str) -> Layers:
    """The layers of each resource, the environment's before the account's.

    Args:
        environment: the overrides of the environment for the account's provider.
        account: the account's ``unified_model_override``, ``{model: {resource: {...}}}``.
        method: ``list`` or ``get``. The section of this name in an override applies only to this method.

    >>> override_layers((), {"crm": {"contacts": {"get": {"response_mapping": {"name": "label"}}}}}, "get")
    {'crm/contacts': ({'response_mapping': {'name': 'label'}},)}
    >>> override_layers((), {"crm": {"contacts": {"get": {"response_mapping": {"name": "label"}}}}}, "list")
    {}
    """
    layers: Layers = {}
    ordered = sorted(environment, key=lambda override: (override[0], override[1] != EVERY_METHOD, override[1]))
    for resource, override_method, config in ordered:
        content = config if override_method == EVERY_METHOD else {override_method: config}
        _add(layers, resource, content, method)
    for model, resources in account.items():
        for resource, content in resources.items():
            _add(layers, f"{model}/{resource}", content, method)
    return layers


def _add(layers: Layers, resource: str, content: Mapping[str, Any], method: str) -> None:
    parts = [layer for layer in _split(content, method) if layer]
    if parts:
        layers[resource] = (*layers.get(resource, ()), *parts)


def _split(content: Mapping[str, Any], method: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The layer for the resource, and the layer from the method's section for keys that both methods share."""
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
    registry: Registry,
    integration: str,
    environment: Iterable[StoredOverride],
    account: Any = None,
    context: Mapping[str, str] | None = None,
    *,
    is_wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Checks that overrides give a mapping that ``truto-unify lint`` would pass.

    Args:
        registry: the mappings below the overrides.
        integration: the provider.
        environment: the overrides of the environment for the provider.
        account: an account's ``unified_model_override``.
        context: of the account, which may choose an edition of a mapping; None checks every edition.
        is_wanted: whether somebody still waits for the result; if not, the check ends early.

    Raises:
        InvalidOverride: the merged mapping is wrong; the error lists every problem, up to ``MAX_PROBLEMS``.
    """
    stored, own = list(environment), account or {}
    problems = dict.fromkeys(
        [
            *(fault for resource, _, config in stored for fault in _shape_problems(resource.replace("/", "."), config)),
            *_account_shape_problems(own),
        ]
    )
    if not problems:
        for resource, layers in _layers_to_check(stored, own):
            if not is_wanted() or len(problems) >= MAX_PROBLEMS:
                break
            problems |= dict.fromkeys(_layer_problems(registry, resource, integration, layers, context))
    if problems:
        raise InvalidOverride(_shortened(list(problems)))


def _layers_to_check(
    stored: list[StoredOverride], own: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[Mapping[str, Any], ...]]]:
    """The layers of each resource and method; only once if both methods have the same."""
    first: Layers = {}
    for method in METHODS:
        for resource, layers in override_layers(stored, own, method).items():
            if first.get(resource) != layers:
                yield resource, layers
            first.setdefault(resource, layers)


def _shortened(problems: list[Problem]) -> list[Problem]:
    """The first problems, and how many there are besides."""
    if len(problems) <= MAX_PROBLEMS:
        return problems
    shown, rest = problems[:MAX_PROBLEMS], len(problems) - MAX_PROBLEMS
    return [*shown, _problem("unified_model_override", f"has more problems: {rest} are not shown")]


def _layer_problems(
    registry: Registry,
    resource: str,
    integration: str,
    layers: tuple[Mapping[str, Any], ...],
    context: Mapping[str, str] | None,
) -> list[Problem]:
    whole = resource.replace("/", ".")
    problems: dict[Problem, str] = {}  # each with the context in which it shows
    for chosen in [context] if context is not None else [None, *_contexts(registry, resource, integration)]:
        try:
            registry.mapping(resource, integration, layers, chosen)
        except ConfigError as error:
            shown = "".join(f" ({name}: {value})" for name, value in (chosen or {}).items() if context is None)
            problems = dict.fromkeys(error.problems, shown) | problems
        except UnknownResource as error:
            return [_problem(whole, error.message)]

    @cache
    def lines(number: int) -> dict[int, tuple[str, ...]]:
        return dict(_lines(layers[number - 1], (), [0]))

    placed = [(_at_field(problem, whole, lines), shown) for problem, shown in problems.items()]
    return [replace(problem, message=problem.message + shown) for problem, shown in placed]


def _contexts(registry: Registry, resource: str, integration: str) -> list[dict[str, str]]:
    """A context for each edition of the mapping; none if there is no such mapping, or if it is wrong by itself."""
    try:
        config = registry.mapping(resource, integration).config
    except (ConfigError, UnknownResource):
        return []
    fields = registry.provider(integration).config.context
    editions = ((name, value) for name, layers in config.editions.items() for value in layers)
    return [context_of_edition(edition, fields) for edition in editions]


def _at_field(problem: Problem, whole: str, lines: Callable[[int], Mapping[int, tuple[str, ...]]]) -> Problem:
    """The problem with its field name instead of a line number, which a stored override does not have."""
    match = _LAYER.match(problem.file)
    if match is None:
        return problem
    steps = lines(int(match[1]))[problem.line]
    return _problem(".".join([whole, *steps]), problem.message, problem.rule)


def _lines(value: Any, path: tuple[str, ...], line: list[int]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The path of each line of a value written as indented JSON, as ``nodes_from`` counts the lines."""
    line[0] += 1
    yield line[0], path
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        yield from _lines(part, (*path, str(name)), line)
    line[0] += isinstance(value, Mapping | list) and bool(value)  # the line of the closing bracket


def _problem(field: str, message: str, rule: str = "") -> Problem:
    return Problem(field, 1, 1, message, rule=rule)


def _account_shape_problems(own: Any) -> list[Problem]:
    if not isinstance(own, Mapping):
        return [_problem("unified_model_override", "must be {model: {resource: {...}}}")]
    if _is_deeper(own, MAX_DEPTH + 2):
        names = ((model, part) for model, parts in own.items() if isinstance(parts, Mapping) for part in parts.items())
        deep = (f"{model}.{resource}" for model, (resource, content) in names if _is_deeper(content, MAX_DEPTH))
        return [_too_deep(next(deep, "unified_model_override"))]
    problems = _content_problems("unified_model_override", own)
    for model, resources in () if problems else own.items():
        if not isinstance(resources, Mapping):
            problems.append(_problem(str(model), "must be {resource: {...}}"))
            continue
        for resource, content in resources.items():
            problems += _shape_problems(f"{model}.{resource}", content)
    return problems


def _shape_problems(field: str, content: Any) -> list[Problem]:
    if not isinstance(content, Mapping):
        return [_problem(field, "must be the content of a mapping file, for example {response_mapping: {...}}")]
    if _is_deeper(content, MAX_DEPTH):
        return [_too_deep(field)]
    return _content_problems(field, content)


def _content_problems(field: str, content: Mapping[str, Any]) -> list[Problem]:
    """The problems of the size of a content, and of its keys and values for themselves."""
    if any(islice(_lines(content, (), [0]), MAX_VALUES, None)):
        return [_problem(field, f"has more than {MAX_VALUES} keys and elements", "large-override")]
    faults, chars = list(storage_faults(content)), 0
    for path, text, is_key in _texts(content, ()):
        chars += len(text)
        if is_key and len(text) > MAX_KEY_CHARS:
            faults.append((path, f"is a key of {len(text)} characters; a key has at most {MAX_KEY_CHARS}"))
    if chars > MAX_CHARS:
        message = f"has {chars} characters in keys and texts; an override has at most {MAX_CHARS}"
        return [_problem(field, message, "large-override")]
    return [_problem(".".join([field, *path]), reason) for path, reason in faults]


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    """Each key and text with its path, which may be cut, and whether it is a key."""
    if isinstance(value, str):
        yield path, value, False
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        place = (*path, cleaned(str(name)[:MAX_KEY_CHARS]))
        yield place, str(name), isinstance(value, Mapping)
        yield from _texts(part, place)


def _too_deep(field: str) -> Problem:
    return _problem(field, f"is nested more than {MAX_DEPTH} levels deep")


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return levels == 0 or any(_is_deeper(part, levels - 1) for part in inner)
