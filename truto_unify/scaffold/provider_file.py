"""Drafts ``providers/<provider>.yaml``: what is known, what is a guess, and what is still a question."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from truto_unify.scaffold.context_fields import add_context_field
from truto_unify.scaffold.envelope import write_path
from truto_unify.scaffold.graphql_text import GRAPHQL_ERRORS, draft_calls, is_graphql
from truto_unify.scaffold.guess import Guess, Question
from truto_unify.scaffold.security import authorization_of, guess_authorization
from truto_unify.scaffold.shape import EACH, RecordShape, expression_of
from truto_unify.scaffold.vocabulary import fold
from truto_unify.scaffold.yaml_text import Commented

if TYPE_CHECKING:
    from truto_unify.scaffold.openapi import Api, Operation
    from truto_unify.scaffold.shape import Path
    from truto_unify.scaffold.sources import Findings
    from truto_unify.scaffold.vocabulary import Vocabulary

_MESSAGES = ("message", "errormessage", "errordescription", "detail", "title", "error", "description")
_DOCUMENT = "an OpenAPI document"
_CODES = ("code", "errorcode", "type", "status")


def commented(draft: Guess | Question, *further: str) -> Commented:
    """The value with a comment that says how sure it is."""
    kind = "guess" if isinstance(draft, Guess) else "ask"
    return Commented(draft.value, (*further, f"{kind}: {draft.reason}"))


def draft_provider(
    slug: str, native: str, findings: Findings, words: Vocabulary, api: Api | None, authorization: str | None = None
) -> dict[str, Any]:
    """The content of the provider file.

    Args:
        slug: the provider's name.
        native: the name of the native resource, which holds the calls.
        findings: the conclusions from the sample and the document.
        words: what providers call the resource.
        api: the contents of an OpenAPI document.
        authorization: a person's answer, in a line; None if absent.
    """
    context: dict[str, Any] = {}
    resources = {native: _draft_endpoints(slug, native, findings, words, api, context)}
    base_url = _draft_base_url(slug, api, context)
    answered = authorization_of(authorization) if authorization is not None else None
    rule, credentials = answered or guess_authorization(api.security if api else None)
    if api is not None and api.authorization is not None and answered is None:
        rule, credentials = api.authorization.rule, api.authorization.credentials
    headers = _draft_headers(api)
    texts = str((base_url, headers, resources))
    for name in _fields_named("context", texts):
        if name not in context:
            add_context_field(context, name)
    titles = {name: name.replace("_", " ").capitalize() for name in _fields_named("credentials", texts)}
    credentials = {**titles, **credentials}
    content: dict[str, Any] = {
        "label": api.title
        if api and api.title
        else Commented(slug.replace("_", " ").title(), ("ask: the display name of the provider",)),
        "documentation": api.documentation if api and api.documentation else _unknown_documentation(slug),
        "api_version": api.version if api else None,
        "base_url": base_url,
        "context": context or None,
        "credentials": {name: {"title": title, "example": f"{name}_0123"} for name, title in credentials.items()},
        "authorization": commented(rule) if answered is None else rule.value,
        "headers": headers,
        "errors": _draft_errors(api) if not is_graphql(findings) else commented(GRAPHQL_ERRORS),
        "verify": f"{native}.list",
        "resources": resources,
    }
    return {key: value for key, value in content.items() if value is not None}


def _fields_named(group: str, text: str) -> dict[str, None]:
    """The context fields or the credentials that placeholders in a text read."""
    return dict.fromkeys(re.findall(rf"\{{{group}\.(\w+)\}}", text))


def _draft_headers(api: Api | None) -> Any:
    usual = {"Accept": "application/json"}
    if api is None or not api.headers:
        return usual
    reason = f"{api.origin} has them; a value that differs between merchants belongs into context"
    return commented(Guess({**usual, **api.headers}, reason))


def _unknown_documentation(slug: str) -> Commented:
    return Commented(f"https://{_host(slug)}.example/docs", ("ask: the address of the vendor's API documentation",))


def _host(slug: str) -> str:
    return slug.replace("_", "-")


def _draft_base_url(slug: str, api: Api | None, context: dict[str, Any]) -> Any:
    address = api.base_url if api else None
    if api is None or address is None:
        return Commented(f"https://api.{_host(slug)}.example", ("ask: the address above every path",))
    for name, default in api.variables.items():
        address = address.replace(f"{{{name}}}", add_context_field(context, name, default or "demo"))
    if not re.match(r"https?://", address):
        address = f"https://api.{_host(slug)}.example/{address.lstrip('/')}".rstrip("/")
        return Commented(address, ("ask: the host; the document gives the path only",))
    if api.origin == _DOCUMENT:
        return address
    reason = f"the address in {api.origin}; a part that differs between merchants belongs into context"
    return commented(Guess(address, reason))


def _draft_endpoints(
    slug: str, native: str, findings: Findings, words: Vocabulary, api: Api | None, context: dict[str, Any]
) -> dict[str, Any]:
    if findings.listed is not None and is_graphql(findings):
        return draft_calls(slug, findings, context)
    listing, getting = (api.listing, api.getting) if api else (None, None)
    path: Any = _path_of(listing, context) if listing else Commented(f"/{native}", ("ask: the path of the list",))
    records: Any = Commented("@", ("ask: the path of the list of records in an answer",))
    if findings.listed is not None:
        records = commented(Guess(write_path(findings.listed.path), f"records seen: {len(findings.listed.items)}"))
    elif findings.single is not None:
        records = commented(
            Question(_other(findings.single.path, words, is_list=True), "the sample holds one record, and no list")
        )
    listed: dict[str, Any] = {}
    if listing is not None and listing.method != "GET":
        listed = {"method": listing.method, "read_only": True, "body": listing.body}
    listed |= {"path": path, "query": _needed_query(api, findings, context), "list_path": records}
    pagination = commented(findings.paging) if findings.paging.value else None
    if pagination is None:
        # No key can carry the question: it becomes a comment above the next key.
        listed["list_path"] = Commented(
            records.value, (*records.comments, f"ask: pagination: {findings.paging.reason}")
        )
    get = {
        "path": _path_of(getting, context) if getting else _guess_get_path(listing, native, context),
        "record_path": _record_path(findings, words),
    }
    calls = {"list": {**listed, "pagination": pagination}, "get": get}
    return {method: {key: value for key, value in call.items() if value is not None} for method, call in calls.items()}


def _path_of(operation: Operation, context: dict[str, Any]) -> str:
    """The path with its last placeholder as the id, and its other placeholders as context fields."""
    path = operation.path
    names = operation.placeholders
    for index, name in enumerate(names):
        if index == len(names) - 1 and re.search(rf"\{{{re.escape(name)}\}}(\.\w+)?/?$", path):
            path = path.replace(f"{{{name}}}", "{id}")
            continue
        path = path.replace(f"{{{name}}}", add_context_field(context, name))
    return path if path.startswith("/") else f"/{path}"


def _guess_get_path(listing: Operation | None, native: str, context: dict[str, Any]) -> Commented:
    above = re.sub(r"/(search|query|list)$", "", _path_of(listing, context).rstrip("/")) if listing else f"/{native}"
    return commented(Question(f"{above}/{{id}}", "no source shows the call that reads one record"))


def _needed_query(api: Api | None, findings: Findings, context: dict[str, Any]) -> Any:
    """The parameters that every list call must send, except those of paging and of filters."""
    if api is None or api.listing is None:
        return None
    used = {value for value in (findings.paging.value or {}).values() if isinstance(value, str)}
    used |= {name for rule in findings.filters.values() for name in rule.value.values() if isinstance(name, str)}
    needed: dict[str, str] = {}
    for name, parameter in api.listing.parameters.items():
        if not parameter.get("required") or name in used:
            continue
        schema = parameter.get("schema", {})
        default = schema.get("default", next(iter(schema.get("enum") or ()), None))
        if default is None:
            default = add_context_field(context, name)
        needed[name] = str(default).lower() if isinstance(default, bool) else str(default)
    why = "the document requires them" if api.origin == _DOCUMENT else f"{api.origin} has them"
    return commented(Guess(needed, why)) if needed else None


def _record_path(findings: Findings, words: Vocabulary) -> Commented:
    if findings.single is not None:
        return commented(Guess(write_path(findings.single.path), "the value there looks like a record"))
    above: Path = findings.listed.path if findings.listed else ()
    return commented(Question(_other(above, words, is_list=False), "no source shows the answer of a get call"))


def _other(path: Path, words: Vocabulary, *, is_list: bool) -> Any:
    """The path of the record in a get answer, derived from that of the list in a list answer; or the reverse."""
    if not path:
        return "@"
    names = {fold(name) for name in words.resource_names}
    if fold(path[-1]) not in names:
        return write_path(path) if fold(path[-1]) in {"data", "result", "response"} else "@"
    return write_path((*path[:-1], f"{path[-1]}s" if is_list else path[-1].removesuffix("s")))


def _draft_errors(api: Api | None) -> Any:
    """The paths of an error's message and code, from the error bodies of the document."""
    operations = [operation for operation in (api.listing, api.getting) if operation is not None] if api else []
    shape = RecordShape.of([body for operation in operations for body in operation.error_bodies])
    paths = {key: _expressions(shape, names) for key, names in (("message", _MESSAGES), ("code", _CODES))}
    if not paths["message"]:
        value = {"message": ["message", "error.message"], "code": ["code", "error.code"]}
        return commented(Question(value, "the form of an error body; send a wrong key and a wrong id to see it"))
    return commented(Guess({key: value for key, value in paths.items() if value}, "from the document's error bodies"))


def _expressions(shape: RecordShape, names: tuple[str, ...]) -> list[str]:
    leaves = [path for path in shape.leaves if path and path[-1] != EACH]
    matches = [(names.index(fold(path[-1])), len(path), path) for path in leaves if fold(path[-1]) in names]
    texts = [expression_of(path).replace("[].", "[0].") for _, _, path in sorted(matches)]
    return list(dict.fromkeys(texts))[:3]
