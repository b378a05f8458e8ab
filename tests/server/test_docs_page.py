"""The docs page in a real browser, which is not let out of this machine."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import sync_playwright

from tests.server.memory_store import MemoryStore
from tests.server.serving import make_app, serve_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from truto_unify import Registry

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-proxy-server",
]  # fmt: skip


@pytest.fixture
def origin(registry: Registry) -> Iterator[str]:
    with serve_app(make_app(registry, MemoryStore())) as origin:
        yield origin


@pytest.fixture
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, origin: str) -> Page:
    """The page, read; whatever it says on its console or asks of other hosts fails the test."""
    page = browser.new_page()
    requested_urls: list[str] = []
    page.on("request", lambda request: requested_urls.append(request.url))
    page.on("console", lambda message: pytest.fail(message.text))
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(f"{origin}/docs")
    page.wait_for_selector("article")
    assert [url for url in requested_urls if not url.startswith((origin, "data:"))] == []
    return page


def test_every_call_is_on_the_page(page: Page, origin: str) -> None:
    document = httpx.get(f"{origin}/openapi.json", trust_env=False).json()
    calls = [f"{verb.upper()}{path}" for path, item in document["paths"].items() for verb in item]
    shown = page.locator("article h3").evaluate_all(
        "all => all.map(one => one.children[0].innerText + one.children[1].innerText)"
    )
    assert sorted(shown) == sorted(calls)


def test_a_call_shows_who_serves_its_filters(page: Page) -> None:
    call = page.locator("#list_ecommerce_customers")
    call.get_by_text("Who serves each filter and sort").click()
    rows = call.locator("details[open] tr").evaluate_all(
        "all => all.map(row => [...row.cells].map(cell => cell.innerText))"
    )
    assert rows[0] == ["", "bigcommerce", "commerce7", "shopify", "shopify_rest", "wix", "woocommerce", "zohoinventory"]
    assert rows[1][:2] == ["created_at", "native"]
    assert "Authorization: Bearer $TOKEN" in call.locator("pre").inner_text()


def test_calls_can_be_found(page: Page) -> None:
    page.get_by_label("Find a call").fill("batch")
    assert page.locator("article:visible .path").all_inner_texts() == ["/batch-request"]
    assert page.locator("nav a:visible").count() == 1
    page.get_by_label("Find a call").fill("")
    assert page.locator("article:visible").count() > 20


def test_the_root_leads_to_the_page(origin: str) -> None:
    answer = httpx.get(f"{origin}/", follow_redirects=True)

    assert (answer.status_code, answer.url.path) == (200, "/docs")


def test_it_can_be_read_on_a_telephone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_page_loads_nothing_from_elsewhere(origin: str) -> None:
    answers = [httpx.get(f"{origin}{path}", trust_env=False) for path in ("/docs", "/docs/docs.js", "/docs/docs.css")]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert all("://" not in answer.text for answer in answers)
    assert answers[0].headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")
