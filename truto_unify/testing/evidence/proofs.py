"""Proves a resource at a provider as a whole: the contract, and the lists, pages and refusals of cassettes.

The results are the ``proofs`` of ``mappings/evidence.json``; quality tiers are computed from them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from truto_unify.config.evidence import LEVELS
from truto_unify.config.schema import read_path
from truto_unify.engine.paging import paging_of
from truto_unify.errors import ProviderError
from truto_unify.testing.cassettes.answers import native_exchanges
from truto_unify.testing.cassettes.sidecar import read_sidecar
from truto_unify.testing.contract.configuration import check_configuration
from truto_unify.testing.contract.enums import check_enums
from truto_unify.testing.contract.errors import check_errors
from truto_unify.testing.contract.paging import SCENARIOS, check_paging, check_single_record
from truto_unify.testing.contract.records import check_null_sweep, check_records
from truto_unify.testing.contract.requests import check_authorization, check_no_syntax
from truto_unify.testing.exchanges import answered_records, requested_size
from truto_unify.testing.provider_under_test import attempt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from truto_unify.config.evidence import Level, Proof
    from truto_unify.config.pagination import PageSize
    from truto_unify.testing.contract.error_bodies import ErrorSample
    from truto_unify.testing.exchanges import Exchange
    from truto_unify.testing.provider_under_test import ProviderUnderTest
    from truto_unify.testing.samples import Samples


def read_exchanges(cassettes: Iterable[Path]) -> Iterator[Exchange]:
    """Every exchange of these cassettes, with the facts of their sidecars.

    Raises:
        UnsafeCassette: a file is not a cassette, or has no sidecar.
    """
    for file in cassettes:
        sidecar = read_sidecar(file)
        day = sidecar.date.isoformat()
        for exchange in native_exchanges(file):
            yield replace(exchange, level=sidecar.provenance, day=day, resource=sidecar.resource)


def contract_problems(
    under_test: ProviderUnderTest, samples: Samples, refusals: Sequence[ErrorSample] = ()
) -> list[str]:
    """The problems that the contract suite reports, without golden files.

    Args:
        under_test: provider and resource.
        samples: native records by method.
        refusals: error answers that cannot be derived from the error rules.
    """
    listed, single = samples.get("list", []), samples.get("get", [])
    problems = [*check_configuration(under_test), *check_authorization(under_test), *check_no_syntax(under_test)]
    for scenario in SCENARIOS:
        problems += check_paging(under_test, scenario, listed)
    problems += check_single_record(under_test, single)
    for method in under_test.methods:
        natives = samples.get(method, [])
        problems += check_errors(under_test, method, natives, refusals)
        problems += check_records(under_test, method, natives)
    problems += check_null_sweep(under_test, {method: samples.get(method, []) for method in under_test.methods})
    return [*problems, *check_enums(under_test, [*listed, *single])]


def is_later_page(pagination: PageSize, uri: str, body: Any) -> bool:
    """Whether a request asks for a page after the first; False for the address of a Link header."""
    params = dict(parse_qsl(urlsplit(uri).query, keep_blank_values=True))
    paging = paging_of(pagination)
    first = paging.request(paging.first(), None)
    firsts = {str(value) for _, value in (*first.params, *first.body)} | {"", "0"}
    places = pagination.page_places
    values = [params.get(param) if param is not None else read_path(body, path or ())[1] for param, path in places]
    return any(value is not None and str(value) not in firsts for value in values)


def understands(under_test: ProviderUnderTest, refusal: Exchange) -> bool:
    """Whether an error answer becomes an error of its own kind, with a message from the answer."""

    def refuse(_: httpx.Request) -> httpx.Response:
        return httpx.Response(refusal.status, json=refusal.answer)

    with under_test.client(refuse) as client:
        _, error = attempt(lambda: client.list(under_test.schema, under_test.account))
    texts = set(_texts(refusal.answer))
    return isinstance(error, ProviderError) and any(text in error.message for text in texts)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from [value] if value.strip() else []
    elif isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from _texts(child)


def stronger(former: dict[str, str] | None, level: Level, day: str | None) -> dict[str, str]:
    """The cell of the stronger level; of two equal levels, the newer cell.

    >>> stronger({"level": "recorded", "day": "2026-01-01"}, "recorded", "2026-02-01")
    {'level': 'recorded', 'day': '2026-02-01'}
    """
    new = {"level": level, **({"day": day} if day else {})}
    if former is None:
        return new

    def strength(cell: dict[str, str]) -> tuple[int, str]:
        return [*LEVELS].index(cell["level"]), cell.get("day", "")  # type: ignore[arg-type]  # a cell holds a level

    return max(former, new, key=strength)


def prove_exchanges(under_test: ProviderUnderTest, exchanges: Iterable[Exchange]) -> dict[Proof, dict[str, str]]:
    """The proofs of exchanges: lists, gets and second pages that map without a fault, and understood refusals.

    A second page must hold a record that no first page of its size holds: a store that ignores the number of the page
    repeats the first page.
    """
    shown = [(exchange, *_proven_by(under_test, exchange)) for exchange in exchanges]
    first_ids: dict[int | None, set[str | None]] = {}
    for exchange, names, ids in shown:
        if "second page" not in names:
            first_ids.setdefault(_page_size(under_test, exchange), set()).update(ids)
    every_id = {record_id for ids in first_ids.values() for record_id in ids}
    proofs: dict[Proof, dict[str, str]] = {}
    for exchange, names, ids in shown:
        for name in names:
            if name != "second page" or ids - first_ids.get(_page_size(under_test, exchange), every_id):
                proofs[name] = stronger(proofs.get(name), exchange.level, exchange.day)
    return proofs


def _page_size(under_test: ProviderUnderTest, exchange: Exchange) -> int | None:
    """The page size that a request asks for, if it is a list."""
    return requested_size(under_test.endpoint("list").pagination, exchange) if "list" in under_test.methods else None


def _proven_by(under_test: ProviderUnderTest, exchange: Exchange) -> tuple[tuple[Proof, ...], set[str | None]]:
    """The proofs of an exchange, and the ids of its records."""
    if exchange.resource not in {None, under_test.resource}:
        return (), set()
    if exchange.status >= 400 or _is_refusal(under_test, exchange):
        is_understood = exchange.answer is not None and understands(under_test, exchange)
        return (("refusal",) if is_understood else ()), set()
    for method in under_test.methods:
        natives, context = answered_records(under_test, method, exchange), dict(under_test.account.context)
        records = [under_test.mapper.map_record(native, context=context) for native in natives]
        if records and not any(record.faults for record in records):
            pagination = under_test.endpoint(method).pagination if method == "list" else None
            is_later = pagination is not None and is_later_page(pagination, exchange.uri, exchange.request)
            return ((method, "second page") if is_later else (method,)), {record.id for record in records}
    return (), set()


def _is_refusal(under_test: ProviderUnderTest, exchange: Exchange) -> bool:
    error_when = under_test.provider.config.errors.error_when
    if error_when is None or exchange.answer is None:
        return False
    value = error_when.search(exchange.answer)
    return value not in (None, False, "", [], {})
