"""How fake stores write values."""

from __future__ import annotations

from typing import Any


def filled(record: dict[str, Any]) -> dict[str, Any]:
    """The parts of a record that have a value; for stores that leave out the others."""
    return {name: value for name, value in record.items() if value not in ("", None)}
