"""Which addresses an account may lead to: what a tenant writes there, this service will call."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from truto_unify.errors import InvalidInput, InvalidSetting

SETTING = "TRUTO_UNIFY_ALLOWED_HOSTS"
_HOST = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")


@dataclass(frozen=True, slots=True)
class AddressRule:
    """Which addresses are allowed: ``https`` anywhere and ``http`` on this machine, unless hosts are named.

    Attributes:
        hosts: the only hosts that are allowed, as in ``api.example.com`` or ``*.example.com``; none: any.
    """

    hosts: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> AddressRule:
        """The rule of a setting: hosts, separated by commas.

        >>> AddressRule.read("api.example.com, *.shop.example").hosts
        ('api.example.com', '*.shop.example')

        Raises:
            InvalidSetting: one of them is no host.
        """
        hosts = tuple(part.lower() for part in (one.strip() for one in text.split(",")) if part)
        for host in hosts:
            if not _HOST.fullmatch(host):
                raise InvalidSetting(
                    f'{SETTING}: "{host}" is no host; write api.example.com or *.example.com, without scheme and port'
                )
        return cls(hosts)

    def check(self, name: str, url: str) -> None:
        """Refuses an address that an account must not lead to.

        Args:
            name: of the field, for the message.
            url: the address; not shown where it may hold a password.

        Raises:
            InvalidInput: it is malformed, holds credentials, a query or a fragment, or leads where it must not.
        """
        if re.search(r"[\x00-\x20\x7f]", url):
            raise InvalidInput(f"{name} holds a blank or a control character")
        try:
            parts = urlsplit(url)
            host, _ = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            raise InvalidInput(f"{name} is no address; write https://host/path") from None
        if "@" in parts.netloc:
            raise InvalidInput(f"{name} must not hold a user or a password: those are credentials")
        if parts.scheme not in {"http", "https"} or not host:
            raise InvalidInput(f"{name} must be an address that begins with https://")
        if parts.query or parts.fragment or url.endswith(("?", "#")):
            raise InvalidInput(f"{name} must not hold a query or a fragment")
        if parts.scheme == "http" and not _is_loopback(host):
            raise InvalidInput(f"{name} must begin with https:// (http:// is for this machine alone)")
        if self.hosts and not any(_fits(host, pattern) for pattern in self.hosts):
            raise InvalidInput(f'{name} leads to "{host}", which this service is not allowed to call ({SETTING})')


def _fits(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and host != pattern[1:]
    return host == pattern.strip("[]")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
