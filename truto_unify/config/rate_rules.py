"""The schema of ``rate_limit.rules``: how many requests, or points, the provider allows in which time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from truto_unify.config.schema import Expr, Strict


class WindowRule(Strict):
    """At most so many requests in any period of this length; the client spreads them over the period."""

    type: Literal["window"] = Field(description="Requests of a period.", examples=["window"])
    requests: int = Field(ge=1, description="Requests of one period at most.", examples=[100])
    seconds: float = Field(gt=0, strict=False, description="The length of the period.", examples=[60])
    burst: int | None = Field(
        default=None,
        ge=1,
        description="Requests that may go at the same time after a pause; by default a tenth of them.",
        examples=[5],
    )


class BucketRule(Strict):
    """A bucket of requests that refills continuously; answers may state another size and rate."""

    type: Literal["bucket"] = Field(description="A bucket of requests.", examples=["bucket"])
    size: int = Field(ge=1, description="Requests in the full bucket.", examples=[40])
    per_second: float = Field(gt=0, strict=False, description="Requests that come back each second.", examples=[2])


class PointsRule(Strict):
    """A bucket of points that refills continuously; a request costs points, and answers state how many."""

    type: Literal["points"] = Field(description="A bucket of points.", examples=["points"])
    size: int = Field(ge=1, description="Points in the full bucket until an answer states them.", examples=[2000])
    per_second: float = Field(
        gt=0, strict=False, description="Points that come back each second until an answer states them.", examples=[100]
    )
    cost: Expr = Field(
        description="The cost that the provider demands ahead, in the body of an answer; it counts for the next "
        "request of the same kind.",
        examples=["extensions.cost.requestedQueryCost"],
    )
    first_cost: int = Field(ge=1, description="The cost of a request whose kind is new.", examples=[1000])


class ConcurrencyRule(Strict):
    """At most so many requests of an account are under way."""

    type: Literal["concurrency"] = Field(description="Requests under way.", examples=["concurrency"])
    at_once: int = Field(ge=1, description="Requests under way at most.", examples=[5])


RateRule = Annotated[WindowRule | BucketRule | PointsRule | ConcurrencyRule, Field(discriminator="type")]
