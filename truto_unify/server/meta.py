"""Metadata of unified methods: schemas and the merged mapping, with the layer that each rule comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response

from truto_unify.accounts.layers import override_layers
from truto_unify.capabilities import describe_provider
from truto_unify.config.sorts import SortForm
from truto_unify.engine.json_body import merge_objects
from truto_unify.errors import UnsupportedMethod
from truto_unify.server.connection import find_connection
from truto_unify.server.errors import dump
from truto_unify.server.query import read_account_id
from truto_unify.server.schemas import filled_schema, query_schema, record_schema
from truto_unify.server.unified import Caller, get_record

if TYPE_CHECKING:
    from truto_unify.accounts.records import Connection
    from truto_unify.config.configuration import LoadedMapping

router = APIRouter(include_in_schema=False)
METHODS = frozenset({"list", "get", "create", "update", "delete"})


@router.get("/unified/{model}/{resource}/meta/{method}")
async def account_meta(request: Request, model: str, resource: str, method: str, identity: Caller) -> Response:
    """The method for one account, with all layers merged."""
    if method not in METHODS or _has_encoded_slash(request):
        return await get_record(request, model, resource, f"meta/{method}", identity)
    connection = await find_connection(request, identity, read_account_id(request), method)
    name = f"{model}/{resource}"
    account = connection.account
    mapping = request.app.state.registry.mapping(
        name, account.provider, account.overrides.get(name, ()), account.context
    )
    own = len(override_layers((), connection.stored.unified_model_override, method).get(name, ()))
    body = {**_describe(mapping, method), "response_mapping_origin": _origins(mapping, connection, name, own)}
    return Response(dump(body), media_type="application/json")


@router.get("/unified/{model}/{resource}/{integration}/meta/{method}")
async def integration_meta(
    request: Request, model: str, resource: str, integration: str, method: str, identity: Caller
) -> Response:
    """The method for one provider, and the part of the schema that its mapping fills."""
    registry = request.app.state.registry
    if method not in METHODS or integration not in registry.providers or _has_encoded_slash(request):
        return await get_record(request, model, resource, f"{integration}/meta/{method}", identity)
    name = f"{model}/{resource}"
    mapping = registry.mapping(name, integration)
    fields = describe_provider(registry, integration)["resources"][name]["fields"]
    body = {**_describe(mapping, method), "response_schema": filled_schema(mapping.schema, fields)}
    return Response(dump(body), media_type="application/json")


def _has_encoded_slash(request: Request) -> bool:
    """Whether the path holds a slash that is part of an id."""
    return b"%2f" in request.scope.get("raw_path", b"").lower()


def _describe(mapping: LoadedMapping, method: str) -> dict[str, Any]:
    config = mapping.config
    form: Any = getattr(config, method, None)
    if form is None:
        offered = ", ".join(name for name in ("list", "get") if getattr(config, name) is not None)
        label = f"{mapping.provider.slug} {mapping.schema.name}"
        raise UnsupportedMethod(f"{label} has no method {method}; its methods: {offered}")
    rules = mapping.node.child("response_mapping")
    order = (form.sort.default_form if method == "list" else None) or SortForm()
    return {
        "method": method,
        "resource": mapping.schema.name,
        "integration": mapping.provider.slug,
        "documentation_link": mapping.provider.config.documentation,
        "schema": record_schema(mapping.schema),
        "query_schema": query_schema(mapping.schema) if method == "list" else None,
        "request_body_schema": None,
        "default_query": {**form.query, **order.query} if method == "list" else {},
        "default_body": merge_objects(form.body, order.body) if method == "list" else {},
        "response_mapping": rules.plain() if rules is not None else {},
        "unsupported": {
            name: {"never": reason} if isinstance(reason, str) else {"not_yet": reason.not_yet}
            for name, reason in config.unsupported.items()
        },
    }


def _origins(mapping: LoadedMapping, connection: Connection, name: str, own: int) -> dict[str, str]:
    """The layer that each rule comes from: ``base``, ``environment`` or ``account``."""
    rules = mapping.node.child("response_mapping")
    layers = len(connection.account.overrides.get(name, ()))
    origins = {}
    for field, rule in rules.value.items() if rules is not None else ():
        # The last layer that changes any part of the rule.
        files = [leaf.place.file for leaf in _leaves(rule)]
        newest = max((_layer_number(file) for file in files), default=0)
        origins[field] = "base" if newest == 0 else "account" if newest > layers - own else "environment"
    return origins


def _layer_number(file: str) -> int:
    words = file.split(" ")
    return int(words[1]) if words[0] == "override" and len(words) > 1 and words[1].isdecimal() else 0


def _leaves(node: Any) -> list[Any]:
    inner = node.value.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, list) else ()
    return [leaf for child in inner for leaf in _leaves(child)] or [node]
