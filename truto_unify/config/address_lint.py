"""Finds addresses of a provider file that cannot work: with a query or a fragment, or with words that run together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from truto_unify.config.pagination import NamedAddress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.config.provider import Endpoint, ProviderConfig
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem

RULE = "bad-address"
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def check_addresses(config: ProviderConfig, node: Node) -> Iterator[Problem]:
    """A problem for each root that is no plain address, and for each path that does not continue one."""
    yield from _check_root(config.base_url.text, node.at(("base_url",)))
    for resource, methods in config.resources.items():
        for method, endpoint in methods.items():
            yield from _check_endpoint(endpoint, node.at(("resources", resource, method)))


def _check_endpoint(endpoint: Endpoint, node: Node) -> Iterator[Problem]:
    if endpoint.base_url is not None:
        yield from _check_root(endpoint.base_url.text, node.at(("base_url",)))
    paging = endpoint.pagination
    if isinstance(paging, NamedAddress) and paging.link_root is not None:
        yield from _check_root(paging.link_root.text, node.at(("pagination", "link_root")))
    yield from _check_path(endpoint.path.text, node.at(("path",)))


def _check_root(text: str, place: Node) -> Iterator[Problem]:
    """The engine refuses such a root at each call."""
    mark = re.search(r"[\s?#@]", _without_placeholders(text))
    if mark is not None:
        shown = "a blank" if mark[0].isspace() else f'"{mark[0]}"'
        message = f"{shown} does not belong here: a root is scheme, host and path; query parameters stand under query"
        yield place.problem(message, rule=RULE)


def _check_path(text: str, place: Node) -> Iterator[Problem]:
    plain = _without_placeholders(text)
    mark = re.search(r"[?#]", plain)
    if mark is not None:
        path, rest = text[: mark.start()], text[mark.start() + 1 :]
        if mark[0] == "#":
            message = 'a path ends before "#": no server sees what follows; a "#" that belongs to a name is written %23'
        else:
            names = [part.partition("=") for part in rest.partition("#")[0].split("&") if part]
            pairs = ", ".join(f'{unquote(name)}: "{unquote(value)}"' for name, _, value in names)
            message = f"a path has no query; write path: {path} and query: {{{pairs or '…'}}}"
        yield place.problem(message, rule=RULE)
    # Other first letters may continue the last step, as ":search" and ".json" do.
    if re.match(r"\w", plain):
        message = f'a path begins with "/", or its first word joins the last one of base_url; write /{text}'
        yield place.problem(message, rule=RULE)


def _without_placeholders(text: str) -> str:
    """The text, as long as before, with other letters in place of the names of placeholders.

    >>> _without_placeholders("/shops/{context.shop}/a?b={id}")
    '/shops/{~~~~~~~~~~~~}/a?b={~~}'
    """
    return _PLACEHOLDER.sub(lambda match: f"{{{'~' * (len(match[0]) - 2)}}}", text)
