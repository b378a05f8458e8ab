"""The origin of page addresses: credentials never go to another one."""

from __future__ import annotations

from urllib.parse import urlsplit

from truto_unify.errors import InvalidCursor

_DEFAULT_PORTS = {"http": 80, "https": 443}


def check_origin(url: str, base_url: str) -> None:
    """Refuses a page address outside the provider's own origin, to which credentials must not go.

    Raises:
        InvalidCursor: another scheme, host or port.
    """
    if not is_same_origin(url, base_url):
        raise InvalidCursor(f"the next page lies at {origin_of(url)}, outside the provider's origin")


def is_same_origin(url: str, other: str) -> bool:
    """Whether scheme, host and port are the same."""
    return origin_of(url) == origin_of(other)


def origin_of(url: str) -> str:
    """Scheme and host, with the port unless it is the scheme's own (https://www.rfc-editor.org/rfc/rfc6454#section-4).

    >>> origin_of("https://Shop.example:443/a"), origin_of("http://shop.example:8080/")
    ('https://shop.example', 'http://shop.example:8080')
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:  # not a number, or too large
        return f"{parts.scheme}://{parts.netloc}"
    is_plain = port is None or port == _DEFAULT_PORTS.get(parts.scheme)
    user = "@" if "@" in parts.netloc else ""  # an address with a user is never the same origin
    return f"{parts.scheme}://{user}{parts.hostname or ''}{'' if is_plain else f':{port}'}"
