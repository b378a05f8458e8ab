"""What docs/how-to/dataframes.md prints works: its code, its command and its SQL, on a pretend store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.docs.command_line import command_lines, read_command
from tests.docs.page import Fence, read_blocks, read_page, read_rows
from truto_unify.frames import Column, arrow_table

if TYPE_CHECKING:
    from pathlib import Path

    from tests.loopback import Loopback

for package in ("pyarrow", "pandas", "polars", "duckdb"):
    pytest.importorskip(package, reason=f"no {package}: pip install {package}")

PAGE = read_page("docs/how-to/dataframes.md")
FENCES = [block for block in read_blocks(PAGE) if isinstance(block, Fence)]
TYPES = dict(read_rows(PAGE, "| field | column |"))
KINDS: dict[str, Any] = {"yes or no": "boolean", "whole number": "integer", "other number": "number", "time": "time"}


def texts(info: str) -> list[str]:
    return [fence.text for fence in FENCES if fence.info == info]


def test_the_code_and_the_queries_of_the_page_run(
    loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import duckdb  # noqa: PLC0415 - takes long to load
    from pyarrow.parquet import write_table  # noqa: PLC0415 - takes long to load

    names: dict[str, Any] = {"account": loopback.account("woocommerce")}
    monkeypatch.chdir(tmp_path)

    for code in texts("python"):
        exec(code, names)
    write_table(names["customers"], "customers.parquet")
    connection = duckdb.connect()
    addresses, places, roles, newest = [connection.execute(query).fetchall() for query in texts("sql")]

    count = names["customers"].num_rows
    printed = capsys.readouterr().out
    assert count > 100
    assert f"{count} customers" in printed
    assert f"[({count},)]" in printed
    assert sum(customers for _, customers in addresses) == count
    assert {len(row) for row in places} == {3}
    assert roles == [("customer", count)]
    assert len(newest) == 1


def test_the_command_of_the_page_takes_these_options() -> None:
    (line,) = command_lines("\n".join(texts("console")))

    context = read_command(line)

    assert (context.params["form"], context.params["money"]) == ("parquet", "decimal")


def test_each_type_is_that_of_the_table() -> None:
    table = arrow_table([], [Column(name, kind) for name, kind in KINDS.items()])

    assert {field.name: str(field.type) for field in table.schema} == {name: TYPES[name].strip("`") for name in KINDS}
