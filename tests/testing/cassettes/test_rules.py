"""The rules of the pytest plugin, in the repository of another author, with the installed pytest-recording."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.contract.test_outside_author import run_pytest
from tests.examples.outside import run_apart
from tests.testing.cassettes.play import record
from truto_unify.testing.cassettes import sidecar_path

if TYPE_CHECKING:
    from pathlib import Path

    from tests.loopback import Loopback

MODULE = """
from pathlib import Path

import httpx
import pytest

from truto_unify import Client
from truto_unify.testing.cassettes import read_sidecar, replay_call

CASSETTE = Path(__file__).parent / "cassettes" / "shopify" / "customers-list.yaml"


@pytest.fixture(scope="module")
def vcr_cassette_dir():
    return str(CASSETTE.parents[1])


@pytest.mark.vcr("shopify/customers-list.yaml")
def test_every_page():
    with Client() as client:
        assert len(replay_call(client, read_sidecar(CASSETTE))) == 4


@pytest.mark.vcr("shopify/customers-list.yaml")
def test_one_page():
    about = read_sidecar(CASSETTE)
    with Client() as client:
        assert len(client.list(about.resource, about.replay_account(), limit=2).result) == 2


@pytest.mark.vcr("shopify/customers-list.yaml")
@pytest.mark.unplayed("the second page is for others")
def test_one_page_and_why():
    test_one_page()


@pytest.mark.vcr("shopify/customers-list.yaml")
@pytest.mark.unplayed
def test_one_page_without_a_reason():
    test_one_page()


@pytest.mark.vcr("shopify/customers-list.yaml")
def test_another_request():
    about = read_sidecar(CASSETTE)
    with Client() as client:
        client.list(about.resource, about.replay_account(), limit=3)


def test_the_network():
    httpx.get("http://192.0.2.1/")


@pytest.mark.vcr("shopify/customers-list.yaml", record_mode="new_episodes")
def test_that_would_write():
    test_every_page()
"""


@pytest.fixture
def repository(tmp_path: Path, loopback: Loopback) -> Path:
    record(loopback, "shopify", tmp_path / "cassettes", pages=2, arguments={"limit": 2})
    (tmp_path / "test_store.py").write_text(MODULE)
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["truto_unify.testing.plugin"]\n')
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def test_the_rules_fail_the_tests_that_break_them(repository: Path) -> None:
    code, output = run_apart(repository, "pytest", "-q", "-rA")

    outcomes = {name: kind for kind, name in (line.split()[:2] for line in output.splitlines() if "::" in line[:30])}
    assert code == 1
    assert {name.partition("::test_")[2]: kind for name, kind in outcomes.items()} == {
        "every_page": "PASSED",
        "one_page_and_why": "PASSED",
        "one_page": "FAILED",
        "one_page_without_a_reason": "FAILED",
        "another_request": "FAILED",
        "the_network": "FAILED",
        "that_would_write": "FAILED",
    }
    assert (
        "1 of 2 interactions of the cassette were never asked for: POST /shopify/admin/api/2026-07/graphql.json. "
        "Shorten the cassette, or mark the test: @pytest.mark.unplayed('why')" in output
    )
    assert "the marker unplayed needs a reason: @pytest.mark.unplayed('why')" in output
    assert "customers-list: now sends variables.first=3, recorded variables.first=2; record it again" in output
    assert "Traceback" not in output
    assert "CannotOverwrite" not in output
    assert "Network is disabled" in output
    assert "record_mode=new_episodes lets the test reach the network; see --allow-network" in output


@pytest.mark.parametrize(("policy", "code", "is_told"), [("warn", 0, True), ("fail", 1, True), ("ignore", 0, False)])
def test_an_expired_cassette(policy: str, code: int, is_told: bool, repository: Path) -> None:
    cassette = repository / "cassettes" / "shopify" / "customers-list.yaml"
    about = json.loads(sidecar_path(cassette).read_text())
    sidecar_path(cassette).write_text(json.dumps({**about, "expires": "2020-01-01"}))

    ended, output = run_pytest(repository, "-k", "every_page", f"--expired-cassettes={policy}")

    assert ended == code, output
    assert (f"warning: {cassette}: expired on 2020-01-01" in output) == is_told


def test_pytest_recording_may_not_write_by_itself(repository: Path) -> None:
    code, output = run_pytest(repository, "--record-mode=once", "-k", "every_page")

    assert code == 4
    assert "record with 'truto-unify record', or add --allow-network" in output
