"""Chooses the list call and the get call among calls that were saved with their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.scaffold.envelope import find_records

if TYPE_CHECKING:
    from collections.abc import Iterable

    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.native_call import NativeCall
    from truto_unify.scaffold.vocabulary import Vocabulary


def choose_calls(
    exchanges: Iterable[tuple[NativeCall, Any]], schema: ResourceSchema, words: Vocabulary
) -> tuple[list[NativeCall], list[Any]]:
    """The list call and the get call, and the answers with records: every page of the list, and a single record.

    Args:
        exchanges: requests with their answers, which are parsed JSON.
        schema: the unified resource.
        words: what providers call its fields.

    Returns:
        The calls and the answers; both are empty if no answer holds records of the resource.
    """
    lists: dict[str, list[tuple[NativeCall, Any, int]]] = {}
    singles: list[tuple[NativeCall, Any]] = []
    for call, answer in exchanges:
        records = find_records(answer, schema, words)
        if records is not None and records.is_list:
            lists.setdefault(call.address, []).append((call, answer, len(records.items)))
        elif records is not None and call.has_id:
            singles.append((call, answer))
    longest = max(lists.values(), key=lambda pages: sum(count for *_, count in pages), default=[])
    fitting = [pair for pair in singles if not longest or pair[0].address.startswith(f"{longest[0][0].address}/")][:1]
    calls = [*([longest[0][0]] if longest else []), *(call for call, _ in fitting)]
    return calls, [*(answer for _, answer, _ in longest), *(answer for _, answer in fitting)]
