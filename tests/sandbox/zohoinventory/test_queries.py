"""Filters, sorts and pages of the contacts of the pretend Zoho Inventory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.sandbox.zohoinventory.organization import BO, PEOPLE, VENDORS, organization


def test_vendors_are_contacts_too() -> None:
    assert organization().names() == ["Ana García", "bo", *VENDORS]
    assert organization().names(contact_type="customer") == ["Ana García", "bo"]
    assert organization().names(contact_type="vendor") == VENDORS


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"filter_by": "Status.Active"}, ["Ana García"]),
        ({"filter_by": "Status.Inactive"}, ["bo"]),
        ({"filter_by": "Status.Crm"}, []),
        ({"contact_name": "Ana García"}, ["Ana García"]),
        ({"contact_name": "ana garcía"}, []),
        ({"contact_name_startswith": "ana"}, ["Ana García"]),
        ({"contact_name_contains": "GARC"}, ["Ana García"]),
        ({"company_name": "Acme"}, ["Ana García"]),
        ({"first_name": "bo"}, ["bo"]),
        ({"last_name_startswith": "g"}, ["Ana García"]),
        ({"email": "ana@work.example.test"}, ["Ana García"]),
        ({"email_contains": "EXAMPLE", "first_name": "bo"}, ["bo"]),
        ({"phone": "+12125550101"}, []),
        ({"phone": "+12125550101 x123"}, ["Ana García"]),
        ({"phone_contains": "5550101"}, ["Ana García"]),
        ({"address_contains": "austin"}, ["Ana García"]),
        ({"search_text": "o"}, ["bo"]),
        ({"email": ""}, ["Ana García", "bo"]),
        ({"mail": "bo@example.test"}, ["Ana García", "bo"]),
        ({"created_time": "2030-01-01T00:00:00-0500"}, ["Ana García", "bo"]),
        ({"last_modified_time": "2024-07-01T06:00:00-0400"}, ["Ana García"]),
        ({"last_modified_time": "2024-07-01T10:00:00+00:00"}, ["Ana García"]),
        ({"last_modified_time": "2024-07-01T10:00:01Z"}, []),
        ({"sort_column": "created_time", "sort_order": "D"}, ["bo", "Ana García"]),
        ({"sort_column": "last_modified_time"}, ["bo", "Ana García"]),
        ({"sort_column": "first_name", "sort_order": "D"}, ["bo", "Ana García"]),
        ({"sort_column": "outstanding_receivable_amount", "sort_order": "D"}, ["Ana García", "bo"]),
    ],
)
def test_filters_and_sorts(params: dict[str, str], names: list[str]) -> None:
    assert organization().names(contact_type="customer", **params) == names


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"page": "0"}, 400),
        ({"page": "x"}, 400),
        ({"per_page": "201"}, 400),
        ({"per_page": "0"}, 400),
        ({"filter_by": "Status.Gone"}, 200),
        ({"contact_type": "lead"}, 200),
        ({"sort_column": "city"}, 200),
        ({"sort_order": "asc"}, 200),
        ({"last_modified_time": "2024-07-01T10:00:00 0000"}, 200),
        ({"last_modified_time": "2024-07-01T10:00:00"}, 200),
    ],
)
def test_a_wrong_value_is_refused_sometimes_under_200(params: dict[str, str], status: int) -> None:
    answer = organization().get("/contacts", **params)
    (name,) = params
    assert answer.status_code == status
    assert answer.json() == {"code": 2, "message": f"Invalid value passed for {name}"}


@pytest.mark.parametrize("per_page", [7, 50, 200])
@pytest.mark.parametrize("sort_column", ["contact_name", "created_time", "email"])
def test_paging_to_the_end_loses_and_repeats_nothing(per_page: int, sort_column: str) -> None:
    place = organization(*PEOPLE)
    seen: list[str] = []
    has_more, page = True, 0
    while has_more:
        page += 1
        answer = place.get("/contacts", page=page, per_page=per_page, sort_column=sort_column).json()
        seen.extend(contact["contact_id"] for contact in answer["contacts"])
        has_more = answer["page_context"]["has_more_page"]
    assert len(seen) == len(set(seen)) == len(PEOPLE) + len(VENDORS)
    past_the_end = place.get("/contacts", page=page + 1, per_page=per_page).json()
    assert (past_the_end["contacts"], past_the_end["page_context"]["has_more_page"]) == ([], False)


def test_the_page_says_how_it_was_made() -> None:
    answer = organization().get("/contacts", filter_by="Status.Active", per_page=1).json()
    assert answer["page_context"] == {
        "page": 1,
        "per_page": 1,
        "has_more_page": True,
        "report_name": "Contacts",
        "applied_filter": "Status.Active",
        "sort_column": "contact_name",
        "sort_order": "A",
    }


def test_people_may_change_between_two_requests() -> None:
    place = organization()
    place.store.people.append(replace(BO, number=7, first_name="Cy"))
    assert "Cy" in place.names()
