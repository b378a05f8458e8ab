"""What ``import truto_unify`` offers, and what it loads."""

from __future__ import annotations

import subprocess
import sys

import pytest

import truto_unify

MAPPING_ALONE = """
import sys
from truto_unify import Registry
mapper = Registry().mapper("ecommerce/customers", "woocommerce")
assert mapper.map({"id": 7, "email": "ana@example.com"})["emails"][0]["email"] == "ana@example.com"
print(sorted({name.partition(".")[0] for name in sys.modules} & {"httpx", "httpcore", "anyio", "ssl", "asyncio"}))
from truto_unify import AsyncClient, Client
print("httpx" in sys.modules, Client.__module__, AsyncClient.__module__)
"""


def test_mapping_alone_loads_nothing_that_speaks_http() -> None:
    process = subprocess.run([sys.executable, "-c", MAPPING_ALONE], capture_output=True, text=True, check=False)

    assert (process.stdout, process.stderr) == ("[]\nTrue truto_unify.client truto_unify.async_client\n", "")


def test_every_public_name_is_there_and_listed() -> None:
    assert {name for name in truto_unify.__all__ if getattr(truto_unify, name).__name__ == name} == set(
        truto_unify.__all__
    )
    assert set(truto_unify.__all__) <= set(dir(truto_unify))


def test_a_misspelt_name_is_an_attribute_error() -> None:
    name = "Cleint"  # a variable, since type checkers refuse the plain spelling

    with pytest.raises(AttributeError, match="module 'truto_unify' has no attribute 'Cleint'"):
        getattr(truto_unify, name)
