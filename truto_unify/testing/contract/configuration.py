"""The contract of the files: complete, valid, and clear to a newcomer."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from truto_unify.capabilities import field_support
from truto_unify.testing.provider_under_test import METHODS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from truto_unify.registry import Registry
    from truto_unify.testing.provider_under_test import ProviderUnderTest


def check_lint(registry: Registry, providers: Collection[str] | None = None) -> list[str]:
    """Every fault that ``truto-unify lint`` reports for these providers, and every provider without a mapping.

    Args:
        registry: the providers and mappings.
        providers: slugs; None for all.
    """
    chosen = registry.providers if providers is None else providers
    problems = [f"{slug}: no file describes this provider" for slug in chosen if slug not in registry.providers]
    mapped = {slug for _, slug in registry.mappings}
    problems += [
        f"{slug}: no mapping serves any unified resource; add mappings/<model>/<resource>/{slug}.yaml"
        for slug in chosen
        if slug in registry.providers and slug not in mapped
    ]
    faults = registry.problems()
    if providers is None:
        return [*problems, *(str(fault) for fault in faults)]
    return [*problems, *(str(fault) for fault in faults if any(f"{slug}." in fault.file for slug in chosen))]


def check_configuration(under_test: ProviderUnderTest) -> list[str]:
    """Every field mapped or excused, both methods offered, and an account with an example for every field."""
    return [
        *_check_fields(under_test),
        *_check_methods(under_test),
        *_check_provider(under_test),
        *_check_account(under_test),
    ]


def _check_fields(under_test: ProviderUnderTest) -> Iterator[str]:
    for name, support in field_support(under_test.config, under_test.mapping.schema).items():
        if support == "no":
            yield under_test.problem(name, 'neither mapped nor listed under "unsupported" with a reason')


def _check_methods(under_test: ProviderUnderTest) -> Iterator[str]:
    for name in METHODS:
        if name not in under_test.methods:
            yield under_test.problem(name, f"the mapping has no {name}; a half-mapped resource surprises its callers")


def _check_provider(under_test: ProviderUnderTest) -> Iterator[str]:
    config = under_test.provider.config
    address = urlsplit(config.documentation)
    if address.scheme != "https" or not address.hostname:
        yield under_test.problem(
            "documentation", f"{config.documentation!r} is not an https address of the vendor's documentation"
        )
    if not config.label.strip():
        yield under_test.problem("label", "the label is blank; give the display name of the provider")


def _check_account(under_test: ProviderUnderTest) -> Iterator[str]:
    config = under_test.provider.config
    for group, fields in (("context", config.context), ("credentials", config.credentials)):
        for name, declaration in fields.items():
            if not declaration.title.strip():
                yield under_test.problem(f"{group}.{name}", "the title is blank; give the name that people use")
            if declaration.derived is None and declaration.example is None and declaration.default is None:
                yield under_test.problem(
                    f"{group}.{name}", "it has neither an example nor a default; give an invented example"
                )
    if config.credentials and config.verify is None:
        yield under_test.problem("verify", "no call proves an account; name a cheap read, for example customers.list")
    if config.credentials and not config.authorization:
        yield under_test.problem("authorization", "the provider declares credentials, and no rule sends them")
