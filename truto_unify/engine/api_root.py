"""The API root of a store: requests with credentials stay below it, whatever a link of an answer or a cursor says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_DECODINGS = 4


@dataclass(frozen=True, slots=True)
class ApiRoot:
    """The root that the requests of an endpoint go to.

    Attributes:
        url: without a slash at the end.
        alias: the root by which the store itself knows its API, if ``url`` is that of a proxy before it.
        has_version: whether the last step of the store's own root is a version. A store may answer for another version
            than it was asked for, and its links then name that version.
        links: another root that the addresses in answers may have, as the provider file declares it.
        links_target: the root that those addresses are requested at: ``links`` itself, or that of a proxy.
    """

    url: str
    alias: str | None = None
    has_version: bool = False
    links: str | None = None
    links_target: str | None = None

    def locate(self, link: str, asked: str | None = None) -> str | None:
        """The address below the root that a link means; None if it lies elsewhere.

        Args:
            link: an address; relative to ``asked``, if that is given.
            asked: the address whose answer holds the link.

        >>> root = ApiRoot("https://proxy.example/shop", "https://shop.example/api")
        >>> root.locate("https://shop.example:443/api/people?page=2")
        'https://proxy.example/shop/people?page=2'
        >>> root.locate("https://shop.example/admin") is None
        True
        """
        for root, base in ((self.url, asked), (self.alias, f"{self.alias}/")):
            if root is None:
                continue
            try:
                rest = _rest_below(root, link if asked is None else urljoin(base or "", link))
            except ValueError:  # brackets or a port that no address has
                return None
            if rest is not None:
                return self.url + rest
        if self.links is not None and (rest := _rest_below(self.links, link)) is not None:
            return f"{self.links_target}{rest}"
        return self._locate_version(link) if self.has_version else None

    def _locate_version(self, link: str) -> str | None:
        """As ``locate``, for a whole address below another version."""
        parent = (self.alias or self.url).rpartition("/")[0]
        try:
            rest = _rest_below(parent, link)
        except ValueError:
            return None
        version, slash, path = (rest or "").removeprefix("/").partition("/")
        if not version or not slash or "?" in version:
            return None
        return f"{self.url}/{path}" if self.alias is not None else f"{parent}{rest}"


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


def show_origin(link: str, asked: str = "") -> str:
    """The origin of a link for a message; a link may be relative to the address whose answer holds it."""
    try:
        return origin_of(urljoin(asked, link))
    except ValueError:
        return "no address"


def split_root(base_url: str, path: str) -> tuple[str, str]:
    """The root of an endpoint and its path below it; ``/..`` at the start of a path leaves the last step of base_url.

    >>> split_root("https://api.example/stores/1/v3", "/../v2/orders")
    ('https://api.example/stores/1', '/v2/orders')
    """
    while path.startswith("/../"):
        parts = urlsplit(base_url)  # never beyond the host, to which the credentials belong
        base_url, path = parts._replace(path=parts.path.rpartition("/")[0]).geturl(), path.removeprefix("/..")
    return base_url, path


def _rest_below(root: str, url: str) -> str | None:
    """What follows the root in an address: path and query; None if the address is not below the root."""
    parts, prefix = urlsplit(url), urlsplit(root).path.rstrip("/")
    is_below = parts.path == prefix or parts.path.startswith(f"{prefix}/")
    if origin_of(url) != origin_of(root) or not is_below or _leaves_a_step(parts.path):
        return None
    return parts.path.removeprefix(prefix) + (f"?{parts.query}" if parts.query else "")


def _leaves_a_step(path: str) -> bool:
    """Whether some server reads ``..`` in a path, percent-encoded or with a backslash."""
    for _ in range(_MAX_DECODINGS):
        path = unquote(path)
    return any(step.partition(";")[0] in {".", ".."} for step in re.split(r"[/\\]", path))
