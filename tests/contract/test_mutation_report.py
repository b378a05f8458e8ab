"""``docs/mutation.md`` has the results of the current mappings, and names each survivor with its reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.mutation import END, NEEDED, REPORT, START, every_mapping, read_rows, survivor_lines
from truto_unify.testing.mutation.campaign import find_mutants

if TYPE_CHECKING:
    from truto_unify.testing import ProviderUnderTest

RESULTS = REPORT.read_text(encoding="utf-8").partition(START)[2].partition(END)[0]
ROW = re.compile(r"\| (\w+) \| ([^|]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| ([\d.]+)% \|")


def test_the_page_has_a_row_for_every_mapping() -> None:
    assert [*read_rows()] == [str(pair) for pair in every_mapping()]


@pytest.mark.parametrize("under_test", every_mapping(), ids=str)
def test_the_report_is_of_the_mapping_of_today(under_test: ProviderUnderTest) -> None:
    (row,) = [cells for cells in ROW.findall(RESULTS) if cells[:2] == (under_test.slug, under_test.label)]
    mutants, refused, tried, survived = map(int, row[2:6])

    assert mutants == len(find_mutants(under_test)), "run make mutate"
    assert (refused + tried, survived) == (mutants, len(survivor_lines(under_test)) - 3 if survived else 0)
    assert float(row[6]) >= 100 * NEEDED


def test_the_report_names_the_survivors_of_the_golden_folder() -> None:
    listed = RESULTS.partition("\n\n")[2].strip()

    lines = [line for pair in every_mapping() for line in survivor_lines(pair)]
    assert listed == "\n".join(lines).strip(), "run make mutate"
