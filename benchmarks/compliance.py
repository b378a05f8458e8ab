"""Runs the official JMESPath cases and counts those that the compiled engine passes."""

from __future__ import annotations

import warnings

from benchmarks import goals
from benchmarks.goals import Row
from tests.compiler.test_compliance import FILES, passes, read_cases

WORKLOAD = "the official cases"


def measure_compliance() -> Row:
    """The number of the 908 official cases that the compiled engine passes."""
    if not FILES:
        return Row(goals.COMPLIANCE, WORKLOAD, None, "the cases are not here")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # some cases hold literals without quotes
        passed = sum(passes(document, case) for file in FILES for document, case in read_cases(file))
    return Row(goals.COMPLIANCE, WORKLOAD, passed)
