"""What a provider supports, computed from its mapping: methods, fields, filters and sorts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from truto_unify.config.evidence import LEVELS, Evidence
from truto_unify.config.field_rules import rules_at
from truto_unify.config.filter_lint import filter_ops
from truto_unify.config.filters import OPERATORS
from truto_unify.engine.plan import declared_parameters
from truto_unify.models.fields import nested_kinds
from truto_unify.tiers import assess

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from truto_unify.config.configuration import Configuration, LoadedMapping
    from truto_unify.config.filters import FilterRule
    from truto_unify.config.mapping import ListMethod, MappingConfig
    from truto_unify.models.resource import ResourceSchema


def describe_provider(configuration: Configuration, slug: str, *, today: date | None = None) -> dict[str, Any]:
    """The capabilities of one provider, ready for JSON.

    Args:
        configuration: where the provider is.
        slug: the provider.
        today: the day for which the age of recordings is computed; the current day if left out.

    Raises:
        UnknownProvider: no file describes it.
        ConfigError: a file is wrong.
    """
    provider, day = configuration.provider(slug), today or datetime.now(UTC).date()
    resources = {}
    for resource, provider_slug in configuration.mappings:
        if provider_slug == slug:
            resources[resource] = _describe_mapping(configuration, configuration.mapping(resource, slug), day)
            resources[resource]["editions"] = {
                name: _describe_mapping(configuration, mapping, day)
                for name, mapping in configuration.editions(resource, slug).items()
            }
    return {
        "provider": slug,
        "label": provider.config.label,
        "api_version": provider.config.api_version,
        "documentation": provider.config.documentation,
        "setup": provider.config.setup.model_dump(mode="json") if provider.config.setup is not None else None,
        "resources": resources,
    }


def _describe_mapping(configuration: Configuration, mapping: LoadedMapping, today: date) -> dict[str, Any]:
    config, schema = mapping.config, mapping.schema
    return {
        "quality": assess(configuration, mapping, today).to_dict(),
        "methods": [name for name in ("list", "get") if getattr(config, name) is not None],
        "fields": {
            name: _cell(how, configuration.evidence(mapping, "fields", name))
            for name, how in field_support(config, schema).items()
        },
        "query": {
            name: _cell(how, _query_evidence(configuration, mapping, name))
            for name, how in _query(config.list, schema).items()
        },
        "side_loads": sorted(config.side_loads),
    }


def _cell(support: str, known: Evidence) -> dict[str, Any]:
    """One cell: the support, and the evidence for it."""
    if support in {"never", "not yet", "no", "emulated"}:
        return {"support": support}
    cell: dict[str, Any] = {"support": support, "evidence": known.level}
    if known.day is not None:
        cell["day"] = known.day
    if known.where is not None:
        cell["where"] = known.where
    return cell


def _query_evidence(configuration: Configuration, mapping: LoadedMapping, name: str) -> Evidence:
    """The weakest evidence of the operators that a filter declares: one operator does not prove another."""
    method = mapping.config.list
    declared = declared_parameters(method) if method is not None else ()
    parameters = {name, *(f"{name}[{op}]" for op in OPERATORS)}
    forms = [parameter for parameter in declared if parameter in parameters]
    known = [configuration.evidence(mapping, "query", form) for form in forms]
    return min(known, key=lambda evidence: LEVELS.index(evidence.level), default=Evidence())


def support_columns(described: Sequence[Mapping[str, Any]], resource: str) -> dict[str, Mapping[str, Any]]:
    """What each provider supports of a resource, by its name; an edition of its mapping has a column of its own.

    Args:
        described: the result of ``describe_provider`` for each provider.
        resource: ``model/resource``.
    """
    columns: dict[str, Mapping[str, Any]] = {}
    for provider in described:
        support = provider["resources"].get(resource)
        if support is not None:
            slug = provider["provider"]
            columns |= {slug: support, **{f"{slug} ({name})": cells for name, cells in support["editions"].items()}}
    return columns


def support_table(described: list[dict[str, Any]], resource: str, part: str) -> tuple[list[str], list[list[str]]]:
    """The columns and rows of one table of the support matrix.

    Args:
        described: the result of ``describe_provider`` for each provider.
        resource: ``model/resource``.
        part: ``fields`` or ``query``.
    """
    cells = {name: support[part] for name, support in support_columns(described, resource).items()}
    names = list(dict.fromkeys(name for column in cells.values() for name in column))
    rows = [[name, *(cell_text(column.get(name)) for column in cells.values())] for name in names]
    return ["", *cells], rows


def quality_table(described: list[dict[str, Any]], resource: str) -> tuple[list[str], list[list[str]]]:
    """The columns and rows of the tiers: each provider's, and everything that the next one needs."""
    tiers = {name: support["quality"] for name, support in support_columns(described, resource).items()}
    rows = [
        [name, tier["tier"] or "none", tier["next"] or "", "; ".join(tier["missing"])] for name, tier in tiers.items()
    ]
    return ["provider", "tier", "next", "what the next tier needs"], rows


def cell_text(cell: dict[str, Any] | None) -> str:
    """A cell as text: the evidence of a field; who serves a filter, and the evidence of it."""
    if cell is None:
        return ""
    if "evidence" not in cell:
        return str(cell["support"])
    where = f", {cell['where']}" if cell.get("where") not in (None, "list") else ""
    if cell["support"] == "yes":
        return f"{cell['evidence']}{where}"
    return f"{cell['support']}: {cell['evidence']}"


def field_support(config: MappingConfig, schema: ResourceSchema) -> dict[str, str]:
    """Each unified field: ``yes``, ``never``, ``not yet``, or ``no`` if an overlay removed it.

    The parts of a mapped field follow the field.
    """
    support: dict[str, str] = {}
    for name, kind in nested_kinds(schema.record):
        parent = name.rpartition(".")[0]
        if not parent or support.get(parent) == "yes":
            is_filled = kind.is_derived or rules_at(config.response_mapping, name)
            support[name] = "yes" if is_filled else _excuse(config, name)
    return support


def _excuse(config: MappingConfig, name: str) -> str:
    excuse = config.unsupported.get(name)
    if excuse is None:
        return "no"
    return "never" if isinstance(excuse, str) else "not yet"


def _query(method: ListMethod | None, schema: ResourceSchema) -> dict[str, str]:
    """Each filter and sort: ``native``, ``checked`` (by the engine again), ``may miss`` (records) or ``emulated``."""
    if method is None:
        return {}
    support = {}
    for name in filter_ops(schema):
        element, _, part = name.partition(".")
        label = f"{element}[][{part}]" if part else name
        rule = method.filters.get(name)
        support[label] = _filter(rule, element) if rule else "emulated"
    for name in schema.sorts:
        support[f"sort_by[{name}]"] = "native" if name in method.sort.fields else "emulated"
    return support


def _filter(rule: FilterRule, element: str) -> str:
    forms = {op: native for op in OPERATORS if (native := rule.native(op)) is not None}
    matches = {native.match for native in forms.values()}
    support = "may miss" if "may_miss" in matches else "checked" if "wider" in matches else "native"
    needs = sorted({f"{element}[][{key}]" for native in forms.values() for key in native.requires})
    return support + (f" with {', '.join(needs)}" if needs else "")
