from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from benchmarks import __main__ as program
from benchmarks import goals, rounds
from benchmarks.goals import Row, Verdict
from benchmarks.report import BEGIN, DOCS, END, Report
from benchmarks.rounds import Contenders, Race

if TYPE_CHECKING:
    from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("row", "verdict", "measured"),
    [
        (Row(goals.BYTES, "w", 2.5), "aim reached", "2.50x"),
        (Row(goals.BYTES, "w", 1.5), "must kept", "1.50x"),
        (Row(goals.BYTES, "w", 1.49), "MUST MISSED", "1.49x"),
        (Row(goals.STREAM, "w", 0.5), "aim reached", "0.50 MiB"),
        (Row(goals.STREAM, "w", 6), "MUST MISSED", "6.00 MiB"),
        (Row(goals.TUNED, "w", 0.5), "aim missed", "0.50x"),
        (Row(goals.CAREFUL, "w", 1), "must kept", "1.00x"),
        (Row(goals.SERVICE_STREAMS, "w", 3), "for information", "3.00 MiB"),
        (Row(goals.BYTES, "w", None, "why"), "not measured", "-"),
    ],
)
def test_a_figure_is_judged_by_its_goal(row: Row, verdict: Verdict, measured: str) -> None:
    assert (row.verdict, row.measured) == (verdict, measured)


def test_a_ratio_is_the_median_of_the_ratios_inside_the_rounds() -> None:
    race = Race({"ours": [1.0, 2.0, 4.0], "theirs": [3.0, 2.0, 8.0]}, records=2)

    assert race.ratio("theirs", "ours") == 2.0
    assert race.microseconds("ours") == 1_000_000.0


def test_every_contender_runs_once_a_round_and_each_begins_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        rounds, "gc", SimpleNamespace(collect=int, freeze=int, unfreeze=int)
    )  # a suite has much to walk
    order: list[str] = []
    ticks: list[None] = []
    turns = {name: lambda name=name: order.append(name) for name in "abc"}

    race = Contenders(turns).race(4, lambda: ticks.append(None))

    assert "".join(order) == "abc" + "abc" + "bca" + "cab" + "abc"
    assert {name: len(times) for name, times in race.seconds.items()} == {"a": 4, "b": 4, "c": 4}
    assert len(ticks) == 4


def test_results_go_between_the_marks_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    report = Report(25, is_quick=False, rows=[Row(goals.BYTES, "shopify dense", 1.75)])

    report.write_docs(page)
    report.write_docs(page)

    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    assert text.count("| bytes -> bytes, faster than orjson + careful + orjson | shopify dense |") == 1
    assert re.search(r"CPython \d+\.\d+\.\d+, jmespath \d", text)


def test_the_times_of_a_race_become_a_picture(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"{BEGIN}\n{END}\n", encoding="utf-8")
    race = Race({"jmespath": [0.004], "compiled": [0.0002]}, records=10)
    report = Report(25, is_quick=False, races={"records: shopify": race, "page sizes: shopify": race})

    report.write_docs(page)

    picture = ElementTree.fromstring((tmp_path / "performance-records.svg").read_text(encoding="utf-8"))
    texts = [text.text for text in picture.iter(f"{SVG}text")]
    widths = [float(bar.attrib["width"]) for bar in picture.iter(f"{SVG}rect")][1:]
    assert texts == ["shopify", "compiled", "20.0 µs", "jmespath", "400.0 µs"]
    assert widths == [24.0, 480.0]
    assert [file.name for file in tmp_path.glob("*.svg")] == ["performance-records.svg"]
    assert "](performance-records.svg)" in page.read_text(encoding="utf-8")


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("nothing\n", encoding="utf-8")

    with pytest.raises(ValueError, match="has no place for results"):
        Report(25, is_quick=False).write_docs(page)
    assert page.read_text(encoding="utf-8") == "nothing\n"


def test_the_documentation_has_its_place() -> None:
    text = DOCS.read_text(encoding="utf-8")

    assert (text.count(BEGIN), text.count(END)) == (1, 1)
    assert text.index(BEGIN) < text.index(END)


@pytest.mark.parametrize("arguments", [["--quick"], ["--only", "compile"]])
def test_only_a_whole_run_is_documented(arguments: list[str]) -> None:
    before = DOCS.read_bytes()

    done = CliRunner().invoke(program.main, ["--write-docs", *arguments])

    assert done.exit_code == 2
    assert "--write-docs needs a whole run" in done.stderr
    assert DOCS.read_bytes() == before


@pytest.mark.parametrize(("milliseconds", "exit_code"), [(14.0, 0), (16.0, 1)])
def test_the_command_fails_when_a_must_is_missed(
    milliseconds: float, exit_code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "measure_compiling", lambda *_: [Row(goals.COMPILE, "wix", milliseconds)])
    figures = tmp_path / "figures.json"

    done = CliRunner().invoke(program.main, ["--quick", "--only", "compile", "--json", str(figures)])

    assert done.exit_code == exit_code
    assert f"{milliseconds:.2f} ms" in done.stdout
    [row] = json.loads(figures.read_text(encoding="utf-8"))["rows"]
    assert (row["must"], row["measured"]) == ("<= 15 ms", milliseconds)
