"""Compares requests to the recorded shop: a parameter at its documented default equals its absence, nothing else."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

CASSETTES = Path(__file__).resolve().parents[1] / "cassettes" / "woocommerce"
API = "/wp-json/wc/v3/"
COLLECTION = f"{API}customers"
SCHEMAS = {
    "customers": "lists/020-schema-options",
    "orders": "orders/lists/053-orders-schema-options",
    "products": "products/lists/141-products-schema-options",
}
"""The shop's own schema of each list (``OPTIONS``)."""


class Request(Protocol):
    """A request as vcrpy shows it to matchers."""

    uri: str
    headers: Mapping[str, str]


def read_cassette(name: str) -> dict[str, Any]:
    """The only interaction of a cassette, with its ``request`` and ``response``."""
    content = yaml.load((CASSETTES / f"{name}.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    interaction: dict[str, Any]
    (interaction,) = content["interactions"]
    return interaction


@cache
def documented_arguments(collection: str = "customers") -> dict[str, Any]:
    """The parameters that a list takes."""
    schema = json.loads(read_cassette(SCHEMAS[collection])["response"]["body"]["string"])
    arguments: dict[str, Any]
    (arguments,) = (endpoint["args"] for endpoint in schema["endpoints"] if endpoint["methods"] == ["GET"])
    return arguments


def documented_defaults(collection: str = "customers") -> dict[str, str]:
    """The defaults of a list's parameters."""
    return {
        name: str(argument["default"])
        for name, argument in documented_arguments(collection).items()
        if argument.get("default") not in (None, [])
    }


def telling_query(uri: str) -> list[tuple[str, str]]:
    """The query of a request without the parameters at their default."""
    path, _, query = uri.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    collection = path.partition(API)[2]
    defaults = documented_defaults(collection) if collection in SCHEMAS else {}
    return sorted((name, value) for name, value in pairs if defaults.get(name) != value)


def match_telling_query(request: Request, other: Request) -> None:
    """A vcrpy matcher of queries."""
    assert telling_query(request.uri) == telling_query(other.uri)


def match_anonymity(request: Request, other: Request) -> None:
    """A vcrpy matcher: recordings hold whether a request had ``Authorization``, and not its value."""
    assert ("authorization" in request.headers) == ("authorization" in other.headers)


MATCHERS = ["method", "scheme", "host", "port", "path", "telling_query", "body", "anonymity"]
