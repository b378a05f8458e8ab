from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.engine.api_root import ApiRoot, show_origin

URL = "https://shop.example/admin/api/v1"
ROOT = ApiRoot(URL)
VERSIONED = ApiRoot(URL, has_version=True)
PROXY = ApiRoot("https://proxy.example/shop", URL)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (f"{URL}/people?page=2", f"{URL}/people?page=2"),
        ("https://SHOP.example:443/admin/api/v1/people", f"{URL}/people"),
        (f"{URL}/people?q=..%2f#top", f"{URL}/people?q=..%2f"),
        (URL, URL),
        (f"{URL}?page=2", f"{URL}?page=2"),
        ("https://shop.example/admin/api/v10/people", None),
        ("https://shop.example/admin/delete-everything", None),
        ("https://shop.example/", None),
        (f"{URL}/../../delete", None),
        (f"{URL}/%2E%2e/delete", None),
        (f"{URL}/%252e%252e/delete", None),
        (f"{URL}/..;x/delete", None),
        (f"{URL}/..\\delete", None),
        ("http://shop.example/admin/api/v1/people", None),
        ("https://shop.example:8443/admin/api/v1/people", None),
        ("https://user@shop.example/admin/api/v1/people", None),
        ("https://evil.example/admin/api/v1/people", None),
        ("//evil.example/admin/api/v1", None),
        ("/people", None),
        ("https://[x/", None),
        ("", None),
    ],
)
def test_an_address_stays_below_the_root(link: str, expected: str | None) -> None:
    assert ROOT.locate(link) == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (f"{URL}/people?page=2", f"{URL}/people?page=2"),
        ("https://shop.example:443/admin/api/v0/people?page=2", "https://shop.example/admin/api/v0/people?page=2"),
        ("https://shop.example/admin/api/v0", None),
        ("https://shop.example/admin/api/v0?page=2", None),
        ("https://shop.example/admin/api/../delete/people", None),
        ("https://shop.example/admin/delete-everything/people", None),
        ("https://evil.example/admin/api/v0/people", None),
        ("https://[x/", None),
    ],
)
def test_a_store_may_answer_for_another_version(link: str, expected: str | None) -> None:
    assert VERSIONED.locate(link) == expected


def test_behind_a_proxy_another_version_is_the_same_root() -> None:
    proxy = ApiRoot("https://proxy.example/shop", URL, has_version=True)

    assert proxy.locate("https://shop.example/admin/api/v0/people?page=2") == "https://proxy.example/shop/people?page=2"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/admin/api/v1/people?page=2", f"{URL}/people?page=2"),
        ("?page=2", f"{URL}/people?page=2"),
        ("people?page=2", f"{URL}/people?page=2"),
        ("../people", None),
        ("/people", None),
    ],
)
def test_a_link_may_be_relative_to_the_address_that_was_asked(link: str, expected: str | None) -> None:
    assert ROOT.locate(link, f"{URL}/people") == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (f"{URL}/people?page=2", "https://proxy.example/shop/people?page=2"),
        ("https://proxy.example/shop/people", "https://proxy.example/shop/people"),
        ("/admin/api/v1/people", "https://proxy.example/shop/people"),
        ("/shop/people", "https://proxy.example/shop/people"),
        ("https://shop.example/admin/delete", None),
        ("https://proxy.example/other/people", None),
    ],
)
def test_a_store_behind_a_proxy_may_name_its_own_root(link: str, expected: str | None) -> None:
    assert PROXY.locate(link, "https://proxy.example/shop/people") == expected


@given(st.text(max_size=30) | st.text(alphabet="/.%2e\\:@?#htpsadminv1", max_size=30))
def test_no_link_leads_elsewhere(link: str) -> None:
    for asked in (None, f"{URL}/people"):
        located = ROOT.locate(link, asked)
        assert located is None or located == URL or located.startswith((f"{URL}/", f"{URL}?"))
    assert show_origin(link)
