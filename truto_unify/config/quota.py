"""The schema of ``rate_limit.quota``: where an answer says how much of the provider's quota is left."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from truto_unify.config.schema import Expr, Strict


class QuotaSource(Strict):
    """Where one number of an answer stands: in a header, or in the body."""

    header: str | None = Field(default=None, description="Name of an answer header.", examples=["X-RateLimit-Limit"])
    body: Expr | None = Field(
        default=None, description="An expression over the body.", examples=["extensions.cost.limit"]
    )
    unit: Literal["seconds", "milliseconds", "epoch_seconds"] = Field(
        default="seconds", description="What a time counts; epoch_seconds is a moment.", examples=["milliseconds"]
    )


class QuotaRules(Strict):
    """Where limit, remaining and reset stand."""

    limit: QuotaSource | None = Field(
        default=None, description="Requests, or points, of a whole quota.", examples=[{"header": "X-RateLimit-Limit"}]
    )
    remaining: QuotaSource | None = Field(
        default=None, description="How much of it is left.", examples=[{"header": "X-RateLimit-Remaining"}]
    )
    reset: QuotaSource | None = Field(
        default=None,
        description="When it is whole again.",
        examples=[{"header": "X-RateLimit-Reset-Ms", "unit": "milliseconds"}],
    )
    window: QuotaSource | None = Field(
        default=None, description="The time that one quota is for.", examples=[{"header": "X-RateLimit-Window"}]
    )
    used_of_limit: QuotaSource | None = Field(
        default=None, description="Used and limit in one, as in 32/40.", examples=[{"header": "X-Calls"}]
    )
    refill: QuotaSource | None = Field(
        default=None,
        description="For a bucket that fills by itself: how much of it comes back in a second.",
        examples=[{"body": "extensions.cost.restoreRate"}],
    )
    refill_per_second: float | None = Field(
        default=None, gt=0, strict=False, description="The same, where only the documentation says it.", examples=[2]
    )
