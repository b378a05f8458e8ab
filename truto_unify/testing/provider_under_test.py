"""The provider under test: a unified resource at a provider, with an invented account and no network."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, Self

import httpx

from truto_unify.client import Client
from truto_unify.config.authorization import TokenAuthorization, needed_credentials
from truto_unify.config.editions import context_of_edition, edition_label
from truto_unify.engine.auth import is_for_account
from truto_unify.engine.budget_store import MemoryBudgetStore
from truto_unify.engine.send import Settings
from truto_unify.errors import ConfigError
from truto_unify.types import Account

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from truto_unify.config.authorization import Authorization
    from truto_unify.config.configuration import LoadedMapping, Provider
    from truto_unify.config.editions import Edition
    from truto_unify.config.mapping import MappingConfig
    from truto_unify.config.provider import Endpoint, FieldDeclaration, ProviderConfig
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.models.resource import ResourceSchema
    from truto_unify.registry import Registry

Method = Literal["list", "get"]
METHODS: tuple[Method, ...] = ("list", "get")
START = datetime(2026, 1, 1, tzinfo=UTC)
_SECONDS_BETWEEN_REQUESTS = 60.0


@dataclass
class Clock:
    """A clock that only ``wait`` moves."""

    now: datetime = START
    waits: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        """The current time."""
        return self.now

    def timer(self) -> float:
        """The time in seconds."""
        return self.now.timestamp()

    def wait(self, seconds: float) -> None:
        """Moves the time forward by some seconds, without waiting."""
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class ProviderUnderTest:
    """A (provider, resource) pair of a registry, in one of the editions of its mapping.

    Attributes:
        registry: the providers and mappings.
        slug: the provider's slug.
        resource: ``model/resource``.
        edition: the context field and the value that choose the edition; None for the mapping file as it is.
    """

    registry: Registry
    slug: str
    resource: str
    edition: Edition | None = None

    @classmethod
    def of_account(cls, registry: Registry, resource: str, account: Account) -> Self:
        """The pair that serves an account, in the edition that the account has.

        Raises:
            UnknownProvider, UnknownResource: no file describes it.
            ConfigError: a file has a fault.
        """
        return cls(registry, account.provider, resource, registry.edition(resource, account.provider, account.context))

    def __str__(self) -> str:
        return f"{self.slug} {self.label}"

    @property
    def label(self) -> str:
        """The resource, with the edition: ``ecommerce/products (catalog: v3)``."""
        return self.resource if self.edition is None else f"{self.resource} ({edition_label(self.edition)})"

    @property
    def folder_name(self) -> str:
        """Where the provider's folders have its samples and results: ``ecommerce/products/catalog-v3``."""
        if self.edition is None:
            return self.resource
        return f"{self.resource}/{re.sub(r'[^a-zA-Z0-9._-]', '-', '-'.join(self.edition))}"

    @property
    def schema(self) -> ResourceSchema[Any]:
        """The unified resource, for the calls of a client.

        Raises:
            UnknownResource: the resource does not exist.
        """
        return self.registry.schema(self.resource)

    @property
    def mapper(self) -> Mapper:
        """The mapping engine.

        Raises:
            ConfigError: a file has a fault.
        """
        context = None if self.edition is None else self.context
        return self.registry.mapper(self.resource, self.slug, context=context)

    @property
    def mapping(self) -> LoadedMapping:
        """The merged mapping."""
        return self.mapper.mapping

    @property
    def config(self) -> MappingConfig:
        """The content of the mapping file."""
        return self.mapping.config

    @property
    def provider(self) -> Provider:
        """The provider with its file."""
        return self.mapping.provider

    @property
    def methods(self) -> tuple[Method, ...]:
        """The unified methods that the mapping offers."""
        return tuple(name for name in METHODS if getattr(self.config, name) is not None)

    def endpoint_name(self, method: Method) -> str:
        """The native ``resource.method`` behind a unified method."""
        return str(getattr(self.config, method).endpoint)

    def endpoint(self, method: Method) -> Endpoint:
        """The native call behind a unified method."""
        return self.provider.endpoint(self.endpoint_name(method))

    @cached_property
    def context(self) -> dict[str, str]:
        """The declared examples of the account fields, changed as far as the edition needs."""
        config = self.registry.provider(self.slug).config
        chosen = {} if self.edition is None else context_of_edition(self.edition, config.context)
        contexts = [{**context, **chosen} for context in _contexts(config)]
        return next(filter(self._has_edition, contexts), contexts[0])

    def _has_edition(self, context: Mapping[str, str]) -> bool:
        return self.registry.edition(self.resource, self.slug, context) == self.edition

    @cached_property
    def account(self) -> Account:
        """An account with the declared examples, and credentials for the scheme that these select."""
        context = self.context
        return invent_account(self.provider, _selected_scheme(self.provider.config, context), context)

    @property
    def accounts(self) -> tuple[Account, ...]:
        """An account for each of the provider's authentication schemes; a scheme may belong to one edition."""
        rules, examples = self.provider.config.authorization or (None,), self.context
        accounts = [invent_account(self.provider, rule, examples) for rule in rules]
        return tuple(account for account in accounts if self._has_edition(account.context))

    def client(self, provider: Callable[[httpx.Request], httpx.Response], clock: Clock | None = None) -> Client:
        """A client with this function as the network; waiting takes no time.

        Without a clock from the caller, no budget ever waits: the waits of side loads that run at the same time would
        add up on one clock, and exceed the time of the call.
        """
        ticks = count(0.0, _SECONDS_BETWEEN_REQUESTS)
        timer: Callable[[], float] = clock.timer if clock is not None else lambda: next(ticks)
        clock = clock or Clock()
        settings = Settings(
            cursor_key=b"provider under test",
            now=clock,
            timer=clock.timer,
            random=lambda: 0.0,
            # The golden requests hold signatures.
            nonce=lambda: "nonce-of-the-contract",
            budgets=MemoryBudgetStore(timer),
        )
        return Client(self.registry, settings=settings, transport=httpx.MockTransport(provider), sleep=clock.wait)

    def problem(self, place: str, what: str) -> str:
        """A line of a report: the place, and the problem."""
        return f"{self}: {place}: {what}"


def providers_under_test(registry: Registry, slugs: Collection[str] | None = None) -> list[ProviderUnderTest]:
    """Every (provider, resource) pair, in each edition that an account can have.

    Args:
        registry: the providers and mappings.
        slugs: the providers' slugs; None for all.
    """
    chosen = registry.providers if slugs is None else slugs
    plain = [ProviderUnderTest(registry, slug, resource) for resource, slug in registry.mappings if slug in chosen]
    return [under_test for pair in plain for under_test in _in_each_edition(pair)]


def _in_each_edition(plain: ProviderUnderTest) -> list[ProviderUnderTest]:
    """The pair as its mapping file is, and in each edition; a file with a fault shows it in its tests."""
    try:
        editions = plain.registry.mapping(plain.resource, plain.slug).config.editions
        is_possible = plain.registry.edition(plain.resource, plain.slug, plain.context) is None
    except ConfigError:
        return [plain]
    others = [replace(plain, edition=(name, value)) for name, layers in editions.items() for value in layers]
    return [plain, *others] if is_possible else others


def invent_account(provider: Provider, rule: Authorization | None, examples: Mapping[str, str]) -> Account:
    """An account with the declared examples, and with invented secrets for an authentication scheme.

    Args:
        provider: the provider's file.
        rule: the authorization rule of the scheme; None if the API is open.
        examples: the values of the account's context; a value is changed if the scheme needs that.
    """
    config = provider.config
    wanted = set(needed_credentials(rule)) if rule is not None else set[str]()
    if isinstance(rule, TokenAuthorization) and rule.first_token is not None:
        wanted |= {name.removeprefix("credentials.") for name in rule.first_token.placeholders}
    contexts = [{**examples, **change} for change in _context_changes(config)]
    context = next((context for context in contexts if _selected_scheme(config, context) is rule), {**examples})
    credentials = {
        name: f"contract-{name}-secret"
        if not declaration.pattern and declaration.format == "text"
        else _example(name, declaration)
        for name, declaration in config.credentials.items()
        if declaration.derived is None and (declaration.required or name in wanted)
    }
    return Account(provider=provider.slug, credentials=credentials, context=context)


def _contexts(config: ProviderConfig) -> list[dict[str, str]]:
    """The declared examples of the fields that every account has, and copies with one field changed."""
    examples = {
        name: _example(name, declaration)
        for name, declaration in config.context.items()
        if declaration.derived is None and (declaration.required or declaration.default)
    }
    return [{**examples, **change} for change in _context_changes(config)]


def _context_changes(config: ProviderConfig) -> Iterator[dict[str, str]]:
    """The changes of the examples: none, each choice of a field, and each address without encryption."""
    yield {}
    for name, declaration in config.context.items():
        yield from ({name: choice} for choice in declaration.choices)
        if declaration.format == "address":
            yield {name: _example(name, declaration).replace("https://", "http://")}


def _selected_scheme(config: ProviderConfig, context: Mapping[str, str]) -> Authorization | None:
    """The first authentication scheme for accounts of this context."""
    values = {f"context.{name}": value for name, value in context.items()}
    return next((rule for rule in config.authorization if is_for_account(rule, values)), None)


def _example(name: str, declaration: FieldDeclaration) -> str:
    return declaration.example or declaration.default or f"contract-{name}"


def secrets_of(account: Account) -> tuple[str, ...]:
    """The secrets of an account, which no output may show."""
    return tuple(account.credentials.values())


def attempt(call: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """The result of a call, or the error that it raises."""
    try:
        return call(), None
    except Exception as error:  # noqa: BLE001 - whatever it is, the report names it
        return None, error


def outcome_text(error: Exception | None, result: Any = None) -> str:
    """The outcome of a call, in a few words."""
    if error is not None:
        return f"{type(error).__name__}: {error}"[:300]
    return f"no error but {result!r}"[:200]
