"""Measures the time from a merged mapping to its first record: a new mapping, and a cached one."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

from benchmarks import goals
from benchmarks.goals import Row
from benchmarks.workload import PROVIDERS, RESOURCE, make_workload
from truto_unify import Mapper, Registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.workload import Record
    from truto_unify.config.configuration import LoadedMapping


def measure_compiling(rounds: int, tick: Callable[[], None]) -> list[Row]:
    """The slowest provider's shortest time, cold and from the cache.

    The shortest, as ``timeit`` advises for times in seconds: no ratio takes out what another machine on the same
    processor does to the longer ones (https://docs.python.org/3/library/timeit.html#timeit.Timer.repeat).

    An override with a new field makes the mapping new. Cold is the compilation of the merged mapping; cached is the
    whole path of a service: from the layers of an account to its mapper and the first record.
    """
    cold: dict[str, float] = {}
    cached: dict[str, float] = {}
    for provider in PROVIDERS:
        native = make_workload(provider, "dense").records[0]
        registry = Registry()
        times: list[tuple[float, float]] = []
        for _ in range(rounds):
            override = [{"response_mapping": {"seen_by": f"'{uuid.uuid4()}'"}}]
            new = registry.mapping(RESOURCE, provider, override)
            registry.mapper(RESOURCE, provider, override).map(native)
            again = [{"response_mapping": dict(override[0]["response_mapping"])}]
            times.append((_time_first_record(new, native), _time_cached(registry, provider, again, native)))
            tick()
        cold[provider] = min(cold_time for cold_time, _ in times) * 1000
        cached[provider] = min(cached_time for _, cached_time in times) * 1000
    return [_slowest(goals.COMPILE, cold), _slowest(goals.COMPILE_CACHED, cached)]


def _time_first_record(mapping: LoadedMapping, native: Record) -> float:
    started = time.thread_time()
    Mapper(mapping).map(native)
    return time.thread_time() - started


def _time_cached(registry: Registry, provider: str, layers: list[dict[str, dict[str, str]]], native: Record) -> float:
    started = time.thread_time()
    registry.mapper(RESOURCE, provider, layers).map(native)
    return time.thread_time() - started


def _slowest(goal: goals.Goal, times: dict[str, float]) -> Row:
    provider = max(times, key=lambda name: times[name])
    return Row(goal, provider, times[provider], "the slowest of all providers; with the first record")
