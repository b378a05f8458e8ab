"""The origin of page addresses: credentials never go to another one."""

from __future__ import annotations

from urllib.parse import urlsplit

from truto_unify.errors import InvalidCursor


def check_origin(url: str, base_url: str) -> None:
    """Refuses a page address outside the provider's own origin, to which credentials must not go.

    Raises:
        InvalidCursor: another scheme, host or port.
    """
    if not is_same_origin(url, base_url):
        there = urlsplit(url)
        raise InvalidCursor(f"the next page lies at {there.scheme}://{there.hostname}, outside the provider's origin")


def is_same_origin(url: str, other: str) -> bool:
    """Whether scheme, host and port are the same."""
    here, there = urlsplit(url), urlsplit(other)
    return (here.scheme, here.netloc.lower()) == (there.scheme, there.netloc.lower())
