"""An account store in memory, with the interface that the service uses."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from truto_unify.accounts.records import ACCOUNT_TOKEN_SCOPES, SCOPES, Connection, Identity, IntegratedAccount
from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.outbound import OutboundRule

if TYPE_CHECKING:
    from truto_unify import Account, UnifyError

BORN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class MemoryStore:
    """Accounts and tokens of some environments; ``failure`` is what a broken database would raise."""

    identities: dict[str, Identity] = field(default_factory=dict)
    connections: dict[tuple[str, str], Connection] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)
    tokens: MemoryTokenStore = field(default_factory=MemoryTokenStore)
    outbound: OutboundRule = field(default_factory=OutboundRule)
    failure: Exception | None = None
    guard: threading.Lock = field(default_factory=threading.Lock)

    def add_token(self, token: str, environment: str, account_id: str | None = None, **changes: Any) -> Identity:
        kind: Any = "api_token" if account_id is None else "integrated_account_token"
        scopes = frozenset(SCOPES) if account_id is None else ACCOUNT_TOKEN_SCOPES
        identity = Identity(
            environment_id=environment,
            token_id=str(uuid.uuid4()),
            kind=kind,
            integrated_account_id=account_id,
            scopes=scopes,
        )
        self.identities[token] = replace(identity, **changes)
        return self.identities[token]

    def add_account(self, environment: str, account_id: str, account: Account, **changes: Any) -> None:
        stored = IntegratedAccount(
            id=account_id,
            tenant_id="tenant",
            environment_id=environment,
            integration=account.provider,
            authentication_method="api_key",
            status="active",
            is_sandbox=False,
            context=dict(account.context),
            base_url=account.base_url,
            token_url=account.token_url,
            unified_model_override={},
            last_error=None,
            created_at=BORN,
            updated_at=BORN,
            version=1,
        )
        connection = Connection(account=replace(account, id=account_id), stored=replace(stored, **changes))
        self.connections[environment, account_id] = connection

    async def ping(self) -> None:
        if self.failure is not None:
            raise self.failure

    async def close(self) -> None:
        return None

    async def identify(self, bearer: str) -> Identity | None:
        await self.ping()
        return self.identities.get(bearer)

    async def connection(self, environment_id: str, account_id: str, *, method: str = "list") -> Connection | None:
        return self.connections.get((environment_id, account_id))

    async def note_success(self, account_id: str, *, seen_status: str | None = None) -> None:
        if seen_status != "active":
            self.notes.append((account_id, "success"))

    async def note_failure(self, account_id: str, error: UnifyError) -> None:
        self.notes.append((account_id, type(error).__name__))
