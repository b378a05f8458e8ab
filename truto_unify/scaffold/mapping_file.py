"""Drafts ``mappings/<model>/<resource>/<provider>.yaml``: each unified field has a guess, or a reason why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.models.fields import field_kinds
from truto_unify.scaffold.guess import Guess
from truto_unify.scaffold.provider_file import commented
from truto_unify.scaffold.yaml_text import Commented

if TYPE_CHECKING:
    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.sources import Findings

_MAX_UNREAD = 60


def draft_mapping(native: str, findings: Findings, schema: ResourceSchema) -> dict[str, Any]:
    """The content of the mapping file.

    Args:
        native: name of the native resource in the provider file.
        findings: the conclusions from the sample and the document.
        schema: the unified resource.
    """
    listed: dict[str, Any] = {"endpoint": f"{native}.list"}
    if findings.filters:
        listed["filters"] = {name: commented(rule) for name, rule in findings.filters.items()}
    rest = [
        name
        for name in (*schema.time_filters, *schema.text_filters, *schema.inner_filters)
        if name not in findings.filters
    ]
    notes = (f"The engine applies the filters that are not declared here: {', '.join(rest)}.",) if rest else ()
    rules, missing = dict(findings.mapped.rules), dict(findings.mapped.missing)
    response: dict[str, Any] = {}
    for name in field_kinds(schema.record):
        if name in rules:
            value = rules[name].value
            short = value["expr"] if isinstance(value, dict) and set(value) == {"expr"} else value
            response[name] = commented(Guess(short, rules[name].reason))
        elif name == "id":
            response["id"] = Commented("id", ("ask: every record must have an id",))
        else:
            missing.setdefault(name, "nobody has looked for a native field yet")
    missing.pop("id", None)
    excuses = {name: {"not_yet": f"{why[:1].upper()}{why[1:]}."} for name, why in missing.items()}
    content: dict[str, Any] = {"list": Commented(listed, notes)}
    if findings.graphql is None or findings.graphql.getting is not None:
        content["get"] = f"{native}.get"
    content["response_mapping"] = response
    if excuses:
        words = '"not_yet" marks open work. If the provider can never give a field, write the reason alone.'
        content["unsupported"] = Commented(excuses, (*_unread(findings), words))
    return content


def _unread(findings: Findings) -> tuple[str, ...]:
    if not findings.unread:
        return ()
    more = len(findings.unread) - _MAX_UNREAD
    text = ", ".join(findings.unread[:_MAX_UNREAD])
    return (f"No rule reads these native fields, which have values: {text}{f' and {more} more' if more > 0 else ''}.",)
