"""Calls the service with the SDK of the API that it is compatible with; run by ``.venv-sdk/bin/python``, not by pytest.

Takes an origin, a token and account ids as JSON on standard input; prints what the SDK gave as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import Any


async def read_store(api: Any, account_id: str) -> dict[str, Any]:
    """Reads a store: every page as the SDK walks, a customer by its id, and a filtered list."""
    query = {"integrated_account_id": account_id, "limit": 50, "truto_ignore_remote_data": True, "email": None}
    records = [record async for record in api.unified_api.list("ecommerce", "customers", dict(query))]
    last = records[-1]
    record = await api.unified_api.get("ecommerce", "customers", last["id"], {"integrated_account_id": account_id})
    since = datetime(2025, 1, 1, tzinfo=UTC)
    late = {"integrated_account_id": account_id, "created_at": {"gt": since}, "emails": [{"is_primary": True}]}
    filtered = [record async for record in api.unified_api.list("ecommerce", "customers", late)]
    native = [record async for record in api.proxy_api.list("customers", {"integrated_account_id": account_id})]
    return {
        "ids": [record["id"] for record in records],
        "got": record["id"] == last["id"] and "remote_data" in record,
        "filtered": [record["id"] for record in filtered],
        "native": len(native),
    }


async def main(order: dict[str, Any]) -> dict[str, Any]:
    """Every store of the order, and the account list."""
    # Here, because collecting the tests imports this file where there is no SDK.
    from truto_python_sdk import TrutoApi  # noqa: PLC0415 - needs an environment of its own

    api = TrutoApi(token=order["token"], base_url=order["origin"])
    stores = {slug: await read_store(api, account_id) for slug, account_id in order["accounts"].items()}
    accounts = [account["id"] async for account in api.integrated_accounts.list()]
    batch = await api.batch_requests.create(
        {
            "integrated_account_id": order["accounts"]["woocommerce"],
            "resources": [{"resource": "ecommerce/customers", "method": "list", "query": {"limit": 100}}],
        }
    )
    return {
        "ping": await api.ping(),
        "stores": stores,
        "accounts": accounts,
        "batch": len(batch["result"]["ecommerce/customers"]),
    }


if __name__ == "__main__":
    json.dump(asyncio.run(main(json.load(sys.stdin))), sys.stdout)
