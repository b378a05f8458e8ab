"""``chaos`` lists its faults, refuses what it cannot plant, and prints what it plants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import httpx
import pytest

from tests.chaos.store import Store
from truto_unify.chaos import FAULTS, TLS_FAULTS
from truto_unify.cli.commands import commands

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run
    from truto_unify.chaos import ChaosServer

STORE = "https://store.example/api"


@pytest.fixture
def three_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of serving until it is stopped, the proxy serves three requests, and is stopped."""

    async def serve(server: ChaosServer, port: int) -> None:
        server.transport = Store()
        async with server.running(port) as origin, httpx.AsyncClient(trust_env=False) as client:
            for number in (1, 2, 3):
                await client.get(f"{origin}/people?page={number}&key=secret")
        raise KeyboardInterrupt

    monkeypatch.setattr("truto_unify.cli.chaos._serve", serve)


def test_the_list_names_every_fault(run: Run) -> None:
    outcome = run("chaos", "--list")

    assert (outcome.code, outcome.err) == (0, "")
    assert [line.split()[0] for line in outcome.out.splitlines()] == list(FAULTS)
    assert "no-name          connection  DNS does not know the host (not by a proxy)\n" in outcome.out


@pytest.mark.usefixtures("three_requests")
def test_each_planted_fault_is_printed_and_counted_at_the_end(run: Run) -> None:
    outcome = run("chaos", STORE, "--port", "0", "--fault", "total-zero=1")

    assert outcome.out == "".join(f"#{number} total-zero: GET /people\n" for number in (1, 2, 3))
    assert (outcome.code, outcome.err.splitlines()[-1]) == (0, "3 requests, 3 faults: total-zero 3")


@pytest.mark.usefixtures("three_requests")
def test_without_a_fault_all_faults_share_alike(run: Run) -> None:
    assert run("chaos", STORE, "--port", "0", "--share", "0").err.splitlines()[-1] == "3 requests, 0 faults"


def test_the_certificate_is_written_for_a_client_that_shall_trust_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def stop(_: ChaosServer, __: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("truto_unify.cli.chaos._serve", stop)

    assert run("chaos", STORE, "--tls", "expired", "--certificate", "chaos.pem").code == 0
    assert (tmp_path / "chaos.pem").read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")
    assert b"PRIVATE KEY" not in (tmp_path / "chaos.pem").read_bytes()


def test_every_fault_of_tls_can_be_chosen() -> None:
    (option,) = [option for option in commands.commands["chaos"].params if option.name == "tls"]

    assert isinstance(option.type, click.Choice)
    assert tuple(option.type.choices) == TLS_FAULTS


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name the base URL of the store"),
        ([STORE, "--fault", "error"], '"error" names no share; write for example "error=0.1"'),
        ([STORE, "--fault", "eror=0.1"], 'there is no fault "eror"; there are: delay'),
        ([STORE, "--fault", "error=2"], 'the share of the fault "error" must be a number from 0 to 1'),
        ([STORE, "--fault", "refused=1"], 'a proxy cannot plant "refused"'),
        (["shop.example"], '"shop.example" is no base URL; it looks like https://shop.example/api'),
        ([STORE, "--certificate", "chaos.pem"], "--certificate needs --tls with a fault of a certificate"),
        ([STORE, "--path", "("], '"(" is no regular expression'),
    ],
)
def test_what_cannot_be_done_is_said(run: Run, arguments: list[str], message: str) -> None:
    outcome = run("chaos", *arguments)

    assert (outcome.code, message in outcome.err) == (3, True)
