"""The catalogue of the service: its providers, the calls that each supports, and the unified models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, Request, Response

from truto_unify.accounts.listing import MAX_PAGE_ITEMS
from truto_unify.capabilities import describe_provider
from truto_unify.config.authorization import TokenAuthorization
from truto_unify.errors import InvalidInput, NotVisible
from truto_unify.server.errors import dump
from truto_unify.server.identity import read_api_identity
from truto_unify.server.query import read_parameters
from truto_unify.server.schemas import record_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.config.provider import Endpoint
    from truto_unify.registry import Registry

router = APIRouter(include_in_schema=False, dependencies=[Depends(read_api_identity)])
_KINDS = ("all", "proxy", "unified")
_VERBS = {"GET": "reads", "POST": "sends", "PUT": "replaces", "PATCH": "changes", "DELETE": "deletes"}


@router.get("/integration")
async def list_integrations(request: Request) -> Response:
    """All providers."""
    registry: Registry = request.app.state.registry
    return _json(_listed([_integration(registry, slug) for slug in registry.providers]))


@router.get("/integration/{slug}")
async def get_integration(request: Request, slug: str) -> Response:
    """One provider, with the fields of its accounts."""
    registry: Registry = request.app.state.registry
    _check_slug(registry, slug)
    config = registry.provider(slug).config
    fields = {
        group: {
            name: field.model_dump(include={"title", "example", "pattern", "default", "required"}, exclude_none=True)
            for name, field in getattr(config, group).items()
            if field.derived is None
        }
        for group in ("context", "credentials")
    }
    return _json({**_integration(registry, slug), **fields})


@router.get("/integration/{slug}/capabilities")
async def integration_capabilities(request: Request, slug: str) -> Response:
    """The calls that one provider supports."""
    registry: Registry = request.app.state.registry
    _check_slug(registry, slug)
    return _json(describe_integration(registry, slug, read_parameters(request)))


@router.get("/unified-model")
async def list_models(request: Request) -> Response:
    """All unified models."""
    registry: Registry = request.app.state.registry
    return _json(_listed([_model(registry, name) for name in _models(registry)]))


@router.get("/unified-model/{name}")
async def get_model(request: Request, name: str) -> Response:
    """One unified model with the schemas of its resources."""
    registry: Registry = request.app.state.registry
    models = _models(registry)
    if name not in models:
        raise NotVisible(f"there is no unified model of this name; the models are {', '.join(models)}")
    return _json(_model(registry, name))


def describe_integration(registry: Registry, slug: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """The capabilities of a provider.

    Args:
        registry: the providers and mappings.
        slug: the provider.
        query: ``type`` (proxy, unified, all), ``methods`` (names joined by commas), ``resource``,
            ``has_description``, as in the query string.

    Raises:
        InvalidInput: a filter is unknown or wrong.
    """
    unknown = set(query) - {"type", "methods", "resource", "has_description", "integrated_account_id"}
    if unknown:
        name = min(unknown)[:80]
        raise InvalidInput(f'unknown filter "{name}"; the filters are type, methods, resource and has_description')
    kind = query.get("type") or "all"
    if kind not in _KINDS:
        raise InvalidInput(f"type must be one of {', '.join(_KINDS)}")
    has_description = (
        query.get("has_description", "").lower() if isinstance(query.get("has_description", ""), str) else "?"
    )
    if has_description not in {"", "true", "false", "1", "0"}:
        raise InvalidInput("has_description must be true or false")
    methods = _names(query.get("methods"))
    provider = registry.provider(slug)
    support = describe_provider(registry, slug)["resources"]
    proxy = [
        {"resource": name, "methods": described}
        for name, endpoints in provider.config.resources.items()
        if _is_selected(query, name)
        and (
            described := [
                _proxy_method(provider.config.label, name, method, endpoint)
                for method, endpoint in endpoints.items()
                if _is_method_selected(methods, method)
            ]
        )
    ]
    unified = [
        {
            "model": name.partition("/")[0],
            "model_label": _label(name.partition("/")[0]),
            "resource": name.partition("/")[2],
            "description": f"Unified {name.partition('/')[2]} of {provider.config.label}.",
            "docs_url": f"/docs#list_{name.replace('/', '_')}",
            "methods": sorted(selected),
            "env_overridden": False,
            "support": {part: resource[part] for part in ("fields", "query", "side_loads")},
        }
        for name, resource in support.items()
        if _is_selected(query, name)
        and (selected := [method for method in resource["methods"] if _is_method_selected(methods, method)])
    ]
    if has_description in {"false", "0"}:
        proxy = unified = []  # every method has a description
    count = sum(len(resource["methods"]) for resource in proxy)
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
    """The authentication methods of a provider, named as in an account's ``authentication_method``."""
    formats = []
    for rule in registry.provider(slug).config.authorization:
        grant = ""
        if isinstance(rule, TokenAuthorization):
            grant_type = rule.params.get("grant_type")
            grant = grant_type.text if grant_type is not None else ""
        formats.append(
            {"client_credentials": "oauth2_client_credentials", "refresh_token": "oauth2"}.get(grant, "api_key")
        )
    return list(dict.fromkeys(formats))


def _proxy_method(label: str, resource: str, name: str, endpoint: Endpoint) -> dict[str, Any]:
    verb = "reads" if endpoint.read_only else _VERBS[endpoint.method]
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
    models = sorted({name.partition("/")[0] for name, provider in registry.mappings if provider == slug})
    return {
        "id": slug,
        "name": slug,
        "label": config.label,
        "category": models[0] if models else None,
        "api_version": config.api_version,
        "documentation_link": config.documentation,
        "unified_models": models,
    }


def _models(registry: Registry) -> list[str]:
    return sorted({name.partition("/")[0] for name in registry.resource_names})


def _label(model: str) -> str:
    return model.replace("_", " ").capitalize()


def _model(registry: Registry, model: str) -> dict[str, Any]:
    resources = {
        name.partition("/")[2]: {
            "schema": record_schema(schema),
            "description": (schema.record.__doc__ or "").strip().partition("\n")[0],
            "methods": ["list", "get"],
        }
        for name, schema in registry.resources.items()
        if name.partition("/")[0] == model
    }
    return {"id": model, "name": model, "label": _label(model), "category": model, "resources": resources}


def _check_slug(registry: Registry, slug: str) -> None:
    if slug not in registry.providers:
        raise NotVisible(f"there is no integration of this name; the integrations are {', '.join(registry.providers)}")


def _names(value: Any) -> frozenset[str]:
    if isinstance(value, list):
        value = ",".join(name for name in value if isinstance(name, str))
    if not isinstance(value, str | None):
        raise InvalidInput("methods must be names joined by commas: methods=list,get")
    return frozenset(name.strip() for name in (value or "").split(",") if name.strip())


def _is_method_selected(selected: frozenset[str], name: str) -> bool:
    return not selected or name in selected or ("read" in selected and name in {"list", "get"})


def _is_selected(query: Mapping[str, Any], name: str) -> bool:
    selected = query.get("resource") or ""
    return selected in ("", name, name.rpartition("/")[2])


def _listed(result: list[dict[str, Any]]) -> dict[str, Any]:
    return {"result": result, "next_cursor": None, "limit": MAX_PAGE_ITEMS}


def _json(body: Any) -> Response:
    return Response(dump(body), media_type="application/json")
