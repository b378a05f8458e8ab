"""A custom field with a name close to a field of the model is a warning, and the mapping still works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.config.invalid_files import GROUND, PLACES
from truto_unify.config import configuration
from truto_unify.config.configuration import Configuration
from truto_unify.config.files import folder_layer

if TYPE_CHECKING:
    from pathlib import Path

MAPPING = PLACES["mappings"]
FIELDS = {
    "curency": "currency",
    "comapny_name": "company_name",
    "Company-Name": "company_name",
    "companyName": "company_name",
    "st\N{CYRILLIC SMALL LETTER A}tus": "status",
    "last\N{ZERO WIDTH SPACE}_name": "last_name",
}


@pytest.fixture
def overlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The mapping file of an overlay over a good provider."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(configuration, "shipped_layer", lambda: folder_layer(GROUND))
    file = tmp_path / "x" / MAPPING
    file.parent.mkdir(parents=True)
    return file


def findings(file: Path, line: str) -> list[str]:
    """The findings of lint in a mapping with this line; none of them is an error."""
    file.write_text(f"response_mapping:\n  {line}\n", "utf-8")
    configuration = Configuration(overlay=["x"])
    assert configuration.problems() == []
    return [str(finding) for finding in configuration.findings()]


@pytest.mark.parametrize("name", FIELDS)
def test_a_name_that_is_nearly_a_field_of_the_model(overlay: Path, name: str) -> None:
    assert findings(overlay, f'"{name}": x') == [
        f'x/{MAPPING}:2:3: warning: custom field "{name}" is nearly "{FIELDS[name]}" of the unified model; '
        f'write "{FIELDS[name]}", or give it a type if it is meant'
    ]


def test_a_part_of_a_list_is_looked_at_too(overlay: Path) -> None:
    line = "emails: [{email: a, type: b, status: c, is_primary: d, staus: e}]"

    assert findings(overlay, line) == [
        f'x/{MAPPING}:2:{3 + line.index("staus")}: warning: custom field "emails.staus" is nearly "status" of the '
        'unified model; write "status", or give it a type if it is meant'
    ]


@pytest.mark.parametrize(
    "line", ["curency: {expr: x, type: text}", "loyalty_points: x", "company_id: x", "remote_id: x"]
)
def test_a_type_says_that_the_name_is_meant_and_other_names_are_not_near(overlay: Path, line: str) -> None:
    assert findings(overlay, line) == []
