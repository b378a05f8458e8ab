"""The byte path: from the JSON of a native record to the JSON of the unified one, without parsing the record in full.

A decoder parses only what the mapping reads, a compiled function maps that, and the result is encoded with the bytes of
the native record as its ``remote_data``. A record that does not fit (a shape that the decoder does not expect, a fault,
a missing id) falls back to the mapping of its value, which reports what is wrong with it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from truto_unify.mapping.record import NOTHING_UNMAPPED, Diagnostics, NativeRecord, UnifiedRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from truto_unify.compiler.table import DecodedTable, Table

    Fallback = Callable[[NativeRecord], UnifiedRecord | None]

_ENCODER = msgspec.json.Encoder()


def map_json(
    table: Table,
    natives: Iterable[NativeRecord],
    query: Any,
    context: Any,
    fallback: Fallback,
    *,
    keeps_fields: bool = False,
    has_conditions: bool = False,
) -> Iterator[UnifiedRecord | None]:
    """Maps native records that came as JSON; the result is None for a record that does not belong to the resource.

    Args:
        table: the compiled field table.
        natives: the native records.
        query: as for ``Mapper.map``.
        context: as for ``Mapper.map``.
        fallback: maps a record that does not fit.
        keeps_fields: whether a later step reads the fields of a record. If not, it is encoded at once, while the
            processor's cache still holds it, which saves a fifth of the time.
        has_conditions: whether to test if a record belongs to the resource, and if ``get`` returns more of it.
    """
    buffer, diagnostics, encoded = bytearray(), Diagnostics(), None
    result, is_partial = None, False
    encode, raw = _ENCODER.encode_into, msgspec.Raw
    functions = _functions(table.decoded, has_conditions=has_conditions)
    for native in natives:
        source, record_id = native.source, None
        if functions is None or source is None:
            yield fallback(native)
            continue
        decode, belongs, map_decoded, partial = functions
        try:
            decoded = decode(source)
            if belongs is not None and not belongs(decoded):
                yield None
                continue
            result = map_decoded(decoded, raw(source), query, context, diagnostics)
            is_partial = partial is not None and partial(decoded)
            if not keeps_fields:
                encode(result, buffer)
                encoded = bytes(buffer)
            record_id = result.id
        except msgspec.ValidationError:
            functions = _functions(table.relax(), has_conditions=has_conditions)
        except Exception:  # noqa: BLE001, S110 - the fallback names the exact fault
            pass
        unmapped = NOTHING_UNMAPPED
        if diagnostics.unmapped:
            unmapped, diagnostics.unmapped = Counter(diagnostics.unmapped), []
        if record_id is None:
            yield fallback(native)
        elif keeps_fields:
            yield UnifiedRecord(record_id, result, native, [], unmapped, is_partial, True, True)
        else:
            yield UnifiedRecord(record_id, None, None, [], unmapped, is_partial, True, True, encoded)


def _functions(decoded: DecodedTable | None, *, has_conditions: bool) -> tuple[Any, Any, Any, Any] | None:
    """The decoder, the test that a record belongs, the mapping, and the test that it is partial: in order of use."""
    if decoded is None:
        return None
    conditions = decoded.conditions if has_conditions else {}
    return decoded.decode, conditions.get("keep"), decoded.map, conditions.get("partial")
