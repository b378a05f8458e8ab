from __future__ import annotations

import threading

import httpx
import pytest

from truto_unify.sandbox import serve
from truto_unify.sandbox.people import invent_people

WOO = ("ck_sandbox", "cs_sandbox")


def test_every_known_store_that_exists_is_listed() -> None:
    assert "woocommerce" in serve.STORES
    assert set(serve.STORES) <= set(serve.SLUGS)
    assert len(serve.STORES) == len(list(serve.STORES))


def test_an_unknown_store_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="nosuch"):
        serve.create_sandbox(["nosuch"])


def test_a_store_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError, match="acme"):
        serve.create_sandbox(["acme"])


def test_all_stores_know_the_same_people() -> None:
    sandbox = serve.create_sandbox(["woocommerce"], count=5)
    assert sandbox.stores["woocommerce"].people == list(invent_people(5))


def test_account_arguments_lead_to_the_api_root() -> None:
    sandbox = serve.create_sandbox(["woocommerce"], count=1)
    assert sandbox.account_arguments("woocommerce", "http://127.0.0.1:8765/") == {
        "provider": "woocommerce",
        "credentials": {"consumer_key": "ck_sandbox", "consumer_secret": "cs_sandbox"},
        "context": {"store_url": "https://shop.example"},
        "base_url": "http://127.0.0.1:8765/woocommerce/wp-json/wc/v3",
    }


def test_account_arguments_have_the_token_url_of_a_store_with_oauth(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = serve.create_sandbox(["woocommerce"], count=1)
    monkeypatch.setattr("truto_unify.sandbox.woocommerce.app.TOKEN_PATH", "/oauth/token", raising=False)
    arguments = sandbox.account_arguments("woocommerce", "http://127.0.0.1:8765")
    assert arguments["token_url"] == "http://127.0.0.1:8765/woocommerce/oauth/token"


def test_account_arguments_refuse_a_store_that_is_not_there() -> None:
    with pytest.raises(KeyError, match="wix"):
        serve.create_sandbox(["woocommerce"], count=1).account_arguments("wix", "http://127.0.0.1:8765")


@pytest.mark.parametrize("slug", list(serve.STORES))
def test_every_store_says_how_to_reach_it(slug: str) -> None:
    arguments = serve.create_sandbox([slug], count=1).account_arguments(slug, "http://127.0.0.1:8765")
    assert arguments["provider"] == slug
    assert arguments["base_url"].startswith(f"http://127.0.0.1:8765/{slug}")
    assert arguments["credentials"]
    assert arguments["context"]


def test_a_served_store_answers_over_the_wire_and_links_to_itself() -> None:
    sandbox = serve.create_sandbox(["woocommerce"], count=30)
    with serve.run_in_thread(sandbox) as origin:
        base_url = sandbox.account_arguments("woocommerce", origin)["base_url"]
        with httpx.Client(base_url=base_url, auth=WOO, trust_env=False) as client:
            answer = client.get("/customers", params={"per_page": "5"})
            following = client.get(answer.links["next"]["url"])
    assert answer.status_code == 200
    assert answer.links["next"]["url"] == f"{base_url}/customers?per_page=5&page=2"
    assert len(following.json()) == 5
    assert [seen.path for seen in sandbox.stores["woocommerce"].requests] == [
        "/wp-json/wc/v3/customers",
        "/wp-json/wc/v3/customers",
    ]


def test_nothing_is_left_after_the_context() -> None:
    sandbox = serve.create_sandbox(["woocommerce"], count=1)
    before = set(threading.enumerate())
    with serve.run_in_thread(sandbox) as origin:
        pass
    assert [thread.name for thread in set(threading.enumerate()) - before if thread.name == "sandbox"] == []
    with httpx.Client(trust_env=False) as client, pytest.raises(httpx.ConnectError):
        client.get(origin)


def test_two_sandboxes_can_run_at_once() -> None:
    first, second = serve.create_sandbox(["woocommerce"], 2), serve.create_sandbox(["woocommerce"], 2)
    with serve.run_in_thread(first) as first_origin, serve.run_in_thread(second) as second_origin:
        assert first_origin != second_origin


def test_a_taken_port_is_an_error() -> None:
    sandbox = serve.create_sandbox(["woocommerce"], count=1)
    with serve.run_in_thread(sandbox) as origin, pytest.raises(OSError, match="in use"):
        serve.run_in_thread(sandbox, port=int(origin.rpartition(":")[2])).__enter__()


def test_serve_blocks_on_the_whole_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[dict[str, object]] = []
    monkeypatch.setattr("uvicorn.run", lambda _app, **settings: calls.append(settings))
    monkeypatch.setattr(serve, "SLUGS", ("woocommerce",))
    serve.serve(host="127.0.0.1", port=8765)
    assert [(call["host"], call["port"]) for call in calls] == [("127.0.0.1", 8765)]
