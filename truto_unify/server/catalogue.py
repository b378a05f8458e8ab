"""What the service offers: its providers with what can be called of each, and its unified models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, Request, Response

from truto_unify.capabilities import describe_provider
from truto_unify.config.authorization import OAuth2Authorization
from truto_unify.errors import InvalidInput, NotVisible
from truto_unify.models import RESOURCES
from truto_unify.server.errors import dump
from truto_unify.server.identity import read_api_identity
from truto_unify.server.query import read_parameters
from truto_unify.server.schemas import record_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.config.provider import Endpoint
    from truto_unify.registry import Registry

router = APIRouter(include_in_schema=False, dependencies=[Depends(read_api_identity)])
PAGE = 5000
"""The limit that admin lists answer with."""
_KINDS = ("all", "proxy", "unified")
_VERBS = {"GET": "reads", "POST": "sends", "PUT": "replaces", "PATCH": "changes", "DELETE": "deletes"}


@router.get("/integration")
async def list_integrations(request: Request) -> Response:
    """All providers."""
    registry: Registry = request.app.state.registry
    return _json(_listed([_integration(registry, slug) for slug in registry.providers]))


@router.get("/integration/{slug}")
async def get_integration(request: Request, slug: str) -> Response:
    """One provider, with the fields that its accounts have."""
    registry: Registry = request.app.state.registry
    _check_slug(registry, slug)
    config = registry.provider(slug).config
    fields = {
        group: {
            name: one.model_dump(include={"title", "example", "pattern", "default", "required"}, exclude_none=True)
            for name, one in getattr(config, group).items()
            if one.derived is None
        }
        for group in ("context", "credentials")
    }
    return _json({**_integration(registry, slug), **fields})


@router.get("/integration/{slug}/capabilities")
async def integration_capabilities(request: Request, slug: str) -> Response:
    """What can be called of one provider."""
    registry: Registry = request.app.state.registry
    _check_slug(registry, slug)
    return _json(describe_integration(registry, slug, read_parameters(request)))


@router.get("/unified-model")
async def list_models() -> Response:
    """All unified models."""
    return _json(_listed([_model(name) for name in _models()]))


@router.get("/unified-model/{name}")
async def get_model(name: str) -> Response:
    """One unified model with the schemas of its resources."""
    if name not in _models():
        raise NotVisible(f"there is no unified model of this name; there is {', '.join(_models())}")
    return _json(_model(name))


def describe_integration(registry: Registry, slug: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """The capabilities of a provider.

    Args:
        registry: what is known.
        slug: the provider.
        query: ``type`` (proxy, unified, all), ``methods`` (names joined by commas), ``resource``,
            ``has_description``, as they stand in the URL.

    Raises:
        InvalidInput: a filter cannot be understood.
    """
    unknown = set(query) - {"type", "methods", "resource", "has_description", "integrated_account_id"}
    if unknown:
        name = min(unknown)[:80]
        raise InvalidInput(f'no filter "{name}"; there are type, methods, resource and has_description')
    kind = query.get("type") or "all"
    if kind not in _KINDS:
        raise InvalidInput(f"type is one of {', '.join(_KINDS)}")
    described = query.get("has_description", "").lower() if isinstance(query.get("has_description", ""), str) else "?"
    if described not in {"", "true", "false", "1", "0"}:
        raise InvalidInput("has_description is true or false")
    methods = _names(query.get("methods"))
    provider = registry.provider(slug)
    support = describe_provider(registry, slug)["resources"]
    proxy = [
        {"resource": name, "methods": kept}
        for name, known in provider.config.resources.items()
        if _is_wanted(query, name)
        and (
            kept := [_proxy_method(provider.config.label, name, one, known[one]) for one in known if _in(methods, one)]
        )
    ]
    unified = [
        {
            "model": name.partition("/")[0],
            "model_label": _label(name.partition("/")[0]),
            "resource": name.partition("/")[2],
            "description": f"Unified {name.partition('/')[2]} of {provider.config.label}.",
            "docs_url": f"/docs#list_{name.replace('/', '_')}",
            "methods": sorted(kept),
            "env_overridden": False,
            "support": {part: one[part] for part in ("fields", "query", "side_loads")},
        }
        for name, one in support.items()
        if _is_wanted(query, name) and (kept := [method for method in one["methods"] if _in(methods, method)])
    ]
    if described in {"false", "0"}:
        proxy = unified = []  # every method has a description
    count = sum(len(one["methods"]) for one in proxy)
    return {
        "integration": _integration(registry, slug),
        "proxy": proxy if kind in {"all", "proxy"} else [],
        "unified": unified if kind in {"all", "unified"} else [],
        "auth": {
            "formats": authentication_formats(registry, slug),
            "fields": [*provider.config.context, *provider.config.credentials],
            "documentation_link": provider.config.documentation,
        },
        "ai_readiness": {
            "proxy_methods": count,
            "proxy_methods_with_descriptions": count,
            "ai_ready_score": 1.0 if count else 0.0,
        },
    }


def authentication_formats(registry: Registry, slug: str) -> list[str]:
    """The ways in of a provider, in the words of an account's ``authentication_method``."""
    found = []
    for rule in registry.provider(slug).config.authorization:
        grant = ""
        if isinstance(rule, OAuth2Authorization):
            given = rule.params.get("grant_type")
            grant = given.text if given is not None else ""
        found.append(
            {"client_credentials": "oauth2_client_credentials", "refresh_token": "oauth2"}.get(grant, "api_key")
        )
    return list(dict.fromkeys(found))


def _proxy_method(label: str, resource: str, name: str, endpoint: Endpoint) -> dict[str, Any]:
    verb = "reads" if endpoint.only_reads else _VERBS[endpoint.method]
    return {
        "method": name,
        "name": f"{resource}.{name}",
        "description": f"{label} {verb} {resource}: {endpoint.method} {endpoint.path.text}",
        "has_description": True,
        "has_query_schema": False,
        "has_body_schema": False,
        "has_response_schema": False,
        "api_documentation_url": None,
    }


def _integration(registry: Registry, slug: str) -> dict[str, Any]:
    config = registry.provider(slug).config
    models = sorted({name.partition("/")[0] for name, one in registry.mappings if one == slug})
    return {
        "id": slug,
        "name": slug,
        "label": config.label,
        "category": models[0] if models else None,
        "api_version": config.api_version,
        "documentation_link": config.documentation,
        "unified_models": models,
    }


def _models() -> list[str]:
    return sorted({name.partition("/")[0] for name in RESOURCES})


def _label(model: str) -> str:
    return model.replace("_", " ").capitalize()


def _model(model: str) -> dict[str, Any]:
    resources = {
        name.partition("/")[2]: {
            "schema": record_schema(schema),
            "description": (schema.record.__doc__ or "").strip().partition("\n")[0],
            "methods": ["list", "get"],
        }
        for name, schema in RESOURCES.items()
        if name.partition("/")[0] == model
    }
    return {"id": model, "name": model, "label": _label(model), "category": model, "resources": resources}


def _check_slug(registry: Registry, slug: str) -> None:
    if slug not in registry.providers:
        raise NotVisible(f"there is no integration of this name; there are {', '.join(registry.providers)}")


def _names(value: Any) -> frozenset[str]:
    if isinstance(value, list):
        value = ",".join(one for one in value if isinstance(one, str))
    if not isinstance(value, str | None):
        raise InvalidInput("methods takes names joined by commas: methods=list,get")
    return frozenset(one.strip() for one in (value or "").split(",") if one.strip())


def _in(wanted: frozenset[str], name: str) -> bool:
    return not wanted or name in wanted or ("read" in wanted and name in {"list", "get"})


def _is_wanted(query: Mapping[str, Any], name: str) -> bool:
    wanted = query.get("resource") or ""
    return wanted in ("", name, name.rpartition("/")[2])


def _listed(result: list[dict[str, Any]]) -> dict[str, Any]:
    return {"result": result, "next_cursor": None, "limit": PAGE}


def _json(body: Any) -> Response:
    return Response(dump(body), media_type="application/json")
