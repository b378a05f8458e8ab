"""Measures mapping: records to records, pages to pages, and long pages against short pages."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from benchmarks import goals
from benchmarks.baselines.careful import CAREFUL
from benchmarks.baselines.careful_goods import CAREFUL_GOODS
from benchmarks.baselines.pages import load_and_dump, map_page_by, map_page_by_pydantic
from benchmarks.baselines.per_field import make_mapping, search_shared
from benchmarks.baselines.tuned import TUNED
from benchmarks.equality import check_pages, check_records
from benchmarks.goals import Row
from benchmarks.rounds import Contenders, Race
from benchmarks.workload import RESOURCE, Record, Workload, make_workload, write_page
from truto_unify import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

OURS = "compiled"
LONG_PAGE, SHORT_PAGE = 5000, 250
MIN_RECORDS = 1000
"""Records of a turn: enough that the caches, cold after garbage collection, matter little."""


def race_records(workload: Workload, rounds: int, tick: Callable[[], None]) -> tuple[Race, list[Row]]:
    """Records to records as dicts, one after another; no result is kept.

    Raises:
        Different: the contenders disagree.
    """
    provider = workload.provider
    mappings: dict[str, Callable[[Record], Record]] = {
        OURS: Registry().mapper(RESOURCE, provider).map,
        "tuned": TUNED[provider],
        "careful": CAREFUL[provider],
        "jmespath shared": make_mapping(provider, search_shared),
        "jmespath per field": make_mapping(provider),
        "interpreter": Registry(engine="interpreter").mapper(RESOURCE, provider).map,
    }
    check_records(workload, mappings)
    passes = ceil(MIN_RECORDS / len(workload.records))
    turns = {name: _each_record(mapping, workload.records, passes) for name, mapping in mappings.items()}
    race = Contenders(turns, len(workload.records) * passes).race(rounds, tick)
    return race, [
        Row(goals.PER_FIELD[provider], workload.name, race.ratio("jmespath per field", OURS)),
        Row(goals.CAREFUL, workload.name, race.ratio("careful", OURS)),
        Row(goals.TUNED, workload.name, race.ratio("tuned", OURS)),
    ]


def _each_record(mapping: Callable[[Record], Record], records: list[Record], passes: int) -> Callable[[], None]:
    def turn() -> None:
        for _ in range(passes):
            for record in records:
                mapping(record)

    return turn


def race_pages(workload: Workload, rounds: int, tick: Callable[[], None]) -> tuple[Race, list[Row]]:
    """Pages to pages as bytes, with ``remote_data``; for most providers only against the page without a mapping.

    Raises:
        Different: the contenders disagree.
    """
    provider = workload.provider
    pages: dict[str, Callable[[bytes], bytes]] = {OURS: Registry().mapper(RESOURCE, provider).map_page}
    if provider in CAREFUL:
        pages |= {
            "orjson + tuned + orjson": map_page_by(provider, TUNED[provider]),
            "orjson + careful + orjson": map_page_by(provider, CAREFUL[provider]),
            "orjson + careful + pydantic": map_page_by_pydantic(provider, CAREFUL[provider]),
            "orjson + jmespath + orjson": map_page_by(provider, make_mapping(provider)),
        }
    check_pages(workload, pages)
    pages["loads + dumps"] = load_and_dump
    turns = {name: _one_page(run, workload.body) for name, run in pages.items()}
    race = Contenders(turns, len(workload.records)).race(rounds, tick)
    free = goals.FREE.get(workload.name, goals.FREE_ELSEWHERE)
    rows = [Row(free, workload.name, race.ratio(OURS, "loads + dumps"))]
    if provider in CAREFUL:
        rows.append(Row(goals.BYTES, workload.name, race.ratio("orjson + careful + orjson", OURS)))
    return race, rows


def race_goods(workload: Workload, rounds: int, tick: Callable[[], None]) -> tuple[Race, list[Row]]:
    """Pages of orders or products to pages as bytes, with ``remote_data``.

    Raises:
        Different: the contenders disagree.
    """
    provider, resource = workload.provider, workload.resource
    pages: dict[str, Callable[[bytes], bytes]] = {
        OURS: Registry().mapper(resource, provider).map_page,
        "orjson + careful + orjson": map_page_by(provider, CAREFUL_GOODS[provider, resource], resource),
    }
    check_pages(workload, pages)
    pages["loads + dumps"] = load_and_dump
    turns = {name: _one_page(run, workload.body) for name, run in pages.items()}
    race = Contenders(turns, len(workload.records)).race(rounds, tick)
    return race, [
        Row(goals.GOODS, workload.name, race.ratio("orjson + careful + orjson", OURS)),
        Row(goals.GOODS_FREE, workload.name, race.ratio(OURS, "loads + dumps")),
    ]


def _one_page(run: Callable[[bytes], bytes], body: bytes) -> Callable[[], bytes]:
    return lambda: run(body)


def race_page_sizes(
    provider: str, rounds: int, tick: Callable[[], None], long_page: int = LONG_PAGE
) -> tuple[Race, list[Row]]:
    """The same records in one long page, and in short pages."""
    long = make_workload(provider, "dense", long_page)
    starts = range(0, long_page, SHORT_PAGE)
    short_bodies = [write_page(provider, long.records[start : start + SHORT_PAGE]) for start in starts]
    map_page = Registry().mapper(RESOURCE, provider).map_page
    contenders = {
        "one long page": _one_page(map_page, long.body),
        "short pages": _every_page(map_page, short_bodies),
        "loads + dumps, one long page": _one_page(load_and_dump, long.body),
        "loads + dumps, short pages": _every_page(load_and_dump, short_bodies),
    }
    race = Contenders(contenders, long_page).race(rounds, tick)
    return race, [
        Row(goals.FLAT, long.name, race.ratio("one long page", "short pages")),
        Row(
            goals.FREE_OTHERWISE,
            f"{long.name}, {len(short_bodies)} pages one after the other",
            race.ratio("short pages", "loads + dumps, short pages"),
        ),
        Row(
            goals.FREE_OTHERWISE,
            f"{long.name}, one page of {long_page:,}",
            race.ratio("one long page", "loads + dumps, one long page"),
        ),
    ]


def _every_page(run: Callable[[bytes], bytes], bodies: list[bytes]) -> Callable[[], None]:
    def turn() -> None:
        for body in bodies:
            run(body)

    return turn
