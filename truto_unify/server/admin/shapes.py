"""The JSON bodies that admin routes accept and return."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from truto_unify.accounts.records import ApiToken, IntegratedAccount, Override

if TYPE_CHECKING:
    from truto_unify.engine.send import Settings
    from truto_unify.registry import Registry

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Value = Annotated[str, StringConstraints(max_length=10_000)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Fields = dict[Name, Value]
Changes = dict[Name, Value | None]
MAX_BULK_IDS = 1000
_ACCOUNT_ID = "0193d3a4-7a1e-7c52-9f0e-3c1d5b7a2e10"
EXAMPLE_CONFIG = {"response_mapping": {"loyalty_tier": {"expr": "tier", "type": "text"}}}


def example_body(example: dict[str, Any]) -> ConfigDict:
    """The configuration of a body with an example, which the docs page offers to send."""
    return ConfigDict(json_schema_extra={"examples": [example]})


class Body(BaseModel):
    """A request body; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class NewAccount(Body):
    """An account to store. An import may hold its credentials in ``context`` instead of ``credentials``."""

    tenant_id: Text = Field(description="The tenant that owns the account, as your own system names it.")
    integration: Text | None = Field(default=None, description="The provider; GET /integration lists them.")
    environment_integration_id: Text | None = Field(
        default=None, description="The same as integration; one of the two is enough."
    )
    authentication_method: Text | None = Field(default=None, description="api_key, oauth2, oauth2_client_credentials")
    credentials: Fields = Field(default={}, description="Stored encrypted and never shown.")
    context: Fields = Field(default={}, description="Plain facts about the merchant.")
    base_url: Address | None = Field(default=None, description="Replaces the provider's API root.")
    token_url: Address | None = Field(default=None, description="Replaces the provider's token URL.")
    is_sandbox: bool = False
    unified_model_override: dict[str, Any] = Field(default={}, description="{model: {resource: {…}}}")


class AccountChanges(Body):
    """Changes of an account: ``context`` and ``credentials`` are merged (null removes a field); the others replace."""

    model_config = example_body({"context": {"time_zone": "Europe/Berlin"}, "version": 1})

    tenant_id: Text | None = None
    context: Changes | None = None
    credentials: Changes | None = Field(
        default=None, description="New credentials; all of them if the change moves the account to another host."
    )
    base_url: Address | None = None
    token_url: Address | None = None
    is_sandbox: bool | None = None
    unified_model_override: dict[str, Any] | None = None
    version: int | None = Field(default=None, description="Change only if this is still the newest version.")


class CredentialChanges(Body):
    """New credentials, merged into the stored ones; null removes one."""

    model_config = example_body({"credentials": {"access_token": "…"}})

    credentials: Changes
    authentication_method: Text | None = None
    version: int | None = None


class OneAccount(Body):
    """Names an account; Truto's SDK calls the key ``id`` if it refreshes credentials."""

    model_config = example_body({"integrated_account_id": _ACCOUNT_ID})

    integrated_account_id: Text

    @model_validator(mode="before")
    @classmethod
    def _known_as_id(cls, value: Any) -> Any:
        is_short = isinstance(value, dict) and "id" in value and "integrated_account_id" not in value
        return (
            {"integrated_account_id" if name == "id" else name: part for name, part in value.items()}
            if is_short
            else value
        )


class ManyAccounts(Body):
    """Names several accounts."""

    model_config = example_body({"ids": [_ACCOUNT_ID]})

    ids: list[Text] = Field(min_length=1, max_length=MAX_BULK_IDS)


class NewOverride(Body):
    """A mapping override of the environment."""

    unified_model: Name = Field(description="The model, the first part of model/resource.")
    resource: Name = Field(description="The resource, the second part of model/resource.")
    integration: Name = Field(description="The provider.")
    method: Name = Field(default="all", description="list, get, or all for both.")
    config: dict[str, Any] = Field(description="The differing part of a mapping file; null removes a key.")


class OverrideChanges(Body):
    """New content of an override; it replaces the old content."""

    model_config = example_body({"config": EXAMPLE_CONFIG, "version": 1})

    config: dict[str, Any]
    version: int | None = None


class Integration(BaseModel):
    """A provider in brief."""

    id: str
    name: str
    label: str
    category: str | None


class AccountShape(BaseModel):
    """An integrated account without its secrets."""

    id: str
    tenant_id: str
    environment_id: str
    environment_integration_id: str
    integration: Integration
    authentication_method: str
    status: str
    is_sandbox: bool
    context: Mapping[str, Any]
    base_url: str | None
    token_url: str | None
    unified_model_override: Mapping[str, Any]
    last_error: Mapping[str, Any] | None
    created_at: datetime
    updated_at: datetime
    version: int


class Breaker(BaseModel):
    """Whether the provider is called for an account; ``until`` is the moment when an open circuit tries it again."""

    state: Literal["closed", "open", "half_open"]
    until: datetime | None


class AccountDetails(AccountShape):
    """An integrated account with the state of its circuit in the process that answers."""

    breaker: Breaker


class TokenShape(BaseModel):
    """An API token without its secret."""

    id: str
    environment_id: str
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class OverrideShape(BaseModel):
    """A mapping override."""

    id: str
    environment_id: str
    unified_model: str
    resource: str
    integration: str
    method: str
    config: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    version: int


class AccountList(BaseModel):
    """A page of accounts."""

    result: list[AccountShape]
    next_cursor: str | None
    limit: int


class TokenList(BaseModel):
    """All API tokens."""

    result: list[TokenShape]
    next_cursor: str | None = None
    limit: int


class OverrideList(BaseModel):
    """All overrides."""

    result: list[OverrideShape]
    next_cursor: str | None = None
    limit: int


class Deleted(BaseModel):
    """A deleted record."""

    id: str


class ManyDeleted(BaseModel):
    """The deleted records; unknown ids are left out."""

    result: list[Deleted]


class AccountToken(BaseModel):
    """A token for one account, valid for 15 minutes; it is shown only once."""

    integrated_account_token: str


class Refreshed(BaseModel):
    """Whether a token was renewed; an account with an API key has none."""

    id: str
    is_refreshed: bool


class Verified(BaseModel):
    """An account that its provider accepts."""

    id: str
    call: str = Field(description="The native call that proved it.")
    total: int | None = Field(description="How many records the list of that call holds, if the provider says so.")


def account_shape(account: IntegratedAccount, registry: Registry) -> AccountShape:
    """An account without its secrets; an unknown provider is shown by its name only."""
    slug = account.integration
    is_known = slug in registry.providers
    label = registry.provider(slug).config.label if is_known else slug
    models = sorted({name.partition("/")[0] for name, provider in registry.mappings if provider == slug})
    return AccountShape(
        id=account.id,
        tenant_id=account.tenant_id,
        environment_id=account.environment_id,
        environment_integration_id=slug,
        integration=Integration(id=slug, name=slug, label=label, category=models[0] if models else None),
        authentication_method=account.authentication_method,
        status=account.status,
        is_sandbox=account.is_sandbox,
        context=account.context,
        base_url=account.base_url,
        token_url=account.token_url,
        unified_model_override=account.unified_model_override,
        last_error=account.last_error,
        created_at=account.created_at,
        updated_at=account.updated_at,
        version=account.version,
    )


def account_details(account: IntegratedAccount, registry: Registry, settings: Settings) -> AccountDetails:
    """An account without its secrets, with the state of its circuit."""
    circuit = settings.breaker.state(account.id, settings.timer())
    until = None if circuit.retry_after is None else settings.now() + timedelta(seconds=circuit.retry_after)
    shape = account_shape(account, registry)
    return AccountDetails(**dict(shape), breaker=Breaker(state=circuit.state, until=until))


def token_shape(token: ApiToken) -> TokenShape:
    """An API token without its secret."""
    return TokenShape(
        id=token.id,
        environment_id=token.environment_id,
        name=token.name,
        prefix=token.prefix,
        scopes=sorted(token.scopes),
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        last_used_at=token.last_used_at,
    )


def override_shape(override: Override) -> OverrideShape:
    """An override in its JSON form."""
    model, _, resource = override.resource.partition("/")
    return OverrideShape(
        id=override.id,
        environment_id=override.environment_id,
        unified_model=model,
        resource=resource,
        integration=override.integration,
        method=override.method,
        config=override.config,
        created_at=override.created_at,
        updated_at=override.updated_at,
        version=override.version,
    )
