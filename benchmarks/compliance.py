"""Runs the official JMESPath cases by their test, in a process of its own, and counts those that pass."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

from benchmarks import goals
from benchmarks.goals import Row

ROOT = Path(__file__).resolve().parents[1]
TEST = "tests/compiler/test_compliance.py"
_CASE = re.compile(r"^test_an_official_case")


def measure_compliance() -> Row:
    """The number of the 908 official cases that the compiled engine passes."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "cases.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", TEST, f"--junitxml={report}"]
        subprocess.run(command, cwd=ROOT, check=False, capture_output=True)  # noqa: S603 - ours
        if not report.exists():
            return Row(goals.COMPLIANCE, "the official cases", None, f"{TEST} does not run")
        cases = ET.parse(report).iter("testcase")  # noqa: S314 - written by our test runner
        passed = [case for case in cases if _CASE.match(case.get("name", "")) and not len(case)]
    if not passed:
        return Row(goals.COMPLIANCE, "the official cases", None, "the cases are not here")
    return Row(goals.COMPLIANCE, "the official cases", len(passed))
