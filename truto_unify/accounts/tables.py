"""The tables of the account store. ``migrations/`` creates them; a test compares the two."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
)

from truto_unify.accounts.stored_json import cleaned

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.types import TypeEngine

_UUID = re.compile(r"[0-9a-fA-F]{8}(-?)([0-9a-fA-F]{4}\1){3}[0-9a-fA-F]{12}")
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite, which has no time zones, stores it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """A time with a zone if the database has time zones."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses a time without a zone, whose meaning depends on the host."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The time with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class AnswerableJson(TypeDecorator[Any]):
    """JSON as it can be answered, also if an earlier release stored half a character in it."""

    impl = JSON
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - as SQLAlchemy calls it
        """The value without half characters."""
        return cleaned(value)


def as_id(text: str) -> str | None:
    """The canonical form of a UUID; None for any other text, which is no id in the database.

    >>> as_id("6F9619FF8B86D011B42D00CF4FC964FF")
    '6f9619ff-8b86-d011-b42d-00cf4fc964ff'
    """
    return str(UUID(text)) if _UUID.fullmatch(text) else None


def _id() -> Column[str]:
    return Column("id", Uuid(as_uuid=False), primary_key=True)


def _belongs_to(name: str, table: str, *, nullable: bool = False) -> Column[str]:
    key = ForeignKey(f"{table}.id", ondelete="CASCADE")
    return Column(name, Uuid(as_uuid=False), key, nullable=nullable, index=True)


def _history() -> tuple[Column[Any], ...]:
    return (
        Column("created_at", UtcTime, nullable=False),
        Column("updated_at", UtcTime, nullable=False),
        Column("version", Integer, nullable=False),
    )


ENVIRONMENTS = Table(
    "environments",
    METADATA,
    _id(),
    Column("name", String(100), nullable=False, unique=True),
    *_history(),
)

API_TOKENS = Table(
    "api_tokens",
    METADATA,
    _id(),
    _belongs_to("environment_id", "environments"),
    Column("name", String(200), nullable=False),
    Column("prefix", String(40), nullable=False, unique=True),
    Column("secret_hash", String(64), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("revoked_at", UtcTime),
    Column("last_used_at", UtcTime),
)

INTEGRATED_ACCOUNTS = Table(
    "integrated_accounts",
    METADATA,
    _id(),
    Column(
        "environment_id",
        Uuid(as_uuid=False),
        ForeignKey("environments.id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("tenant_id", String(200), nullable=False),
    Column("integration", String(100), nullable=False),
    Column("authentication_method", String(40), nullable=False),
    Column("status", String(40), nullable=False),
    Column("is_sandbox", Boolean, nullable=False),
    Column("context", AnswerableJson, nullable=False),
    Column("credentials", Text, nullable=False),  # encrypted, see vault.py
    Column("base_url", Text),
    Column("token_url", Text),
    Column("unified_model_override", AnswerableJson, nullable=False),
    Column("last_error", JSON(none_as_null=True)),
    *_history(),
    Index(None, "environment_id", "created_at", "id"),
    Index(None, "environment_id", "tenant_id"),
)

INTEGRATED_ACCOUNT_TOKENS = Table(
    "integrated_account_tokens",
    METADATA,
    _id(),
    _belongs_to("integrated_account_id", "integrated_accounts"),
    Column("prefix", String(40), nullable=False, unique=True),
    Column("secret_hash", String(64), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
)

PROVIDER_TOKENS = Table(
    "provider_tokens",
    METADATA,
    Column("key", String(128), primary_key=True),
    _belongs_to("integrated_account_id", "integrated_accounts", nullable=True),
    Column("token", Text, nullable=False),  # encrypted, see vault.py
    Column("updated_at", UtcTime, nullable=False),
    Column("version", Integer, nullable=False),
)

TOKEN_LEASES = Table(
    "token_leases",
    METADATA,
    Column("key", String(128), primary_key=True),
    Column("owner", String(32), nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)

RATE_BUDGETS = Table(
    "rate_budgets",
    METADATA,
    Column("key", String(128), primary_key=True),
    Column("budget", Text, nullable=False),
    Column("changed_at", Float, nullable=False),  # seconds of the database's clock
)

ENVIRONMENT_OVERRIDES = Table(
    "environment_overrides",
    METADATA,
    _id(),
    _belongs_to("environment_id", "environments"),
    Column("resource", String(200), nullable=False),
    Column("integration", String(100), nullable=False),
    Column("method", String(40), nullable=False),
    Column("config", AnswerableJson, nullable=False),
    *_history(),
    UniqueConstraint("environment_id", "resource", "integration", "method", name="uq_environment_overrides_place"),
)
