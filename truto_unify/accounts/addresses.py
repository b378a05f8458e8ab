"""Checks the addresses that tenants enter, before an account is stored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from truto_unify.errors import ForbiddenAddress, InvalidInput

if TYPE_CHECKING:
    from truto_unify.outbound import OutboundRule


def check_account_url(name: str, url: str, rule: OutboundRule) -> None:
    """Raises an error for an address that an account must not lead to.

    A name is not resolved here: its answer may change, so each connection checks it again.

    Args:
        name: the field, for the message.
        url: the address; it is not shown, because it may hold a password.
        rule: the addresses that requests may reach.

    Raises:
        InvalidInput: the address is malformed, or holds credentials, a query or a fragment.
        ForbiddenAddress: the rule refuses its scheme or its host.
    """
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise InvalidInput(f"{name} must not hold a blank, a backslash or a control character")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidInput(f"{name} is not an address; write https://host/path") from None
    if "@" in parts.netloc:
        raise InvalidInput(f"{name} must not hold a user or a password: these are credentials")
    if parts.scheme not in {"http", "https"} or not host.rstrip("."):
        raise InvalidInput(f"{name} must be an address that begins with https://")
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        raise InvalidInput(f"{name} must not hold a query or a fragment")
    try:
        rule.check(parts.scheme, host)
    except ForbiddenAddress as refused:
        raise ForbiddenAddress(f"{name}: {refused.message}", host=refused.host, address=refused.address) from None
