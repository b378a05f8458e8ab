"""What the shell completes: providers, accounts, resources, context, filters and more; and how to switch it on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem, add_completion_class, get_completion_class

from truto_unify.accounts.file import read_accounts
from truto_unify.cli.bash_completion import WholeWordBash
from truto_unify.config.configuration import Configuration
from truto_unify.errors import UnifyError
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from click import Context, Parameter

    from truto_unify.models.resource import ResourceSchema

    Complete = Callable[[Context, Parameter, str], list[CompletionItem]]

add_completion_class(WholeWordBash)

_DIRECTIONS = ("asc", "desc")
ACCOUNTS_FILE = "accounts.yaml"
"""The accounts file if no other is named."""


def complete_providers(context: Context, _parameter: Parameter, begun: str) -> list[CompletionItem]:
    """The slugs of providers, with their labels."""
    try:
        configuration = _configuration(context)
        return [
            CompletionItem(slug, help=configuration.provider(slug).config.label)
            for slug in configuration.providers
            if slug.startswith(begun)
        ]
    except UnifyError:
        return []  # a shell has no place for a message


def complete_accounts(context: Context, _parameter: Parameter, begun: str) -> list[CompletionItem]:
    """The names of the accounts file."""
    try:
        names = read_accounts(_accounts_file(context))
    except UnifyError:
        return []
    return [CompletionItem(name, help=entry.provider) for name, entry in names.items() if name.startswith(begun)]


def complete_resources(context: Context, _parameter: Parameter, begun: str) -> list[CompletionItem]:
    """The resources that a provider has, or all of them."""
    try:
        names = {name for name, slug in _configuration(context).mappings if _provider(context) in {None, slug}}
    except UnifyError:
        return []
    return _items(sorted(names), begun)


def complete_models(context: Context, _parameter: Parameter, begun: str) -> list[CompletionItem]:
    """All unified resources, whether or not a provider has a mapping for them."""
    try:
        return _items(_configuration(context).resource_names, begun)
    except UnifyError:
        return []


def complete_recording(context: Context, parameter: Parameter, begun: str) -> list[CompletionItem]:
    """The words of ``record``: a resource, then a method."""
    words = context.params.get("words") or ()
    if not words:
        return complete_resources(context, parameter, begun)
    return _items(("list", "get"), begun) if len(words) == 1 else []


def complete_fields(group: str) -> Complete:
    """The ``context`` or ``credentials`` of the provider on the line: names with ``=``, then the values of a choice."""

    def complete(context: Context, _parameter: Parameter, begun: str) -> list[CompletionItem]:
        slug = _provider(context)
        if slug is None:
            return []
        try:
            config = _configuration(context).provider(slug).config
        except UnifyError:
            return []
        fields = {name: field for name, field in getattr(config, group).items() if field.derived is None}
        name, equals, _ = begun.partition("=")
        if equals:
            return _items((f"{name}={value}" for value in fields[name].choices), begun) if name in fields else []
        return [CompletionItem(f"{name}=", help=fields[name].title) for name in fields if name.startswith(begun)]

    return complete


def complete_filters(context: Context, _parameter: Parameter, begun: str) -> list[CompletionItem]:
    """The filters of the resource on the line: names with ``=``, then the values of a status."""
    schema = _schema(context)
    if schema is None:
        return []
    if "=" in begun:
        name = begun.partition("=")[0]
        kind = field_kinds(schema.record).get(name) if name in schema.text_filters else None
        return _items((f"{name}={value}" for value in kind.values), begun) if kind is not None else []
    times = [f"{name}[{op}]=" for name in schema.time_filters for op in ("gt", "gte", "lt", "lte")]
    parts = [f"{name}[][{part}]=" for name, inner in schema.element_filters.items() for part in inner]
    texts = [f"{name}=" for name in (*schema.text_filters, *schema.inner_filters)]
    return _items((*texts, *times, *parts), begun)


def complete_sorts(context: Context, _parameter: Parameter, begun: str) -> list[CompletionItem]:
    """The sorts of the resource on the line, in both directions."""
    schema = _schema(context)
    names = schema.sorts if schema is not None else ()
    return _items((f"{name}:{direction}" for name in names for direction in _DIRECTIONS), begun)


def _items(values: Iterable[str], begun: str) -> list[CompletionItem]:
    return [CompletionItem(value) for value in values if value.startswith(begun)]


def _configuration(context: Context) -> Configuration:
    return Configuration(context.params.get("overlay") or ())


def _schema(context: Context) -> ResourceSchema | None:
    # Before an option without its value, click leaves the arguments of the line unread.
    words = [context.params.get("resource"), *(context.params.get("words") or ()), *context.args]
    try:
        resources = _configuration(context).resources
    except UnifyError:
        return None
    return next((resources[word] for word in words if word in resources), None)


def _provider(context: Context) -> str | None:
    slug: str | None = context.params.get("provider")
    name = context.params.get("account_name")
    if slug is None and name is not None:
        try:
            entry = read_accounts(_accounts_file(context)).get(name)
        except UnifyError:
            return None
        slug = entry.provider if entry is not None else None
    return slug


def _accounts_file(context: Context) -> Path:
    return Path(context.params.get("accounts_file") or ACCOUNTS_FILE)


_INSTALL = """\b
bash   echo 'eval "$(truto-unify completion bash)"' >> ~/.bashrc
zsh    echo 'eval "$(truto-unify completion zsh)"' >> ~/.zshrc
fish   truto-unify completion fish > ~/.config/fish/completions/truto-unify.fish
"""


@click.command("completion", epilog=_INSTALL)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(context: Context, shell: str) -> None:
    """Prints what a shell needs to complete commands, providers, resources, filters and more with the Tab key."""
    script = get_completion_class(shell)
    assert script is not None  # noqa: S101 - click knows the three shells
    root: Any = context.find_root().command
    click.echo(script(root, {}, "truto-unify", "_TRUTO_UNIFY_COMPLETE").source(), nl=False)
