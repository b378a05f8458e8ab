"""The keys, times and account drafts of the account store's tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from truto_unify.accounts.admission import AccountDraft
from truto_unify.accounts.vault import new_key

KEY = new_key()
NOBODY = "00000000-0000-4000-8000-000000000000"
CREDENTIALS = {"consumer_key": "ck_s3cret", "consumer_secret": "cs_s3cret"}


@dataclass
class Clock:
    """A clock that only a test moves."""

    now: datetime = datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **time: float) -> None:
        self.now += timedelta(**time)


def draft(**changes: Any) -> AccountDraft:
    """An account that may be stored."""
    usual: dict[str, Any] = {
        "tenant_id": "tenant-1",
        "integration": "woocommerce",
        "credentials": CREDENTIALS,
        "context": {"store_url": "https://shop.example"},
    }
    return AccountDraft(**(usual | changes))


def oauth_draft(**changes: Any) -> AccountDraft:
    """An account whose token is renewed with a refresh token."""
    usual: dict[str, Any] = {
        "integration": "zohoinventory",
        "credentials": {"client_id": "id-1", "client_secret": "s3cret-1", "refresh_token": "refresh-0"},
        "context": {"organization_id": "10", "data_center": "com"},
    }
    return draft(**(usual | changes))
