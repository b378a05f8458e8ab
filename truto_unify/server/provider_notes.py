"""Notes on one provider for people: what it supports, what it cannot say and why, and its limits."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, Request, Response

from truto_unify.capabilities import describe_provider, support_table
from truto_unify.config.mapping import reason_text
from truto_unify.errors import InvalidInput, UnknownResource
from truto_unify.server.errors import dump
from truto_unify.server.identity import read_api_identity
from truto_unify.server.query import read_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from truto_unify.registry import Registry

router = APIRouter(include_in_schema=False, dependencies=[Depends(read_api_identity)])
FORMATS = ("json", "md", "html")
_TYPES = {"json": "application/json", "md": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8"}


@router.get("/unified/meta/{model}/{integration}")
async def provider_notes(request: Request, model: str, integration: str) -> Response:
    """The notes as ``format`` asks for them: json, md or html."""
    form = read_parameters(request).get("format") or "json"
    if form not in FORMATS:
        raise InvalidInput(f"format is one of {', '.join(FORMATS)}")
    notes = describe(request.app.state.registry, model, integration)
    body = {"json": dump, "md": write_markdown, "html": write_html}[form](notes)
    return Response(body, headers={"Content-Type": _TYPES[form]})


def describe(registry: Registry, model: str, slug: str) -> dict[str, Any]:
    """The notes as plain data.

    Raises:
        UnknownProvider: no such provider.
        UnknownResource: it has nothing of the model.
    """
    provider = registry.provider(slug)
    described = describe_provider(registry, slug)
    resources = {name: one for name, one in described["resources"].items() if name.partition("/")[0] == model}
    if not resources:
        raise UnknownResource(f"{slug} has nothing of the unified model {model[:80]!r}")
    limits = provider.config.rate_limit
    return {
        "integration": slug,
        "label": provider.config.label,
        "model": model,
        "api_version": provider.config.api_version,
        "documentation_link": provider.config.documentation,
        "accounts": {
            group: {name: one.title for name, one in getattr(provider.config, group).items() if one.derived is None}
            for group in ("context", "credentials")
        },
        "rate_limits": {"requests_per_minute": limits.requests_per_minute, "told_by_answers": limits.quota is not None},
        "resources": {
            name: {
                **one,
                "unsupported": {
                    field: reason_text(reason)
                    for field, reason in registry.mapping(name, slug).config.unsupported.items()
                },
            }
            for name, one in resources.items()
        },
    }


def write_markdown(notes: dict[str, Any]) -> bytes:
    """The notes as Markdown."""
    lines = [f"# {notes['label']}", "", *_facts(notes), ""]
    for title, columns, rows in _tables(notes):
        lines += [f"## {title}", "", _row(columns), _row(["---"] * len(columns)), *map(_row, rows), ""]
    return "\n".join(lines).encode()


def write_html(notes: dict[str, Any]) -> bytes:
    """The notes as one page of HTML without scripts."""
    text = html.escape
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        f"<title>{text(notes['label'])}</title><h1>{text(notes['label'])}</h1><ul>",
        *(f"<li>{text(one.removeprefix('* '))}</li>" for one in _facts(notes)),
        "</ul>",
    ]
    for title, columns, rows in _tables(notes):
        parts.append(f"<h2>{text(title)}</h2><table><tr>")
        parts += [f"<th>{text(one)}</th>" for one in columns]
        for row in rows:
            parts.append("<tr>" + "".join(f"<td>{text(one)}</td>" for one in row))
        parts.append("</table>")
    return "\n".join(parts).encode()


def _facts(notes: dict[str, Any]) -> list[str]:
    per_minute = notes["rate_limits"]["requests_per_minute"]
    facts = [
        f"* Provider: {notes['integration']}, API version {notes['api_version'] or 'not versioned'}",
        f"* Its documentation: {notes['documentation_link']}",
        *(
            f"* An account's {group}: {', '.join(f'{name} ({title})' for name, title in fields.items())}"
            for group, fields in notes["accounts"].items()
            if fields
        ),
    ]
    if per_minute:
        facts.append(f"* The service sends at most {per_minute} requests a minute for one account")
    return facts


def _tables(notes: dict[str, Any]) -> list[tuple[str, Sequence[str], list[list[str]]]]:
    made: list[tuple[str, Sequence[str], list[list[str]]]] = []
    described = {"provider": notes["label"], "resources": notes["resources"]}
    for name, one in notes["resources"].items():
        for part, title in (("fields", "fields"), ("query", "filters and sorts")):
            columns, rows = support_table([described], name, part)
            made.append((f"{name}: {title}", columns, rows))
        if one["unsupported"]:
            reasons = [[field, reason] for field, reason in one["unsupported"].items()]
            made.append((f"{name}: what it cannot say", ["field", "why"], reasons))
    return made


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(one.replace("|", "\\|").replace("\n", " ") for one in cells) + " |"
