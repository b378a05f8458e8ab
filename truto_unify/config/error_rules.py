"""The schema of errors: where the message and the code of an error answer are, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from truto_unify.config.schema import Expr, Strict

ErrorKind = Literal[
    "authentication",
    "permission_denied",
    "not_found",
    "conflict",
    "rejected_input",
    "rate_limited",
    "unavailable",
]
_MEANINGS = ("error", "retry", "wait", "smaller_page", "hint")


class ErrorRule(Strict):
    """One row of the error table: the first row whose conditions all hold decides."""

    status: int | tuple[int, ...] | None = Field(
        default=None, description="HTTP status, or several of them.", examples=[429, (402, 403)]
    )
    code: str | tuple[str, ...] | None = Field(
        default=None, description="The provider's own code, or several of them.", examples=["THROTTLED"]
    )
    when: Expr | None = Field(
        default=None, description="An expression over the body that must be true.", examples=["errors[0].fatal"]
    )
    body: Literal["json", "not_json", "page"] | None = Field(
        default=None, description="What the body must be: JSON, not JSON, or an HTML page.", examples=["page"]
    )
    error: ErrorKind | None = Field(
        default=None, description="The kind of error; that of the status if left out.", examples=["rate_limited"]
    )
    retry: bool | None = Field(
        default=None, description="Whether a retry may help; that of the kind if left out.", examples=[False]
    )
    wait: float | None = Field(
        default=None,
        ge=0,
        strict=False,
        description="Seconds to wait if the answer does not say how long.",
        examples=[600],
    )
    smaller_page: Literal[True] | None = Field(
        default=None,
        description="A list that the answer names the next page of asks again, for half as many records.",
        examples=[True],
    )
    hint: str | None = Field(
        default=None,
        description="What a person can do about it; ends the message.",
        examples=["Give the app the scope read_customers."],
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(getattr(self, name) is not None for name in _MEANINGS):
            message = "a rule says what a refusal means: {first} or {last}"
            names = {"first": ", ".join(_MEANINGS[:-1]), "last": _MEANINGS[-1]}
            raise PydanticCustomError("form_error", message, names)
        return self


class ErrorRules(Strict):
    """The rules for error answers of a provider."""

    renamed: ClassVar[Mapping[str, str]] = {"failed": "error_when"}

    error_when: Expr | None = Field(
        default=None, description="True for a body that is an error despite a 2xx.", examples=["code != `0`"]
    )
    status: Expr | None = Field(
        default=None,
        description="The HTTP status that such a body names, for proxies that send 200 instead.",
        examples=["data.status"],
    )
    message: tuple[Expr, ...] = Field(
        default=(),
        description="Expressions for the message; the first text counts.",
        examples=[("message", "errors[0].message")],
    )
    code: tuple[Expr, ...] = Field(
        default=(),
        description="Expressions for the provider's error code; the first text counts.",
        examples=[("code",)],
    )
    rules: tuple[ErrorRule, ...] = Field(
        default=(),
        description="What statuses and codes mean if not the usual meaning of the status.",
        examples=[({"code": "THROTTLED", "error": "rate_limited"},)],
    )
