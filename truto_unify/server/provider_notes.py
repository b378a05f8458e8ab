"""Notes on one provider for people: what it supports, what it lacks and why, and its limits."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, Request, Response

from truto_unify.capabilities import describe_provider, support_table
from truto_unify.config.mapping import reason_text
from truto_unify.errors import InvalidInput, UnknownResource
from truto_unify.server.docs_page import PAGE_HEADERS
from truto_unify.server.errors import dump
from truto_unify.server.identity import read_api_identity
from truto_unify.server.query import read_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from truto_unify.config.rate_rules import RateRule
    from truto_unify.registry import Registry

router = APIRouter(include_in_schema=False, dependencies=[Depends(read_api_identity)])
FORMATS = ("json", "md", "html")
_TYPES = {"json": "application/json", "md": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8"}
_ADDRESS = re.compile(r"https://[^\s<>]+")
_HTML = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="../../../docs/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="../../../docs/docs.css">
</head>
<body>
<header><h1>{title}</h1><ul class="facts">{summary}</ul></header>
<main class="alone">
{sections}
</main>
</body>
</html>
"""


@router.get("/unified/meta/{model}/{integration}")
async def provider_notes(request: Request, model: str, integration: str) -> Response:
    """The notes in the requested ``format``: json, md or html."""
    form = read_parameters(request).get("format") or "json"
    if form not in FORMATS:
        raise InvalidInput(f"format must be one of {', '.join(FORMATS)}")
    notes = describe(request.app.state.registry, model, integration)
    body = {"json": dump, "md": write_markdown, "html": write_html}[form](notes)
    return Response(body, headers={**(PAGE_HEADERS if form == "html" else {}), "Content-Type": _TYPES[form]})


def describe(registry: Registry, model: str, slug: str) -> dict[str, Any]:
    """The notes as plain data.

    Raises:
        UnknownProvider: no such provider.
        UnknownResource: it has no resource of the model.
    """
    provider = registry.provider(slug)
    description = describe_provider(registry, slug)
    resources = {name: support for name, support in description["resources"].items() if name.partition("/")[0] == model}
    if not resources:
        raise UnknownResource(f'{slug} has no resource of the unified model "{model[:80]}"')
    limits = provider.config.rate_limit
    return {
        "integration": slug,
        "label": provider.config.label,
        "model": model,
        "api_version": provider.config.api_version,
        "documentation_link": provider.config.documentation,
        "setup": description["setup"],
        "accounts": {
            group: {
                name: field.title for name, field in getattr(provider.config, group).items() if field.derived is None
            }
            for group in ("context", "credentials")
        },
        "rate_limits": {
            "rules": [describe_rule(rule) for rule in limits.rules],
            "told_by_answers": limits.quota is not None,
        },
        "resources": {
            name: {
                **support,
                "unsupported": {
                    field: reason_text(reason)
                    for field, reason in registry.mapping(name, slug).config.unsupported.items()
                },
            }
            for name, support in resources.items()
        },
    }


def write_markdown(notes: dict[str, Any]) -> bytes:
    """The notes as Markdown."""
    lines = [f"# {notes['label']}", "", *_summary(notes), ""]
    for title, columns, rows in _tables(notes):
        lines += [f"## {title}", "", _row(columns), _row(["---"] * len(columns)), *map(_row, rows), ""]
    return "\n".join(lines).encode()


def write_html(notes: dict[str, Any]) -> bytes:
    """The notes as one page of HTML without scripts, in the style of the docs page."""
    text = html.escape
    summary = "".join(f"<li>{_linked(line.removeprefix('* '))}</li>" for line in _summary(notes))
    sections = "\n".join(
        f"<h2>{text(title)}</h2>\n{_html_table(columns, rows)}" for title, columns, rows in _tables(notes)
    )
    return _HTML.format(title=text(notes["label"]), summary=summary, sections=sections).encode()


def _linked(line: str) -> str:
    """HTML of a line; its addresses become links."""
    return _ADDRESS.sub(r'<a href="\g<0>">\g<0></a>', html.escape(line))


def _html_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{html.escape(column or "name")}</th>' for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
    table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"
    return f'<div class="scroll" tabindex="0">{table}</div>'


def _summary(notes: dict[str, Any]) -> list[str]:
    lines = [
        f"* Provider: {notes['integration']}, API version {notes['api_version'] or 'not versioned'}",
        f"* Its documentation: {notes['documentation_link']}",
        *(
            f"* An account's {group}: {', '.join(f'{name} ({title})' for name, title in fields.items())}"
            for group, fields in notes["accounts"].items()
            if fields
        ),
    ]
    setup = notes["setup"]
    if setup is not None:
        rights = f" Rights: {', '.join(setup['rights'])}." if setup["rights"] else ""
        lines.append(f"* Where its keys are: {setup['where']}{rights} {setup['documentation']}")
    lines += [f"* For one account the service sends at most {rule}" for rule in notes["rate_limits"]["rules"]]
    return lines


def describe_rule(rule: RateRule) -> str:
    """What a rule of rates allows, in words."""
    if rule.type == "window":
        return f"{rule.requests} requests in {rule.seconds:g} seconds"
    if rule.type == "concurrency":
        return f"{rule.at_once} requests at once"
    unit = "points" if rule.type == "points" else "requests"
    return f"a bucket of {rule.size} {unit}, which refills by {rule.per_second:g} a second; answers may state more"


def _tables(notes: dict[str, Any]) -> list[tuple[str, Sequence[str], list[list[str]]]]:
    tables: list[tuple[str, Sequence[str], list[list[str]]]] = []
    described = {"provider": notes["label"], "resources": notes["resources"]}
    for name, resource in notes["resources"].items():
        for part, title in (("fields", "fields"), ("query", "filters and sorts")):
            columns, rows = support_table([described], name, part)
            tables.append((f"{name}: {title}", columns, rows))
        if resource["unsupported"]:
            reasons = [[field, reason] for field, reason in resource["unsupported"].items()]
            tables.append((f"{name}: what it lacks", ["field", "why"], reasons))
    return tables


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
