"""What a provider supports, computed from its mapping: methods, fields, filters and sorts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.config.lint import filter_ops
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from truto_unify.config.mapping import FilterRule, ListMethod, MappingConfig
    from truto_unify.config.registry import Configuration
    from truto_unify.models.resource import ResourceSchema

_OPS = ("eq", "in", "like", "gt", "gte", "lt", "lte")


def describe_provider(configuration: Configuration, slug: str) -> dict[str, Any]:
    """The capabilities of one provider, ready for JSON.

    Raises:
        UnknownProvider: no file describes it.
        ConfigError: a file is wrong.
    """
    provider = configuration.provider(slug)
    resources = {}
    for resource, one in configuration.mappings:
        if one == slug:
            mapping = configuration.mapping(resource, slug)
            config, schema = mapping.config, mapping.schema
            methods = [name for name in ("list", "get") if getattr(config, name) is not None]
            resources[resource] = {
                "methods": methods,
                "fields": _fields(config, schema),
                "query": _query(config.list, schema),
            }
    return {
        "provider": slug,
        "label": provider.config.label,
        "api_version": provider.config.api_version,
        "documentation": provider.config.documentation,
        "resources": resources,
    }


def _fields(config: MappingConfig, schema: ResourceSchema) -> dict[str, str]:
    """Each unified field: ``yes``, ``never``, ``not yet``, or ``no`` where an overlay took it away.

    The parts of a list stand below it where it is mapped.
    """
    found: dict[str, str] = {}
    for name, kind in field_kinds(schema.record).items():
        rule = config.response_mapping.get(name)
        found[name] = "yes" if rule else _excuse(config, name)
        for part, part_kind in field_kinds(kind.item).items() if kind.item and rule else ():
            is_made = part_kind.is_derived or part in ((rule.map if rule else None) or ())
            found[f"{name}.{part}"] = "yes" if is_made else _excuse(config, f"{name}.{part}")
    return found


def _excuse(config: MappingConfig, name: str) -> str:
    excuse = config.unsupported.get(name)
    if excuse is None:
        return "no"
    return "never" if excuse.never is not None else "not yet"


def _query(method: ListMethod | None, schema: ResourceSchema) -> dict[str, str]:
    """Each filter and sort: ``native``, ``native, checked`` or ``emulated``, with the operators served."""
    if method is None:
        return {}
    found = {}
    for name in filter_ops(schema):
        element, _, part = name.partition(".")
        label = f"{element}[][{part}]" if part else name
        rule = method.filters.get(name)
        found[label] = _filter(rule, element) if rule else "emulated"
    for name in schema.sorts:
        found[f"sort_by[{name}]"] = "native" if name in method.sort else "emulated"
    return found


def _filter(rule: FilterRule, element: str) -> str:
    forms = {op: native for op in _OPS if (native := rule.native(op)) is not None}
    how = "native" if all(native.match == "exact" for native in forms.values()) else "native, checked"
    needs = sorted({f"{element}[][{key}]" for native in forms.values() for key in native.requires})
    ops = "" if set(forms) == {"eq"} else f" ({', '.join(forms)})"
    return how + ops + (f" with {', '.join(needs)}" if needs else "")
