"""Tells whether a provider's real software answers, or a pretend server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from truto_unify.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Collection

Provenance = Literal["recorded", "synthetic"]
PROVENANCES: tuple[Provenance, ...] = ("recorded", "synthetic")
_LOCAL_OR_RESERVED = re.compile(
    r"localhost|127\..*|\[?::1\]?|10\..*|192\.168\..*|(.*\.)?(test|example|invalid|localhost|local)|example\..*"
)


def find_provenance(hosts: Collection[str], declared: Provenance | None, *, is_sandbox: bool) -> Provenance:
    """The provenance of answers. The sandbox names itself; a server at a local or reserved host must be declared.

    Args:
        hosts: the hosts of the requests.
        declared: the caller's declaration, or None.
        is_sandbox: whether an answer names the sandbox as its server.

    Raises:
        InvalidInput: the declaration is missing or wrong.
    """
    if is_sandbox:
        if declared == "recorded":
            raise InvalidInput("the sandbox answered: its answers are synthetic and never recorded")
        return "synthetic"
    if declared is None and any(_LOCAL_OR_RESERVED.fullmatch(host) for host in hosts):
        raise InvalidInput(
            "say what answers at this address: --provenance recorded (the provider's real software) or synthetic"
        )
    return declared or "recorded"
