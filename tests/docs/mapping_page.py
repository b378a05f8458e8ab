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
    """The content of the only fence with these words."""
    (text,) = [fence.text for fence in BLOCKS if isinstance(fence, Fence) and fence.info == info]
    return text


@dataclass(frozen=True)
class Example:
    """A record, and the unified record that the page shows for it.

    Attributes:
        overlay: the fragment that is laid over the whole file of the page; blank if there is none.
        inputs: the record, and what else the call has: ``context``, ``loaded``.
        result: the fields that the page shows.
        is_whole: whether it shows all of them.
    """

    overlay: str
    inputs: dict[str, Any]
    result: dict[str, Any]
    is_whole: bool
    line: int


@dataclass(frozen=True)
class Row:
    """A row of a table with the fragment that it is about."""

    overlay: str
    cells: list[str]


def read_examples() -> list[Example]:
    examples: list[Example] = []
    overlay, inputs = "", dict[str, Any]()
    for block in BLOCKS:
        if isinstance(block, Table):
            continue
        language, _, role = block.info.partition(" ")
        if block.info == "yaml mapping":
            overlay = block.text
        elif block.info == "json record":
            inputs = {"record": json.loads(block.text)}
        elif role.endswith("result"):
            laid = "" if role == "base result" else overlay
            examples.append(Example(laid, inputs, json.loads(block.text), role == "whole result", block.line))
        elif language == "json":
            inputs = {**inputs, role: json.loads(block.text)}
    return examples


def read_overlaid(heading: str) -> list[Row]:
    """The rows of the tables with this heading, each with the fragment above it."""
    rows: list[Row] = []
    overlay = ""
    for block in BLOCKS:
        if isinstance(block, Table):
            rows += [Row(overlay, cells) for cells in block.rows if block.heading == heading]
        elif block.info == "yaml mapping":
            overlay = block.text
    return rows


def read_wrong() -> list[tuple[str, str]]:
    """Each wrong fragment with what lint says about it."""
    fences = [block for block in BLOCKS if isinstance(block, Fence)]
    return [(fence.text, after.text) for fence, after in pairwise(fences) if fence.info == "yaml wrong"]


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
    """A shop with one customer and one order, which records the requests."""

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
