"""Reads an OpenAPI 3 document: the address, the authentication scheme, and the calls that list and get the records."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from truto_unify.config.yaml import load_yaml, read_document
from truto_unify.errors import InvalidInput
from truto_unify.scaffold.masked_samples import mask_secrets
from truto_unify.scaffold.openapi_schema import example_of, resolve
from truto_unify.scaffold.request_secrets import hide_in_address, looks_secret
from truto_unify.scaffold.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from truto_unify.scaffold.graphql_calls import GraphqlCalls
    from truto_unify.scaffold.guess import Guess, Question
    from truto_unify.scaffold.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of the API.

    Attributes:
        path: the path as the document writes it, placeholders included.
        parameters: query parameters by name, references resolved.
        answer: an example of its answer, from the schema and the document's own examples.
        error_bodies: examples of its error bodies.
        method: HTTP method.
        body: JSON body; None if it has none.
    """

    path: str
    parameters: Mapping[str, Any]
    answer: Any
    error_bodies: tuple[Any, ...] = ()
    method: str = "GET"
    body: Any = None

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names in braces in its path."""
        return tuple(re.findall(r"\{([^{}]+)\}", self.path))


@dataclass(frozen=True, slots=True)
class Authorization:
    """How requests are authorized.

    Attributes:
        rule: the authorization block.
        credentials: the titles of the credentials that the file needs.
    """

    rule: Guess | Question
    credentials: dict[str, str]


@dataclass(frozen=True, slots=True)
class Api:
    """What a document, or the requests of a person, say about an API.

    Attributes:
        title: its name; None if absent.
        version: the version of the API.
        documentation: an https address of its documentation; None if absent.
        base_url: the address above every path, with its variables in braces.
        variables: each variable of the address with its default.
        security: the security scheme of the list call, references resolved; None if absent.
        listing: the call that lists the records; None if absent.
        getting: the call that reads one record; None if absent.
        origin: the source, in prose.
        authorization: how requests are authorized, as they show; None if the security scheme says it.
        headers: the headers of every request, without those that each client sends.
        graphql: the calls of a GraphQL schema; None for another source.
        secrets: the texts of requests that the draft must not repeat.
    """

    title: str | None
    version: str | None
    documentation: str | None
    base_url: str | None
    variables: Mapping[str, str] = field(default_factory=dict)
    security: Mapping[str, Any] | None = None
    listing: Operation | None = None
    getting: Operation | None = None
    origin: str = "an OpenAPI document"
    authorization: Authorization | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    graphql: GraphqlCalls | None = None
    secrets: frozenset[str] = field(default=frozenset(), repr=False)


def read_openapi(text: str, name: str, words: Vocabulary) -> Api:
    """Reads what a provider file needs from an OpenAPI 3 document.

    Args:
        text: JSON or YAML.
        name: the name of the file, for messages.
        words: what providers call the resource.

    Raises:
        InvalidInput: the text is not an OpenAPI 3 document.
    """
    document = _parse(text, name)
    if not str(document.get("openapi", "")).startswith("3."):
        kind = f"Swagger {document['swagger']}" if "swagger" in document else "not an OpenAPI document"
        raise InvalidInput(f'{name} is {kind}; an OpenAPI 3 document begins with "openapi: 3..."')
    info = _mapping(document.get("info"))
    servers = _list(document.get("servers"))
    server = servers[0] if servers else {}
    hidden: dict[str, str] = {}
    base_url = _base_url(str(server["url"]), hidden) if server.get("url") else None
    variables = {key: _default(key, variable) for key, variable in _mapping(server.get("variables")).items()}
    listing = _find_list(document, words)
    getting = _find_get(document, listing) if listing else None
    return Api(
        title=str(mask_secrets(info.get("title") or name)[0]),
        version=str(info["version"]) if info.get("version") else None,
        documentation=_https(
            _mapping(document.get("externalDocs")).get("url"), _mapping(info.get("contact")).get("url")
        ),
        base_url=base_url,
        variables={**variables, **dict.fromkeys(hidden.values(), "")},
        security=_security(document, listing),
        listing=listing,
        getting=getting,
    )


def _base_url(url: str, hidden: dict[str, str]) -> str:
    """The address of a server, without user and query, and with placeholders for the keys in it.

    >>> _base_url("https://ana:pw@api.acme.test/v1/?token=x", {})
    'https://api.acme.test/v1'
    """
    address = re.sub(r"(?<=://)[^/@]*@", "", re.split(r"[?#]", url)[0]).rstrip("/")
    return hide_in_address(address, hidden, has_id=False) if "://" in address else address


def _default(name: str, variable: Any) -> str:
    """The default of a variable; empty if it looks like a secret."""
    text = str(_mapping(variable).get("default", ""))
    return "" if looks_secret(name, text) else text


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        document = _plain(json.loads(text) if text.lstrip().startswith("{") else read_document(text))
    except (ValueError, RecursionError):
        _, problems = load_yaml(text, name)
        raise InvalidInput(f"{name} is neither JSON nor YAML{f': {problems[0]}' if problems else ''}") from None
    if not isinstance(document, dict):
        raise InvalidInput(f"{name} is not an OpenAPI document: it does not hold a mapping")
    return document


def _plain(value: Any) -> Any:
    """The value as JSON would have it: YAML also has dates, and keys that are numbers."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _https(*addresses: Any) -> str | None:
    texts = [str(mask_secrets(address)[0]) for address in addresses if isinstance(address, str)]
    return next((text for text in texts if text.startswith("https://")), None)


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(path, its path item, its GET operation) of every path that has a GET operation."""
    for path, item in _mapping(document.get("paths")).items():
        whole = _mapping(resolve(document, item))
        if isinstance(whole.get("get"), dict):
            yield path, whole, whole["get"]


def _find_list(document: dict[str, Any], words: Vocabulary) -> Operation | None:
    """The GET whose path ends in a name of the resource; the best name, then the shortest path."""
    names = [fold(name) for name in words.resource_names]
    candidates = []
    for path, item, call in _operations(document):
        last = re.sub(r"\.\w+$", "", path.rstrip("/").rpartition("/")[2])
        if fold(last) in names and "{" not in last:
            candidates.append((names.index(fold(last)), path.count("/"), path, item, call))
    if not candidates:
        return None
    _, _, path, item, call = min(candidates, key=lambda candidate: candidate[:3])
    return _operation(document, path, item, call)


def _find_get(document: dict[str, Any], listing: Operation) -> Operation | None:
    start = re.sub(r"\.\w+$", "", listing.path.rstrip("/"))
    for path, item, call in _operations(document):
        if re.fullmatch(rf"{re.escape(start)}/\{{[^/{{}}]+\}}(\.\w+)?/?", path):
            return _operation(document, path, item, call)
    return None


def _operation(document: dict[str, Any], path: str, item: dict[str, Any], call: dict[str, Any]) -> Operation:
    declared = [
        _mapping(resolve(document, parameter))
        for parameter in (*_list(item.get("parameters")), *_list(call.get("parameters")))
    ]
    parameters = {str(parameter.get("name")): parameter for parameter in declared if parameter.get("in") == "query"}
    answers = {
        str(status): _mapping(resolve(document, answer)) for status, answer in _mapping(call.get("responses")).items()
    }
    successes = [_body(document, answer) for status, answer in answers.items() if status.startswith("2")]
    failures = [_body(document, answer) for status, answer in answers.items() if re.match("[45]|default", status)]
    resolved = {
        name: {**parameter, "schema": _mapping(resolve(document, parameter.get("schema")))}
        for name, parameter in parameters.items()
    }
    for parameter_name, parameter in resolved.items():
        default = parameter["schema"].get("default")
        if default is not None and looks_secret(parameter_name, default):
            parameter["schema"] = {**parameter["schema"], "default": None, "enum": ()}
    return Operation(
        path,
        resolved,
        next((body for body in successes if body is not None), None),
        tuple(body for body in failures if body is not None),
    )


def _body(document: dict[str, Any], answer: dict[str, Any]) -> Any:
    """An example of a JSON body; None if the answer has no JSON body."""
    for kind, media in _mapping(answer.get("content")).items():
        if "json" in kind or kind == "*/*":
            examples = [media["example"]] if "example" in media else []
            examples += [
                _mapping(resolve(document, example)).get("value")
                for example in _mapping(media.get("examples")).values()
            ]
            example = next((value for value in examples if isinstance(value, dict | list)), None)
            return example if example is not None else example_of(document, media.get("schema"))
    return None


def _security(document: dict[str, Any], listing: Operation | None) -> dict[str, Any] | None:
    """The list call's own security scheme, or else the document's, or else the first that the document declares."""
    schemes = _mapping(_mapping(document.get("components")).get("securitySchemes"))
    item = _mapping(_mapping(document.get("paths")).get(listing.path)) if listing else {}
    required = [*_list(_mapping(item.get("get")).get("security")), *_list(document.get("security"))]
    names = [name for requirement in required for name in requirement] or list(schemes)
    scheme = next((schemes[name] for name in names if name in schemes), None)
    return _mapping(resolve(document, scheme)) if scheme is not None else None
