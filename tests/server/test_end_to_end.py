"""The service as people run it, called with curl and with the SDK of the API whose surface it keeps."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.loopback import Clock, Loopback, make_sandbox
from tests.server.conftest import SLUGS
from tests.server.gated import serve_gated
from tests.server.running import PATIENCE, run_service
from truto_unify import Client
from truto_unify.accounts.vault import new_key
from truto_unify.sandbox.serve import run_in_thread
from truto_unify.sandbox.store import PlannedFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.server.running import Running

ROOT = Path(__file__).parents[2]
SDK_PYTHON = ROOT / ".venv-sdk" / "bin" / "python"
LIST = "/unified/ecommerce/customers"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with run_service(tmp_path_factory.mktemp("service")) as service:
        yield service


class RacingClock(Clock):
    """Goes so fast that no quota of a store is ever used up for long."""

    def __call__(self) -> float:
        return time.monotonic() * 100


@pytest.fixture(scope="module")
def stores() -> Iterator[Loopback]:
    clock = RacingClock()
    sandbox = make_sandbox(clock)
    with run_in_thread(sandbox) as origin:
        yield Loopback(origin, sandbox, clock)


@pytest.fixture(scope="module")
def accounts(running: Running, stores: Loopback) -> dict[str, str]:
    """Account id by store, each made with a call."""
    return {slug: create_account(running, account_body(stores, slug))["id"] for slug in SLUGS}


@pytest.fixture(autouse=True)
def past_any_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def account_body(stores: Any, slug: str) -> dict[str, Any]:
    arguments = dict(stores.sandbox.account_arguments(slug, stores.origin))
    return {"tenant_id": f"tenant-{slug}", "integration": arguments.pop("provider"), **arguments}


def create_account(service: Running, body: dict[str, Any]) -> dict[str, Any]:
    answer = service.call("POST", "/integrated-account", json=body)
    assert answer.is_success, answer.text
    account: dict[str, Any] = answer.json()
    return account


def test_the_first_start_on_an_empty_folder_says_how_to_go_on(running: Running) -> None:
    messages = [json.loads(line)["message"] for line in running.lines]  # each line is JSON for whatever reads the logs
    assert messages[0] == "there is no API token yet; create one with: truto-unify token create"
    assert (running.folder / "truto_unify.db").is_file()
    assert running.token


def test_every_store_gives_the_same_as_the_library(
    running: Running, accounts: dict[str, str], stores: Loopback
) -> None:
    for slug, account_id in accounts.items():
        answer = running.call("GET", f"{LIST}?integrated_account_id={account_id}&limit=3")
        with Client() as client:
            expected = client.list("ecommerce/customers", stores.account(slug), limit=3)
        assert answer.json()["result"] == [record.model_dump(mode="json") for record in expected.result]


def test_the_documented_curl_call_works_as_printed_but_for_the_host(running: Running, accounts: dict[str, str]) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    printed = re.search(r"```console\n\$ (curl .*?)\n```", (ROOT / "docs/service.md").read_text(), re.DOTALL)
    assert printed is not None
    command = printed[1].replace("http://127.0.0.1:8080", running.origin)
    assert running.origin in command
    environment = {**running.environment, "TOKEN": running.token, "ACCOUNT": accounts["bigcommerce"]}
    done = subprocess.run(
        ["bash", "-c", command], env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    page = json.loads(done.stdout)
    assert (page["result_count"], len(page["result"])) == (2, 2)


def test_the_service_runs_on_postgresql_and_finds_its_accounts_again(
    postgres_url: str, stores: Loopback, tmp_path: Path
) -> None:
    settings = {"TRUTO_UNIFY_DATABASE_URL": postgres_url, "TRUTO_UNIFY_SECRET_KEY": new_key()}
    with run_service(tmp_path, **settings) as service:
        account_id = create_account(service, account_body(stores, "shopify"))["id"]
        path = f"{LIST}?integrated_account_id={account_id}&limit=2"
        first, token = service.call("GET", path), service.token
    with run_service(tmp_path, **settings) as service:
        service.token = token
        again = service.call("GET", path)

    assert first.json()["result_count"] == 2
    assert again.json() == first.json()
    assert [*tmp_path.glob("*.db")] == []


@pytest.mark.skipif(not SDK_PYTHON.exists(), reason="no .venv-sdk: make .venv-sdk/.installed needs Python 3.12")
def test_the_sdk_lists_and_gets_customers_of_every_store(
    running: Running, accounts: dict[str, str], stores: Loopback
) -> None:
    order = json.dumps({"origin": running.origin, "token": running.token, "accounts": accounts})
    script = Path(__file__).with_name("sdk_client.py")
    done = subprocess.run(
        [str(SDK_PYTHON), str(script)],
        input=order,
        env=running.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)
    assert body["stores"] == {slug: expected_of(stores, slug) for slug in SLUGS}
    assert body["ping"] == {"status": "ok"}
    assert set(accounts.values()) <= set(body["accounts"])
    assert body["batch"] == len(body["stores"]["woocommerce"]["ids"])


def expected_of(stores: Loopback, slug: str) -> dict[str, Any]:
    """The answer of the library, which the SDK must receive."""
    account = stores.account(slug)
    with Client() as client:
        everybody = [customer.id for customer in client.iterate("ecommerce/customers", account)]
        late = client.iterate(
            "ecommerce/customers", account, created_at={"gt": "2025-01-01T00:00:00Z"}, emails=[{"is_primary": True}]
        )
        filtered = [customer.id for customer in late]
        native = sum(1 for _ in native_records(client, account))
    return {"ids": everybody, "got": True, "filtered": filtered, "native": native}


def native_records(client: Client, account: Any) -> Iterator[Any]:
    page = client.proxy_list("customers", account)
    yield from page.result
    while page.next_cursor is not None:
        page = client.proxy_list("customers", account, next_cursor=page.next_cursor)
        yield from page.result


def test_logs_are_json_and_hold_no_secret_and_no_query(running: Running, accounts: dict[str, str]) -> None:
    account_id = accounts["wix"]
    secret = "ana.secret@example.test"
    answer = running.call("GET", f"{LIST}?integrated_account_id={account_id}&email={secret}")
    request_id = answer.headers["x-request-id"]
    entry = json.loads(running.line_about(request_id))
    assert {name: entry[name] for name in entry if name not in {"time", "duration_ms"}} == {
        "level": "info",
        "logger": "truto_unify.access",
        "message": "request",
        "method": "GET",
        "route": "/unified/{model}/{resource}",
        "status": 200,
        "request_id": request_id,
        "provider": "wix",
        "account_id": account_id,
        "provider_requests": 1,
    }
    whole = "".join(running.lines)
    hidden = (secret, "ana.secret", running.token, running.environment["TRUTO_UNIFY_SECRET_KEY"])
    assert [record for record in hidden if record in whole] == []


def test_a_wait_longer_than_the_setting_is_a_429_with_retry_after(running: Running, stores: Loopback) -> None:
    account_id = create_account(running, account_body(stores, "shopify_rest"))["id"]
    store = stores.store("shopify_rest")
    store.failures.append(PlannedFailure(429, (("retry-after", "3600"), ("content-type", "application/json")), b"{}"))
    answers = [running.call("GET", f"{LIST}?integrated_account_id={account_id}&limit=1") for _ in range(2)]
    waits = [int(answer.headers["retry-after"]) for answer in answers]
    metrics = running.call("GET", "/metrics").text

    assert [answer.status_code for answer in answers] == [429, 429]
    assert (waits[0], 3500 < waits[1] <= 3600, len(store.requests)) == (3600, True, 1)
    assert "the limits of the provider allow this request in" in answers[1].json()["message"]
    assert 'truto_unify_provider_unsent_total{provider="shopify_rest",reason="throttled_here"} 1.0' in metrics
    assert account_id not in metrics


def test_without_a_setting_no_account_leads_to_this_machine(tmp_path: Path, stores: Loopback) -> None:
    unset = {"TRUTO_UNIFY_ALLOWED_NETWORKS": "", "TRUTO_UNIFY_ALLOW_HTTP": ""}
    body = account_body(stores, "woocommerce")
    with run_service(tmp_path, **unset) as service:
        by_http = service.call("POST", "/integrated-account", json=body)
        by_address = service.call("POST", "/integrated-account", json={**body, "base_url": "https://0x7f000001/"})
        account_id = create_account(service, {**body, "base_url": "https://localhost/"})["id"]
        by_name = service.call("GET", f"{LIST}?integrated_account_id={account_id}&limit=1")
        event = json.loads(service.line_about(account_id))

    assert (event["logger"], event["event"], event["provider"]) == (
        "truto_unify.security",
        "address_refused",
        "woocommerce",
    )
    assert [answer.status_code for answer in (by_http, by_address, by_name)] == [400, 400, 400]
    assert by_http.json()["message"].startswith('base_url: "127.0.0.1" is addressed by http://, which is not allowed')
    assert by_address.json()["message"].startswith('base_url: "0x7f000001" leads to the address 127.0.0.1, which is')
    assert re.match(r'"localhost" leads to the address (127.0.0.1|::1), which is loopback', by_name.json()["message"])


def test_a_running_request_is_finished_when_the_service_ends(tmp_path: Path) -> None:
    answers: list[httpx.Response] = []
    with serve_gated(open_until=0) as stores, run_service(tmp_path) as service:
        account_id = create_account(service, account_body(stores, "woocommerce"))["id"]
        path = f"{LIST}?integrated_account_id={account_id}&limit=1"
        caller = threading.Thread(target=lambda: answers.append(service.call("GET", path)))
        caller.start()
        assert stores.gate.waiting.wait(PATIENCE)
        service.process.terminate()
        stores.gate.opened.set()
        caller.join(PATIENCE)
        assert service.process.wait(PATIENCE) == 0
    assert [(answer.status_code, answer.json()["result_count"]) for answer in answers] == [(200, 1)]
    assert json.loads(service.lines[-1])["message"] == "stopped"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"TRUTO_UNIFY_SECRET_KEY": ""}, "InvalidSetting: no secret key: set TRUTO_UNIFY_SECRET_KEY"),
        (
            {"TRUTO_UNIFY_CA_BUNDLE": "nowhere.pem"},
            "InvalidSetting: TRUTO_UNIFY_CA_BUNDLE: the certificates in nowhere.pem",
        ),
        ({"ALL_PROXY": "socks5://127.0.0.1:1"}, "InvalidEnvironment: ALL_PROXY of the environment names a proxy"),
    ],
    ids=["no key", "bad certificates", "bad proxy"],
)
def test_a_wrong_setting_is_an_error_and_creates_nothing(
    running: Running, tmp_path: Path, settings: dict[str, str], message: str
) -> None:
    service = replace(running, folder=tmp_path, environment={**running.environment, **settings})
    done = service.command("serve", "--port", "0")
    assert (done.returncode, done.stderr.startswith(message), "Traceback" in done.stderr) == (2, True, False)
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_an_error(running: Running) -> None:
    port = running.origin.rpartition(":")[2]
    done = running.command("serve", "--port", port)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2,
        f"InvalidSetting: cannot listen on 127.0.0.1, port {port}: Address already in use",
    )
