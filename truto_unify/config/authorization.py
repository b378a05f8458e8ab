"""The schema of authentication schemes: where the secrets of an account go in a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from truto_unify.config.error_rules import ErrorRule
from truto_unify.config.schema import AccountExpr, Expr, Path, Strict, Template, TemplateText

if TYPE_CHECKING:
    from collections.abc import Iterator


class Scheme(Strict):
    """What every authentication scheme may say of the accounts that use it."""

    when: AccountExpr | None = Field(
        default=None,
        description="Which accounts use it; the expression sees context. Without it: all of them.",
        examples=["context.region == 'eu'"],
    )


class BasicAuthorization(Scheme):
    """HTTP Basic, RFC 7617."""

    type: Literal["basic"] = Field(description="HTTP Basic: name and password in one header.", examples=["basic"])
    username: TemplateText = Field(
        description="The name, from the account's fields.", examples=["{credentials.consumer_key}"]
    )
    password: TemplateText = Field(
        description="The password, from the account's fields.", examples=["{credentials.consumer_secret}"]
    )


class BearerAuthorization(Scheme):
    """``Authorization: Bearer <token>``, RFC 6750."""

    type: Literal["bearer"] = Field(description="A token that does not change, after Bearer.", examples=["bearer"])
    token: TemplateText = Field(description="The token, from the account's fields.", examples=["{credentials.token}"])


class HeaderAuthorization(Scheme):
    """A header of the provider's own."""

    type: Literal["header"] = Field(description="A header that carries the secret.", examples=["header"])
    header: str = Field(description="Name of the header.", examples=["X-Auth-Token"])
    value: TemplateText = Field(
        description="The header's value, from the account's fields.", examples=["{credentials.access_token}"]
    )
    headers: dict[str, TemplateText] = Field(
        default_factory=dict,
        description="Further headers that go with it.",
        examples=[{"x-site-id": "{context.site_id}"}],
    )


class OAuth2Authorization(Scheme):
    """A token that is fetched, stored and renewed: RFC 6749, client credentials or refresh token."""

    renamed: ClassVar[Mapping[str, str]] = {"failed": "error_when"}

    type: Literal["oauth2"] = Field(description="A token that is fetched and renewed.", examples=["oauth2"])
    header: str = Field(
        default="Authorization", description="Name of the header that carries the token.", examples=["Authorization"]
    )
    value: TemplateText = Field(
        description="Form of the header; {token} is the access token.", examples=["Bearer {token}"]
    )
    token_url: TemplateText = Field(
        description="Address of the token endpoint.", examples=["https://accounts.example/oauth2/token"]
    )
    send_as: Literal["form", "json", "query"] = Field(
        default="form", description="Form of the token request.", examples=["form", "json"]
    )
    params: dict[str, TemplateText] = Field(
        description="What is sent; {refresh_token} is the newest one.",
        examples=[{"grant_type": "refresh_token", "refresh_token": "{refresh_token}"}],
    )
    access_token_path: Path = Field(
        default=("access_token",), description="Place of the token in the answer.", examples=["data.access_token"]
    )
    expires_in_path: Path = Field(
        default=("expires_in",), description="Place of the seconds until the token expires.", examples=["expires_in"]
    )
    refresh_token_path: Path | None = Field(
        default=None,
        description="Place of a new refresh token, for providers that rotate them.",
        examples=["refresh_token"],
    )
    first_token: TemplateText | None = Field(
        default=None,
        description="An optional token of the account; used until the provider refuses it.",
        examples=["{credentials.access_token}"],
    )
    error_when: Expr | None = Field(
        default=None, description="True for a body that is an error despite a 2xx.", examples=["error"]
    )
    rules: tuple[ErrorRule, ...] = Field(
        default=(),
        description="What refusals of a token mean if RFC 6749 does not say it; the code is the value of error.",
        examples=[({"code": "invalid_code", "error": "authentication"},)],
    )
    headers: dict[str, TemplateText] = Field(
        default_factory=dict,
        description="Further headers that go with the token.",
        examples=[{"x-site-id": "{context.site_id}"}],
    )


class QueryAuthorization(Scheme):
    """Query parameters. They end up in access logs: use them only if no other scheme works."""

    type: Literal["query"] = Field(description="Query parameters that carry the secret.", examples=["query"])
    params: dict[str, TemplateText] = Field(
        description="The parameters, from the account's fields.", examples=[{"api_key": "{credentials.api_key}"}]
    )


class OAuth1Authorization(Scheme):
    """Signed requests, RFC 5849: they suit plain HTTP, because the secret is not sent. Needs the extra ``oauth1``."""

    type: Literal["oauth1"] = Field(description="Each request is signed, by OAuth 1.0.", examples=["oauth1"])
    client_key: TemplateText = Field(
        description="The consumer key, from the account's fields.", examples=["{credentials.consumer_key}"]
    )
    client_secret: TemplateText = Field(
        description="The consumer secret; it is never sent.", examples=["{credentials.consumer_secret}"]
    )
    token: TemplateText | None = Field(
        default=None, description="The access token, if there is one.", examples=["{credentials.token}"]
    )
    token_secret: TemplateText | None = Field(
        default=None, description="Its secret; it is never sent.", examples=["{credentials.token_secret}"]
    )
    signature_method: Literal["HMAC-SHA256", "HMAC-SHA1"] = Field(
        default="HMAC-SHA256", description="How requests are signed.", examples=["HMAC-SHA1"]
    )
    send_as: Literal["header", "query"] = Field(
        default="header", description="Where the signature goes.", examples=["query"]
    )


Authorization = Annotated[
    BasicAuthorization
    | BearerAuthorization
    | HeaderAuthorization
    | QueryAuthorization
    | OAuth1Authorization
    | OAuth2Authorization,
    Field(discriminator="type"),
]


def read_templates(rule: Strict) -> Iterator[tuple[tuple[str, ...], Template]]:
    """Every template in a rule, with its path."""
    for name, value in rule:
        if isinstance(value, Template):
            yield (name,), value
        elif isinstance(value, dict):
            for key, inner in value.items():
                if isinstance(inner, Template):
                    yield (name, key), inner


def needed_credentials(rule: Strict) -> tuple[str, ...]:
    """The credentials that this scheme needs; an optional first token does not count."""
    prefix = "credentials."
    used = [
        prefix + name if name == "refresh_token" else name
        for path, template in read_templates(rule)
        for name in template.placeholders
        if path != ("first_token",)
    ]
    return tuple(dict.fromkeys(name.removeprefix(prefix) for name in used if name.startswith(prefix)))
