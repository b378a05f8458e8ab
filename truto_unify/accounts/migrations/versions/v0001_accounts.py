"""Environments, tokens, accounts and overrides: the first version of the schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
UUID = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    """Creates the tables in an empty database."""
    op.create_table(
        "environments",
        _id(),
        sa.Column("name", sa.String(100), nullable=False),
        *_history(),
        sa.UniqueConstraint("name", name="uq_environments_name"),
    )
    op.create_table(
        "api_tokens",
        _id(),
        _belongs_to("api_tokens", "environment_id", "environments"),
        sa.Column("name", sa.String(200), nullable=False),
        *_secret("api_tokens"),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.Column("last_used_at", TIME),
    )
    op.create_table(
        "integrated_accounts",
        _id(),
        _belongs_to("integrated_accounts", "environment_id", "environments"),
        sa.Column("tenant_id", sa.String(200), nullable=False),
        sa.Column("integration", sa.String(100), nullable=False),
        sa.Column("authentication_method", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("is_sandbox", sa.Boolean, nullable=False),
        sa.Column("context", sa.JSON, nullable=False),
        sa.Column("credentials", sa.Text, nullable=False),
        sa.Column("base_url", sa.Text),
        sa.Column("token_url", sa.Text),
        sa.Column("unified_model_override", sa.JSON, nullable=False),
        sa.Column("last_error", sa.JSON),
        *_history(),
    )
    op.create_table(
        "integrated_account_tokens",
        _id(),
        _belongs_to("integrated_account_tokens", "integrated_account_id", "integrated_accounts"),
        *_secret("integrated_account_tokens"),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
    )
    op.create_table(
        "provider_tokens",
        sa.Column("key", sa.String(128), primary_key=True, nullable=False),
        _belongs_to("provider_tokens", "integrated_account_id", "integrated_accounts", nullable=True),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "token_leases",
        sa.Column("key", sa.String(128), primary_key=True, nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
    )
    op.create_table(
        "environment_overrides",
        _id(),
        _belongs_to("environment_overrides", "environment_id", "environments"),
        sa.Column("resource", sa.String(200), nullable=False),
        sa.Column("integration", sa.String(100), nullable=False),
        sa.Column("method", sa.String(40), nullable=False),
        sa.Column("config", sa.JSON, nullable=False),
        *_history(),
        sa.UniqueConstraint(
            "environment_id",
            "resource",
            "integration",
            "method",
            name="uq_environment_overrides_place",
        ),
    )
    for table, *columns in (
        ("api_tokens", "environment_id"),
        ("integrated_accounts", "environment_id", "created_at", "id"),
        ("integrated_accounts", "environment_id", "tenant_id"),
        ("integrated_account_tokens", "integrated_account_id"),
        ("integrated_account_tokens", "expires_at"),
        ("provider_tokens", "integrated_account_id"),
        ("environment_overrides", "environment_id"),
    ):
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def downgrade() -> None:
    """Drops all tables."""
    for table in (
        "environment_overrides",
        "token_leases",
        "provider_tokens",
        "integrated_account_tokens",
        "integrated_accounts",
        "api_tokens",
        "environments",
    ):
        op.drop_table(table)


def _id() -> sa.Column[Any]:
    return sa.Column("id", UUID, primary_key=True, nullable=False)


def _belongs_to(table: str, column: str, other: str, *, nullable: bool = False) -> sa.Column[Any]:
    key = sa.ForeignKey(f"{other}.id", name=f"fk_{table}_{column}", ondelete="CASCADE")
    return sa.Column(column, UUID, key, nullable=nullable)


def _secret(table: str) -> tuple[Any, ...]:
    return (
        sa.Column("prefix", sa.String(40), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("prefix", name=f"uq_{table}_prefix"),
    )


def _history() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
