from __future__ import annotations

from pathlib import Path

import pytest

from truto_unify.config.json_schema import mapping_schema, provider_schema
from truto_unify.config.reference import key_reference
from truto_unify.config.rules import RULES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "keys.md"
REFERENCE = key_reference()
MODELS = [model for schema in (provider_schema(), mapping_schema()) for model in (schema, *schema["$defs"].values())]


def test_the_committed_page_is_what_the_models_say() -> None:
    assert PAGE.read_text("utf-8") == REFERENCE, "run: truto-unify schema --format markdown > docs/keys.md"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["description"][:30])
def test_every_key_is_listed_with_its_meaning(model: dict[str, dict[str, dict[str, str]]]) -> None:
    rows = [line.split(" | ") for line in REFERENCE.splitlines() if line.startswith("| `")]
    keys = [row for row in rows if len(row) == 4]
    documented = {(row[0].split("`")[1], row[2].partition(" Left out: ")[0].replace("\\", "")) for row in keys}

    assert {(key, value["description"]) for key, value in model["properties"].items()} - documented == set()


def test_every_rule_of_lint_is_listed() -> None:
    assert [rule for rule in RULES if f"| `{rule}` | " not in REFERENCE] == []


def test_links_lead_to_a_heading_of_the_page() -> None:
    page = REFERENCE
    headings = {line.strip("# ").lower().replace(" ", "-") for line in page.splitlines() if line.startswith("#")}
    links = {part.partition(")")[0] for part in page.split("](#")[1:]}

    assert links - headings == set()
    assert len(links) > 15
