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

FOLDER = Path(__file__).parent / "compliance"


def read_cases(*, failing: bool) -> Iterator[Any]:
    for file in sorted(FOLDER.glob("*.json")):
        for suite in json.loads(file.read_text(encoding="utf-8")):
            for case in suite["cases"]:
                if ("error" in case) is failing:
                    yield pytest.param(suite["given"], case, id=f"{file.stem}: {ascii(case['expression'])[1:60]}")


def compiled(tree: dict[str, Any], document: Any) -> Any:
    return compile_tree(tree)(document)


ENGINES = pytest.mark.parametrize("search", [compiled, specification.search], ids=["compiled", "oracle"])


@ENGINES
@pytest.mark.parametrize(("document", "case"), [*read_cases(failing=False)])
def test_a_case_gives_its_result(document: Any, case: dict[str, Any], search: Callable[..., Any]) -> None:
    result = search(parse_expression(case["expression"]).tree, document)

    # As text, which tells 1, 1.0 and true apart and keeps the order of keys.
    assert json.dumps(result) == json.dumps(case["result"])


@ENGINES
@pytest.mark.parametrize(("document", "case"), [*read_cases(failing=True)])
def test_a_case_that_must_fail_fails(document: Any, case: dict[str, Any], search: Callable[..., Any]) -> None:
    # A wrong number of arguments is found when the text is read, everything else when it is evaluated.
    with pytest.raises(REFUSALS):
        search(parse_expression(case["expression"]).tree, document)


def test_no_case_occurs_twice() -> None:
    cases = [
        json.dumps([suite["given"], case["expression"]])
        for file in FOLDER.glob("*.json")
        for suite in json.loads(file.read_text(encoding="utf-8"))
        for case in suite["cases"]
    ]

    assert len(cases) == len(set(cases))
    assert len(cases) > 300
