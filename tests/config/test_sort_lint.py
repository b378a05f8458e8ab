"""Lint asks what becomes of records that share the key of a sort."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.stores import RESOURCE, write_stores
from truto_unify.config.configuration import Configuration

NUMBERED = {
    "numbers",
    "numbers_total",
    "numbers_more",
    "numbers_body",
    "numbers_offset",
    "offsets",
    "offsets_body",
    "unsafe",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stores")
    write_stores(folder)
    return folder


@pytest.mark.parametrize("declared", ["true", "false", None])
def test_a_sort_of_a_numbered_list_declares_whether_its_keys_are_unique(folder: Path, declared: str | None) -> None:
    for file in (folder / "mappings" / RESOURCE).iterdir():
        lines = [line for line in file.read_text().splitlines() if "unique:" not in line]
        if declared is not None:
            lines.insert(lines.index("  sort:") + 1, f"    unique: {declared}")
        file.write_text("\n".join(lines) + "\n")
    configuration = Configuration(overlay=[folder])
    warned = {Path(finding.file).stem for finding in configuration.findings() if finding.rule == "sort-without-unique"}

    assert warned == (NUMBERED if declared is None else set())
    others = {(Path(problem.file).stem, problem.rule) for problem in configuration.problems()}
    assert others == {("unsafe", "read-may-write")}
