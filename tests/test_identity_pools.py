"""Client certificates over real TLS on this machine: an account shows its own, and no other one."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.stores import MAPPING, RESOURCE
from tests.tls import serve_tls, write_certificate
from truto_unify import Account, AsyncClient, Client, InvalidInput, Limits, RetryPolicy, Settings
from truto_unify.errors import TransportError
from truto_unify.identity_pools import MAX_IDENTITIES, IdentityPools
from truto_unify.registry import Registry
from truto_unify.types import ClientIdentity

if TYPE_CHECKING:
    from pathlib import Path

PROVIDER = """
label: Store
documentation: https://docs.example.test
base_url: https://acme.example.test
context: {shop: {title: Shop, default: acme}}
credentials:
  certificate: {title: Certificate, format: pem}
  key: {title: Private key, format: pem}
authorization:
  type: mutual_tls
  client_certificate: {certificate: "{credentials.certificate}", private_key: "{credentials.key}"}
resources:
  people:
    list: {path: /people, list_path: "@"}
    get: {path: "/people/{id}", record_path: person}
"""
ONCE = Settings(retry=RetryPolicy(attempts=1))


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """A store that knows its clients by their certificates."""
    (tmp_path / "providers").mkdir()
    (tmp_path / "mappings" / RESOURCE).mkdir(parents=True)
    (tmp_path / "providers" / "acme.yaml").write_text(PROVIDER)
    rest = MAPPING.partition("is_partial")[2].partition("\n")[2]
    mapping = f"list: {{endpoint: people.list}}\n{rest}".replace("query.since", "nick")
    (tmp_path / "mappings" / RESOURCE / "acme.yaml").write_text(mapping)
    return Registry(overlay=[tmp_path])


def folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def account(pem: Path, base_url: str, *, in_one_line: bool = False) -> Account:
    """An account with the certificate and the key of a file; an environment holds them in one line."""
    certificate, begin, rest = pem.read_text().partition("-----BEGIN PRIVATE KEY-----")
    texts = {"certificate": certificate, "key": begin + rest}
    if in_one_line:
        texts = {name: text.replace("\n", "\\n") for name, text in texts.items()}
    return Account(provider="acme", credentials=texts, base_url=base_url)


def list_sync(registry: Registry, limits: Limits, *accounts: Account) -> list[Any]:
    with Client(registry, limits=limits, settings=ONCE) as client:
        return [client.list("ecommerce/customers", one).result for one in accounts]


def list_async(registry: Registry, limits: Limits, *accounts: Account) -> list[Any]:
    async def read() -> list[Any]:
        async with AsyncClient(registry, limits=limits, settings=ONCE) as client:
            return [(await client.list("ecommerce/customers", one)).result for one in accounts]

    return asyncio.run(read())


@pytest.mark.parametrize("list_customers", [list_sync, list_async])
def test_an_account_shows_its_own_certificate(registry: Registry, tmp_path: Path, list_customers: Any) -> None:
    shop, own, other = (write_certificate(folder(tmp_path, name)) for name in ("shop", "own", "other"))
    with serve_tls(shop, clients=own) as origin:
        limits, mine = Limits(verify=shop), account(own, origin)
        assert list_customers(registry, limits, mine, account(own, origin, in_one_line=True)) == [[], []]

        # The connection of the first account is open and idle, and must not serve the second.
        with pytest.raises(TransportError):
            list_customers(registry, limits, mine, account(other, origin))


def test_a_key_that_does_not_fit_is_refused_and_not_shown(registry: Registry, tmp_path: Path) -> None:
    own, other = (write_certificate(folder(tmp_path, name)) for name in ("own", "other"))
    stranger = account(other, "https://127.0.0.1:1").credentials["key"]
    broken = Account(
        provider="acme",
        credentials={**account(own, "").credentials, "key": stranger},
        base_url="https://127.0.0.1:1",
    )

    with pytest.raises(InvalidInput) as caught:
        list_sync(registry, Limits(), broken)

    assert caught.value.message == (
        "the client certificate of this account or its private key cannot be used: KEY_VALUES_MISMATCH"
    )


def test_a_certificate_needs_tls_and_certificates_in_a_file(registry: Registry, tmp_path: Path) -> None:
    own = write_certificate(folder(tmp_path, "own"))

    with pytest.raises(InvalidInput, match=r"^acme asks for a client certificate, which only https:// addresses can"):
        list_sync(registry, Limits(), account(own, "http://127.0.0.1:1"))
    with pytest.raises(InvalidInput, match=r"give Limits.verify a file of certificates$"):
        list_sync(registry, Limits(verify=ssl.create_default_context()), account(own, "https://127.0.0.1:1"))


def test_what_is_no_pem_is_refused_and_not_shown(registry: Registry) -> None:
    plain = Account(provider="acme", credentials={"certificate": "s3cret", "key": "s3cret"})

    with pytest.raises(InvalidInput) as caught:
        list_sync(registry, Limits(), plain)

    assert caught.value.message == (
        "credentials.certificate is no PEM: it begins with -----BEGIN and ends with a line of -----END"
    )


def test_the_least_recently_used_pools_are_closed_and_never_those_in_use() -> None:
    identities = [ClientIdentity(f"certificate {number}", "key") for number in range(MAX_IDENTITIES + 2)]
    pools: IdentityPools[ClientIdentity | None] = IdentityPools(lambda identity: identity)

    with pools.using(None) as usual, pools.using(identities[0]) as first:
        for identity in identities[1:]:
            with pools.using(identity):
                pass
        surplus = pools.take_surplus()

    assert (usual, first, surplus) == (None, identities[0], identities[1:3])
    assert pools.all() == [None, identities[0], *identities[3:]]
