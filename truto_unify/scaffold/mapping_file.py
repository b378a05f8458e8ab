"""Drafts ``mappings/<model>/<resource>/<provider>.yaml``: every unified field, guessed or excused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.models.fields import field_kinds
from truto_unify.scaffold.guess import Guess
from truto_unify.scaffold.provider_file import noted
from truto_unify.scaffold.yaml_text import Noted

if TYPE_CHECKING:
    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.sources import Findings

_MOST_UNREAD = 60


def draft_mapping(native: str, findings: Findings, schema: ResourceSchema) -> dict[str, Any]:
    """The content of the mapping file.

    Args:
        native: name of the native resource in the provider file.
        findings: what was concluded.
        schema: the unified resource.
    """
    listed: dict[str, Any] = {"endpoint": f"{native}.list"}
    if findings.filters:
        listed["filters"] = {name: noted(rule) for name, rule in findings.filters.items()}
    rest = [
        name
        for name in (*schema.time_filters, *schema.text_filters, *schema.inner_filters)
        if name not in findings.filters
    ]
    notes = (f"Filters that are not declared here are done by the engine: {', '.join(rest)}.",) if rest else ()
    rules, missing = dict(findings.mapped.rules), dict(findings.mapped.missing)
    response: dict[str, Any] = {}
    for name in field_kinds(schema.record):
        if name in rules:
            value = rules[name].value
            short = value["expr"] if isinstance(value, dict) and set(value) == {"expr"} else value
            response[name] = noted(Guess(short, rules[name].reason))
        elif name == "id":
            response["id"] = Noted("id", ("ask: every record must have an id",))
        else:
            missing.setdefault(name, "nobody has looked for it yet")
    missing.pop("id", None)
    excuses = {name: {"not_yet": f"{why[:1].upper()}{why[1:]}."} for name, why in missing.items()}
    content: dict[str, Any] = {
        "list": Noted(listed, notes),
        "get": f"{native}.get",
        "response_mapping": response,
    }
    if excuses:
        words = '"not_yet" is work to do. Of what the provider can never give, the reason stands alone.'
        content["unsupported"] = Noted(excuses, (*_unread(findings), words))
    return content


def _unread(findings: Findings) -> tuple[str, ...]:
    if not findings.unread:
        return ()
    more = len(findings.unread) - _MOST_UNREAD
    text = ", ".join(findings.unread[:_MOST_UNREAD])
    return (
        f"Native fields that hold something and that nothing reads: {text}{f' and {more} more' if more > 0 else ''}.",
    )
