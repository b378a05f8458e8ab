"""Reads a HAR file, which browsers and proxies save: the calls that list and get records, with their answers."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from truto_unify.errors import InvalidInput
from truto_unify.scaffold.native_call import NativeCall, api_of
from truto_unify.scaffold.saved_calls import choose_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.openapi import Api
    from truto_unify.scaffold.vocabulary import Vocabulary


def read_har(document: Any, name: str, schema: ResourceSchema, words: Vocabulary) -> tuple[Api, list[Any]]:
    """The API, and the answers with records: every page of the list that was asked for, and a single record.

    Args:
        document: the content of the file.
        name: the name of the file, for messages.
        schema: the unified resource.
        words: what providers call its fields.

    Raises:
        InvalidInput: it is not a HAR file, or no answer in it holds records of the resource.
    """
    calls, answers = choose_calls(_exchanges(document, name), schema, words)
    if not calls:
        raise InvalidInput(f"no answer in {name} holds records of {schema.name}; save it while the list is shown")
    return api_of(calls, origin="a HAR file"), answers


def _exchanges(document: Any, name: str) -> Iterator[tuple[NativeCall, Any]]:
    """The requests of a file whose answers are good and JSON."""
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        hint = "the network tab of a browser saves HAR files"
        raise InvalidInput(f"{name} is not a HAR file, which has a list at log.entries; {hint}")
    for entry in entries:
        exchange = _exchange(entry)
        if exchange is not None:
            yield exchange


def _exchange(entry: Any) -> tuple[NativeCall, Any] | None:
    try:
        request, response = entry["request"], entry["response"]
        if response["status"] not in range(200, 300):
            return None
        headers = {str(header["name"]): str(header["value"]) for header in request.get("headers", ())}
        body = json.loads(request["postData"]["text"]) if request.get("postData", {}).get("text") else None
        call = NativeCall.at(str(request["url"]), method=str(request["method"]).upper(), headers=headers, body=body)
        return call, json.loads(_content(response["content"]))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, InvalidInput):
        return None  # an exchange of another kind


def _content(content: dict[str, Any]) -> str | bytes:
    text = str(content["text"])
    if content.get("encoding") != "base64":
        return text
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return ""
