"""Problems of configuration files in the forms that terminals, programs and code hosts read."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from truto_unify.config.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from truto_unify.errors import Problem

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def problem_rows(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """The problems as JSON objects with ``file``, ``line``, ``column``, ``rule``, ``message`` and ``snippet``."""
    keys = ("file", "line", "column", "rule", "message", "snippet")
    return [{key: getattr(one, key) for key in keys} for one in problems]


def annotation_lines(problems: Iterable[Problem]) -> list[str]:
    """GitHub's workflow commands, which put each problem beside its line in a pull request.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    return [
        f"::error file={_escape_property(one.file)},line={one.line},col={one.column},"
        f"title={_escape_property(one.rule or 'configuration')}::{_escape_data(_with_snippet(one))}"
        for one in problems
    ]


def _with_snippet(problem: Problem) -> str:
    return f"{problem.message}\n{problem.snippet}" if problem.snippet else problem.message


def _escape_data(text: str) -> str:
    r"""What a runner would read as the end of the command.

    >>> _escape_data("100% of\nthem")
    '100%25 of%0Athem'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    """The same, and what would end a property.

    >>> _escape_property("a,b:c")
    'a%2Cb%3Ac'
    """
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


def sarif_log(problems: Sequence[Problem], version: str) -> dict[str, Any]:
    """One run as a SARIF 2.1.0 log, for code scanning.

    Args:
        problems: what was found.
        version: of this package.

    https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    ids = list(RULES)
    driver = {
        "name": "truto-unify lint",
        "semanticVersion": version,
        "rules": [{"id": one, "shortDescription": {"text": RULES[one]}} for one in ids],
    }
    results = [_result(one, ids) for one in problems]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(problem: Problem, ids: list[str]) -> dict[str, Any]:
    region = {"startLine": problem.line, "startColumn": problem.column}
    place = {"artifactLocation": {"uri": _uri(problem.file)}, "region": region}
    return {
        "ruleId": problem.rule,
        "ruleIndex": ids.index(problem.rule),
        "level": "error",
        "message": {"text": _with_snippet(problem)},
        "locations": [{"physicalLocation": place}],
    }


def _uri(file: str) -> str:
    """A relative reference, or a file URI for an absolute path.

    >>> _uri("my overlay/providers/acme.yaml"), _uri("/x/a.yaml")
    ('my%20overlay/providers/acme.yaml', 'file:///x/a.yaml')
    """
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
