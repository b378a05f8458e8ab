"""Functions from the bytes of a native page to the bytes of the unified page, one for each kind of mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from benchmarks.workload import RESOURCE, find_records
from truto_unify.models.ecommerce import Customer

if TYPE_CHECKING:
    from collections.abc import Callable

Record = dict[str, Any]


def map_page_by(
    provider: str, mapping: Callable[[Record], Record], resource: str = RESOURCE
) -> Callable[[bytes], bytes]:
    """orjson, a function from record to record, orjson."""

    def run(body: bytes) -> bytes:
        return orjson.dumps([mapping(record) for record in find_records(provider, orjson.loads(body), resource)])

    return run


def map_page_by_pydantic(provider: str, mapping: Callable[[Record], Record]) -> Callable[[bytes], bytes]:
    """orjson, a function from record to record, and pydantic to check and print each."""

    def run(body: bytes) -> bytes:
        records = find_records(provider, orjson.loads(body))
        texts = [Customer.model_validate(mapping(record)).model_dump_json() for record in records]
        return f"[{','.join(texts)}]".encode()

    return run


def load_and_dump(body: bytes) -> bytes:
    """The page parsed and printed again, without a mapping."""
    return orjson.dumps(orjson.loads(body))
