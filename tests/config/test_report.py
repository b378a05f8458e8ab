from __future__ import annotations

import re
from dataclasses import replace

import pytest

from truto_unify.config.report import SARIF_SCHEMA, annotation_lines, problem_rows, sarif_log
from truto_unify.config.rules import RULES
from truto_unify.errors import Problem

PLAIN = Problem("my, overlay/providers/acme.yaml", 3, 5, 'unknown key "labl"', rule="unknown-key")
EXPRESSION = Problem("mappings/a.yaml", 7, 12, "50% of:\r\nx", "    id: x(\n          ^", rule="bad-expression")


def unescaped(text: str) -> str:
    """The value as GitHub's runner decodes it: https://github.com/actions/toolkit, packages/core/src/command.ts."""
    for escape, letter in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, letter)
    return text


def test_rows_hold_everything_that_is_known_of_a_problem() -> None:
    assert problem_rows([PLAIN, EXPRESSION]) == [
        {
            "file": "my, overlay/providers/acme.yaml",
            "line": 3,
            "column": 5,
            "level": "error",
            "rule": "unknown-key",
            "message": 'unknown key "labl"',
            "snippet": "",
        },
        {
            "file": "mappings/a.yaml",
            "line": 7,
            "column": 12,
            "level": "error",
            "rule": "bad-expression",
            "message": "50% of:\r\nx",
            "snippet": "    id: x(\n          ^",
        },
    ]


def test_an_annotation_is_one_line_in_which_nothing_can_end_a_property_or_the_command() -> None:
    assert annotation_lines([PLAIN, EXPRESSION]) == [
        '::error file=my%2C overlay/providers/acme.yaml,line=3,col=5,title=unknown-key::unknown key "labl"',
        "::error file=mappings/a.yaml,line=7,col=12,title=bad-expression::50%25 of:%0D%0Ax%0A    id: x(%0A          ^",
    ]


def test_a_warning_has_a_level_of_its_own_in_every_form() -> None:
    warning = replace(PLAIN, is_warning=True)

    assert str(warning) == 'my, overlay/providers/acme.yaml:3:5: warning: unknown key "labl"'
    assert [row["level"] for row in problem_rows([warning])] == ["warning"]
    assert [line.partition(" ")[0] for line in annotation_lines([warning])] == ["::warning"]
    assert [result["level"] for result in sarif_log([warning], "0.1.0")["runs"][0]["results"]] == ["warning"]


@pytest.mark.parametrize("text", ["a%0Ab", "a\r\nb", "a::b,c=d", "100%", "%25%2C"])
def test_an_annotation_gives_back_what_was_put_in(text: str) -> None:
    (line,) = annotation_lines([Problem(text, 1, 1, text, rule="unknown-key")])

    match = re.fullmatch(r"::error file=([^,:]*),line=1,col=1,title=unknown-key::([^\r\n]*)", line)

    assert match is not None
    assert [unescaped(group) for group in match.groups()] == [text, text]


def test_a_sarif_log_has_the_essential_structure_of_version_2_1_0() -> None:
    log = sarif_log([PLAIN, EXPRESSION], "0.1.0")

    (run,) = log["runs"]
    assert {key: log[key] for key in ("$schema", "version")} == {"$schema": SARIF_SCHEMA, "version": "2.1.0"}
    assert run["tool"]["driver"]["name"] == "truto-unify lint"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(RULES)
    assert run["results"] == [
        {
            "ruleId": "unknown-key",
            "ruleIndex": list(RULES).index("unknown-key"),
            "level": "error",
            "message": {"text": 'unknown key "labl"'},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "my%2C%20overlay/providers/acme.yaml"},
                        "region": {"startLine": 3, "startColumn": 5},
                    }
                }
            ],
        },
        {
            "ruleId": "bad-expression",
            "ruleIndex": list(RULES).index("bad-expression"),
            "level": "error",
            "message": {"text": "50% of:\r\nx\n    id: x(\n          ^"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "mappings/a.yaml"},
                        "region": {"startLine": 7, "startColumn": 12},
                    }
                }
            ],
        },
    ]


def test_a_log_without_problems_is_a_run_that_found_nothing() -> None:
    assert sarif_log([], "0.1.0")["runs"][0]["results"] == []
