"""Our own cases, in the form of the official ones, for what those do not cover: compiled, and by the oracle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.compiler import specification
from tests.compiler.fuzz.compare import REFUSALS
from truto_unify.compiler.build import compile_tree
from truto_unify.expressions import parse_expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILES = sorted((Path(__file__).parent / "compliance").glob("*.json"))


def read_cases(file: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    """(document, case) pairs of a file."""
    for suite in json.loads(file.read_text(encoding="utf-8")):
        yield from ((suite["given"], case) for case in suite["cases"])


def outcome(search: Callable[..., Any], expression: str, document: Any) -> str | None:
    """The result as text, which tells 1, 1.0 and true apart and keeps the order of keys; None if it is refused.

    A wrong number of arguments is found when the text is read, everything else when it is evaluated.
    """
    try:
        return json.dumps(search(parse_expression(expression).tree, document))
    except REFUSALS:
        return None


def compiled(tree: dict[str, Any], document: Any) -> Any:
    return compile_tree(tree)(document)


ENGINES = pytest.mark.parametrize("search", [compiled, specification.search], ids=["compiled", "oracle"])


@ENGINES
@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_cases_give_their_results_and_those_that_must_fail_fail(file: Path, search: Callable[..., Any]) -> None:
    outcomes = [(document, case, outcome(search, case["expression"], document)) for document, case in read_cases(file)]

    assert [
        (case["expression"], document, result)
        for document, case, result in outcomes
        if result != (None if "error" in case else json.dumps(case["result"]))
    ] == []


def test_no_case_occurs_twice() -> None:
    cases = [json.dumps([document, case["expression"]]) for file in FILES for document, case in read_cases(file)]

    assert len(cases) == len(set(cases))
    assert len(cases) > 300
