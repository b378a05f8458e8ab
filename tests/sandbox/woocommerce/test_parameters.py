"""Parameters of the customers' list of the pretend WooCommerce shop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.sandbox.woocommerce.shop import CUSTOMERS, PEOPLE, listed_ids, shop
from truto_unify.sandbox.store import Store
from truto_unify.sandbox.woocommerce.app import API_ROOT


@pytest.mark.parametrize(
    ("query", "text", "code"),
    [
        (
            "per_page=0",
            "per_page must be between 1 (inclusive) and 100 (inclusive)",
            "rest_out_of_bounds",
        ),
        ("per_page=ten", "per_page is not of type integer.", "rest_invalid_type"),
        ("page=0", "page must be greater than or equal to 1", "rest_out_of_bounds"),
        ("page=", "page is not of type integer.", "rest_invalid_type"),
        ("order=up", "order is not one of asc and desc.", "rest_not_in_enum"),
        ("email=", "Invalid email address.", "rest_invalid_email"),
        ("email=a@b", "Invalid email address.", "rest_invalid_email"),
        ("include=2,x", "include[1] is not of type integer.", "rest_invalid_type"),
        ("exclude[]=y", "exclude[0] is not of type integer.", "rest_invalid_type"),
        ("offset=1.5", "offset is not of type integer.", "rest_invalid_type"),
    ],
)
def test_a_bad_parameter_is_refused(query: str, text: str, code: str) -> None:
    name = query.partition("=")[0].removesuffix("[]")
    answer = shop().get(f"{API_ROOT}/customers?{query}")
    body = answer.json()
    assert answer.status_code == 400
    assert (body["code"], body["message"]) == ("rest_invalid_param", f"Invalid parameter(s): {name}")
    assert body["data"]["params"] == {name: text}
    assert body["data"]["details"][name]["code"] == code


def test_all_bad_parameters_are_reported_at_once() -> None:
    body = shop().get(f"{API_ROOT}/customers?orderby=x&page=0&role=owner").json()
    assert body["message"] == "Invalid parameter(s): page, orderby, role"


@pytest.mark.parametrize("query", ["after=2099-01-01T00:00:00", "modified_after=nonsense", "first_name=Ana"])
def test_parameters_that_do_not_exist_are_ignored(query: str) -> None:
    answer = shop().get(f"{API_ROOT}/customers?{query}")
    assert answer.headers["x-wp-total"] == str(len(CUSTOMERS))


def test_people_without_an_email_are_no_customers() -> None:
    ids = listed_ids("/customers?per_page=100&orderby=id") + listed_ids("/customers?per_page=100&page=2&orderby=id")
    assert ids == [person.number + 1 for person in CUSTOMERS]


def test_the_default_order_is_by_display_name() -> None:
    records = shop().get(f"{API_ROOT}/customers?per_page=100").json()
    names = [f"{r['first_name']} {r['last_name']}".strip() or r["username"] for r in records]
    assert [r["id"] for r in records] != sorted(r["id"] for r in records)
    plain = [name.casefold() for name in names if name.isascii()]
    assert plain == sorted(plain)


@pytest.mark.parametrize(("order", "sign"), [("asc", 1), ("desc", -1)])
def test_registered_date_sorts_by_creation_with_ties_by_id(order: str, sign: int) -> None:
    expected = sorted(CUSTOMERS, key=lambda p: (sign * p.created_at.timestamp(), p.number))
    ids = listed_ids(f"/customers?orderby=registered_date&order={order}&per_page=100")
    assert ids == [person.number + 1 for person in expected][:100]


def test_offset_overrides_page() -> None:
    everybody = listed_ids("/customers?per_page=100&orderby=id")
    assert listed_ids("/customers?per_page=5&orderby=id&offset=7&page=3") == everybody[7:12]


def test_include_comes_before_exclude_and_can_be_the_order() -> None:
    assert listed_ids("/customers?include=9,3,5&orderby=include") == [9, 3, 5]
    assert listed_ids("/customers?include[]=9&include[]=3&exclude=3&orderby=id") == [3, 9]
    assert 3 not in listed_ids("/customers?exclude=3&per_page=100&orderby=id")


def test_a_list_parameter_is_written_out_in_links() -> None:
    answer = shop().get(f"{API_ROOT}/customers?include=9,3,5&per_page=1&page=2&foo[]=a")
    assert answer.links["next"]["url"].partition("?")[2] == (
        "include%5B0%5D=9&include%5B1%5D=3&include%5B2%5D=5&per_page=1&page=3&foo%5B0%5D=a"
    )


def test_email_means_the_account_email_and_ignores_case() -> None:
    person = replace(PEOPLE[0], email="ana+shop1@example.com", second_email="billing1@example.net")
    client = shop(Store.of([person]))
    body = client.get(f"{API_ROOT}/customers", params={"email": person.email.upper()}).json()
    assert [record["id"] for record in body] == [person.number + 1]
    assert client.get(f"{API_ROOT}/customers", params={"email": person.second_email}).json() == []
    assert client.get(f"{API_ROOT}/customers", params={"email": person.email[1:]}).json() == []


@pytest.mark.parametrize(
    ("search", "expected"),
    [("zoe tester", [2]), ("ZOË", [2]), ("4711@example", [2]), ("Kowalska", []), ("4711", [2]), ("3", [3])],
)
def test_search_looks_at_login_email_and_display_name(search: str, expected: list[int]) -> None:
    people = (
        replace(PEOPLE[0], first_name="Zoë", last_name="Tester", email="zt4711@example.com"),
        replace(PEOPLE[1], first_name="Ana", last_name="", email="ana@example.com"),
    )
    answer = shop(Store.of(people)).get(f"{API_ROOT}/customers", params={"search": search})
    assert [record["id"] for record in answer.json()] == expected


@pytest.mark.parametrize(
    ("role", "total"),
    [("all", len(CUSTOMERS) + 1), ("customer", len(CUSTOMERS)), ("administrator", 1), ("editor", 0)],
)
def test_role_chooses_the_kind_of_user(role: str, total: int) -> None:
    assert shop().get(f"{API_ROOT}/customers?role={role}").headers["x-wp-total"] == str(total)
