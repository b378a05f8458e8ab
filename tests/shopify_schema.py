"""Shopify's published Admin GraphQL schema, where ``make shopify-schema`` has fetched it."""

from __future__ import annotations

import gzip
import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from graphql import build_client_schema

from truto_unify.sandbox.shopify.app import VERSION

if TYPE_CHECKING:
    from graphql import GraphQLSchema

FOLDER_VARIABLE = "TRUTO_UNIFY_SHOPIFY_SCHEMA"
ABSENT = f"Shopify's schema is not here: run 'make shopify-schema', or name its folder in {FOLDER_VARIABLE}"

_DEFAULT_FOLDER = Path(__file__).resolve().parents[1] / ".cache" / "shopify-dev-mcp"


@cache
def load_real_schema(version: str = VERSION) -> GraphQLSchema | None:
    """Load the real schema from the npm package ``@shopify/dev-mcp``.

    It is looked for, at any depth, in the folder that the environment variable ``TRUTO_UNIFY_SHOPIFY_SCHEMA``
    names, else in ``.cache/shopify-dev-mcp`` below the repository root.

    Args:
        version: The version of the API.

    Returns:
        The schema, or None where it has not been fetched.
    """
    folder = Path(os.environ.get(FOLDER_VARIABLE) or _DEFAULT_FOLDER)
    for path in sorted(folder.rglob(f"admin_{version}.json.gz")):
        content = json.loads(gzip.decompress(path.read_bytes()))
        # The published introspection is trusted: checking thousands of types again takes seconds.
        return build_client_schema(content.get("data", content), assume_valid=True)
    return None
