from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.conftest import SLUGS
from tests.shipped import REGISTRY

if TYPE_CHECKING:
    from tests.server.conftest import Service

pytestmark = pytest.mark.anyio


async def test_all_providers(service: Service) -> None:
    body = (await service.call("/integration", None)).json()
    assert (list(body), body["next_cursor"], body["limit"]) == (["result", "next_cursor", "limit"], None, 5000)
    assert [provider["name"] for provider in body["result"]] == list(REGISTRY.providers)
    assert {provider["category"] for provider in body["result"]} == {"ecommerce"}


async def test_one_provider_with_the_fields_of_its_accounts(service: Service) -> None:
    body = (await service.call("/integration/zohoinventory", None)).json()
    assert (body["label"], list(body["credentials"])) == (
        "Zoho Inventory",
        ["access_token", "client_id", "client_secret", "refresh_token"],
    )
    assert list(body["context"]) == ["organization_id", "data_center"]  # what is derived is not for people


@pytest.mark.parametrize("slug", SLUGS)
async def test_capabilities(service: Service, slug: str) -> None:
    body = (await service.call(f"/integration/{slug}/capabilities", None)).json()
    assert list(body) == ["integration", "proxy", "unified", "auth", "ai_readiness"]
    unified, *others = body["unified"]
    assert {entry["resource"] for entry in others} <= {"orders", "products"}
    assert (unified["model"], unified["resource"], unified["methods"]) == ("ecommerce", "customers", ["get", "list"])
    assert {"customers", "orders"} <= {entry["resource"] for entry in body["proxy"]}
    assert set(body["auth"]["formats"]) <= {"api_key", "oauth2", "oauth2_client_credentials"}


@pytest.mark.parametrize(
    ("query", "proxy", "unified"),
    [
        (
            "type=proxy",
            {
                "customers": ["list", "get"],
                "orders": ["list", "of_customer", "of_all_customers", "get", "refunds"],
                "products": ["list", "get", "variations"],
                "shop": ["currency", "weight_unit"],
            },
            [],
        ),
        ("type=unified", {}, ["customers", "orders", "products"]),
        (
            "methods=get",
            {"customers": ["get"], "orders": ["get"], "products": ["get"]},
            ["customers", "orders", "products"],
        ),
        ("methods=list,get&resource=orders", {"orders": ["list", "get"]}, ["orders"]),
        ("resource=ecommerce/customers", {}, ["customers"]),
        ("has_description=false", {}, []),
        ("methods=create", {}, []),
    ],
)
async def test_capabilities_are_filtered(
    service: Service, query: str, proxy: dict[str, list[str]], unified: list[str]
) -> None:
    body = (await service.call(f"/integration/woocommerce/capabilities?{query}", None)).json()
    assert {entry["resource"]: [method["method"] for method in entry["methods"]] for entry in body["proxy"]} == proxy
    assert [entry["resource"] for entry in body["unified"]] == unified


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/integration/wix/capabilities?type=x", 400, "type must be one of all, proxy, unified"),
        (
            "/integration/wix/capabilities?kind=x",
            400,
            'unknown filter "kind"; the filters are type, methods, resource and has_description',
        ),
        ("/integration/wix/capabilities?has_description=x", 400, "has_description must be true or false"),
        ("/unified-model/crm", 404, "there is no unified model of this name; the models are ecommerce"),
    ],
)
async def test_an_unknown_path_or_name_is_an_error(service: Service, path: str, status: int, message: str) -> None:
    answer = await service.call(path, None)
    assert (answer.status_code, answer.json()["message"]) == (status, message)


async def test_unified_models(service: Service) -> None:
    body = (await service.call("/unified-model", None)).json()
    model = (await service.call("/unified-model/ecommerce", None)).json()
    assert body == {"result": [model], "next_cursor": None, "limit": 5000}
    assert model["resources"]["customers"]["methods"] == ["list", "get"]
    assert model["resources"]["customers"]["schema"]["properties"]["emails"]["items"]["required"] == ["email"]
