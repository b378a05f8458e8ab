"""The docs page and the meta page in a real browser, which is not let out of this machine."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from tests.examples.outside import TICKETING
from tests.server.conftest import HOME, TOKEN, account_id
from tests.server.memory_store import MemoryStore
from tests.server.serving import make_app, serve_app
from tests.shipped import REGISTRY
from truto_unify import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page, ViewportSize

    from tests.loopback import Loopback

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-proxy-server",
]  # fmt: skip
META = "/unified/meta/ecommerce/woocommerce?format=html"
TELEPHONE: ViewportSize = {"width": 390, "height": 800}
NAMING_OTHERS = ["/docs/icon.svg", META]
"""Files with an address of elsewhere: the name of SVG, and links to the vendor's documentation."""
VIOLATIONS = {"resultTypes": ["violations"]}
RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]
"""axe looks at what lies above and below each element, for a millisecond and more."""
KEEP_FIRST_OF_EACH_STYLE = """(() => {
    const hasText = element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const name = element => [
        element.localName, ...[...element.classList].sort(), element.type, element.role, hasText(element)
    ].join(' ');
    const path = element => element ? `${path(element.parentElement)} > ${name(element)}` : '';
    for (const parts of ['nav a, li, tr', 'article']) {
        const seen = new Set();
        for (const part of document.querySelectorAll(parts)) {
            const paths = [part, ...part.querySelectorAll('*')].filter(element => element.checkVisibility()).map(path);
            if (paths.every(path => seen.has(path))) part.remove();
            paths.forEach(path => seen.add(path));
        }
    }
})()"""
"""Removes each part whose visible elements an earlier part has too, as far as tags, classes, types and roles go.

These alone decide the colours.
"""
MODULES = ["docs.js", "call.js", "dom.js", "form.js", "schema.js"]


@pytest.fixture(scope="module")
def registry() -> Registry:
    """The shipped resources, and those of an overlay without Python."""
    return Registry(overlay=TICKETING)


@pytest.fixture(scope="module")
def origin(registry: Registry, served_stores: Loopback) -> Iterator[str]:
    """A service whose only account is at the pretend WooCommerce."""
    store = MemoryStore()
    store.add_token(TOKEN, HOME)
    store.add_account(HOME, account_id("woocommerce"), served_stores.account("woocommerce"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("NO_PROXY", "127.0.0.1")
        with serve_app(make_app(registry, store)) as origin:
            yield origin


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, origin: str) -> Iterator[Callable[..., Page]]:
    """Opens a path; whatever the page says on its console or asks of other hosts fails the test."""
    context = browser.new_context()
    requested_urls: list[str] = []
    complaints: list[str] = []

    def open_path(path: str, **headers: str) -> Page:
        context.set_extra_http_headers(headers)
        page = context.new_page()
        page.on("request", lambda request: requested_urls.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{origin}{path}")
        return page

    yield open_path
    context.close()
    assert [url for url in requested_urls if not url.startswith((origin, "data:"))] == []
    assert complaints == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """The docs page, read."""
    page = open_page("/docs")
    page.wait_for_selector("article")
    return page


def open_call(page: Page, name: str) -> Locator:
    """The article of a call, with its form."""
    call = page.locator(f"#{name}")
    call.get_by_text("Send this call from here").click()
    return call


def sign_in(page: Page) -> None:
    page.get_by_label("Token", exact=True).fill(TOKEN)
    page.get_by_label("Account", exact=True).fill(account_id("woocommerce"))


# ------------------------------------------------------------------------------- reading


def test_every_call_is_on_the_page(page: Page, origin: str) -> None:
    document = httpx.get(f"{origin}/openapi.json", trust_env=False).json()
    calls = [f"{verb.upper()}{path}" for path, item in document["paths"].items() for verb in item]
    shown = page.locator("article h3").evaluate_all(
        "titles => titles.map(title => title.children[0].innerText + title.children[1].innerText)"
    )
    assert sorted(shown) == sorted(calls)


def test_a_call_shows_who_serves_its_filters(page: Page) -> None:
    call = page.locator("#list_ecommerce_customers")
    call.get_by_text("Who serves each filter and sort").click()
    rows = call.locator("details[open] tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText))"
    )
    assert rows[0] == ["parameter", *REGISTRY.providers]
    assert rows[1][:2] == ["created_at", "native"]


def test_a_call_of_ones_own_model_shows_who_serves_its_filters(page: Page) -> None:
    call = page.locator("#list_ticketing_events")
    call.get_by_text("Who serves each filter and sort").click()
    rows = call.locator("details[open] tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText))"
    )
    assert rows == [
        ["parameter", "pretix"],
        ["starts_at", "native"],
        ["ends_at", "native"],
        ["status", "native"],
        ["venue_name", "emulated"],
        ["sort_by[starts_at]", "native"],
    ]


def test_calls_can_be_found(page: Page) -> None:
    search = page.get_by_label("Find a call")
    search.fill("batch")
    assert page.locator("article:visible .path").all_inner_texts() == ["/batch-request"]
    assert page.locator("nav a:visible").count() == 1
    search.fill("custmers")
    expect(page.locator("#nothing")).to_have_text(
        "No call matches “custmers”. A search looks at method, path, title and group: customers, proxy, post."
    )
    search.fill("")
    expect(page.locator("#nothing")).to_be_empty()
    assert page.locator("article:visible").count() > 20


def test_the_root_leads_to_the_page(origin: str) -> None:
    answer = httpx.get(f"{origin}/", follow_redirects=True)

    assert (answer.status_code, answer.url.path) == (200, "/docs")


# ------------------------------------------------------------------------------- sending


def test_a_call_that_is_sent_reaches_the_store(page: Page, loopback: Loopback) -> None:
    sign_in(page)
    call = open_call(page, "list_ecommerce_customers")
    call.get_by_label("limit", exact=True).fill("2")
    call.get_by_label("Add a parameter").select_option("created_at[gte]")
    call.get_by_label("created_at[gte]", exact=True).fill("2020-01-01T00:00:00Z")

    call.get_by_role("button", name="Send", exact=True).click()

    expect(call.get_by_role("status")).to_contain_text("200 OK")
    answer = json.loads(call.locator("form pre").inner_text())
    requests = loopback.store("woocommerce").requests
    assert (answer["result_count"], len(answer["result"])) == (2, 2)
    assert [str(request).count("/customers") for request in requests] == [1] * len(requests)
    assert len(requests) > 0
    assert "x-unify-query-plan: " in call.get_by_role("status").inner_text()


def test_the_command_is_that_of_the_form_and_never_holds_the_token(page: Page, origin: str) -> None:
    call = open_call(page, "get_ecommerce_customers")
    command = call.locator("pre").first
    assert command.inner_text() == (
        f"curl -g '{origin}/unified/ecommerce/customers/{{id}}?integrated_account_id=ACCOUNT_ID' \\\n"
        '  -H "Authorization: Bearer $TOKEN"'
    )

    sign_in(page)
    call.get_by_label("id", exact=True).fill("17")
    call.get_by_label("Add a parameter").select_option("truto_ignore_remote_data")

    account = account_id("woocommerce")
    assert command.inner_text() == (
        f"curl -g '{origin}/unified/ecommerce/customers/17?integrated_account_id={account}"
        "&truto_ignore_remote_data=true' \\\n"
        '  -H "Authorization: Bearer $TOKEN"'
    )


def test_the_token_is_kept_in_memory_alone(page: Page) -> None:
    sign_in(page)
    call = open_call(page, "list_integrations")
    call.get_by_role("button", name="Send", exact=True).click()
    expect(call.get_by_role("status")).to_contain_text("200 OK")

    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert TOKEN not in page.content()
    page.reload()
    page.wait_for_selector("article")
    assert page.get_by_label("Token", exact=True).input_value() == ""


def test_what_a_call_lacks_is_said(page: Page) -> None:
    call = open_call(page, "get_ecommerce_customers")
    send = call.get_by_role("button", name="Send", exact=True)

    send.click()
    expect(call.get_by_role("status")).to_have_text("“id” is empty: it is a part of the path.")
    call.get_by_label("id", exact=True).fill("17")
    send.click()
    expect(call.get_by_role("status")).to_have_text("This call needs a token: enter it at the head of the page.")


def test_a_body_begins_with_an_example(page: Page) -> None:
    sign_in(page)
    call = open_call(page, "batch_request")
    body = call.get_by_label("Body", exact=True)
    example = json.loads(body.input_value())
    assert example["resources"] == [{"resource": "ecommerce/customers", "method": "list", "query": {"limit": 5}}]
    step = {"resource": "ecommerce/customers", "method": "get", "id": "2"}
    body.fill(json.dumps({"integrated_account_id": account_id("woocommerce"), "resources": [step]}))

    call.get_by_role("button", name="Send POST").click()

    expect(call.get_by_role("status")).to_contain_text("200 OK")
    answer = json.loads(call.locator("form pre").inner_text())
    assert (answer["errors"], answer["result"]["ecommerce/customers"][0]["id"]) == ({}, "2")


def test_a_command_can_be_copied(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    call = page.locator("#ping")
    command = call.locator("pre").first.inner_text()

    call.get_by_role("button", name="Copy the curl command of ping").click()

    expect(call.get_by_role("button", name="Copied the curl command of ping")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == command


# ------------------------------------------------------------------------------- looks


@pytest.mark.parametrize("path", ["/docs", META])
def test_it_can_be_read_on_a_telephone(open_page: Callable[..., Page], path: str) -> None:
    page = open_page(path, Authorization=f"Bearer {TOKEN}")
    page.set_viewport_size(TELEPHONE)
    page.wait_for_selector("table")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_telephone_shows_every_meaning_at_once(page: Page) -> None:
    page.set_viewport_size(TELEPHONE)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")

    cells = page.evaluate(
        """[...document.querySelectorAll('table')].filter(table => table.tHead.innerText.includes('meaning'))
        .flatMap(table => [...table.querySelectorAll('td:last-child')])
        .map(cell => cell.getBoundingClientRect()).map(({ left, right, width }) => [left, right, width])"""
    )

    assert len(cells) > 100
    assert [cell for cell in cells if not (cell[0] >= 0 and cell[1] <= 390 and cell[2] > 250)] == []


def test_a_wide_table_scrolls_beside_the_names_of_its_rows(page: Page) -> None:
    page.set_viewport_size(TELEPHONE)
    page.locator("#list_ecommerce_customers").get_by_text("Who serves each filter and sort").click()

    seen = page.evaluate(
        """(() => {
            const box = document.querySelector('#list_ecommerce_customers details[open] .scroll');
            box.scrollLeft = box.scrollWidth;
            const { left, right } = box.getBoundingClientRect();
            const rows = [...box.querySelectorAll('tr')];
            return {
                scrolled: box.scrollLeft > 100,
                names: rows.every(row => row.cells[0].getBoundingClientRect().left === left),
                last: rows.every(row => row.cells[row.cells.length - 1].getBoundingClientRect().right <= right + 1),
            };
        })()"""
    )

    assert seen == {"scrolled": True, "names": True, "last": True}


@pytest.mark.parametrize("width", [390, 1280])
def test_no_button_covers_the_text_that_it_copies(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})

    covered = page.evaluate(
        """[...document.querySelectorAll('.copyable')].filter(box => box.offsetParent).map(box => {
            const text = box.querySelector('pre').getBoundingClientRect();
            const button = box.querySelector('button').getBoundingClientRect();
            return text.left < button.right && button.left < text.right
                && text.top < button.bottom && button.top < text.bottom;
        })"""
    )

    assert len(covered) > 20
    assert not any(covered)


@pytest.mark.parametrize("path", ["/docs", META])
def test_it_has_no_barrier_that_axe_finds(open_page: Callable[..., Page], path: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="no axe-playwright-python: pip install it"
    ).Axe()
    page = open_page(path, Authorization=f"Bearer {TOKEN}")
    page.wait_for_selector("table")
    page.evaluate(
        "document.querySelectorAll('#list_ecommerce_customers details').forEach(part => { part.open = true; })"
    )

    results = [axe.run(page, options={**VIOLATIONS, "rules": {name: {"enabled": False} for name in RULES_OF_COLOUR}})]
    page.evaluate(KEEP_FIRST_OF_EACH_STYLE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        results.append(axe.run(page, options={**VIOLATIONS, "runOnly": RULES_OF_COLOUR}))

    assert [result.violations_count for result in results] == [0, 0, 0], [
        result.generate_report() for result in results
    ]


def test_the_pages_load_nothing_from_elsewhere(origin: str) -> None:
    paths = ["/docs", "/docs/docs.css", "/docs/icon.svg", *(f"/docs/{name}" for name in MODULES), META]
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answers = {path: httpx.get(f"{origin}{path}", headers=headers, trust_env=False) for path in paths}
    policies = {answer.headers["content-security-policy"] for answer in answers.values()}

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(paths, 200)
    assert [path for path, answer in answers.items() if "://" in answer.text] == NAMING_OTHERS
    assert policies == {
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }


@pytest.mark.parametrize("path", ["/docs", META])
def test_browsers_find_the_icon_of_the_pages(open_page: Callable[..., Page], origin: str, path: str) -> None:
    link = open_page(path, Authorization=f"Bearer {TOKEN}").locator("link[rel=icon]")
    asked_for = httpx.get(link.evaluate("link => link.href"), trust_env=False)
    unasked = httpx.get(f"{origin}/favicon.ico", trust_env=False)

    assert (unasked.status_code, unasked.headers["content-type"]) == (200, "image/svg+xml")
    assert unasked.content == asked_for.content
    assert unasked.text.startswith("<svg ")


def test_the_notes_link_to_the_documentation_of_the_vendor(open_page: Callable[..., Page]) -> None:
    page = open_page(META, Authorization=f"Bearer {TOKEN}")
    assert page.locator("header a").evaluate_all("links => links.map(link => link.href)") == [
        "https://woocommerce.github.io/woocommerce-rest-api-docs/",
        "https://woocommerce.com/document/woocommerce-rest-api/",
    ]


def test_no_other_file_is_served(origin: str) -> None:
    assert httpx.get(f"{origin}/docs/docs.html", trust_env=False).status_code == 404
