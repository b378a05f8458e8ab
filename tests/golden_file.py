"""Expected unified results, kept as JSON files below ``tests/golden`` and rewritten by ``pytest --update-golden``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from truto_unify.testing import compare_golden

if TYPE_CHECKING:
    from truto_unify import Page

FOLDER = Path(__file__).resolve().parent / "golden"


def check_golden(name: str, value: Any, *, update: bool) -> None:
    """Compares a JSON value with ``tests/golden/<name>.json``, or writes it there."""
    difference = compare_golden(FOLDER / f"{name}.json", value, update=update)
    assert difference is None, difference


def record_content(record: Any) -> dict[str, Any]:
    """A unified record as the service would send it; ``remote_data`` is left to be compared with its source."""
    content: dict[str, Any] = record.model_dump(mode="json")
    del content["remote_data"]
    return content


def page_content(page: Page[Any]) -> dict[str, Any]:
    """A whole page; a cursor is opaque, and so only whether there is one counts."""
    return {
        "result": [record_content(record) for record in page.result],
        "result_count": page.result_count,
        "has_next_cursor": page.next_cursor is not None,
        "prev_cursor": page.prev_cursor,
        "is_partial_response": page.is_partial_response,
        "query_plan": [
            {name: getattr(entry, name) for name in ("parameter", "how", "match", "native", "reason")}
            for entry in page.query_plan
        ],
        "record_errors": [[fault.index, fault.field, fault.message] for fault in page.record_errors],
        "unmapped": dict(page.unmapped),
        "request_count": page.request_count,
    }
