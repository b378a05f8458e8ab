"""The page of each store: its tables are those of its files, and its account is one that the provider takes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.docs.page import ROOT, Fence, read_blocks, read_page
from tests.page_sections import read_sections
from tests.shipped import REGISTRY
from tests.store_pages import FOLDER, sections
from truto_unify import Account, Client

SLUGS = list(REGISTRY.providers)


def test_each_provider_has_a_page() -> None:
    assert sorted(file.stem for file in (ROOT / FOLDER).glob("*.md")) == SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_the_tables_are_those_of_the_files(slug: str) -> None:
    assert read_sections(read_page(f"{FOLDER}/{slug}.md")) == sections(REGISTRY, slug), "run: make evidence"


@pytest.mark.parametrize("slug", SLUGS)
def test_the_account_of_the_page_can_be_called(slug: str) -> None:
    fences = [block for block in read_blocks(read_page(f"{FOLDER}/{slug}.md")) if isinstance(block, Fence)]
    (code,) = [fence.text for fence in fences if fence.info == "python"]
    names: dict[str, Any] = {}
    exec(code, names)
    (account,) = [value for value in names.values() if isinstance(value, Account)]

    with Client() as client:
        explanation = client.explain("ecommerce/customers", account, limit=10)

    assert account.provider == slug
    assert explanation.request.url.startswith("https://")
