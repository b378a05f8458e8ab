"""Measures ``client.list`` on one page, against the same page read step by step as the client once did it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx

from benchmarks import goals
from benchmarks.equality import Different
from benchmarks.goals import Row
from benchmarks.rounds import Contenders, Race
from benchmarks.unhurried import UNHURRIED
from benchmarks.workload import RESOURCE, find_records
from truto_unify import Account, Client, Page, Registry
from truto_unify.models.ecommerce import Customer

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.workload import Workload

OURS, STEPS = "client.list", "json.loads + map + model_validate"
ACCOUNT = Account(provider="shopify", credentials={"access_token": "shpat_" + "0" * 32}, context={"shop": "acme"})


def race_lists(workload: Workload, rounds: int, tick: Callable[[], None]) -> tuple[Race, list[Row]]:
    """A page of Shopify as models, over HTTP without a network.

    Raises:
        Different: the contenders disagree.
    """
    ours, steps = _list_by_client(workload.body), _list_by_steps(workload.body)
    if ours().result != steps().result:
        raise Different(f"{workload.name}: {OURS} and {STEPS}")
    race = Contenders({OURS: ours, STEPS: steps}, len(workload.records)).race(rounds, tick)
    return race, [Row(goals.LIST, f"{workload.name}, a page of {len(workload.records)}", race.ratio(STEPS, OURS))]


def _transport(body: bytes) -> httpx.MockTransport:
    headers = {"content-type": "application/json"}
    return httpx.MockTransport(lambda _request: httpx.Response(200, headers=headers, content=body))


def _list_by_client(body: bytes) -> Callable[[], Page[Any]]:
    client = Client(transport=_transport(body), settings=UNHURRIED)
    return lambda: client.list(RESOURCE, ACCOUNT)


def _list_by_steps(body: bytes) -> Callable[[], Page[Any]]:
    """What the client did before: parse all, map each record with its faults, ask if it is partial, validate it."""
    client = httpx.Client(transport=_transport(body))
    mapper = Registry().mapper(RESOURCE, ACCOUNT.provider)

    def turn() -> Page[Any]:
        answer = client.post("https://acme.myshopify.com/admin/api/graphql.json", json={"query": "{}"})
        natives = find_records(ACCOUNT.provider, json.loads(answer.content))
        mapped = [mapper.map_record(native) for native in natives]
        is_partial = any([mapper.is_partial(native) for native in natives])  # noqa: C419 - each record was asked
        records = [Customer.model_validate(record.fields) for record in mapped]
        return Page(result=records, is_partial_response=is_partial)

    return turn
