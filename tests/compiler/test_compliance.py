"""The official JMESPath cases, by the compiled functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jmespath
import pytest
from jmespath.exceptions import JMESPathError

from tests.shared_material import SHARED, needs_shared
from truto_unify.compiler.build import compile_tree
from truto_unify.functions import equals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The library warns of literals without quotes, which some cases hold on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:deprecated string literal syntax:PendingDeprecationWarning")
FOLDER = SHARED / "jmespath-compliance"


FILES = sorted(FOLDER.glob("*.json"))
each_file = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])


def read_cases(file: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    """(document, case) pairs of a file."""
    for suite in json.loads(file.read_text(encoding="utf-8")):
        yield from ((suite["given"], case) for case in suite["cases"])


def run(expression: str, document: Any) -> Any:
    """The result, or the error if the expression cannot be read or evaluated."""
    try:
        tree: Any = jmespath.compile(expression).parsed
        return compile_tree(tree)(document)
    except (JMESPathError, ValueError) as error:
        return error


def passes(document: Any, case: dict[str, Any]) -> bool:
    """Whether a case gives its result, or fails if it must."""
    result = run(case["expression"], document)
    if "error" in case or isinstance(result, Exception):
        return "error" in case and isinstance(result, Exception)
    return equals(result, case.get("result", result))


@needs_shared
@each_file
def test_official_cases_give_their_results_and_those_that_must_fail_fail(file: Path) -> None:
    failed = [(case["expression"], document) for document, case in read_cases(file) if not passes(document, case)]

    assert failed == []


@needs_shared
def test_all_official_cases_are_there() -> None:
    assert sum(len([*read_cases(file)]) for file in FILES) == 908
