"""Bounds what the overrides of tenants may cost: the weight of a record, and the time and the bytes of a page."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from truto_unify.metering import weigh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from truto_unify.errors import MappingError
    from truto_unify.mapping.record import UnifiedRecord

MAX_NATIVE_BYTES = 256 * 1024
"""A native record above this size is weighed before it is written out."""
MAX_RECORD_BYTES = 4 * 1024 * 1024
"""Weight of the unified fields of a record, without ``remote_data``."""
MAX_PAGE_BYTES = 32 * 1024 * 1024
MAX_PAGE_SECONDS = 2.0
"""Processor time of a page."""


def too_heavy(fields: dict[str, Any]) -> str | None:
    """Why the unified fields of a record may not leave; None if they may."""
    weight = weigh([value for name, value in fields.items() if name != "remote_data"], MAX_RECORD_BYTES)
    if weight <= MAX_RECORD_BYTES:
        return None
    return f"the unified fields hold more than {MAX_RECORD_BYTES >> 20} MiB: an override copies too much of the record"


def emptied(fields: dict[str, Any]) -> dict[str, Any]:
    """The record without its values, apart from a short id and the native record."""
    record_id = fields["id"] if isinstance(fields["id"], str) and len(fields["id"]) <= MAX_NATIVE_BYTES else None
    empty: dict[str, Any] = {name: [] if isinstance(value, list) else None for name, value in fields.items()}
    return {**empty, "id": record_id, "remote_data": fields["remote_data"]}


def bounded(
    records: Iterator[UnifiedRecord | None], refuse: Callable[[str], MappingError]
) -> Iterator[UnifiedRecord | None]:
    """The records of a page, as long as they stay within the bounds.

    Args:
        records: maps the next record with each step.
        refuse: makes the error.

    Raises:
        MappingError: the page takes too much time, or too many bytes.
    """
    seconds, size = 0.0, 0
    while True:
        began = time.thread_time()
        try:
            record = next(records)
        except StopIteration:
            return
        seconds += time.thread_time() - began
        size += len(record.encoded or b"") if record is not None else 0
        if seconds > MAX_PAGE_SECONDS:
            raise _stopped(refuse(f"with the overrides a page takes more than {MAX_PAGE_SECONDS:g} seconds to map"))
        if size > MAX_PAGE_BYTES:
            raise _stopped(refuse(f"with the overrides a page has more than {MAX_PAGE_BYTES >> 20} MiB"))
        yield record


def _stopped(error: MappingError) -> MappingError:
    error.security_event = "override_stopped"
    return error
