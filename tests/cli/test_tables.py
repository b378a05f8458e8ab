"""Tables at widths of real terminals: what names a row is never cut."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st
from rich.cells import cell_len

from truto_unify.cli.tables import print_chosen, print_matrix, print_table

NAMES = st.text("abcdefgh_.", min_size=1, max_size=20)
TABLES = st.integers(2, 6).flatmap(
    lambda columns: st.tuples(
        st.lists(NAMES, min_size=columns, max_size=columns, unique=True),
        st.lists(st.lists(st.text("xyz ", max_size=40), min_size=columns - 1, max_size=columns - 1), max_size=4),
    )
)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(monkeypatch, capsys)


class Terminal:
    """Standard output of a width."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def resize(self, width: int) -> None:
        """Sets the width."""
        self._monkeypatch.setenv("COLUMNS", str(width))

    def read(self) -> str:
        """What was printed."""
        return self._capsys.readouterr().out


@pytest.mark.usefixtures("capsys")
@given(table=TABLES, width=st.sampled_from([40, 80, 120]))
@example_settings(max_examples=60)
def test_no_line_is_too_long_and_no_name_is_cut(table: tuple[list[str], list[list[str]]], width: int) -> None:
    columns, cells = table
    rows = [[f"row_{number}", *row] for number, row in enumerate(cells)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        lines = capture(columns, rows)

    assert max((cell_len(line) for line in lines), default=0) <= width
    assert {row[0] for row in rows} <= {word for line in lines for word in line.split()}


def capture(columns: list[str], rows: list[list[str]]) -> list[str]:
    """The lines of a table."""
    with redirect_stdout(StringIO()) as shown:
        print_table(columns, rows)
    return shown.getvalue().splitlines()


def test_columns_without_a_value_are_left_out_and_long_ones_are_folded(terminal: Terminal) -> None:
    terminal.resize(40)
    print_table(["name", "empty", "what"], [["first", "", "a text that is longer than the line"], ["second", "", ""]])

    assert terminal.read().splitlines() == [
        "",
        " name     what",
        " ──────────────────────────────────────",
        " first    a text that is longer than",
        "          the line",
        " second",
        "",
    ]


def test_rows_become_blocks_where_their_names_leave_no_room(terminal: Terminal) -> None:
    terminal.resize(24)
    print_table(["name", "first", "second"], [["a_name_of_20_letters", "ten letter", "ten letter"]], "Title")

    assert terminal.read().splitlines() == [
        "Title",
        "name   a_name_of_20_lett",
        "       ers",
        "first  ten letter",
        "second ten letter",
        "",
    ]


def test_less_important_columns_are_left_out_and_named(terminal: Terminal) -> None:
    terminal.resize(30)
    left_out = print_chosen(["id", "name", "mail", "city"], [["17", "Ana", "ana@shop.example", "Bern"]], least=2)

    assert left_out == ["mail"]
    assert terminal.read().splitlines()[1:4] == [
        " id   name   city",
        " ────────────────",
        " 17   Ana    Bern",
    ]


def test_a_wide_matrix_becomes_several_tables(terminal: Terminal) -> None:
    terminal.resize(26)
    print_matrix(["", "first", "second", "third"], [["email", "re", "do", "sy"]], "Fields")

    lines = [line.strip() for line in terminal.read().splitlines()]
    assert [line for line in lines if line and "─" not in line] == [
        "Fields (1 of 2)",
        "first   second",
        "email   re      do",
        "Fields (2 of 2)",
        "third",
        "email   sy",
    ]
