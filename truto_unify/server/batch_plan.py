"""Reads the body of a batch request into steps; a wrong body is an error before any call is made."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from truto_unify.errors import InvalidInput
from truto_unify.server.batch_placeholders import MAX_DEPTH, find_placeholders, is_too_deep
from truto_unify.server.connection import ACCOUNT_PARAM
from truto_unify.values import show_value

MAX_STEPS = 50
_KEYS = frozenset({"resource", "method", "id", "query", "name", "depends_on", "persist", "response_format", "type"})
_TOP_KEYS = frozenset({ACCOUNT_PARAM, "args", "resources"})
_METHODS = ("list", "get")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One item of a batch request.

    Attributes:
        name: the key of its results, which other steps name in ``depends_on``.
        resource: ``model/resource``, or a native resource.
        is_unified: whether ``resource`` is unified.
        method: ``list`` or ``get``.
        id: of the record; may hold placeholders.
        query: the parameters of the call, as in its query string; may hold placeholders.
        depends_on: names of steps that must run before.
        each_of: the step for each of whose records this step is repeated; None if it runs once.
        is_shown: whether its results are part of the response.
    """

    name: str
    resource: str
    is_unified: bool
    method: str
    id: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    each_of: str | None = None
    is_shown: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPlan:
    """A checked batch request; the steps are in order of dependence."""

    account_id: str | None
    args: Mapping[str, Any]
    steps: tuple[Step, ...]


def read_batch(body: bytes, unified: Collection[str]) -> BatchPlan:
    """Reads the body of a batch request.

    Args:
        body: JSON.
        unified: names of all unified resources; any other is native.

    Raises:
        InvalidInput: the body is malformed, holds an unsupported key, or its steps depend on each other in a circle.
    """
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        content = None
    if not isinstance(content, dict):
        raise InvalidInput("the body must be a JSON object with integrated_account_id and resources")
    _refuse_unknown("the body", content, _TOP_KEYS)
    items, args, account_id = content.get("resources"), content.get("args"), content.get(ACCOUNT_PARAM)
    if account_id is not None and not isinstance(account_id, str):
        raise InvalidInput(f"{ACCOUNT_PARAM} must be text")
    if not isinstance(items, list) or not items or len(items) > MAX_STEPS:
        raise InvalidInput(f"resources must be a list of 1 to {MAX_STEPS} items")
    if args is not None and not isinstance(args, dict):
        raise InvalidInput("args must be an object")
    steps: dict[str, Step] = {}
    for number, item in enumerate(items):
        step = _read_step(f"resources[{number}]", item, unified)
        if step.name in steps:
            raise InvalidInput(
                f'resources[{number}]: the name "{step.name}" is used twice; give each item its own name'
            )
        steps[step.name] = step
    for step in steps.values():
        for name in step.depends_on:
            if name not in steps or name == step.name:
                others = ", ".join(other for other in steps if other != step.name) or "none"
                raise InvalidInput(
                    f'"{step.name}" depends on "{name[:80]}", which is not another item; the other items: {others}'
                )
    return BatchPlan(account_id=account_id, args=args or {}, steps=_ordered(steps))


def _read_step(place: str, item: Any, unified: Collection[str]) -> Step:
    if not isinstance(item, dict):
        raise InvalidInput(f"{place} must be an object")
    if item.get("type") not in (None, "request"):
        raise InvalidInput(f"{place}: the type {show_value(item['type'])} is not supported; leave it out")
    _refuse_unknown(place, item, _KEYS)
    resource, method = item.get("resource"), item.get("method", "list")
    if not isinstance(resource, str) or not resource:
        raise InvalidInput(f"{place}.resource must name a resource")
    if method not in _METHODS:
        raise InvalidInput(f"{place}.method must be one of {', '.join(_METHODS)}, not {show_value(method)}")
    name, query, depends_on = item.get("name", resource), item.get("query") or {}, item.get("depends_on") or []
    if not isinstance(name, str) or not name:
        raise InvalidInput(f"{place}.name must be text")
    if not isinstance(query, dict):
        raise InvalidInput(f"{place}.query must be an object")
    if is_too_deep(query):
        raise InvalidInput(f"{place}.query is nested more than {MAX_DEPTH} levels deep")
    dependencies = [depends_on] if isinstance(depends_on, str) else depends_on
    if not isinstance(dependencies, list) or not all(isinstance(part, str) for part in dependencies):
        raise InvalidInput(f"{place}.depends_on must be a name or a list of names")
    dependencies = list(dict.fromkeys(dependencies))
    if len(dependencies) > MAX_STEPS:
        raise InvalidInput(f"{place}.depends_on names more than {MAX_STEPS} items")
    record_id = item.get("id")
    if (method == "get" and record_id is None) or not isinstance(record_id, str | int | None):
        raise InvalidInput(f"{place}.id must be an id or a placeholder; get needs one")
    is_unified = resource in unified
    is_shown = is_unified or _flag(f"{place}.persist", item.get("persist"))
    response_format = item.get("response_format")
    if response_format is not None:
        query = {"truto_response_format": response_format, **query}
    return Step(
        name=name,
        resource=resource,
        is_unified=is_unified,
        method=method,
        id=record_id,
        query=query,
        depends_on=tuple(dependencies),
        each_of=_each_of(place, [record_id, query], dependencies),
        is_shown=is_shown,
    )


def _each_of(place: str, value: Any, depends_on: list[str]) -> str | None:
    """The step whose records fill the placeholders of this one."""
    used: set[str] = set()
    for path in find_placeholders(value):
        root, _, rest = path.partition(".")
        if root == "args":
            continue
        sources = [name for name in depends_on if root == "resources" and rest.startswith(f"{name.replace('/', '.')}.")]
        if not sources:
            raise InvalidInput(
                f"{place}: {{{{{path}}}}} must begin with args. or with resources.<an item in depends_on>."
            )
        used.add(max(sources, key=len))
    if len(used) > 1:
        raise InvalidInput(f"{place}: its placeholders name several items ({', '.join(sorted(used))}); use one")
    return next(iter(used), None)


def _flag(place: str, value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    raise InvalidInput(f"{place} must be true or false")


def _refuse_unknown(place: str, content: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = sorted(set(content) - known)
    if unknown:
        raise InvalidInput(
            f"{place}: {show_value(unknown[0])} is not supported; the keys are {', '.join(sorted(known))}"
        )


def _ordered(steps: Mapping[str, Step]) -> tuple[Step, ...]:
    """The steps, each after those that it depends on."""
    done: dict[str, Step] = {}
    while len(done) < len(steps):
        ready = [
            step for step in steps.values() if step.name not in done and all(name in done for name in step.depends_on)
        ]
        if not ready:
            waiting = ", ".join(name for name in steps if name not in done)
            raise InvalidInput(f"these items depend on each other in a circle: {waiting}")
        done |= {step.name: step for step in ready}
    return tuple(done.values())
