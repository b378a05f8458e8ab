from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.conftest import SLUGS

if TYPE_CHECKING:
    from tests.server.conftest import Service

pytestmark = pytest.mark.anyio


async def test_all_providers(service: Service) -> None:
    found = (await service.call("/integration", None)).json()
    assert (list(found), found["next_cursor"], found["limit"]) == (["result", "next_cursor", "limit"], None, 5000)
    assert [one["name"] for one in found["result"]] == sorted([*SLUGS, "shopify_rest"])
    assert {one["category"] for one in found["result"]} == {"ecommerce"}


async def test_one_provider_with_the_fields_of_its_accounts(service: Service) -> None:
    found = (await service.call("/integration/zohoinventory", None)).json()
    assert (found["label"], list(found["credentials"])) == (
        "Zoho Inventory",
        ["access_token", "client_id", "client_secret", "refresh_token"],
    )
    assert list(found["context"]) == ["organization_id", "data_center"]  # what is derived is not for people


@pytest.mark.parametrize("slug", SLUGS)
async def test_capabilities(service: Service, slug: str) -> None:
    found = (await service.call(f"/integration/{slug}/capabilities", None)).json()
    assert list(found) == ["integration", "proxy", "unified", "auth", "ai_readiness"]
    (unified,) = found["unified"]
    assert (unified["model"], unified["resource"], unified["methods"]) == ("ecommerce", "customers", ["get", "list"])
    assert {"customers", "orders"} <= {one["resource"] for one in found["proxy"]}
    assert set(found["auth"]["formats"]) <= {"api_key", "oauth2", "oauth2_client_credentials"}


@pytest.mark.parametrize(
    ("query", "proxy", "unified"),
    [
        ("type=proxy", {"customers": ["list", "get"], "orders": ["list"]}, []),
        ("type=unified", {}, ["customers"]),
        ("methods=get", {"customers": ["get"]}, ["customers"]),
        ("methods=list,get&resource=orders", {"orders": ["list"]}, []),
        ("resource=ecommerce/customers", {}, ["customers"]),
        ("has_description=false", {}, []),
        ("methods=create", {}, []),
    ],
)
async def test_capabilities_are_filtered(
    service: Service, query: str, proxy: dict[str, list[str]], unified: list[str]
) -> None:
    found = (await service.call(f"/integration/woocommerce/capabilities?{query}", None)).json()
    assert {one["resource"]: [each["method"] for each in one["methods"]] for one in found["proxy"]} == proxy
    assert [one["resource"] for one in found["unified"]] == unified


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/integration/wix/capabilities?type=x", 400, "type is one of all, proxy, unified"),
        (
            "/integration/wix/capabilities?kind=x",
            400,
            'no filter "kind"; there are type, methods, resource and has_description',
        ),
        ("/integration/wix/capabilities?has_description=x", 400, "has_description is true or false"),
        ("/unified-model/crm", 404, "there is no unified model of this name; there is ecommerce"),
    ],
)
async def test_what_there_is_not(service: Service, path: str, status: int, message: str) -> None:
    answer = await service.call(path, None)
    assert (answer.status_code, answer.json()["message"]) == (status, message)


async def test_unified_models(service: Service) -> None:
    found = (await service.call("/unified-model", None)).json()
    one = (await service.call("/unified-model/ecommerce", None)).json()
    assert found == {"result": [one], "next_cursor": None, "limit": 5000}
    assert one["resources"]["customers"]["methods"] == ["list", "get"]
    assert one["resources"]["customers"]["schema"]["properties"]["emails"]["items"]["required"] == ["email"]
