"""The schema of authentication schemes that sign: requests, tokens, and the TLS handshake."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from truto_unify.config.filters import InstantFormat
from truto_unify.config.schema import AccountExpr, Strict, Template, TemplateText

KeyFormat = Literal["text", "hex", "base64"]

_CERTIFICATE_EXAMPLE = {"certificate": "{credentials.certificate}", "private_key": "{credentials.private_key}"}


class ClientCertificate(Strict):
    """The certificate that a client shows in the TLS handshake (RFC 8446, 4.4.2), with its private key."""

    certificate: TemplateText = Field(
        description="The certificate and those of its issuers, as PEM.", examples=["{credentials.certificate}"]
    )
    private_key: TemplateText = Field(
        description="The private key, as PEM; it is never sent.", examples=["{credentials.private_key}"]
    )
    password: TemplateText | None = Field(
        default=None,
        description="The password of an encrypted private key.",
        examples=["{credentials.private_key_password}"],
    )


class Scheme(Strict):
    """What every authentication scheme may say of the accounts that use it."""

    when: AccountExpr | None = Field(
        default=None,
        description="Which accounts use it; the expression sees context. Without it: all of them.",
        examples=["context.region == 'eu'"],
    )
    client_certificate: ClientCertificate | None = Field(
        default=None,
        description="A certificate that goes with it, for the API and for the token endpoint (mutual TLS, RFC 8705).",
        examples=[_CERTIFICATE_EXAMPLE],
    )

    @property
    def unsent_secrets(self) -> tuple[Template, ...]:
        """The secrets that prove who sends a request, and that no request holds."""
        return (self.client_certificate.private_key,) if self.client_certificate is not None else ()

    def own_names(self, path: tuple[str | int, ...]) -> frozenset[str]:  # noqa: ARG002 - schemes override it
        """The placeholders that a template of this rule may hold beside the account's fields."""
        return frozenset()


class JsonWebToken(Strict):
    """A signed statement: a JSON Web Token, RFC 7519. ``iat`` and ``exp`` are set. Needs the extra ``jwt``."""

    algorithm: Literal[
        "HS256",
        "HS384",
        "HS512",
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
        "EdDSA",
    ] = Field(description="How it is signed (RFC 7518, 3.1).", examples=["RS256", "HS256"])
    key: TemplateText = Field(
        description="The key; it is never sent. A private key as PEM or as a JSON Web Key, or the secret of HS256.",
        examples=["{credentials.private_key}"],
    )
    key_format: KeyFormat = Field(
        default="text", description="How the secret of HS256 is written.", examples=["hex", "base64"]
    )
    headers: dict[str, TemplateText] = Field(
        default_factory=dict,
        description="Further header parameters beside alg and typ.",
        examples=[{"kid": "{credentials.key_id}"}],
    )
    claims: dict[str, TemplateText] = Field(
        default_factory=dict,
        description="What it states; {nonce} is a text that is used once.",
        examples=[{"iss": "{credentials.client_id}", "aud": "https://accounts.example/token", "jti": "{nonce}"}],
    )
    seconds: int = Field(default=300, ge=1, le=3600, description="Seconds until it expires.", examples=[60])


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

    @property
    def unsent_secrets(self) -> tuple[Template, ...]:
        """As for every scheme."""
        token_secrets = (self.token_secret,) if self.token_secret is not None else ()
        return (*super().unsent_secrets, self.client_secret, *token_secrets)


class JwtAuthorization(Scheme):
    """A JSON Web Token that the client signs itself; each request has a new one. Needs the extra ``jwt``."""

    type: Literal["jwt"] = Field(description="A token that is signed for each request.", examples=["jwt"])
    header: str = Field(
        default="Authorization", description="Name of the header that carries the token.", examples=["Authorization"]
    )
    value: TemplateText = Field(
        description="Form of the header; {token} is the signed token.", examples=["Bearer {token}"]
    )
    assertion: JsonWebToken = Field(
        description="What the token states, and how it is signed.",
        examples=[
            {
                "algorithm": "ES256",
                "key": "{credentials.private_key}",
                "headers": {"kid": "{credentials.key_id}"},
                "claims": {"iss": "{credentials.issuer}", "aud": "shop-api"},
            }
        ],
    )

    @property
    def unsent_secrets(self) -> tuple[Template, ...]:
        """As for every scheme."""
        return (*super().unsent_secrets, self.assertion.key)

    def own_names(self, path: tuple[str | int, ...]) -> frozenset[str]:
        """As for every scheme."""
        return frozenset({"nonce"} if path[0] == "assertion" else {"token"})


REQUEST_NAMES = frozenset(
    {"method", "url", "host", "path", "target", "query", "sorted_query", "joined_query", "body", "body_hash", "nonce"}
)
"""What a template of a signature may say of the request."""


class HmacAuthorization(Scheme):
    """Requests that are signed with a shared secret (HMAC, RFC 2104), by a template of what is signed.

    The templates hold the account's fields, the names in ``times``, and of the request: ``{method}``; ``{url}`` without
    its query; ``{host}``; ``{path}``; ``{target}``, path and query; ``{query}``; ``{sorted_query}``, by name, strictly
    encoded; ``{joined_query}``, sorted names and values without separators; ``{body}``; ``{body_hash}``, in hex; and
    ``{nonce}``.
    """

    type: Literal["hmac"] = Field(description="Each request is signed, by a template.", examples=["hmac"])
    algorithm: Literal["sha1", "sha256", "sha384", "sha512"] = Field(
        default="sha256", description="The hash function.", examples=["sha512"]
    )
    key: TemplateText = Field(description="The shared secret; it is never sent.", examples=["{credentials.secret}"])
    key_format: KeyFormat = Field(default="text", description="How the secret is written.", examples=["hex", "base64"])
    key_steps: tuple[TemplateText, ...] = Field(
        default=(),
        description="Texts that derive the signing key: the key signs the first, the result the second, and so on.",
        examples=[("{date}", "{context.region}", "service", "aws4_request")],
    )
    times: dict[str, InstantFormat] = Field(
        default_factory=lambda: {"timestamp": "epoch_seconds"},
        description="Placeholders that hold the present time, in UTC, each with its format.",
        examples=[{"timestamp": "%Y%m%dT%H%M%SZ", "date": "%Y%m%d"}],
    )
    signs: TemplateText = Field(
        description="What is signed; {digest} is the hash of digest_of, in hex.",
        examples=["{timestamp}{method}{target}{body}"],
    )
    digest_of: TemplateText | None = Field(
        default=None,
        description="A text whose hash is part of what is signed.",
        examples=["{method}\n{path}\n{sorted_query}\n{body_hash}"],
    )
    encoding: Literal["hex", "upper_hex", "base64", "base64url"] = Field(
        default="hex", description="How the signature is written.", examples=["base64"]
    )
    headers: dict[str, TemplateText] = Field(
        default_factory=dict,
        description="Headers that are added; {signature} is the signature.",
        examples=[{"X-Timestamp": "{timestamp}", "X-Signature": "{signature}"}],
    )
    params: dict[str, TemplateText] = Field(
        default_factory=dict,
        description="Query parameters that are added. Those without {signature} are part of the query that is signed.",
        examples=[{"timestamp": "{timestamp}", "sign": "{signature}"}],
    )

    @model_validator(mode="after")
    def _check_signature(self) -> Self:
        sent = [*self.headers.values(), *self.params.values()]
        if not any("signature" in template.placeholders for template in sent):
            raise PydanticCustomError("form_error", "no header and no parameter holds {name}", {"name": "{signature}"})
        taken = sorted(self.times.keys() & (REQUEST_NAMES | {"digest", "signature"}))
        if taken:
            raise PydanticCustomError("form_error", '"{name}" names a part of the request', {"name": taken[0]})
        return self

    @property
    def unsent_secrets(self) -> tuple[Template, ...]:
        """As for every scheme."""
        return (*super().unsent_secrets, self.key)

    def own_names(self, path: tuple[str | int, ...]) -> frozenset[str]:
        """As for every scheme."""
        times = frozenset(self.times)
        further = {
            "key": frozenset[str](),
            "key_steps": times,
            "digest_of": times | REQUEST_NAMES,
            "signs": times | REQUEST_NAMES | ({"digest"} if self.digest_of is not None else set()),
            "headers": times | REQUEST_NAMES | {"signature"},
            "params": times | {"nonce", "signature"},
        }
        return further.get(str(path[0]), frozenset())


class MutualTlsAuthorization(Scheme):
    """A certificate alone: the provider knows the client by the TLS handshake."""

    type: Literal["mutual_tls"] = Field(
        description="The client shows a certificate, and nothing else.", examples=["mutual_tls"]
    )
    client_certificate: ClientCertificate = Field(  # pyright: ignore[reportIncompatibleVariableOverride]
        description="The certificate, from the account's fields.", examples=[_CERTIFICATE_EXAMPLE]
    )
