"""Measures a call of one tenant beside hanging calls of another, through the service."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from benchmarks.goals import Row
from benchmarks.load import goals
from benchmarks.load.processes import connect, start_store
from tests.server.running import run_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.running import Running

HANGING, CALLS = 300, 100
LIST = "/unified/ecommerce/customers"
IN_FLIGHT = 10
"""Requests of an account that the service sends at the same time."""


def measure_neighbours() -> Iterator[Row]:
    """The slowest of many calls of tenant B, alone and beside the calls of tenant A."""
    with start_store() as origin, tempfile.TemporaryDirectory() as folder, run_service(Path(folder)) as service:
        hanging, healthy = connect(service, origin, "hang"), connect(service, origin, "good")
        alone, beside = asyncio.run(_measure(service, hanging, healthy))
    note = f"median {beside[CALLS // 2]:.0f} ms; alone: slowest {alone[-1]:.0f} ms, median {alone[CALLS // 2]:.0f} ms"
    yield Row(goals.NEIGHBOUR, "a page of 100, limit=5", beside[-1], note)


async def _measure(service: Running, hanging: str, healthy: str) -> tuple[list[float], list[float]]:
    headers = {"Authorization": f"Bearer {service.token}"}
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(
        base_url=service.origin,
        headers=headers,
        limits=limits,
        timeout=None,  # noqa: S113 - they hang
        trust_env=False,
    ) as client:
        path = f"{LIST}?integrated_account_id={healthy}&limit=5"
        alone = await _time_calls(client, path)
        calls = [asyncio.create_task(client.get(f"{LIST}?integrated_account_id={hanging}")) for _ in range(HANGING)]
        while f'state="waiting"}} {HANGING - IN_FLIGHT}.0' not in (await client.get("/metrics")).text:
            await asyncio.sleep(0.1)
        beside = await _time_calls(client, path)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
    return alone, beside


async def _time_calls(client: httpx.AsyncClient, path: str) -> list[float]:
    """Milliseconds of calls one after the other, sorted."""
    times = []
    for _ in range(CALLS + 5):
        began = time.perf_counter()
        (await client.get(path)).raise_for_status()
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times[5:])  # the first ones open connections and compile
