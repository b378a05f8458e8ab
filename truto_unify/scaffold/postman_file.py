"""Reads a Postman collection: the requests that list and get records, with the answers that were saved as examples.

https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from truto_unify.errors import InvalidInput
from truto_unify.scaffold.native_call import NativeCall, api_of
from truto_unify.scaffold.saved_calls import choose_calls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.openapi import Api
    from truto_unify.scaffold.vocabulary import Vocabulary

_VARIABLE = re.compile(r"\{\{([^{}]+)\}\}")
_PATH_VARIABLE = re.compile(r"/:([A-Za-z_]\w*)")
_MAX_DEPTH = 20
"""How deep folders may stand in folders."""


def read_postman(document: Any, name: str, schema: ResourceSchema, words: Vocabulary) -> tuple[Api, list[Any]]:
    """The API, and the saved answers with records.

    Without a saved answer, the requests whose address names the resource count.

    Args:
        document: the content of the file.
        name: the name of the file, for messages.
        schema: the unified resource.
        words: what providers call its fields.

    Raises:
        InvalidInput: it is not a collection, or no request in it is about the resource.
    """
    if not isinstance(document, dict) or not isinstance(document.get("item"), list):
        raise InvalidInput(f'{name} is not a Postman collection, which has a list at "item"; export it as version 2.1')
    saved = list(_requests(document, _variables(document), document.get("auth"), 0))
    exchanges = [(call, answer) for call, answers in saved for answer in answers]
    calls, answers = choose_calls(exchanges, schema, words)
    if not calls:
        calls = _calls_by_name([call for call, _ in saved], schema.name.rpartition("/")[2])
    if not calls:
        raise InvalidInput(f"no request in {name} is about {schema.name}; save an answer of the list as an example")
    return api_of(calls, origin="a Postman collection"), answers


def _calls_by_name(calls: list[NativeCall], word: str) -> list[NativeCall]:
    """The first request whose path ends in the name of the resource, and the first for one of its records."""
    listed = next((call for call in calls if call.address.lower().endswith(f"/{word}")), None)
    if listed is None:
        return []
    single = next((call for call in calls if call.has_id and call.address.startswith(f"{listed.address}/")), None)
    return [listed, *([single] if single is not None else [])]


def _variables(document: Mapping[str, Any]) -> dict[str, str]:
    return {str(entry["key"]): str(entry.get("value") or "") for entry in _list(document, "variable") if "key" in entry}


def _requests(
    folder: Mapping[str, Any], variables: Mapping[str, str], auth: Any, depth: int
) -> Iterator[tuple[NativeCall, list[Any]]]:
    """The requests of a folder and of those inside of it, each with its saved answers."""
    items = folder.get("item")
    for item in items if isinstance(items, list) and depth < _MAX_DEPTH else ():
        if not isinstance(item, dict):
            continue
        yield from _requests(item, variables, item.get("auth") or auth, depth + 1)
        request = item.get("request")
        call = _call({"url": request} if isinstance(request, str) else request, variables, auth)
        if call is not None:
            yield call, list(_answers(item.get("response")))


def _call(request: Any, variables: Mapping[str, str], auth: Any) -> NativeCall | None:
    try:
        url = request["url"]
        raw = str(url["raw"]) if isinstance(url, dict) else str(url)
        path = {str(entry["key"]): str(entry.get("value") or "1") for entry in _list(url, "variable")}
        raw = _PATH_VARIABLE.sub(lambda match: f"/{path.get(match[1], '1')}", _fill(raw, variables))
        headers = {str(entry["key"]): _fill(str(entry["value"]), variables) for entry in _list(request, "header")}
        further = _authorize(request.get("auth") or auth, variables)
        return NativeCall.at(
            raw if "://" in raw else f"https://{raw}",
            method=str(request.get("method") or "GET").upper(),
            headers={**headers, **further.get("headers", {})},
            more_query=further.get("query", ()),
            user=further.get("user"),
            body=_body(request.get("body"), variables),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, InvalidInput):
        return None  # a request of another kind, or without an address


def _list(owner: Any, key: str) -> list[Any]:
    """The entries of a list that are switched on."""
    entries = owner.get(key) if isinstance(owner, dict) else None
    entries = entries if isinstance(entries, list) else []
    return [entry for entry in entries if isinstance(entry, dict) and not entry.get("disabled")]


def _fill(text: str, variables: Mapping[str, str]) -> str:
    """The text with the values of its variables; a variable without a value keeps its name."""
    return _VARIABLE.sub(lambda match: variables.get(match[1].strip()) or match[1].strip(), text)


def _authorize(auth: Any, variables: Mapping[str, str]) -> dict[str, Any]:
    """What the authorization of a request adds to it."""
    kind = auth.get("type") if isinstance(auth, dict) else None
    entries = _list(auth, str(kind))
    parts = {str(entry.get("key")): _fill(str(entry.get("value") or ""), variables) for entry in entries}
    if kind == "bearer":
        return {"headers": {"Authorization": f"Bearer {parts.get('token', '')}"}}
    if kind == "basic":
        return {"user": (parts.get("username", ""), parts.get("password", ""))}
    if kind == "apikey":
        pair = (parts.get("key") or "Authorization", parts.get("value", ""))
        return {"query": [pair]} if parts.get("in") == "query" else {"headers": dict([pair])}
    return {}


def _body(body: Any, variables: Mapping[str, str]) -> Any:
    if not isinstance(body, dict):
        return None
    if body.get("mode") == "urlencoded":
        return {
            str(entry["key"]): _fill(str(entry.get("value") or ""), variables) for entry in _list(body, "urlencoded")
        }
    return json.loads(_fill(str(body["raw"]), variables)) if body.get("raw") else None


def _answers(responses: Any) -> Iterator[Any]:
    """The good answers that are JSON."""
    for response in responses if isinstance(responses, list) else ():
        try:
            if response["code"] in range(200, 300):
                yield json.loads(response["body"])
        except (KeyError, TypeError, ValueError, RecursionError):
            continue
