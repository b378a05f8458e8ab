"""Faults of TLS: the client says what is wrong with the certificate, and sends nothing."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.chaos.store import Store
from tests.shipped import REGISTRY
from truto_unify import Account, Client, Limits, RetryPolicy, Settings, TransportError
from truto_unify.chaos import Chaos, ChaosServer, run_in_thread
from truto_unify.errors import InvalidEnvironment

if TYPE_CHECKING:
    from pathlib import Path

    from truto_unify.chaos.server import TlsFault

ACCOUNT = Account(provider="bigcommerce", credentials={"access_token": "t"}, context={"store_hash": "h"})


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("expired", "has expired"),
        ("not-yet-valid", "is not valid yet"),
        ("wrong-host", "is for another host"),
    ],
)
def test_a_client_that_trusts_the_certificate_sees_its_fault(fault: TlsFault, message: str, tmp_path: Path) -> None:
    server = ChaosServer(Chaos({}), "https://store.example", transport=Store(), tls=fault)
    assert server.certificate is not None
    file = tmp_path / "chaos.pem"
    file.write_bytes(server.certificate.certificate)

    assert message in refusal(server, Limits(verify=file))
    assert server.chaos.count == 0


@pytest.mark.parametrize(("fault", "message"), [("self-signed", "is not trusted"), ("no-handshake", "TransportError")])
def test_a_client_that_does_not_is_told_so(fault: TlsFault, message: str) -> None:
    server = ChaosServer(Chaos({}), "https://store.example", transport=Store(), tls=fault)

    assert message in refusal(server, Limits())
    assert server.chaos.count == 0


def refusal(server: ChaosServer, limits: Limits) -> str:
    """The error of a call through the proxy."""
    settings = Settings(retry=RetryPolicy(attempts=1))
    with (
        run_in_thread(server) as origin,
        Client(REGISTRY, settings=settings, limits=limits) as client,
        pytest.raises(TransportError) as caught,
    ):
        client.custom("GET", "/people", replace(ACCOUNT, base_url=origin))
    return f"{type(caught.value).__name__}: {caught.value}"


def test_certificates_need_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)

    with pytest.raises(InvalidEnvironment, match=r'need "cryptography": install it with  pip install'):
        ChaosServer(Chaos({}), "https://store.example", tls="expired")
