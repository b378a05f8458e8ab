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

# The library warns of literals without quotes, which some cases hold on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:deprecated string literal syntax:PendingDeprecationWarning")
FOLDER = SHARED / "jmespath-compliance"


def read_cases(*, failing: bool) -> Iterator[Any]:
    for file in sorted(FOLDER.glob("*.json")):
        for suite in json.loads(file.read_text(encoding="utf-8")):
            for case in suite["cases"]:
                if ("error" in case) is failing:
                    yield pytest.param(suite["given"], case, id=f"{file.stem}: {case['expression'][:60]}")


def run(expression: str, document: Any) -> Any:
    tree: Any = jmespath.compile(expression).parsed
    return compile_tree(tree)(document)


@needs_shared
@pytest.mark.parametrize(("document", "case"), [*read_cases(failing=False)])
def test_an_official_case_gives_its_result(document: Any, case: dict[str, Any]) -> None:
    result = run(case["expression"], document)

    assert equals(result, case.get("result", result))


@needs_shared
@pytest.mark.parametrize(("document", "case"), [*read_cases(failing=True)])
def test_an_official_case_that_must_fail_fails(document: Any, case: dict[str, Any]) -> None:
    with pytest.raises((JMESPathError, ValueError)):
        run(case["expression"], document)


@needs_shared
def test_all_official_cases_are_there() -> None:
    assert len([*read_cases(failing=False), *read_cases(failing=True)]) == 908
