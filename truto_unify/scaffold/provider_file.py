"""Drafts ``providers/<provider>.yaml``: what was found, what is guessed, and what must still be asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from truto_unify.scaffold.envelope import write_path
from truto_unify.scaffold.graphql_text import GRAPHQL_ERRORS, endpoint_of, is_graphql
from truto_unify.scaffold.guess import Guess, Question
from truto_unify.scaffold.security import guess_authorization
from truto_unify.scaffold.shape import EACH, Shape, expression_of
from truto_unify.scaffold.vocabulary import fold
from truto_unify.scaffold.yaml_text import Noted

if TYPE_CHECKING:
    from truto_unify.scaffold.openapi import Api, Operation
    from truto_unify.scaffold.shape import Path
    from truto_unify.scaffold.sources import Findings
    from truto_unify.scaffold.vocabulary import Vocabulary

_MESSAGES = ("message", "errormessage", "errordescription", "detail", "title", "error", "description")
_CODES = ("code", "errorcode", "type", "status")


def noted(found: Guess | Question, *further: str) -> Noted:
    """The value with a comment that says what it is worth."""
    kind = "guess" if isinstance(found, Guess) else "ask"
    return Noted(found.value, (*further, f"{kind}: {found.reason}"))


def draft_provider(slug: str, native: str, findings: Findings, words: Vocabulary, api: Api | None) -> dict[str, Any]:
    """The content of the provider file.

    Args:
        slug: the provider.
        native: name of the native resource, under which its calls stand.
        findings: what was concluded.
        words: what providers call the resource.
        api: what an OpenAPI document says.
    """
    context: dict[str, Any] = {}
    resources = {native: _draft_endpoints(slug, native, findings, words, api, context)}
    base_url = _draft_base_url(slug, api, context)
    rule, credentials = guess_authorization(api.security if api else None)
    content: dict[str, Any] = {
        "label": api.title if api else Noted(slug.replace("_", " ").title(), ("ask: the name that people know",)),
        "documentation": api.documentation if api and api.documentation else _unknown_documentation(slug),
        "api_version": api.version if api else None,
        "base_url": base_url,
        "context": context or None,
        "credentials": {name: {"title": title, "example": f"{name}_0123"} for name, title in credentials.items()},
        "authorization": noted(rule),
        "headers": {"Accept": "application/json"},
        "errors": _draft_errors(api) if not is_graphql(findings) else noted(GRAPHQL_ERRORS),
        "resources": resources,
    }
    return {key: value for key, value in content.items() if value is not None}


def _unknown_documentation(slug: str) -> Noted:
    return Noted(f"https://{_host(slug)}.example/docs", ("ask: the address of the vendor's API documentation",))


def _host(slug: str) -> str:
    return slug.replace("_", "-")


def _draft_base_url(slug: str, api: Api | None, context: dict[str, Any]) -> Any:
    address = api.base_url if api else None
    if api is None or address is None:
        return Noted(f"https://api.{_host(slug)}.example", ("ask: the address that every path is below",))
    for name, default in api.variables.items():
        field = _snake(name)
        context[field] = {"title": field.replace("_", " ").capitalize(), "example": default or "demo"}
        address = address.replace(f"{{{name}}}", f"{{context.{field}}}")
    if not re.match(r"https?://", address):
        address = f"https://api.{_host(slug)}.example/{address.lstrip('/')}".rstrip("/")
        return Noted(address, ("ask: the host; the document gives only the path",))
    return address


def _snake(name: str) -> str:
    """A name as our files write it.

    >>> _snake("storeHash"), _snake("Shop-Id")
    ('store_hash', 'shop_id')
    """
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "field"


def _draft_endpoints(
    slug: str, native: str, findings: Findings, words: Vocabulary, api: Api | None, context: dict[str, Any]
) -> dict[str, Any]:
    if findings.listed is not None and is_graphql(findings):
        return endpoint_of(slug, findings)
    listing, getting = (api.listing, api.getting) if api else (None, None)
    path: Any = _path_of(listing, context) if listing else Noted(f"/{native}", ("ask: the path of the list",))
    records: Any = Noted("@", ("ask: where the list of records stands in an answer",))
    if findings.listed is not None:
        records = noted(Guess(write_path(findings.listed.path), f"there are {len(findings.listed.items)} records"))
    elif findings.single is not None:
        records = noted(
            Question(_other(findings.single.path, words, is_list=True), "only one record was seen, and no list")
        )
    listed = {"path": path, "query": _needed_query(listing, findings, context), "list_path": records}
    pagination = noted(findings.paging) if findings.paging.value else None
    if pagination is None:
        # There is no value to hang the question on: it stands above the next key.
        listed["list_path"] = Noted(records.value, (*records.notes, f"ask: pagination: {findings.paging.reason}"))
    get = {
        "path": _path_of(getting, context) if getting else _guess_get_path(listing, native, context),
        "record_path": _record_path(findings, words),
    }
    made = {"list": {**listed, "pagination": pagination}, "get": get}
    return {method: {key: one for key, one in call.items() if one is not None} for method, call in made.items()}


def _path_of(operation: Operation, context: dict[str, Any]) -> str:
    """The path with its last placeholder as the id, and the others as context fields."""
    path = operation.path
    names = operation.placeholders
    for index, name in enumerate(names):
        if index == len(names) - 1 and re.search(rf"\{{{re.escape(name)}\}}(\.\w+)?/?$", path):
            path = path.replace(f"{{{name}}}", "{id}")
            continue
        field = _snake(name)
        context[field] = {"title": field.replace("_", " ").capitalize(), "example": "demo"}
        path = path.replace(f"{{{name}}}", f"{{context.{field}}}")
    return path if path.startswith("/") else f"/{path}"


def _guess_get_path(listing: Operation | None, native: str, context: dict[str, Any]) -> Noted:
    above = _path_of(listing, context).rstrip("/") if listing else f"/{native}"
    return noted(Question(f"{above}/{{id}}", "no call for one record was seen"))


def _needed_query(listing: Operation | None, findings: Findings, context: dict[str, Any]) -> Any:
    """Parameters that every list must have, those of paging left out."""
    paging = set((findings.paging.value or {}).values())
    needed: dict[str, str] = {}
    for name, parameter in (listing.parameters if listing else {}).items():
        if not parameter.get("required") or name in paging:
            continue
        schema = parameter.get("schema", {})
        default = schema.get("default", next(iter(schema.get("enum") or ()), None))
        if default is None:
            field = _snake(name)
            context[field] = {"title": field.replace("_", " ").capitalize(), "example": "demo"}
            default = f"{{context.{field}}}"
        needed[name] = str(default).lower() if isinstance(default, bool) else str(default)
    return noted(Guess(needed, "the document says that they are required")) if needed else None


def _record_path(findings: Findings, words: Vocabulary) -> Noted:
    if findings.single is not None:
        return noted(Guess(write_path(findings.single.path), "a record stands there"))
    above: Path = findings.listed.path if findings.listed else ()
    return noted(Question(_other(above, words, is_list=False), "no answer of a get was seen"))


def _other(path: Path, words: Vocabulary, *, is_list: bool) -> Any:
    """Where the record of a get stands, from where a list's do, or the other way round."""
    if not path:
        return "@"
    names = {fold(one) for one in words.resource_names}
    if fold(path[-1]) not in names:
        return write_path(path) if fold(path[-1]) in {"data", "result", "response"} else "@"
    return write_path((*path[:-1], f"{path[-1]}s" if is_list else path[-1].removesuffix("s")))


def _draft_errors(api: Api | None) -> Any:
    """Where refusals say why, from the error bodies of the document."""
    operations = [one for one in (api.listing, api.getting) if one is not None] if api else []
    shape = Shape.of([body for one in operations for body in one.refusals])
    found = {key: _expressions(shape, names) for key, names in (("message", _MESSAGES), ("code", _CODES))}
    if not found["message"]:
        value = {"message": ["message", "error.message"], "code": ["code", "error.code"]}
        return noted(Question(value, "what a refusal looks like; provoke one with a wrong key and one with a wrong id"))
    return noted(Guess({key: one for key, one in found.items() if one}, "from the document's error answers"))


def _expressions(shape: Shape, names: tuple[str, ...]) -> list[str]:
    leaves = [path for path in shape.leaves if path and path[-1] != EACH]
    fits = [(names.index(fold(path[-1])), len(path), path) for path in leaves if fold(path[-1]) in names]
    texts = [expression_of(path).replace("[].", "[0].") for _, _, path in sorted(fits)]
    return list(dict.fromkeys(texts))[:3]
