"""The examples of docs/querying.md and docs/paging.md run."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from truto_unify import Client

if TYPE_CHECKING:
    from tests.loopback import Loopback

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLES = [
    pytest.param(code, id=f"{name}-{number}")
    for name in ("querying", "paging")
    for number, code in enumerate(
        re.findall(r"```python\n(.*?)```", (DOCS / f"{name}.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    )
]


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_runs(code: str, loopback: Loopback, capsys: pytest.CaptureFixture[str]) -> None:
    shopify = loopback.account("shopify")
    with Client(sleep=loopback.clock.advance) as client:
        names: dict[str, Any] = {
            "client": client,
            "account": shopify,
            "shopify": shopify,
            "woocommerce": loopback.account("woocommerce"),
            "timedelta": timedelta,
            "last_seen": datetime(2025, 6, 1, tzinfo=UTC),
        }
        exec(code, names)

    printed = capsys.readouterr().out
    assert ("print(" in code) == bool(printed)
    if printed:
        assert "Blue Kettle GmbH" in printed
        assert "created_at[gte] native may_miss customer_date:>='2024-01-01T00:00:00Z'" in printed
        assert "company_name[like] emulated None the provider has no filter" in printed


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 6
