"""Makes the unified call of a cassette, for the check of a recording and for tests that replay it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.testing.cassettes.errors import UnsafeCassette

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.client import Client
    from truto_unify.testing.cassettes.sidecar import Sidecar
    from truto_unify.types import Account


def replay_call(client: Client, sidecar: Sidecar) -> list[Any]:
    """The unified records of the recorded call: those of every recorded page, or the record of ``get``.

    Args:
        client: a client that is answered from the cassette, as in a test marked ``vcr``.
        sidecar: the cassette's sidecar.

    Raises:
        UnsafeCassette: the cassette was not recorded by a unified call.
        UnifyError: the call fails, as it did when it was recorded.
    """
    if sidecar.resource is None or sidecar.call is None:
        raise UnsafeCassette(["the sidecar names no call: the cassette was not recorded by a unified call"])
    call = sidecar.call
    return make_call(
        client, sidecar.replay_account(), sidecar.resource, call.get("id"), call.get("arguments", {}), call.get("pages")
    )


def make_call(
    client: Client,
    account: Account,
    resource: str,
    record_id: str | None,
    arguments: Mapping[str, Any],
    pages: int | None,
) -> list[Any]:
    """The unified records of a call.

    Args:
        client: makes the call.
        account: the account of the call.
        resource: the unified resource.
        record_id: the id of the record, for ``get``; None for ``list``.
        arguments: the arguments of the call.
        pages: the number of pages of a list; None for all.

    Raises:
        UnifyError: the call fails.
    """
    schema = client.registry.schema(resource)
    if record_id is not None:
        return [client.get(schema, account, record_id, **arguments)]
    records: list[Any] = []
    for number, page in enumerate(client.pages(schema, account, **arguments), start=1):
        records += page.result
        if number == pages:
            break
    return records
