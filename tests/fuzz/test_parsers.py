"""No parser of foreign text raises what nobody expects, whatever it is given; ``make fuzz-parsers`` tries far more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.inputs import make_inputs
from tests.fuzz.parsers import PARSERS, Parser, try_parser

INPUTS = 40
MAX_BYTES = 3_000

each_parser = pytest.mark.parametrize("parser", PARSERS.values(), ids=PARSERS)


@each_parser
@given(st.integers(0, 2**32))
@settings(max_examples=4)
def test_any_text_is_read_or_refused(parser: Parser, seed: int) -> None:
    for data in make_inputs(parser, seed, INPUTS, MAX_BYTES):
        try_parser(parser, data)


@each_parser
def test_the_seeds_of_a_parser_are_read_or_refused(parser: Parser) -> None:
    for data in parser.seeds:
        try_parser(parser, data)


def test_a_finding_names_its_input() -> None:
    parser = Parser(lambda data: 1 // int(data), (b"1",), (ValueError,))
    try_parser(parser, b"x")

    with pytest.raises(ZeroDivisionError) as caught:
        try_parser(parser, b"0")
    assert caught.value.__notes__ == ["the input is b'0'"]
