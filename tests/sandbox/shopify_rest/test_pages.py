"""Pages and links of Shopify's REST Admin API."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.sandbox.in_process import open_client
from tests.sandbox.shopify_rest.shop import ANA, CAM, CUSTOMERS, SEE_PAGINATION, TOKEN, follow, listed, numbers
from truto_unify.sandbox.people import invent_people
from truto_unify.sandbox.shopify_rest.app import create_app
from truto_unify.sandbox.store import Store


@pytest.mark.parametrize(
    "content",
    [[], {"last_id": 1}, {"last_id": "x", "direction": "next", "customers": {}}]
    + [{"last_id": 1, "direction": "next", "customers": filters} for filters in ("text", None)],
)
def test_a_made_up_page_info_is_refused(api: httpx.Client, content: object) -> None:
    token = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
    answer = api.get(CUSTOMERS, params={"page_info": token})
    assert (answer.status_code, answer.json()) == (400, {"errors": {"page_info": "Invalid value."}})


def test_fifty_make_a_page_and_two_hundred_and_fifty_are_the_most() -> None:
    api = open_client(create_app(Store.of(invent_people(300))), TOKEN)
    assert len(listed(api)) == 50
    answer = api.get(f"{CUSTOMERS}?limit=1000")
    assert len(numbers(answer)) == 250
    assert "limit=250" in answer.links["next"]["url"]


@pytest.mark.parametrize("query", ["", "limit=250", "limit=2&fields=id", "limit=7&since_id=0", "limit=46"])
def test_following_the_links_shows_everybody_once(query: str) -> None:
    people = invent_people(60)
    api = open_client(create_app(Store.of(people)), TOKEN)
    seen = [number for page in follow(api, query) for number in page]
    known = [
        person.number for person in people if person.first_name or person.last_name or person.email or person.phone
    ]
    assert seen == (known if "since_id" in query else known[::-1])


@pytest.mark.parametrize("query", ["limit=50", "limit=50&since_id=0"])
def test_the_links_lead_back_again(crowd: httpx.Client, query: str) -> None:
    pages = list(follow(crowd, query))
    answer = crowd.get(f"{CUSTOMERS}?{query}")
    assert set(answer.links) == {"next"}
    middle = crowd.get(answer.links["next"]["url"])
    assert list(middle.links) == ["previous", "next"]
    assert len(middle.headers.get_list("link")) == 1
    last = crowd.get(middle.links["next"]["url"])
    assert set(last.links) == {"previous"}
    assert [numbers(page) for page in (answer, middle, last)] == pages
    back = crowd.get(last.links["previous"]["url"])
    assert numbers(back) == pages[1]
    first = crowd.get(back.links["previous"]["url"])
    assert numbers(first) == pages[0]
    assert set(first.links) == {"next"}


def test_a_link_keeps_the_filters_in_its_token_and_the_fields_beside_it(crowd: httpx.Client) -> None:
    bound = "2024-06-01T00:00:00-04:00"
    answer = crowd.get(CUSTOMERS, params={"limit": 3, "created_at_max": bound, "fields": "id,created_at"})
    link = httpx.URL(answer.links["next"]["url"])
    assert (link.host, link.path) == ("store.example.test", CUSTOMERS)
    assert dict(link.params) == {"limit": "3", "fields": "id,created_at", "page_info": link.params["page_info"]}
    following = crowd.get(link).json()["customers"]
    assert [set(record) for record in following] == [{"id", "created_at"}] * 3
    assert all(datetime.fromisoformat(record["created_at"]) <= datetime.fromisoformat(bound) for record in following)


@pytest.mark.parametrize("extra", ["created_at_min=2024-01-01", "ids=1", "since_id=0", "status=any", "title="])
def test_beside_page_info_only_limit_and_fields_may_be_sent(crowd: httpx.Client, extra: str) -> None:
    token = quote(httpx.URL(crowd.get(f"{CUSTOMERS}?limit=2").links["next"]["url"]).params["page_info"])
    name = extra.partition("=")[0]
    answer = crowd.get(f"{CUSTOMERS}?page_info={token}&{extra}")
    assert answer.status_code == 400
    assert answer.json() == {"errors": {name: f"{name} cannot be passed when page_info is present. {SEE_PAGINATION}"}}
    assert len(listed(crowd, f"page_info={token}&limit=5&fields=id")) == 5
    assert len(listed(crowd, f"page_info={token}")) == 50


def test_a_page_goes_on_when_people_come_and_go(store: Store, api: httpx.Client) -> None:
    link = api.get(f"{CUSTOMERS}?limit=2").links["next"]["url"]
    store.people[:] = [ANA, CAM, replace(CAM, number=9)]
    assert numbers(api.get(link)) == [1]
    store.people[:] = [CAM]
    answer = api.get(link)
    assert (numbers(answer), "link" in answer.headers) == ([], False)


def test_links_name_the_path_that_the_store_is_mounted_at(store: Store) -> None:
    app = Starlette(routes=[Mount("/shopify_rest", app=create_app(store))])
    api = open_client(app, TOKEN)
    answer = api.get(f"/shopify_rest{CUSTOMERS}?limit=2")
    assert answer.links["next"]["url"].startswith(f"https://store.example.test/shopify_rest{CUSTOMERS}?limit=2&")
    assert numbers(api.get(answer.links["next"]["url"])) == [1]
    assert store.requests[0].path == CUSTOMERS
