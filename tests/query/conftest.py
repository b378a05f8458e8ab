"""Stores in this process, each with its population read once."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.query.questions import Pool
from tests.query.shops import open_shop, write_overlay
from truto_unify import Registry
from truto_unify.engine.send import Budget

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.query.shops import Record, Shop


@dataclass(frozen=True)
class Known:
    """A store that nothing changes, its records and their values."""

    shop: Shop
    records: list[Record]
    pool: Pool


class Market:
    """Opens stores and keeps them for the session.

    ``page_size`` makes native pages smaller: a small population then has many pages.
    ``is_emulated`` removes every native filter and sort.
    """

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.stack = stack
        self.registries: dict[tuple[int | None, bool], Registry] = {}
        self.known: dict[tuple[str, int | None, bool], Known] = {}

    def registry(self, page_size: int | None = None, *, is_emulated: bool = False) -> Registry:
        key = (page_size, is_emulated)
        if key not in self.registries:
            overlay = self.folder / f"{page_size}-{is_emulated}"
            self.registries[key] = Registry(
                overlay=[write_overlay(overlay, page_size=page_size, is_emulated=is_emulated)] if any(key) else ()
            )
        return self.registries[key]

    def know(self, slug: str, page_size: int | None = None, *, is_emulated: bool = False) -> Known:
        key = (slug, page_size, is_emulated)
        if key not in self.known:
            registry = self.registry(page_size, is_emulated=is_emulated)
            patient = Budget(max_seconds=1e6)  # the clock of a store that remembers jumps when it is really asked
            shop = self.stack.enter_context(open_shop(slug, registry, remembers=True, budget=patient))
            records = shop.records()
            self.known[key] = Known(shop, records, Pool.of(records))
        return self.known[key]


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with ExitStack() as stack:
        yield Market(tmp_path_factory.mktemp("market"), stack)
