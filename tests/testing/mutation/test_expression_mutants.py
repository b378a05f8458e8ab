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
def test_an_expression_is_broken_once_in_each_way(text: str) -> None:
    assert [broken for _, broken in broken_expressions(text)] == BROKEN[text]


@pytest.mark.parametrize("text", BROKEN)
def test_what_comes_out_is_an_expression_still(text: str) -> None:
    assert [parse_expression(broken).text for _, broken in broken_expressions(text)] == BROKEN[text]
