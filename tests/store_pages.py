"""Writes the tables of docs/stores/: what each provider's files and evidence say: ``make evidence``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.page_sections import markdown_table, write_sections
from truto_unify.capabilities import cell_text, describe_provider
from truto_unify.config.mapping import reason_text
from truto_unify.server.provider_notes import describe_rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from truto_unify import Registry
    from truto_unify.config.provider import FieldDeclaration

FOLDER = "docs/stores"


def sections(registry: Registry, slug: str) -> dict[str, str]:
    """The content of each generated section of a store's page."""
    return {
        "setup": _setup(registry, slug),
        "account": _account(registry, slug),
        "limits": _limits(registry, slug),
        "lacks": _lacks(registry, slug),
        "support": _support(registry, slug),
    }


def write_pages(root: Path, registry: Registry) -> None:
    """Writes the tables of every page again."""
    for slug in registry.providers:
        write_sections(root / FOLDER / f"{slug}.md", sections(registry, slug))


def _setup(registry: Registry, slug: str) -> str:
    setup = registry.provider(slug).config.setup
    if setup is None:
        return "Its file does not say it yet.\n"
    rights = "".join(f"* {right}\n" for right in setup.rights)
    vendor = f"The vendor describes it [here]({setup.documentation})."
    return f"{setup.where}\n\nThe rights that they need:\n\n{rights}\n{vendor}\n"


def _account(registry: Registry, slug: str) -> str:
    config = registry.provider(slug).config
    rows = [
        [f"`{name}`", group, field.title, _form(field)]
        for group in ("context", "credentials")
        for name, field in getattr(config, group).items()
        if field.derived is None
    ]
    return markdown_table(["field", "in", "what it is", "form"], rows)


def _form(field: FieldDeclaration) -> str:
    if field.choices:
        words = "one of " + ", ".join(f"`{choice}`" for choice in field.choices)
    else:
        words = f"for example `{field.example}`" if field.example else ""
    default = f"`{field.default}` if left out" if field.default else "" if field.required else "optional"
    return "; ".join(part for part in (words, default) if part)


def _limits(registry: Registry, slug: str) -> str:
    limits = registry.provider(slug).config.rate_limit
    lines = [f"* For one account the client sends at most {describe_rule(rule)}.\n" for rule in limits.rules]
    lines += ["* The vendor documents no rate.\n"] if not lines else []
    told = "* Answers state what is left, and the client keeps to it.\n" if limits.quota is not None else ""
    return "".join(lines) + told


def _lacks(registry: Registry, slug: str) -> str:
    tables = []
    for resource, provider in registry.mappings:
        if provider == slug:
            mappings = {"": registry.mapping(resource, slug), **registry.editions(resource, slug)}
            for edition, mapping in mappings.items():
                reasons = mapping.config.unsupported
                rows = [[f"`{field}`", reason_text(reason)] for field, reason in reasons.items()]
                table = markdown_table(["field", "why it is empty"], rows) if rows else "The store has every field.\n"
                tables.append(f"{_title(resource, edition)}:\n\n{table}")
    return "\n".join(tables)


def _support(registry: Registry, slug: str) -> str:
    described = describe_provider(registry, slug)
    parts: list[str] = []
    for resource, support in described["resources"].items():
        for edition, cells in {"": support, **support["editions"]}.items():
            parts += _support_tables(_title(resource, edition), cells)
    return "\n".join(parts)


def _support_tables(label: str, support: Mapping[str, Any]) -> Iterator[str]:
    for part, title in (("fields", "fields"), ("query", "filters and sorts")):
        names: dict[str, list[str]] = {}
        for name, cell in support[part].items():
            names.setdefault(cell_text(cell), []).append(f"`{name}`")
        table = markdown_table(["support", title], [[text, ", ".join(group)] for text, group in names.items()])
        yield f"{label}, {title}:\n\n{table}"


def _title(resource: str, edition: str) -> str:
    return f"`{resource}`, accounts with `{edition}`" if edition else f"`{resource}`"
