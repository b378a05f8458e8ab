"""Tells whether a provider's real software answered, or a pretend server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from truto_unify.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Collection

Provenance = Literal["recorded", "synthetic"]
PROVENANCES: tuple[Provenance, ...] = ("recorded", "synthetic")
_NOBODYS = re.compile(
    r"localhost|127\..*|\[?::1\]?|10\..*|192\.168\..*|(.*\.)?(test|example|invalid|localhost|local)|example\..*"
)


def find_provenance(hosts: Collection[str], declared: Provenance | None, *, is_sandbox: bool) -> Provenance:
    """What answered: our own sandbox says so itself, and a server that anybody may have made must be declared.

    Args:
        hosts: that were asked.
        declared: what the caller says.
        is_sandbox: whether an answer says that it comes from the sandbox.

    Raises:
        InvalidInput: the declaration is missing or wrong.
    """
    if is_sandbox:
        if declared == "recorded":
            raise InvalidInput("the sandbox answered: what it says is synthetic and never recorded")
        return "synthetic"
    if declared is None and any(_NOBODYS.fullmatch(host) for host in hosts):
        raise InvalidInput(
            "say what answers at this address: --provenance recorded (the provider's real software) or synthetic"
        )
    return declared or "recorded"
