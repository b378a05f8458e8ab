"""docs/functions.md lists every function with its argument types; both engines run every row."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jmespath.functions import Functions

from tests.docs.page import read_page, read_rows
from truto_unify.compiler.build import compile_tree
from truto_unify.expressions import EvaluationError, ExpressionError, parse_expression
from truto_unify.functions import FUNCTIONS

PAGE = read_page("docs/functions.md")
OURS = read_rows(PAGE, "| function | takes | gives |")
EXAMPLES = read_rows(PAGE, "| expression | record | gives |")
REFUSALS = read_rows(PAGE, "| expression | record | says |")
WORDS = {"object": "object", "string": "text", "number": "number", "array": "list", "null": "null"}


def refusal_of(text: str, document: Any) -> str:
    """The error of an expression, when it is loaded or when it is run; blank if there is none."""
    try:
        parse_expression(text).search(document)
    except (ExpressionError, EvaluationError) as error:
        return str(error)
    return ""


def test_each_of_our_functions_is_there_with_what_it_takes() -> None:
    documented = {name: takes for name, takes, _ in OURS}

    assert documented == {
        name: ", ".join(" or ".join(WORDS[kind] for kind in kinds) or "anything" for kinds in signature.types)
        for name, signature in FUNCTIONS.items()
    }


def test_each_function_has_an_example() -> None:
    shown = {name for expression, *_ in EXAMPLES for name in re.findall(r"(\w+)\(", expression)}

    assert shown == {*FUNCTIONS, *Functions.FUNCTION_TABLE}


def test_the_page_counts_the_official_functions_and_names_those_that_take_null() -> None:
    sentence = re.search(r"All (\d+) of .*? Except for (.*?), \*\*none of them", " ".join(PAGE.split()))
    accepts_null = {
        name
        for name, entry in Functions.FUNCTION_TABLE.items()
        if any(not argument["types"] or "null" in argument["types"] for argument in entry["signature"][:1])
    }

    assert sentence is not None
    assert int(sentence[1]) == len(Functions.FUNCTION_TABLE)
    assert set(re.findall(r"`(\w+)`", sentence[2])) == accepts_null


@pytest.mark.parametrize(("expression", "record", "gives"), EXAMPLES)
def test_an_example_gives_what_the_page_says(expression: str, record: str, gives: str) -> None:
    parsed, document = parse_expression(expression), json.loads(record)

    assert json.dumps(parsed.search(document)) == gives
    assert json.dumps(compile_tree(parsed.tree)(document)) == gives


@pytest.mark.parametrize(("expression", "record", "says"), REFUSALS)
def test_a_refusal_says_what_the_page_says(expression: str, record: str, says: str) -> None:
    assert refusal_of(expression, json.loads(record)) == says
