"""Writes pages as one Parquet file to standard output."""

from __future__ import annotations

import shutil
import sys
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from truto_unify.frames import MoneyType
    from truto_unify.types import Page


def check_output() -> None:
    """Refuses a terminal, before anything is read from a store.

    Raises:
        click.UsageError: standard output is a terminal.
    """
    if sys.stdout.isatty():
        raise click.UsageError("a Parquet file is binary: send it into a file, for example with  > customers.parquet")


def write_parquet(pages: Iterable[Page[Any]], money: MoneyType) -> None:
    """Writes a row group for each page; nothing is written if a page cannot be read.

    Args:
        pages: at least one.
        money: the type of amounts.

    Raises:
        InvalidEnvironment, InvalidInput: see ``Page.to_arrow``.
    """
    # A Parquet file ends with its index, and a pipe cannot say how much it holds: the file is made on disk first.
    with TemporaryFile() as file:
        _write_tables(file, (page.to_arrow(money=money) for page in pages))
        file.seek(0)
        sys.stdout.flush()
        shutil.copyfileobj(file, sys.stdout.buffer)


def _write_tables(file: Any, tables: Iterable[Any]) -> None:
    tables = iter(tables)
    first = next(tables)  # loads pyarrow, or says which extra is missing

    from pyarrow.parquet import ParquetWriter

    with ParquetWriter(file, first.schema, compression="zstd") as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)
