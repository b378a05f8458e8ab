"""Sales orders of the pretend Zoho Inventory."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.json_keys import key_paths
from tests.sandbox.zohoinventory.organization import ANA, BO, organization
from tests.shared_material import SHARED, needs_shared, read_payload
from truto_unify.sandbox.people import PurchaseOrder

if TYPE_CHECKING:
    from tests.sandbox.zohoinventory.organization import Organization


def numbers(place: Organization, **params: str) -> list[str]:
    answer = place.get("/salesorders", sort_column="created_time", sort_order="A", **params).json()
    assert answer["code"] == 0, answer
    return [order["salesorder_number"] for order in answer["salesorders"]]


def recorded(name: str) -> Any:
    return json.loads((SHARED / "fixtures-commerce" / "zohoinventory" / name).read_text("utf-8"))


@needs_shared
def test_a_sales_order_has_the_recorded_keys() -> None:
    ours = organization().get("/salesorders/4708150000000001001").json()
    names = {path for path in key_paths(ours) if not path.startswith("/salesorder/packages/")}

    # No person was named in the recorded order.
    persons = {path for path in names if path.startswith("/salesorder/contact_person_details/")}
    assert names - persons == set(key_paths(recorded("salesorder_get_recorded.json")))


@needs_shared
def test_a_country_has_three_letters_in_an_order_and_two_at_a_contact() -> None:
    place = organization()
    order = place.get("/salesorders/4708150000000001001").json()["salesorder"]
    contact = place.get(f"/contacts/{order['customer_id']}").json()["contact"]

    assert recorded("salesorder_get_recorded.json")["salesorder"]["billing_address"]["country_code"] == "USA"
    codes = [
        record[f"{kind}_address"]["country_code"] for record in (order, contact) for kind in ("billing", "shipping")
    ]
    assert codes == ["USA", "ISL", "US", "IS"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["SO-01001", "SO-01002", "SO-01003"]),
        ({"filter_by": "Status.Closed"}, ["SO-01001"]),
        ({"filter_by": "Status.Draft"}, ["SO-01002"]),
        ({"filter_by": "Status.Void"}, ["SO-01003"]),
        ({"filter_by": "Status.Open"}, []),
        # They are placed at ten in the evening of New York, on the day before that of UTC.
        ({"created_date_start": "2024-02-01"}, ["SO-01002", "SO-01003"]),
        ({"created_date_end": "2024-02-01"}, ["SO-01001", "SO-01002"]),
        ({"created_date_start": "2024-02-01", "created_date_end": "2024-02-01"}, ["SO-01002"]),
        ({"last_modified_time": "2024-02-02T03:00:00+0000"}, ["SO-01002", "SO-01003"]),
        ({"filter_bye": "Status.Void"}, ["SO-01001", "SO-01002", "SO-01003"]),
    ],
)
def test_sales_orders_are_filtered(params: dict[str, str], expected: list[str]) -> None:
    assert numbers(organization(ANA), **params) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("filter_by", "Status.Shipped"),
        ("created_date_start", "2024-02-01T00:00:00Z"),
        ("created_date_end", "1 Feb 2024"),
        ("last_modified_time", "2024-02-01"),
    ],
)
def test_a_wrong_value_of_a_filter_is_refused_under_200(name: str, value: str) -> None:
    answer = organization().get("/salesorders", **{name: value})

    assert answer.status_code == 200
    assert answer.json() == {"code": 2, "message": f"Invalid value passed for {name}"}


@pytest.mark.parametrize(("order", "status", "code"), [("1", 404, 1002), ("x", 400, 2)])
def test_an_unknown_sales_order(order: str, status: int, code: int) -> None:
    answer = organization().get(f"/salesorders/{order}")

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@needs_shared
def test_an_item_has_recorded_keys_and_those_of_stock_and_attributes() -> None:
    answer = organization().get("/items").json()
    known = {*key_paths(recorded("items_list_recorded.json"))}
    counted = {f"/items/{name}" for name in ("stock_on_hand", "available_stock", "actual_available_stock")}
    second = {f"/items/attribute_{name}2" for name in ("id", "name", "option_id", "option_name")}

    assert set(key_paths(answer)) == known | counted | second


def test_goods_with_variants_are_a_group_of_items() -> None:
    place = organization()
    items = place.get("/items", name_startswith="notebook 1").json()["items"]

    assert [item["name"] for item in items] == [
        f"Notebook 1-{size}/{colour}" for size in "LMS" for colour in ("dark blue", "red")
    ]
    assert len({item["group_id"] for item in items}) == 1
    assert items[0]["attribute_option_name1"] == "L"
    whole = place.get(f"/items/{items[0]['item_id']}").json()["item"]
    assert whole["category_name"] == "Light"
    assert whole | items[0] == whole


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"sku": "GOODS-001"}, ["Tea tin 1"]),
        ({"sku": "goods-001"}, []),
        ({"sku_contains": "oods-001"}, ["Tea tin 1"]),
        ({"name_contains": "MUG 5"}, ["Mug 5"]),
        ({"name_contains": "jam", "filter_by": "Status.Inactive"}, ["Jam & jelly 2"]),
        ({"last_modified_time": "2023-03-23T02:00:36+0000", "name_contains": "lamp"}, ["Lamp 5"]),
    ],
)
def test_items_are_filtered(params: dict[str, str], names: list[str]) -> None:
    assert [item["name"] for item in organization().get("/items", **params).json()["items"]] == names


@pytest.mark.parametrize("path", ["/items/1", "/organizations/1"])
def test_an_unknown_item_or_organization(path: str) -> None:
    answer = organization().get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, 1002)


@needs_shared
def test_sales_orders_have_the_recorded_keys() -> None:
    recorded = read_payload("zohoinventory", "salesorders_list_recorded")
    assert set(key_paths(organization().get("/salesorders").json())) == set(key_paths(recorded))


def test_sales_orders_of_one_customer() -> None:
    other = replace(BO, orders=(PurchaseOrder(2001, "paid", 1, datetime(2024, 2, 4, tzinfo=UTC)),))
    answer = organization(ANA, other).get("/salesorders", customer_id="4608150000000001001").json()
    orders = answer["salesorders"]
    assert [(order["salesorder_number"], order["status"], order["total"]) for order in orders] == [
        ("SO-01003", "void", 5),
        ("SO-01002", "draft", 300),
        ("SO-01001", "closed", 12.5),
    ]
    assert (orders[0]["date"], orders[0]["created_time"]) == ("2024-02-02", "2024-02-02T22:00:00-0500")
    assert answer["page_context"]["sort_column"] == "created_time"


def test_sales_orders_page_and_sort() -> None:
    place = organization()
    first = place.get("/salesorders", per_page=2, sort_column="total").json()
    second = place.get("/salesorders", per_page=2, sort_column="total", page=2).json()
    totals = [order["total"] for order in first["salesorders"] + second["salesorders"]]
    assert totals == [5, 12.5, 300]
    assert (first["page_context"]["has_more_page"], second["page_context"]["has_more_page"]) == (True, False)
    assert place.get("/salesorders", customer_id="1").json()["salesorders"] == []
