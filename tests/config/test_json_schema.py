from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from tests.config.invalid_files import GROUND, INVALID
from tests.config.json_schema_check import find_faults
from truto_unify.config.json_schema import mapping_schema, provider_schema
from truto_unify.config.mapping import MappingConfig
from truto_unify.config.provider import ProviderConfig
from truto_unify.config.yaml import load_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
PROVIDERS = sorted([*(ROOT / "providers").glob("*.yaml"), *GROUND.glob("providers/*.yaml")])
MAPPINGS = sorted([*(ROOT / "mappings").rglob("*.yaml"), *GROUND.glob("mappings/**/*.yaml")])


PROVIDER, MAPPING = provider_schema(), mapping_schema()
PROVIDER_OVERLAY, MAPPING_OVERLAY = provider_schema(overlay=True), mapping_schema(overlay=True)


def faults_of(file: Path, schema: dict[str, Any]) -> list[str]:
    node, problems = load_yaml(file.read_text("utf-8"), file.name)
    assert problems == []
    return list(find_faults(node.plain(), schema, schema))


def name_of(file: Path) -> str:
    return f"{file.parent.name}-{file.stem}"


@pytest.mark.parametrize("file", PROVIDERS, ids=name_of)
def test_every_shipped_provider_file_is_valid(file: Path) -> None:
    assert faults_of(file, PROVIDER) == []


@pytest.mark.parametrize("file", MAPPINGS, ids=name_of)
def test_every_shipped_mapping_file_is_valid(file: Path) -> None:
    assert faults_of(file, MAPPING) == []


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
    assert fault in faults_of(INVALID / f"providers/{file}.yaml", PROVIDER)


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("unknown_key_top", "$.respons_mapping"),
        ("expression_number", "$.response_mapping.name"),
        ("type_unknown", "$.response_mapping.tier"),
        ("enum_value_not_text", "$.response_mapping.status"),
        ("unknown_key_filter", "$.list"),
    ],
)
def test_an_editor_sees_the_fault_of_a_mapping_file(file: str, path: str) -> None:
    faults = faults_of(INVALID / f"mappings/{file}.yaml", MAPPING)

    assert path in {fault.partition(": ")[0] for fault in faults}


def test_a_field_or_a_part_may_be_an_expression_a_table_an_object_or_the_sources_of_a_list() -> None:
    schema = mapping_schema()

    value = {"anyOf": [{"type": "string", "description": "A JMESPath expression."}, {"$ref": "#/$defs/ValueRule"}]}

    field = [
        value,
        {"$ref": "#/$defs/ObjectRule"},
        {"type": "array", "items": {"$ref": "#/$defs/Source"}},
    ]
    assert schema["properties"]["response_mapping"]["additionalProperties"]["oneOf"] == field
    assert schema["$defs"]["Source"]["additionalProperties"]["oneOf"] == field
    assert schema["$defs"]["ObjectRule"]["additionalProperties"]["oneOf"] == field


def test_the_four_schemas_have_names_of_their_own() -> None:
    schemas = [make(overlay=overlay) for make in (provider_schema, mapping_schema) for overlay in (False, True)]

    assert len({schema["$id"] for schema in schemas}) == len({schema["title"] for schema in schemas}) == 4


@pytest.mark.parametrize(("schema", "model"), [(PROVIDER, ProviderConfig), (MAPPING, MappingConfig)])
def test_the_descriptions_of_the_keys_are_kept(
    schema: dict[str, Any], model: type[ProviderConfig] | type[MappingConfig]
) -> None:
    described = {name: info.description for name, info in model.model_fields.items() if info.description}

    assert {name: schema["properties"][name]["description"] for name in described} == described
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"].startswith("urn:truto-unify:schema:")
    assert schema["title"].startswith("truto_unify ")
    assert schema["description"] == model.__doc__
    assert schema["additionalProperties"] is False


MODELS = [
    (name, model)
    for schema in (PROVIDER, MAPPING)
    for name, model in [(schema["description"], schema), *schema["$defs"].items()]
]


def test_every_key_has_a_description_and_an_example() -> None:
    bare = [
        (name, key)
        for name, model in MODELS
        for key, value in model["properties"].items()
        if not (value.get("description") and value.get("examples"))
    ]

    assert (bare, len(MODELS) > 30) == ([], True)


def models_below(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The model and every one inside it, by name."""
    models: dict[str, type[BaseModel]] = {}
    waiting: list[Any] = [model]
    while waiting:
        candidate = waiting.pop()
        if isinstance(candidate, type) and issubclass(candidate, BaseModel) and candidate.__name__ not in models:
            models[candidate.__name__] = candidate
            waiting += [info.annotation for info in candidate.model_fields.values()]
        waiting += get_args(candidate)
    return models


def works(model: type[BaseModel], key: str) -> Iterator[bool]:
    """Whether each example of a key is a value that it takes."""
    info = model.model_fields[key]
    kind: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    config = ConfigDict(strict=True, arbitrary_types_allowed=True)
    holder = create_model("Holder", __config__=config, value=(kind, ...))
    for example in info.examples or ():
        try:
            yield holder.model_validate({"value": example}).model_fields_set == {"value"}
        except ValidationError:
            yield False


@pytest.mark.parametrize(("whole", "least"), [(ProviderConfig, 100), (MappingConfig, 60)])
def test_every_example_is_one_that_works(whole: type[BaseModel], least: int) -> None:
    outcomes = {
        (name, key): [*works(model, key)] for name, model in models_below(whole).items() for key in model.model_fields
    }

    assert [key for key, each in outcomes.items() if not all(each)] == []
    assert sum(map(len, outcomes.values())) > least


@pytest.mark.parametrize("file", PROVIDERS, ids=name_of)
def test_a_whole_provider_file_may_be_an_overlay(file: Path) -> None:
    assert faults_of(file, PROVIDER_OVERLAY) == []


@pytest.mark.parametrize("file", MAPPINGS, ids=name_of)
def test_a_whole_mapping_file_may_be_an_overlay(file: Path) -> None:
    assert faults_of(file, MAPPING_OVERLAY) == []


OVERLAY_OF_A_PROVIDER = """\
api_version: null
context: {shop: {example: other}, region: null}
authorization: {token: "{credentials.key}"}
resources:
  customers:
    list: {pagination: {max_page_size: 50}}
    get: null
"""
OVERLAY_OF_A_MAPPING = """\
list:
  filters: {email: {match: exact}, name: null}
  sort: {default: null}
response_mapping:
  loyalty_tier: tier
  company_name: null
  status: {enum: {open: active, frozen: null}}
  emails: [{each: emails, email: address, type: {const: work}}]
unsupported: {currency: null}
"""


@pytest.mark.parametrize(
    ("text", "make"), [(OVERLAY_OF_A_PROVIDER, provider_schema), (OVERLAY_OF_A_MAPPING, mapping_schema)]
)
def test_an_editor_does_not_call_an_overlay_incomplete(text: str, make: Callable[..., dict[str, Any]]) -> None:
    content = load_yaml(text, "a.yaml")[0].plain()

    assert list(find_faults(content, make(overlay=True), make(overlay=True))) == []
    assert list(find_faults(content, make(), make())) != []


@pytest.mark.parametrize(
    ("text", "make", "fault"),
    [
        ("labl: x\n", provider_schema, "$.labl: not allowed"),
        ("label: 5\n", provider_schema, "$.label: 0 branches of anyOf take it"),
        ("respons_mapping: {}\n", mapping_schema, "$.respons_mapping: not allowed"),
    ],
)
def test_an_editor_still_sees_the_fault_of_an_overlay(
    text: str, make: Callable[..., dict[str, Any]], fault: str
) -> None:
    content = load_yaml(text, "a.yaml")[0].plain()

    (problem,) = find_faults(content, make(overlay=True), make(overlay=True))

    assert problem.startswith(fault)
