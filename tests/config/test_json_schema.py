from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.config.invalid_files import GROUND, INVALID
from tests.config.json_schema_check import find_faults
from truto_unify.config.json_schema import mapping_schema, provider_schema
from truto_unify.config.mapping import MappingConfig
from truto_unify.config.provider import ProviderConfig
from truto_unify.config.yaml import load_yaml

ROOT = Path(__file__).resolve().parents[2]
PROVIDERS = sorted([*(ROOT / "providers").glob("*.yaml"), *GROUND.glob("providers/*.yaml")])
MAPPINGS = sorted([*(ROOT / "mappings").rglob("*.yaml"), *GROUND.glob("mappings/**/*.yaml")])


def faults_of(file: Path, schema: dict[str, Any]) -> list[str]:
    node, problems = load_yaml(file.read_text("utf-8"), file.name)
    assert problems == []
    return list(find_faults(node.plain(), schema, schema))


def name_of(file: Path) -> str:
    return f"{file.parent.name}-{file.stem}"


@pytest.mark.parametrize("file", PROVIDERS, ids=name_of)
def test_every_shipped_provider_file_is_valid(file: Path) -> None:
    assert faults_of(file, provider_schema()) == []


@pytest.mark.parametrize("file", MAPPINGS, ids=name_of)
def test_every_shipped_mapping_file_is_valid(file: Path) -> None:
    assert faults_of(file, mapping_schema()) == []


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        ("unknown_key_top", "$.resource: not allowed"),
        ("unknown_key_declaration", "$.context.shop.titl: not allowed"),
        ("type_text_expected", "$.label: not of type string"),
        ("type_mapping_expected", "$.headers: not of type object"),
        (
            "choice_http_method",
            "$.resources.customers.list.method: not one of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']",
        ),
    ],
)
def test_an_editor_sees_the_fault_of_a_provider_file(file: str, fault: str) -> None:
    assert fault in faults_of(INVALID / f"providers/{file}.yaml", provider_schema())


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("unknown_key_top", "$.respons_mapping"),
        ("unknown_key_field", "$.response_mapping.status"),
        ("expression_number", "$.response_mapping.name"),
        ("type_unknown", "$.response_mapping.tier"),
        ("enum_value_not_text", "$.response_mapping.status"),
        ("filter_without_match", "$.list"),
    ],
)
def test_an_editor_sees_the_fault_of_a_mapping_file(file: str, path: str) -> None:
    faults = faults_of(INVALID / f"mappings/{file}.yaml", mapping_schema())

    assert path in {fault.partition(": ")[0] for fault in faults}


def test_a_field_may_be_an_expression_or_a_table() -> None:
    schema = mapping_schema()

    assert schema["properties"]["response_mapping"]["additionalProperties"]["anyOf"] == [
        {"type": "string", "description": "A JMESPath expression."},
        {"$ref": "#/$defs/FieldRule"},
    ]
    assert schema["$defs"]["FieldRule"]["properties"]["map"]["anyOf"][0]["additionalProperties"]["anyOf"] == [
        {"type": "string", "description": "A JMESPath expression."},
        {"$ref": "#/$defs/ElementRule"},
    ]


@pytest.mark.parametrize(("schema", "model"), [(provider_schema(), ProviderConfig), (mapping_schema(), MappingConfig)])
def test_the_descriptions_of_the_keys_are_kept(
    schema: dict[str, Any], model: type[ProviderConfig] | type[MappingConfig]
) -> None:
    described = {name: info.description for name, info in model.model_fields.items() if info.description}

    assert {name: schema["properties"][name]["description"] for name in described} == described
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["description"] == model.__doc__
    assert schema["additionalProperties"] is False
