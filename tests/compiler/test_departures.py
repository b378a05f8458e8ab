"""docs/jmespath.md says where the library departs from the specification: every row of its tables is run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jmespath
import pytest

from tests.compiler import specification
from tests.compiler.fuzz.compare import REFUSALS
from truto_unify.compiler.build import compile_tree
from truto_unify.expressions import parse_expression

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = Path(__file__).resolve().parents[2] / "docs" / "jmespath.md"


def read_table(heading: str) -> list[list[str]]:
    """The rows of the table with this heading; without code marks."""
    lines = PAGE.read_text(encoding="utf-8").split("\n")
    start = lines.index(heading) + 2
    rows = lines[start : lines.index("", start)]
    return [[cell.strip().removeprefix("`").removesuffix("`") for cell in row.strip("|").split(" | ")] for row in rows]


DEPARTURES = read_table("| expression | document | jmespath 1.1.0 | here | because |")
ERRORS = read_table("| expression | document | jmespath 1.1.0 | here |")
PARSED = read_table("| expression | document | gives | by the specification | write |")


def outcome(search: Callable[[], Any]) -> str:
    """A result as JSON, or the class of the error."""
    try:
        return json.dumps(search())
    except Exception as error:  # noqa: BLE001 - the page names its class
        return type(error).__name__


@pytest.mark.parametrize(("expression", "document", "library", "here"), [row[:4] for row in DEPARTURES])
def test_the_compiler_follows_the_specification_if_the_library_departs_from_it(
    expression: str, document: str, library: str, here: str
) -> None:
    tree: Any = parse_expression(expression).tree
    value = json.loads(document)

    assert outcome(lambda: jmespath.search(expression, value)) == library
    assert outcome(lambda: specification.search(tree, value)) == here
    assert outcome(lambda: compile_tree(tree)(value)) == here


@pytest.mark.parametrize(("expression", "document", "library", "here"), ERRORS)
def test_every_error_of_the_library_is_one_class_here(expression: str, document: str, library: str, here: str) -> None:
    parsed, value = parse_expression(expression), json.loads(document)

    assert outcome(lambda: jmespath.search(expression, value)) == library
    assert outcome(lambda: parsed.search(value)) == here
    with pytest.raises(REFUSALS):
        compile_tree(parsed.tree)(value)


@pytest.mark.parametrize(("expression", "document", "gives"), [row[:3] for row in PARSED])
def test_what_the_parser_reads_differently_is_as_the_page_says(expression: str, document: str, gives: str) -> None:
    tree: Any = parse_expression(expression).tree

    assert outcome(lambda: jmespath.search(expression, json.loads(document))) == gives
    assert outcome(lambda: compile_tree(tree)(json.loads(document))) == gives


def test_the_page_says_what_to_write_for_a_slice_after_an_index() -> None:
    tree: Any = parse_expression("a[0][:2][*].b").tree

    assert compile_tree(tree)({"a": [[{"b": 1}, {"b": 2}, {"b": 3}]]}) == [1, 2]


def test_the_page_counts_the_cases() -> None:
    counted = re.search(r"the (\d+) cases of the official suite", PAGE.read_text(encoding="utf-8"))

    assert counted is not None
    assert counted[1] == "908"
