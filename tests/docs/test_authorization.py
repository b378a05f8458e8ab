"""Each example of the page on authorization is a scheme that a provider file may have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from truto_unify.config.authorization import Authorization, read_templates

PAGE = Path(__file__).resolve().parents[2] / "docs" / "authorization.md"
TEXT = PAGE.read_text("utf-8")
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)]
READER: TypeAdapter[Authorization] = TypeAdapter(Authorization)


def frozen(value: object) -> object:
    """The value as provider files are read: lists are tuples."""
    if isinstance(value, dict):
        return {key: frozen(inner) for key, inner in value.items()}
    return tuple(map(frozen, value)) if isinstance(value, list) else value


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["type"])
def test_each_example_is_a_scheme_whose_placeholders_have_a_value(example: dict[str, object]) -> None:
    rule = READER.validate_python(frozen(example))

    unknown = [
        name
        for path, template in read_templates(rule)
        for name in template.placeholders
        if not name.startswith(("credentials.", "context.")) and name not in rule.own_names(path)
    ]
    assert unknown == []


def test_every_type_is_named() -> None:
    types = {
        branch["properties"]["type"]["const"]
        for branch in READER.json_schema()["$defs"].values()
        if "type" in branch["properties"]
    }

    assert [name for name in sorted(types) if f"`{name}`" not in TEXT] == []
