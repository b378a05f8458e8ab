"""Problems of configuration files as JSON, as GitHub annotations and as SARIF."""

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
    """The problems as JSON objects: ``file``, ``line``, ``column``, ``level``, ``rule``, ``message``, ``snippet``."""
    return [
        {
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "level": _level(problem),
            "rule": problem.rule,
            "message": problem.message,
            "snippet": problem.snippet,
        }
        for problem in problems
    ]


def annotation_lines(problems: Iterable[Problem]) -> list[str]:
    """GitHub's workflow commands, which put each problem beside its line in a pull request.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    return [
        f"::{_level(problem)} file={_escape_property(problem.file)},line={problem.line},col={problem.column},"
        f"title={_escape_property(problem.rule or 'configuration')}::{_escape_data(_with_snippet(problem))}"
        for problem in problems
    ]


def _level(problem: Problem) -> str:
    """The word that GitHub and SARIF share."""
    return "warning" if problem.is_warning else "error"


def _with_snippet(problem: Problem) -> str:
    return f"{problem.message}\n{problem.snippet}" if problem.snippet else problem.message


def _escape_data(text: str) -> str:
    r"""The text with the characters escaped that end a workflow command.

    >>> _escape_data("100% of\nthem")
    '100%25 of%0Athem'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    """The text with the characters escaped that end a property.

    >>> _escape_property("a,b:c")
    'a%2Cb%3Ac'
    """
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


def sarif_log(problems: Sequence[Problem], version: str) -> dict[str, Any]:
    """One run as a SARIF 2.1.0 log, for code scanning.

    Args:
        problems: the findings of lint.
        version: of this package.

    https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    ids = list(RULES)
    driver = {
        "name": "truto-unify lint",
        "semanticVersion": version,
        "rules": [{"id": rule, "shortDescription": {"text": RULES[rule]}} for rule in ids],
    }
    results = [_result(problem, ids) for problem in problems]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(problem: Problem, ids: list[str]) -> dict[str, Any]:
    region = {"startLine": problem.line, "startColumn": problem.column}
    place = {"artifactLocation": {"uri": _uri(problem.file)}, "region": region}
    return {
        "ruleId": problem.rule,
        "ruleIndex": ids.index(problem.rule),
        "level": _level(problem),
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
