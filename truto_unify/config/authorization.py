"""The schema of authentication schemes: where the secrets of an account go in a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from truto_unify.config.body_texts import body_templates
from truto_unify.config.error_rules import ErrorRule
from truto_unify.config.schema import Expr, Path, Strict, Template, TemplateText
from truto_unify.config.signature_schemes import (
    HmacAuthorization,
    JsonWebToken,
    JwtAuthorization,
    MutualTlsAuthorization,
    OAuth1Authorization,
    Scheme,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


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


class ClientPassword(Strict):
    """The name and the password of the application, as HTTP Basic of the token request (RFC 6749, 2.3.1)."""

    username: TemplateText = Field(description="The name.", examples=["{credentials.client_id}"])
    password: TemplateText = Field(description="The password.", examples=["{credentials.client_secret}"])


class ApiAddress(Strict):
    """The host of the API as the answer to a token request names it, for providers with a host for each region."""

    path: Path = Field(
        description="Place of a host or an https address in the answer; only its host and port count.",
        examples=["instance_url", "data.api_domain"],
    )
    hosts: tuple[str, ...] = Field(
        min_length=1,
        description="The hosts that it may name; *.example.com stands for those below example.com. Another one is an "
        "error: credentials go nowhere else.",
        examples=[("*.shop.example", "api.shop.example")],
    )


class TokenAuthorization(Scheme):
    """A token that is fetched, stored, and renewed if it expires or the provider refuses it."""

    renamed: ClassVar[Mapping[str, str]] = {"failed": "error_when"}

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
    client: ClientPassword | None = Field(
        default=None,
        description="Name and password of the application, sent as HTTP Basic of the token request.",
        examples=[{"username": "{credentials.client_id}", "password": "{credentials.client_secret}"}],
    )
    token_headers: dict[str, TemplateText] = Field(
        default_factory=dict, description="Headers of the token request.", examples=[{"Accept": "application/json"}]
    )
    params: dict[str, TemplateText] = Field(
        default_factory=dict,
        description="What is sent; {refresh_token} is the newest one, and {assertion} the signed one.",
        examples=[{"grant_type": "refresh_token", "refresh_token": "{refresh_token}"}],
    )
    body: dict[str, Any] | None = Field(
        default=None,
        description="A JSON body in place of params; its texts may hold {refresh_token}, {assertion}, "
        "{context.name} and {credentials.name}.",
        examples=[{"login": {"user": "{credentials.user}", "password": "{credentials.password}"}}],
    )
    assertion: JsonWebToken | None = Field(
        default=None,
        description="A JSON Web Token that params or body hold as {assertion}: the grant of RFC 7523, 2.1, or the "
        "proof of the client (private_key_jwt), 2.2.",
        examples=[
            {
                "algorithm": "RS256",
                "key": "{credentials.private_key}",
                "claims": {"iss": "{credentials.client_id}", "aud": "https://accounts.example/token"},
            }
        ],
    )
    api_address: ApiAddress | None = Field(
        default=None,
        description="Where the answer names the host of the API, which then takes the place of that of base_url.",
        examples=[{"path": "instance_url", "hosts": ("*.shop.example",)}],
    )
    access_token_path: Path | None = Field(
        default=None,
        description="Place of the token in the answer; access_token if no other place is named.",
        examples=["data.access_token", "@"],
    )
    access_token_header: str | None = Field(
        default=None, description="Answer header that holds the token.", examples=["X-Session-Token"]
    )
    access_token_cookie: str | None = Field(
        default=None, description="Cookie of the answer that holds the token.", examples=["session_id"]
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
    message: tuple[Expr, ...] = Field(
        default=(),
        description="Expressions for the message of a refusal; the first text counts. Without it: those of RFC 6749, "
        "error_description and error.",
        examples=[("data.login.message",)],
    )
    code: tuple[Expr, ...] = Field(
        default=(),
        description="Expressions for the code of a refusal, which rules compare. Without it: that of RFC 6749, error.",
        examples=[("data.login.errorCode",)],
    )
    rules: tuple[ErrorRule, ...] = Field(
        default=(),
        description="What refusals of a token mean if RFC 6749 does not say it.",
        examples=[({"code": "invalid_code", "error": "authentication"},)],
    )
    headers: dict[str, TemplateText] = Field(
        default_factory=dict,
        description="Further headers that go with the token.",
        examples=[{"x-site-id": "{context.site_id}"}],
    )

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        if bool(self.params) == (self.body is not None):
            raise PydanticCustomError("form_error", 'a token request needs one of "params", "body"')
        places = (self.access_token_path, self.access_token_header, self.access_token_cookie)
        if sum(place is not None for place in places) > 1:
            names = '"access_token_path", "access_token_header", "access_token_cookie"'
            raise PydanticCustomError("form_error", f"a token has one place: one of {names}")
        return self

    @property
    def token_path(self) -> tuple[str, ...] | None:
        """The place of the token in the body of the answer; None if it stands elsewhere."""
        if self.access_token_header is not None or self.access_token_cookie is not None:
            return None
        return ("access_token",) if self.access_token_path is None else self.access_token_path

    @property
    def unsent_secrets(self) -> tuple[Template, ...]:
        """As for every scheme."""
        keys = (self.assertion.key,) if self.assertion is not None else ()
        return (*super().unsent_secrets, *keys)

    def own_names(self, path: tuple[str | int, ...]) -> frozenset[str]:
        """As for every scheme."""
        if path[:1] == ("assertion",):
            return frozenset({"nonce"})
        return frozenset({"token", "refresh_token"} | ({"assertion"} if self.assertion is not None else set()))

    @property
    def sends_refresh_token(self) -> bool:
        """Whether the request holds a refresh token."""
        return any("refresh_token" in template.placeholders for _, template in read_templates(self))


class OAuth2Authorization(TokenAuthorization):
    """A token of OAuth 2, RFC 6749: by client credentials, a refresh token, or any other grant that sends texts."""

    type: Literal["oauth2"] = Field(description="A token that is fetched and renewed.", examples=["oauth2"])


class SessionAuthorization(TokenAuthorization):
    """A login: name and password are exchanged for a session, and again if the provider says that it has ended."""

    type: Literal["session"] = Field(description="A login that gives a session token.", examples=["session"])


class QueryAuthorization(Scheme):
    """Query parameters. They end up in access logs: use them only if no other scheme works."""

    type: Literal["query"] = Field(description="Query parameters that carry the secret.", examples=["query"])
    params: dict[str, TemplateText] = Field(
        description="The parameters, from the account's fields.", examples=[{"api_key": "{credentials.api_key}"}]
    )


Authorization = Annotated[
    BasicAuthorization
    | BearerAuthorization
    | HeaderAuthorization
    | QueryAuthorization
    | OAuth1Authorization
    | OAuth2Authorization
    | SessionAuthorization
    | JwtAuthorization
    | HmacAuthorization
    | MutualTlsAuthorization,
    Field(discriminator="type"),
]


def read_templates(rule: Strict) -> Iterator[tuple[tuple[str | int, ...], Template]]:
    """Every template in a rule, with its path."""
    for name, value in rule:
        if isinstance(value, Template):
            yield (name,), value
        elif isinstance(value, Strict):
            yield from (((name, *path), template) for path, template in read_templates(value))
        elif name == "body":
            yield from (((name, *path), template) for path, template in body_templates(value))
        elif isinstance(value, dict | tuple):
            for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
                if isinstance(inner, Template):
                    yield (name, key), inner


def needed_credentials(rule: Strict) -> tuple[str, ...]:
    """The credentials that this scheme needs; an optional first token and the password of a key do not count."""
    prefix = "credentials."
    used = [
        prefix + name if name == "refresh_token" else name
        for path, template in read_templates(rule)
        for name in template.placeholders
        if path not in {("first_token",), ("client_certificate", "password")}
    ]
    return tuple(dict.fromkeys(name.removeprefix(prefix) for name in used if name.startswith(prefix)))
