"""What a client gives: the shapes of records, what may be left out, plans, and records that break their mapping."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.one_shop import SHOP, serve
from tests.twins import STILL, Twin, both
from truto_unify import Budget, Customer, MappingError, UnsupportedParameter

if TYPE_CHECKING:
    from tests.loopback import Loopback
    from truto_unify import Page

SLUGS = ("shopify", "woocommerce")


@both
@pytest.mark.parametrize("slug", SLUGS)
def test_the_formats_are_three_views_of_one_record(slug: str, twin: type[Twin], loopback: Loopback) -> None:
    client, account = twin(on_wait=loopback.clock.advance), loopback.account(slug)

    def read(form: str) -> list[Any]:
        return client.list(account, limit=20, response_format=form).result

    unified = read("unified")
    assert {type(record) for record in unified} == {Customer}
    assert read("raw") == [record.remote_data for record in unified]
    assert read("normalized") == [record.model_dump(mode="json", exclude={"remote_data"}) for record in unified]
    assert [client.get(account, unified[0].id, response_format=form) for form in ("raw", "unified")] == [
        unified[0].remote_data,
        unified[0],
    ]


@both
def test_fields_can_be_left_out(twin: type[Twin], loopback: Loopback) -> None:
    client, account = twin(), loopback.account("woocommerce")
    (whole,) = client.list(account, limit=1).result

    (less,) = client.list(account, limit=1, exclude_fields=["emails", "phones", "remote_data"]).result
    (normalized,) = client.list(account, limit=1, exclude_fields="emails,phones", response_format="normalized").result

    expected = whole.model_dump(mode="json", exclude={"emails", "phones", "remote_data"})
    assert less.model_dump(mode="json", exclude_unset=True) == expected
    assert normalized == expected


@both
def test_remote_data_can_be_left_out(twin: type[Twin], loopback: Loopback) -> None:
    client, account = twin(), loopback.account("woocommerce")
    (whole,) = client.list(account, limit=1).result

    (less,) = client.list(account, limit=1, ignore_remote_data=True).result
    single = client.get(account, whole.id, ignore_remote_data=True)

    assert less == single == whole.model_copy(update={"remote_data": None})
    assert whole.remote_data["id"] == int(whole.id)


@both
def test_remote_query_goes_through_as_it_is(twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account("woocommerce")

    native = {"role": "all", "orderby": "id", "include": "3,1", "_embed": ["id", "role"]}
    page = twin().list(account, limit=2, remote_query=native)

    assert [record.id for record in page.result] == ["1", "3"]
    assert [request.query for request in loopback.store("woocommerce").requests] == [
        (
            ("orderby", "id"),
            ("order", "asc"),
            ("role", "all"),
            ("include", "3,1"),
            ("_embed", "id"),
            ("_embed", "role"),
            ("per_page", "2"),
            ("page", "1"),
        )
    ]


@both
def test_remote_query_of_graphql_is_its_variables(twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account("shopify")

    page = twin().list(account, limit=2, remote_query={"query": "id:>7000000000050"})

    assert [record.id for record in page.result] == ["7000000000051", "7000000000052"]


# ------------------------------------------------------------------------------- plans and broken records


@both
def test_a_filter_without_a_native_form_reads_on_within_its_budget(twin: type[Twin], loopback: Loopback) -> None:
    small = replace(STILL, budget=Budget(max_requests=1))

    with pytest.raises(UnsupportedParameter) as caught:
        twin(settings=small).list(loopback.account("woocommerce"), name="Nobody At All", limit=1)

    assert caught.value.parameter == "name"
    assert "the budget max_requests=1 is used up" in caught.value.message


@both
def test_an_ignored_filter_says_so(twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account("woocommerce")

    page = twin().list(account, name="Nobody At All", unsupported="ignore", limit=2)

    assert page.result == twin().list(account, limit=2).result
    assert [(entry.parameter, entry.how, entry.reason) for entry in page.query_plan] == [
        ("name", "ignored", 'the provider has no filter for "name"')
    ]


BROKEN = {"id": 2, "date_created_gmt": "once upon a time"}
GOOD = [{"id": number} for number in (1, 3, 4, 5)]


def faults_of(page: Page[Any]) -> list[tuple[int, str]]:
    return [(fault.index, fault.field) for fault in page.record_errors]


@both
def test_a_broken_record_is_kept_with_its_fault(twin: type[Twin]) -> None:
    page = twin(transport=serve(GOOD[0], BROKEN, *GOOD[1:])).list(SHOP)

    assert [(record.id, record.created_at) for record in page.result][1] == ("2", None)
    assert page.result[1].remote_data == BROKEN
    assert faults_of(page) == [(1, "created_at")]


@both
def test_a_broken_record_can_be_skipped(twin: type[Twin]) -> None:
    page = twin(transport=serve(GOOD[0], BROKEN, *GOOD[1:])).list(SHOP, on_record_error="skip")

    assert [record.id for record in page.result] == ["1", "3", "4", "5"]
    assert faults_of(page) == [(1, "created_at")]


@both
def test_a_walk_over_records_logs_which_fields_are_broken(twin: type[Twin], caplog: pytest.LogCaptureFixture) -> None:
    records = [*twin(transport=serve(GOOD[0], BROKEN, *GOOD[1:])).iterate(SHOP)]

    assert [record.created_at for record in records if record.id == "2"] == [None]
    assert caplog.messages == [
        "woocommerce ecommerce/customers: records of a page that break the mapping: 1, in created_at; list() says why "
        "in record_errors"
    ]


@both
@pytest.mark.parametrize("page", [[GOOD[0], BROKEN, *GOOD[1:]], [BROKEN]])
def test_a_broken_record_can_end_the_call(page: list[dict[str, Any]], twin: type[Twin]) -> None:
    with pytest.raises(MappingError) as caught:
        twin(transport=serve(*page)).list(SHOP, on_record_error="raise")

    assert caught.value.field == "created_at"
    assert caught.value.remote_data == BROKEN
    assert caught.value.place.startswith("mappings/ecommerce/customers/woocommerce.yaml:")
    assert 'expected a time, got "once upon a time"' in caught.value.message


@both
def test_more_than_a_quarter_broken_means_that_the_mapping_is(twin: type[Twin]) -> None:
    with pytest.raises(MappingError, match="2 of 4 records break the mapping"):
        twin(transport=serve(GOOD[0], BROKEN, GOOD[1], {**BROKEN, "id": 9})).list(SHOP)


@both
def test_a_get_of_a_broken_record_is_an_error(twin: type[Twin]) -> None:
    with pytest.raises(MappingError, match='expected a time, got "once upon a time"'):
        twin(transport=serve(BROKEN)).get(SHOP, "2")


@both
def test_an_answer_without_a_list_is_an_error_and_no_empty_page(twin: type[Twin]) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"customers": []}))

    with pytest.raises(MappingError, match="no list of records at the whole body"):
        twin(transport=transport).list(SHOP)


@both
def test_the_same_page_again_stops_with_an_error(twin: type[Twin]) -> None:
    with pytest.raises(Exception, match="the provider gave the same page again; stopped so as not to loop") as caught:
        twin(transport=serve(*GOOD, total=1000)).list(SHOP, limit=200)

    assert getattr(caught.value, "code", None) == "pagination_loop"
