from __future__ import annotations

import pytest

from truto_unify.expressions import parse_expression
from truto_unify.testing.mutation.expression_mutants import broken_expressions

BROKEN = {
    "a.b": ["ax.b", "a.bx"],
    "items[0].id": ["itemsx[0].id", "items[1].id", "items[0].idx"],
    "a || b": ["ax || b", "a && b", "a || bx"],
    "!a && 'x'": ["a && 'x'", "!ax && 'x'", "!a || 'x'", "!a && 'xx'"],
    "a == 'it\\'s'": ["ax == 'it\\'s'", "a != 'it\\'s'", "a == 'it\\'sx'"],
    '"a.b" > `10`': ['"a.bx" > `10`', '"a.b" <= `10`', '"a.b" > `11`'],
    "lower(a)": ["upper(a)", "lower(ax)"],
    "`true`": ["`false`"],
    "`null`": ['`"x"`'],
    "`[]`": ['`"x"`'],
    "{n: a}": ["{nx: a}", "{n: ax}"],
    "list[?k == 't'] | [0]": [
        "listx[?k == 't'] | [0]",
        "list[?kx == 't'] | [0]",
        "list[?k != 't'] | [0]",
        "list[?k == 'tx'] | [0]",
        "list[?k == 't'] | [1]",
    ],
}


@pytest.mark.parametrize("text", BROKEN)
def test_each_break_changes_an_expression_once(text: str) -> None:
    assert [broken for _, broken in broken_expressions(text)] == BROKEN[text]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_expression_still_parses(text: str) -> None:
    assert [parse_expression(broken).text for _, broken in broken_expressions(text)] == BROKEN[text]
