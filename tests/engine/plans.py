"""Plans of list calls at an invented store, as the tests ask for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from truto_unify.config.mapping import ListMethod
from truto_unify.engine.plan import QueryPlan, plan_query
from truto_unify.types import Filter, PlanEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

NOON = datetime(2024, 1, 2, 12, 30, 15, 120_500, tzinfo=UTC)
MIDNIGHT = datetime(2024, 1, 2, tzinfo=UTC)
EMAIL = Filter("email", "eq", " Ana@x.test ")


def listing(**declarations: Any) -> ListMethod:
    return ListMethod.model_validate({"endpoint": "people.list", "search": {"param": "q"}} | declarations)


def plan(method: ListMethod, *filters: Filter, **options: Any) -> QueryPlan:
    return plan_query(method, filters, options.pop("sort", None), where="store people", **options)


def exact(**form: Any) -> dict[str, Any]:
    return {"match": "exact", **form}


def wider(**form: Any) -> dict[str, Any]:
    return {"match": "wider", **form}


def exact_of(entries: Iterable[PlanEntry], filters: Iterable[Filter]) -> tuple[tuple[str, Filter], ...]:
    """The filters that the provider serves exactly, as a plan lists them."""
    pairs = zip(entries, filters, strict=True)
    return tuple((entry.parameter, condition) for entry, condition in pairs if entry.match == "exact")
