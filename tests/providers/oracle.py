"""Compares both ways to map a record: the compiled function, and the interpreter, which is its oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from truto_unify.mapping.mapper import Mapper


def check_against_oracle(
    mapper: Mapper, natives: Sequence[dict[str, Any]], *, at_least: int, unmapped: Collection[str] = ()
) -> None:
    """Each record maps without a fault, and as the oracle says.

    Args:
        mapper: the mapping under test.
        natives: native records.
        at_least: how many there must be.
        unmapped: values that the enums of the mapping leave out, as ``status=failed``.
    """
    assert len(natives) >= at_least
    for native in natives:
        mapped = mapper.map_record(native)
        assert mapped.faults == []
        assert mapped.unmapped.keys() <= {*unmapped}
        assert mapped == mapper.interpret_record(native)
