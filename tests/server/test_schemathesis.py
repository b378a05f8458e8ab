"""Schemathesis against the service's own document: no 500, and no answer that the document does not declare."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.loopback import THIS_MACHINE
from tests.server.conftest import SLUGS
from tests.server.real_store import add_account, key_of, real_app
from tests.server.serving import serve_app
from truto_unify.accounts.store import AccountStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.loopback import Loopback
    from truto_unify import Registry

# Left out: positive_data_acceptance (parameters that fit their schemas one by one need not be good together),
# negative_data_rejection (an empty value means that a parameter is not set, whatever its schema is), and
# unsupported_method (/integrated-account/token is also the address of an account of that id: PATCH is not 405 there).
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "response_headers_conformance,missing_required_header,ignored_auth"
)
EXAMPLES = "2"
PATIENCE = 300
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def service(loopback: Loopback, registry: Registry, tmp_path: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Origin, token and account ids of a service over a real database."""
    url = f"sqlite:///{tmp_path / 'service.db'}"

    async def fill() -> tuple[str, list[str]]:
        await AccountStore.migrate(url)
        store = await AccountStore.open(url, key_of(tmp_path), outbound=THIS_MACHINE)
        try:
            ids = [await add_account(store, registry, loopback, slug, "default") for slug in SLUGS]
            owner = await store.environments.ensure("default")
            return (await store.api_tokens.create(owner.id))[1], ids
        finally:
            await store.close()

    token, ids = asyncio.run(fill())
    store = asyncio.run(AccountStore.open(url, key_of(tmp_path), outbound=THIS_MACHINE))
    with serve_app(real_app(store, registry)) as origin:
        yield origin, token, ids


def test_every_answer_is_declared(service: tuple[str, str, list[str]], tmp_path: Path) -> None:
    origin, token, ids = service
    document = httpx.get(f"{origin}/openapi.json", trust_env=False, timeout=PATIENCE).json()
    # Without accounts that exist, every call would end at the 404 for those that do not.
    for parameter in account_parameters(document):
        parameter["schema"] = {"type": "string", "enum": [*ids, NOBODY]}
    # An invented account leads to a store that does not answer, and 502 is the right answer to its proof.
    document["paths"]["/integrated-account"]["post"]["parameters"] = []
    leave_repeated_parameters_out(document)
    # test_openapi tries the examples; here they would only take time.
    for schema in document["components"]["schemas"].values():
        schema.pop("examples", None)
    described = tmp_path / "openapi.json"
    described.write_text(json.dumps(document))
    program = Path(sys.executable).with_name("st")
    flags = [
        "--url",
        origin,
        "--header",
        f"Authorization: Bearer {token}",
        "--checks",
        CHECKS,
        "--max-examples",
        EXAMPLES,
    ]
    flags += ["--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--no-color"]
    done = subprocess.run(
        [str(program), "run", str(described), *flags],
        cwd=tmp_path,
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout.partition("WARNINGS")[0][-9000:] + done.stderr[-2000:]


def leave_repeated_parameters_out(document: dict[str, Any]) -> None:
    """Leaves each query parameter of a unified resource out whose schema another parameter has: one code reads both.

    ``test_reference.py`` and ``test_query.py`` say what each parameter means.
    """
    seen: set[str] = set()
    for path, item in document["paths"].items():
        for operation in item.values() if path.startswith("/unified/ecommerce/") else ():
            chosen = []
            for parameter in operation["parameters"]:
                schema = json.dumps([parameter["in"], parameter["schema"]], sort_keys=True)
                if parameter["in"] != "query" or schema not in seen or "enum" in parameter["schema"]:
                    chosen.append(parameter)
                seen.add(schema)
            assert chosen
            operation["parameters"] = chosen


def account_parameters(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in {"integrated_account_id", "account_id"}:
                    yield parameter
