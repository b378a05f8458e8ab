"""The schema of ``rate_limit.quota``: where an answer says how much of the provider's quota is left."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from truto_unify.config.schema import Expr, Strict


class QuotaSource(Strict):
    """The source of one number of an answer: a header, or the body."""

    header: str | None = Field(default=None, description="Name of an answer header.", examples=["X-RateLimit-Limit"])
    body: Expr | None = Field(
        default=None, description="An expression over the body.", examples=["extensions.cost.limit"]
    )
    unit: Literal["seconds", "milliseconds", "epoch_seconds"] = Field(
        default="seconds", description="The unit of a time; epoch_seconds is a moment.", examples=["milliseconds"]
    )


class QuotaRules(Strict):
    """The sources of limit, remaining and reset."""

    limit: QuotaSource | None = Field(
        default=None, description="Requests, or points, of the whole quota.", examples=[{"header": "X-RateLimit-Limit"}]
    )
    remaining: QuotaSource | None = Field(
        default=None, description="How much of it is left.", examples=[{"header": "X-RateLimit-Remaining"}]
    )
    reset: QuotaSource | None = Field(
        default=None,
        description="The time until the whole quota is available again.",
        examples=[{"header": "X-RateLimit-Reset-Ms", "unit": "milliseconds"}],
    )
    window: QuotaSource | None = Field(
        default=None, description="The time that the quota covers.", examples=[{"header": "X-RateLimit-Window"}]
    )
    used_of_limit: QuotaSource | None = Field(
        default=None, description="Used and limit in one text, as in 32/40.", examples=[{"header": "X-Calls"}]
    )
    refill: QuotaSource | None = Field(
        default=None,
        description="For a bucket that refills continuously: the amount for each second.",
        examples=[{"body": "extensions.cost.restoreRate"}],
    )
    refill_per_second: float | None = Field(
        default=None,
        gt=0,
        strict=False,
        description="The same as a number, if only the documentation says it.",
        examples=[2],
    )
