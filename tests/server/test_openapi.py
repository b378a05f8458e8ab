from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import schemathesis

from tests.shipped import REGISTRY

if TYPE_CHECKING:
    from tests.server.conftest import Service

pytestmark = pytest.mark.anyio
LIST = "/unified/ecommerce/customers"


@pytest.fixture
async def document(service: Service) -> dict[str, Any]:
    body: dict[str, Any] = (await service.call("/openapi.json", None)).json()
    return body


async def test_it_is_a_document_of_version_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(document).validate()
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


async def test_every_route_is_in_it(service: Service, document: dict[str, Any]) -> None:
    answered = {"/", "/favicon.ico", "/docs", "/docs/{name}", "/openapi.json", "/unified/{model}/{resource}"}
    answered |= {"/unified/{model}/{resource}/{id}"}
    paths = [str(getattr(route, "path", "")) for route in service.app.routes]
    routes = {path.replace(":path}", "}").replace("{record_id}", "{id}") for path in paths}
    assert len(routes) > 30
    assert routes - document["paths"].keys() - answered == set()


async def test_each_parameter_lists_the_support_of_every_provider(document: dict[str, Any]) -> None:
    operation = document["paths"][LIST]["get"]
    support = {parameter["name"]: parameter.get("x-unify-support") for parameter in operation["parameters"]}
    assert support["created_at"]["bigcommerce"] == "native"
    assert support["email"]["woocommerce"] in {"native", "checked", "emulated"}
    assert set(support["emails[][is_primary]"]) == set(REGISTRY.providers)
    assert support["sort_by"]["wix"] == {"created_at": "native", "updated_at": "emulated"}
    assert operation["x-unify-support"]["zohoinventory"] == ["list", "get"]
    assert operation["x-unify-fields"]["shopify"]["id"]["support"] == "yes"


async def test_nested_parameters_are_deep_objects(document: dict[str, Any]) -> None:
    (created,) = [
        parameter for parameter in document["paths"][LIST]["get"]["parameters"] if parameter["name"] == "created_at"
    ]
    assert (created["style"], created["explode"], list(created["schema"]["properties"])) == (
        "deepObject",
        True,
        ["eq", "gt", "gte", "lt", "lte"],
    )


async def test_errors_have_our_shape_alone(document: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in str(document)
    schemas = {
        content["schema"]["$ref"]
        for path in document["paths"].values()
        for operation in path.values()
        for status, answer in operation["responses"].items()
        if status >= "4"
        for content in answer["content"].values()
    }
    assert schemas == {"#/components/schemas/Error", "#/components/schemas/RemoteError"}


async def test_public_routes_need_no_token(document: dict[str, Any]) -> None:
    public = {
        path
        for path, item in document["paths"].items()
        for operation in item.values()
        if operation.get("security") == []
    }
    assert public == {"/ping", "/healthz", "/readyz", "/metrics"}


async def test_every_body_of_a_known_shape_has_an_example_that_fits(document: dict[str, Any]) -> None:
    schemas = {
        f"{verb} {path}": operation["requestBody"]["content"]["application/json"].get("schema")
        for path, item in document["paths"].items()
        for verb, operation in item.items()
        if "requestBody" in operation
    }
    shapes = {name: resolve(schema, document) for name, schema in schemas.items() if schema}
    faults = {
        name: [
            str(error)
            for example in shape.get("examples", [None])
            for error in validator(shape, document).iter_errors(example)
        ]
        for name, shape in shapes.items()
    }

    assert len(shapes) > 8
    assert {name: fault for name, fault in faults.items() if fault} == {}


def resolve(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    shape: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return shape


def validator(shape: dict[str, Any], document: dict[str, Any]) -> Any:
    return jsonschema_rs.Draft202012Validator({**shape, "components": document["components"]})
