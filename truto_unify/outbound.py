"""Says which addresses outgoing requests may reach: schemes, hosts, and the networks that hosts resolve to."""

from __future__ import annotations

import re
import socket
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from truto_unify.errors import ForbiddenAddress, InvalidSetting

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

HOSTS_SETTING = "TRUTO_UNIFY_ALLOWED_HOSTS"
NETWORKS_SETTING = "TRUTO_UNIFY_ALLOWED_NETWORKS"
HTTP_SETTING = "TRUTO_UNIFY_ALLOW_HTTP"
_HOST = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
# inet_aton ignores whatever follows a blank.
_NUMERIC = re.compile(r"[0-9a-fx.]+", re.IGNORECASE)
_NAT64 = ip_network("64:ff9b::/96")  # https://www.rfc-editor.org/rfc/rfc6052#section-2.1
_DOCUMENTATION = ip_network("3fff::/20")  # which older Pythons take for public: https://www.rfc-editor.org/rfc/rfc9637
_METADATA = tuple(
    map(
        ip_network,
        (
            "169.254.0.0/16",  # AWS, Azure, Google, DigitalOcean, OpenStack: all link-local addresses are suspect
            "fe80::/10",
            "fd00:ec2::/32",  # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
            "fd20:ce::/32",  # https://cloud.google.com/compute/docs/metadata/querying-metadata
            "100.100.100.200/32",  # https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
            "192.0.0.192/32",  # Oracle's older instances
        ),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRule:
    """The addresses that requests may reach; by default every address but those of the metadata services of clouds.

    Attributes:
        hosts: the only allowed hosts, for example ``api.example.com`` or ``*.example.com``; empty: any.
        networks: networks that are allowed although the rule would refuse them.
        is_public_only: whether addresses outside of ``networks`` must be public: not private, loopback, link-local,
            shared, reserved, multicast or unspecified.
        allows_http: whether a request may be sent without TLS.
    """

    hosts: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()
    is_public_only: bool = False
    allows_http: bool = True

    @classmethod
    def strict(cls, *, hosts: str = "", networks: str = "", allows_http: bool = False) -> OutboundRule:
        """The rule of a service whose tenants enter addresses: only public addresses, only by https.

        Args:
            hosts: the only allowed hosts, separated by commas; blank: any. An address among them is also an allowed
                network; a name is not, since its owner decides where it leads.
            networks: networks and addresses that are allowed although they are not public, separated by commas.
            allows_http: whether a request may be sent without TLS.

        >>> OutboundRule.strict(hosts="api.example.com, *.shop.example").hosts
        ('api.example.com', '*.shop.example')

        Raises:
            InvalidSetting: a part is not a host or not a network.
        """
        names = tuple(part.lower() for part in _parts(hosts))
        for host in names:
            if not _HOST.fullmatch(host):
                raise InvalidSetting(
                    f'{HOSTS_SETTING}: "{host}" is not a host; write api.example.com or *.example.com, without a scheme'
                )
        literals = tuple(ip_network(address) for address in map(read_address, names) if address is not None)
        allowed = tuple(map(_read_network, _parts(networks)))
        return cls(hosts=names, networks=(*allowed, *literals), is_public_only=True, allows_http=allows_http)

    def check(self, scheme: str, host: str) -> None:
        """Checks what is known of a target before its name is resolved.

        Args:
            scheme: ``http`` or ``https``.
            host: a name or an address, in any spelling.

        Raises:
            ForbiddenAddress: requests may not be sent there.
        """
        if scheme == "http" and not self.allows_http:
            raise ForbiddenAddress(
                f'"{host}" is addressed by http://, which is not allowed; write https://, or allow it with '
                f"{HTTP_SETTING}=true (in a program: OutboundRule.allows_http)",
                host=host,
            )
        self.check_host(host)
        address = read_address(host)
        if address is not None:
            self.check_address(host, address)

    def check_host(self, host: str) -> None:
        """Checks a host against the allowed ones.

        Raises:
            ForbiddenAddress: there are allowed hosts, and this is not one of them.
        """
        plain = host.lower().strip("[]").rstrip(".")
        if self.hosts and not any(_fits(plain, pattern) for pattern in self.hosts):
            raise ForbiddenAddress(
                f'"{plain}" is not one of the allowed hosts; {HOSTS_SETTING} (in a program: OutboundRule.hosts) '
                f"lists them",
                host=host,
            )

    def check_address(self, host: str, address: Address) -> None:
        """Checks an address that a host leads to.

        Raises:
            ForbiddenAddress: the address is refused and not in an allowed network.
        """
        target = _embedded(address) or address
        if any(each in network for network in self.networks for each in (address, target)):
            return
        kind = _kind(target, is_public_only=self.is_public_only)
        if kind is not None:
            raise ForbiddenAddress(
                f'"{host}" leads to the address {target}, which is {kind}; {NETWORKS_SETTING} (in a program: '
                f"OutboundRule.networks) lists the networks that are allowed all the same",
                host=host,
                address=str(target),
            )


def read_address(host: str) -> Address | None:
    """The address that a host spells out, in any spelling that a resolver takes; None if it is a name.

    >>> [str(read_address(host)) for host in ("[::1]", "2130706433", "0x7f.1", "0177.0.0.1", "api.example.com")]
    ['::1', '127.0.0.1', '127.0.0.1', '127.0.0.1', 'None']
    """
    text = unicodedata.normalize("NFKC", host).replace("\u3002", ".").strip("[]").partition("%")[0].rstrip(".")
    try:
        return ip_address(text)
    except ValueError:
        pass
    if not _NUMERIC.fullmatch(text):
        return None
    try:
        return IPv4Address(socket.inet_aton(text))
    except OSError:
        return None


def _embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address that a packet to this IPv6 address reaches: mapped, NAT64 or 6to4."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _kind(address: Address, *, is_public_only: bool) -> str | None:
    """What makes an address one to refuse; None if it is allowed."""
    if any(address in network for network in _METADATA):
        return "link-local or of a metadata service"
    if not is_public_only:
        return None
    kinds = {
        "unspecified": address.is_unspecified,
        "loopback": address.is_loopback,
        "multicast": address.is_multicast,
        "reserved": address.is_reserved,
        "private": address.is_private or (isinstance(address, IPv6Address) and address.is_site_local),
        "not public": not address.is_global or address in _DOCUMENTATION,
    }
    return next((kind for kind, is_so in kinds.items() if is_so), None)


def _fits(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and host != pattern[1:]
    return host == pattern.strip("[]")


def _parts(text: str) -> list[str]:
    return [part for part in (part.strip() for part in text.split(",")) if part]


def _read_network(text: str) -> Network:
    try:
        return ip_network(text.strip("[]"))
    except ValueError:
        raise InvalidSetting(
            f'{NETWORKS_SETTING}: "{text}" is not a network; write 10.0.0.0/8, fd00::/8 or 127.0.0.1'
        ) from None
