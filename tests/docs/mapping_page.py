"""The examples of docs/mapping.md: the invented provider, and each fragment with what follows it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import httpx

from tests.docs.page import Fence, Table, read_blocks, read_page
from truto_unify import Account, Client, Registry

if TYPE_CHECKING:
    from pathlib import Path

PAGE = read_page("docs/mapping.md")
BLOCKS = list(read_blocks(PAGE))
RESOURCE: Final = "ecommerce/customers"
MAPPING = f"mappings/{RESOURCE}/acme.yaml"


def only_text(info: str) -> str:
    """The content of the one fence with these words."""
    (found,) = [one.text for one in BLOCKS if isinstance(one, Fence) and one.info == info]
    return found


@dataclass(frozen=True)
class Example:
    """A record with what the page says becomes of it.

    Attributes:
        overlay: the fragment that is laid over the whole file of the page; blank for none.
        given: the record, and what else the call knows: ``context``, ``loaded``.
        result: the fields that the page shows.
        is_whole: whether it shows all of them.
    """

    overlay: str
    given: dict[str, Any]
    result: dict[str, Any]
    is_whole: bool
    line: int


@dataclass(frozen=True)
class Row:
    """A row of a table with the fragment that it is about."""

    overlay: str
    cells: list[str]


def read_examples() -> list[Example]:
    found: list[Example] = []
    overlay, given = "", dict[str, Any]()
    for one in BLOCKS:
        if isinstance(one, Table):
            continue
        language, _, role = one.info.partition(" ")
        if one.info == "yaml mapping":
            overlay = one.text
        elif one.info == "json record":
            given = {"record": json.loads(one.text)}
        elif role.endswith("result"):
            laid = "" if role == "base result" else overlay
            found.append(Example(laid, given, json.loads(one.text), role == "whole result", one.line))
        elif language == "json":
            given = {**given, role: json.loads(one.text)}
    return found


def read_overlaid(heading: str) -> list[Row]:
    """The rows of the tables with this heading, each with the fragment above it."""
    found: list[Row] = []
    overlay = ""
    for one in BLOCKS:
        if isinstance(one, Table):
            found += [Row(overlay, cells) for cells in one.rows if one.heading == heading]
        elif one.info == "yaml mapping":
            overlay = one.text
    return found


def read_wrong() -> list[tuple[str, str]]:
    """Each wrong fragment with what lint says about it."""
    fences = [one for one in BLOCKS if isinstance(one, Fence)]
    return [(one.text, after.text) for one, after in pairwise(fences) if one.info == "yaml wrong"]


def write_acme(folder: Path) -> Path:
    """Writes the provider and the mapping of the page."""
    (folder / MAPPING).parent.mkdir(parents=True)
    (folder / "providers").mkdir()
    (folder / MAPPING).write_text(only_text("yaml mapping file"), encoding="utf-8")
    (folder / "providers/acme.yaml").write_text(only_text("yaml provider file"), encoding="utf-8")
    return folder


def lay_over(folder: Path, overlay: str) -> Registry:
    """The page's provider and mapping, with a fragment as an overlay folder of its own."""
    layers = [write_acme(folder / "acme")]
    if overlay:
        file = folder / "over" / MAPPING
        file.parent.mkdir(parents=True)
        file.write_text(overlay, encoding="utf-8")
        layers.append(folder / "over")
    return Registry(overlay=layers)


def acme_account() -> Account:
    return Account(
        provider="acme",
        credentials={"token": "acme_0123"},
        context={"shop": "demo", "time_zone": "Europe/Berlin"},
    )


class Shop:
    """A shop with one customer and one order, which notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def client(self, registry: Registry) -> Client:
        return Client(registry, transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        self.asked.append(path.removeprefix("/api"))
        customer = {"id": 17, "order_count": 1}
        order = {"number": 1001, "state": "paid", "cents": 4990}
        return httpx.Response(200, json={"customers": [customer], "customer": customer, "orders": [order]})
