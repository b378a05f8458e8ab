"""The contract of the files themselves: nothing left out, nothing that a newcomer must guess."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from truto_unify.capabilities import describe_provider
from truto_unify.config.mapping import reason_text
from truto_unify.testing.provider_under_test import METHODS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from truto_unify.registry import Registry
    from truto_unify.testing.provider_under_test import Subject


def check_lint(registry: Registry, providers: Collection[str] | None = None) -> list[str]:
    """Every fault that ``truto-unify lint`` would say, of these providers or of all, and providers without a mapping.

    Args:
        registry: the files.
        providers: slugs; all when None.
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
        return [*problems, *(str(one) for one in faults)]
    return [*problems, *(str(one) for one in faults if any(f"{slug}." in one.file for slug in chosen))]


def check_configuration(subject: Subject) -> list[str]:
    """Each unified field mapped or excused, both methods offered, and an account that can be filled in."""
    return [*_check_fields(subject), *_check_methods(subject), *_check_provider(subject), *_check_account(subject)]


def _check_fields(subject: Subject) -> Iterator[str]:
    described = describe_provider(subject.registry, subject.slug)["resources"][subject.resource]
    for name, cell in described["fields"].items():
        if cell["support"] == "no":
            yield subject.problem(name, 'neither mapped nor listed under "unsupported" with a reason')
    for name, excuse in subject.config.unsupported.items():
        if not reason_text(excuse).strip():
            yield subject.problem(f"unsupported {name}", "the reason is blank; say why the provider lacks it")


def _check_methods(subject: Subject) -> Iterator[str]:
    for name in METHODS:
        if name not in subject.methods:
            yield subject.problem(name, f"the mapping has no {name}; a half-mapped resource surprises its callers")
        elif not subject.endpoint(name).is_safe:
            what = f"{subject.endpoint_name(name)} is a {subject.endpoint(name).method} without read_only: true"
            yield subject.problem(name, f"{what}, and so is never tried again")


def _check_provider(subject: Subject) -> Iterator[str]:
    config = subject.provider.config
    address = urlsplit(config.documentation)
    if address.scheme != "https" or not address.hostname:
        yield subject.problem("documentation", f"{config.documentation!r} is no https address of the vendor's pages")
    if not config.label.strip():
        yield subject.problem("label", "blank; give the name that people know")


def _check_account(subject: Subject) -> Iterator[str]:
    config = subject.provider.config
    for group, fields in (("context", config.context), ("credentials", config.credentials)):
        for name, one in fields.items():
            if not one.title.strip():
                yield subject.problem(f"{group}.{name}", "blank title; say what a person calls it")
            if one.derived is None and one.example is None and one.default is None:
                yield subject.problem(f"{group}.{name}", "neither example nor default; give an invented example")
    if config.credentials and not config.authorization:
        yield subject.problem("authorization", "credentials are declared, and nothing says how they are sent")
