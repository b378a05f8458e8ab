"""The addresses that an account may lead to: the service calls whatever a tenant enters."""

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
    """The allowed addresses: ``https`` to any host and ``http`` to loopback, unless hosts are listed.

    Attributes:
        hosts: the only allowed hosts, for example ``api.example.com`` or ``*.example.com``; empty: any.
    """

    hosts: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> AddressRule:
        """Reads a setting: hosts, separated by commas.

        >>> AddressRule.read("api.example.com, *.shop.example").hosts
        ('api.example.com', '*.shop.example')

        Raises:
            InvalidSetting: a part is not a host.
        """
        hosts = tuple(part.lower() for part in (part.strip() for part in text.split(",")) if part)
        for host in hosts:
            if not _HOST.fullmatch(host):
                raise InvalidSetting(
                    f'{SETTING}: "{host}" is not a host; write api.example.com or *.example.com, without a scheme'
                )
        return cls(hosts)

    def check(self, name: str, url: str) -> None:
        """Raises an error for an address that an account must not lead to.

        Args:
            name: the field, for the message.
            url: the address; it is not shown, because it may hold a password.

        Raises:
            InvalidInput: the address is malformed or not allowed, or holds credentials, a query or a fragment.
        """
        if re.search(r"[\x00-\x20\x7f]", url):
            raise InvalidInput(f"{name} must not hold a blank or a control character")
        try:
            parts = urlsplit(url)
            host, _ = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            raise InvalidInput(f"{name} is not an address; write https://host/path") from None
        if "@" in parts.netloc:
            raise InvalidInput(f"{name} must not hold a user or a password: these are credentials")
        if parts.scheme not in {"http", "https"} or not host:
            raise InvalidInput(f"{name} must be an address that begins with https://")
        if parts.query or parts.fragment or url.endswith(("?", "#")):
            raise InvalidInput(f"{name} must not hold a query or a fragment")
        if parts.scheme == "http" and not _is_loopback(host):
            raise InvalidInput(f"{name} must begin with https:// (http:// is allowed for this machine only)")
        if self.hosts and not any(_fits(host, pattern) for pattern in self.hosts):
            raise InvalidInput(
                f'{name} leads to "{host}", which this service may not call; {SETTING} lists the allowed hosts'
            )


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
