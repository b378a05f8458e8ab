"""Reads an OpenAPI 3 document: the address, the way in, and the calls that list and get the records."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from truto_unify.config.yaml import load_yaml, read_document
from truto_unify.errors import InvalidInput
from truto_unify.scaffold.openapi_schema import example_of, resolve
from truto_unify.scaffold.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from truto_unify.scaffold.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of the API.

    Attributes:
        path: as the document writes it, placeholders included.
        parameters: query parameters by name, references resolved.
        answer: an example of its answer, made from the schema and the document's own examples.
        refusals: examples of its error bodies.
    """

    path: str
    parameters: Mapping[str, Any]
    answer: Any
    refusals: tuple[Any, ...] = ()

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names in braces in its path."""
        return tuple(re.findall(r"\{([^{}]+)\}", self.path))


@dataclass(frozen=True, slots=True)
class Api:
    """What a document says about an API.

    Attributes:
        title: its name.
        version: of the API.
        documentation: an https address of its pages, if one is told.
        base_url: the address that every path is below, with its variables in braces.
        variables: of the address: name to default.
        security: the scheme that is used, references resolved; None where there is none.
        listing: the call that lists the records.
        getting: the call that reads one.
    """

    title: str
    version: str | None
    documentation: str | None
    base_url: str | None
    variables: Mapping[str, str] = field(default_factory=dict)
    security: Mapping[str, Any] | None = None
    listing: Operation | None = None
    getting: Operation | None = None


def read_openapi(text: str, name: str, words: Vocabulary) -> Api:
    """What an OpenAPI 3 document says that a provider file needs.

    Args:
        text: JSON or YAML.
        name: of the file, for messages.
        words: what providers call the resource.

    Raises:
        InvalidInput: it is no OpenAPI 3 document.
    """
    document = _parse(text, name)
    if not str(document.get("openapi", "")).startswith("3."):
        told = f"Swagger {document['swagger']}" if "swagger" in document else "no OpenAPI document"
        raise InvalidInput(f'{name} is {told}; an OpenAPI 3 document begins with "openapi: 3..."')
    info = _mapping(document.get("info"))
    servers = _list(document.get("servers"))
    server = servers[0] if servers else {}
    listing = _find_list(document, words)
    getting = _find_get(document, listing) if listing else None
    return Api(
        title=str(info.get("title") or name),
        version=str(info["version"]) if info.get("version") else None,
        documentation=_https(
            _mapping(document.get("externalDocs")).get("url"), _mapping(info.get("contact")).get("url")
        ),
        base_url=str(server["url"]).rstrip("/") if server.get("url") else None,
        variables={
            key: str(_mapping(one).get("default", "")) for key, one in _mapping(server.get("variables")).items()
        },
        security=_security(document, listing),
        listing=listing,
        getting=getting,
    )


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        document = _plain(json.loads(text) if text.lstrip().startswith("{") else read_document(text))
    except (ValueError, RecursionError):
        _, problems = load_yaml(text, name)
        raise InvalidInput(f"{name} is neither JSON nor YAML{f': {problems[0]}' if problems else ''}") from None
    if not isinstance(document, dict):
        raise InvalidInput(f"{name} holds no mapping, and so no OpenAPI document")
    return document


def _plain(value: Any) -> Any:
    """The value as JSON would have it: YAML also has days, and keys that are numbers."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _https(*addresses: Any) -> str | None:
    return next((one for one in addresses if isinstance(one, str) and one.startswith("https://")), None)


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(path, what belongs to the whole path, the GET) of every path that can be read."""
    for path, item in _mapping(document.get("paths")).items():
        whole = _mapping(resolve(document, item))
        if isinstance(whole.get("get"), dict):
            yield path, whole, whole["get"]


def _find_list(document: dict[str, Any], words: Vocabulary) -> Operation | None:
    """The GET whose path ends in a name of the resource; the best name, then the shortest path."""
    names = [fold(one) for one in words.resource_names]
    found = []
    for path, item, call in _operations(document):
        last = re.sub(r"\.\w+$", "", path.rstrip("/").rpartition("/")[2])
        if fold(last) in names and "{" not in last:
            found.append((names.index(fold(last)), path.count("/"), path, item, call))
    if not found:
        return None
    _, _, path, item, call = min(found, key=lambda one: one[:3])
    return _operation(document, path, item, call)


def _find_get(document: dict[str, Any], listing: Operation) -> Operation | None:
    start = re.sub(r"\.\w+$", "", listing.path.rstrip("/"))
    for path, item, call in _operations(document):
        if re.fullmatch(rf"{re.escape(start)}/\{{[^/{{}}]+\}}(\.\w+)?/?", path):
            return _operation(document, path, item, call)
    return None


def _operation(document: dict[str, Any], path: str, item: dict[str, Any], call: dict[str, Any]) -> Operation:
    given = [
        _mapping(resolve(document, one)) for one in (*_list(item.get("parameters")), *_list(call.get("parameters")))
    ]
    parameters = {str(one.get("name")): one for one in given if one.get("in") == "query"}
    answers = {str(status): _mapping(resolve(document, one)) for status, one in _mapping(call.get("responses")).items()}
    good = [_body(document, one) for status, one in answers.items() if status.startswith("2")]
    bad = [_body(document, one) for status, one in answers.items() if re.match("[45]|default", status)]
    known = {
        name: {**one, "schema": _mapping(resolve(document, one.get("schema")))} for name, one in parameters.items()
    }
    return Operation(
        path, known, next((one for one in good if one is not None), None), tuple(one for one in bad if one is not None)
    )


def _body(document: dict[str, Any], answer: dict[str, Any]) -> Any:
    """An example of a JSON body; None where the answer has none."""
    for kind, media in _mapping(answer.get("content")).items():
        if "json" in kind or kind == "*/*":
            given = [media["example"]] if "example" in media else []
            given += [_mapping(resolve(document, one)).get("value") for one in _mapping(media.get("examples")).values()]
            told = next((one for one in given if isinstance(one, dict | list)), None)
            return told if told is not None else example_of(document, media.get("schema"))
    return None


def _security(document: dict[str, Any], listing: Operation | None) -> dict[str, Any] | None:
    """The first scheme of the list's own security, or else of the document's, or else the first that is declared."""
    schemes = _mapping(_mapping(document.get("components")).get("securitySchemes"))
    item = _mapping(_mapping(document.get("paths")).get(listing.path)) if listing else {}
    asked = [*_list(_mapping(item.get("get")).get("security")), *_list(document.get("security"))]
    names = [name for one in asked for name in one] or list(schemes)
    found = next((schemes[name] for name in names if name in schemes), None)
    return _mapping(resolve(document, found)) if found is not None else None
