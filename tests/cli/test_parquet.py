"""``list --format parquet`` writes a file that other programs read."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import account_flags
from truto_unify.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.loopback import Loopback

pa = pytest.importorskip("pyarrow", reason="no pyarrow: pip install pyarrow")
parquet = pytest.importorskip("pyarrow.parquet", reason="no pyarrow: pip install pyarrow")


class _Output(io.TextIOWrapper):
    """Standard output, which may be a terminal."""

    is_terminal = False

    def isatty(self) -> bool:
        return self.is_terminal


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch, loopback: Loopback) -> Callable[..., tuple[int, bytes]]:
    """Runs ``list`` on a pretend store; gives its exit code and the bytes of its output."""

    def call(*flags: str, is_terminal: bool = False) -> tuple[int, bytes]:
        output = _Output(io.BytesIO())
        output.is_terminal = is_terminal
        account = account_flags(loopback, "woocommerce")
        arguments = ["list", "ecommerce/customers", *account, "--format", "parquet", *flags]
        monkeypatch.setattr(sys, "stdout", output)
        monkeypatch.setattr(sys, "argv", ["truto-unify", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        output.flush()
        written: bytes = output.buffer.getvalue()  # type: ignore[attr-defined]  # _Output wraps BytesIO
        return int(str(end.value.code)), written

    return call


def test_a_whole_list_is_one_file(write: Callable[..., tuple[int, bytes]], loopback: Loopback) -> None:
    code, written = write("--all", "--limit", "50", "--money", "decimal")

    file = parquet.ParquetFile(io.BytesIO(written))
    table = file.read()
    assert code == 0
    assert table.num_rows == len(set(table["id"].to_pylist())) > 100
    assert file.num_row_groups == -(-table.num_rows // 50)
    assert table.schema.field("created_at").type == pa.timestamp("us", tz="UTC")
    orders = table.schema.field("orders").type.value_type
    assert orders.field("total_amount").type == pa.decimal128(38, 9)


def test_a_page_without_records_is_a_file_with_columns(write: Callable[..., tuple[int, bytes]]) -> None:
    _, empty = write("--query", "email=nobody@example.test", "--no-remote-data")
    _, full = write("--limit", "2", "--no-remote-data")

    tables = [parquet.read_table(io.BytesIO(written)) for written in (empty, full)]
    assert [table.num_rows for table in tables] == [0, 2]
    assert tables[0].schema == tables[1].schema
    assert "remote_data" not in tables[0].column_names


def test_a_terminal_is_refused_before_the_store_is_asked(
    write: Callable[..., tuple[int, bytes]], loopback: Loopback, capsys: pytest.CaptureFixture[str]
) -> None:
    code, written = write(is_terminal=True)

    assert (code, written, loopback.store("woocommerce").requests) == (3, b"", [])
    assert "a Parquet file is binary: send it into a file, for example with  > customers.parquet" in " ".join(
        capsys.readouterr().err.split("\n")
    )
