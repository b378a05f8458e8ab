"""``serve --sandbox``: the service over pretend stores, with an account for each, in a temporary database."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from truto_unify.accounts.admission import AccountDraft, Admission
from truto_unify.accounts.store import AccountStore
from truto_unify.accounts.vault import new_key
from truto_unify.cli.stores import mapped_resources
from truto_unify.models import RESOURCES
from truto_unify.outbound import OutboundRule
from truto_unify.registry import Registry
from truto_unify.sandbox.serve import Sandbox, create_sandbox, run_in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPBACK = OutboundRule.strict(networks="127.0.0.0/8", allows_http=True)
"""The pretend stores are on this machine, and the service reaches nothing else that is not public."""


@dataclass(frozen=True, slots=True)
class SandboxService:
    """What the service of the sandbox needs, and what its caller needs.

    Attributes:
        port: where the service shall listen.
        database_url: of the filled database.
        secret_key: of the database.
        lines: commands to try, which show the API token.
    """

    port: int
    database_url: str
    secret_key: str
    lines: list[str]


@contextmanager
def sandbox_service(host: str, port: int) -> Iterator[SandboxService]:
    """Runs the pretend stores, and fills a temporary database with their accounts.

    Args:
        host: where the service shall listen.
        port: the port; a free one when 0.
    """
    sandbox, key = create_sandbox(), new_key()
    with tempfile.TemporaryDirectory(prefix="truto-unify-") as folder, run_in_thread(sandbox) as origin:
        url = f"sqlite:///{folder}/sandbox.db"
        port = port or _free_port(host)
        token, accounts = asyncio.run(_fill(url, key, sandbox, origin))
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        yield SandboxService(port, url, key, _lines(address, token, accounts))


def _lines(address: str, token: str, accounts: dict[str, str]) -> list[str]:
    """Commands that set the token and the account of a store, and calls of that account."""
    calls = (f"{address}/unified/{resource}?integrated_account_id=$ACCOUNT&limit=2" for resource in RESOURCES)
    return [
        f"export TOKEN={token}",
        *(f"export ACCOUNT={account}  # {slug}" for slug, account in accounts.items()),
        *(f'curl -s "{call}" -H "Authorization: Bearer $TOKEN"' for call in calls),
    ]


async def _fill(url: str, key: str, sandbox: Sandbox, origin: str) -> tuple[str, dict[str, str]]:
    """Creates an API token, and the account of each store; returns the token and the ids."""
    registry = Registry()
    await AccountStore.migrate(url)
    store = await AccountStore.open(url, key, outbound=LOOPBACK)
    try:
        environment = await store.environments.ensure("sandbox")
        _, token = await store.api_tokens.create(environment.id, name="sandbox")
        accounts = {}
        for slug in mapped_resources(registry, sandbox):
            arguments: dict[str, Any] = {**sandbox.account_arguments(slug, origin)}
            draft = AccountDraft(tenant_id="sandbox", integration=arguments.pop("provider"), **arguments)
            account = await store.accounts.create(environment.id, draft, Admission(registry, store.outbound))
            accounts[slug] = account.id
    finally:
        await store.close()
    return token, accounts


def _free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        port: int = listener.getsockname()[1]
        return port
