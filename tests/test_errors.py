from __future__ import annotations

import re

import pytest

import truto_unify
from truto_unify import errors
from truto_unify.errors import (
    AccountBlocked,
    AuthenticationError,
    ConfigError,
    ConflictError,
    Forbidden,
    InvalidCursor,
    InvalidInput,
    InvalidOverride,
    InvalidSetting,
    MappingError,
    MissingCredential,
    NotFoundError,
    NotVisible,
    OutdatedVersion,
    PermissionDeniedError,
    Problem,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    RejectedInputError,
    StorageError,
    TransportError,
    Unauthenticated,
    UnifyError,
    UnknownProvider,
    UnknownResource,
    UnsupportedMethod,
    UnsupportedParameter,
    UnusableClient,
    reason_phrase,
)

TREE = (errors.__doc__ or "").split("\n\n")[1].strip()


def tree_of_the_classes() -> dict[str, str]:
    """Each error class of the module with its parent."""
    classes = [
        error_class
        for error_class in vars(errors).values()
        if isinstance(error_class, type) and issubclass(error_class, UnifyError)
    ]
    return {error_class.__name__: error_class.__mro__[1].__name__ for error_class in classes}


def tree_of_the_drawing() -> dict[str, str]:
    """Each class of the drawing in the module's docstring with its parent."""
    above = ["Exception"]
    parents = {}
    for line in TREE.split("\n"):
        name = re.findall(r"\w+", line)[0]
        depth = line.index(name) // 3
        above[depth + 1 :] = [name]
        parents[name] = above[depth]
    return parents


def mapping_error() -> MappingError:
    return MappingError(
        "bad", provider="acme", resource="ecommerce/customers", field="name", place="a.yaml:1:2", remote_data={"id": 1}
    )


def test_the_drawing_in_the_docstring_is_the_tree_of_the_classes() -> None:
    assert tree_of_the_drawing() == tree_of_the_classes()


def test_every_error_of_the_tree_is_public() -> None:
    assert set(tree_of_the_classes()) - set(truto_unify.__all__) == set()


def test_the_public_names_are_sorted_and_are_all_that_the_package_shows() -> None:
    shown = {name for name in dir(truto_unify) if not name.startswith("_")}
    modules = {name for name in shown if type(getattr(truto_unify, name)).__name__ == "module"}

    assert truto_unify.__all__ == sorted(shown - modules - {"TYPE_CHECKING", "annotations", "import_module"})


@pytest.mark.parametrize(
    ("error", "status", "phrase", "exit_code", "retryable"),
    [
        (UnifyError("m"), 500, "Internal Server Error", 1, False),
        (UnknownProvider("m"), 404, "Not Found", 3, False),
        (UnknownResource("m"), 404, "Not Found", 3, False),
        (UnsupportedMethod("m"), 405, "Method Not Allowed", 3, False),
        (UnsupportedParameter("m", parameter="colour", supported=("name",)), 400, "Bad Request", 3, False),
        (InvalidInput("m"), 400, "Bad Request", 3, False),
        (InvalidCursor("m"), 400, "Bad Request", 3, False),
        (MissingCredential("m"), 400, "Bad Request", 3, False),
        (UnusableClient("m"), 500, "Internal Server Error", 3, False),
        (TransportError("m"), 502, "Bad Gateway", 5, True),
        (TransportError("m", retryable=False), 502, "Bad Gateway", 5, False),
        (InvalidSetting("m"), 500, "Internal Server Error", 2, False),
        (StorageError("m"), 503, "Service Unavailable", 5, True),
        (Unauthenticated("m"), 401, "Unauthorized", 3, False),
        (Forbidden("m"), 403, "Forbidden", 3, False),
        (NotVisible("m"), 404, "Not Found", 3, False),
        (OutdatedVersion("m"), 409, "Conflict", 3, False),
        (AccountBlocked("m"), 503, "Service Unavailable", 3, False),
    ],
)
def test_an_error_knows_its_status_its_exit_code_and_whether_another_try_may_help(
    error: UnifyError, status: int, phrase: str, exit_code: int, retryable: bool
) -> None:
    assert (error.exit_code, error.retryable, str(error)) == (exit_code, retryable, "m")
    assert error.to_dict() == {"statusCode": status, "error": phrase, "message": "m"}


@pytest.mark.parametrize(
    ("kind", "provider_status", "status", "phrase", "retryable"),
    [
        (ProviderError, 418, 418, "I'm a Teapot", False),
        (ProviderError, 200, 502, "Bad Gateway", False),
        (ProviderError, 302, 502, "Bad Gateway", False),
        (AuthenticationError, 400, 401, "Unauthorized", False),
        (PermissionDeniedError, 402, 403, "Forbidden", False),
        (NotFoundError, 400, 404, "Not Found", False),
        (ConflictError, 409, 409, "Conflict", False),
        (ConflictError, 400, 400, "Bad Request", False),
        (RejectedInputError, 400, 400, "Bad Request", False),
        (RejectedInputError, 200, 422, reason_phrase(422), False),
        (RateLimitedError, 430, 429, "Too Many Requests", True),
        (ProviderUnavailableError, 503, 503, "Service Unavailable", True),
        (ProviderUnavailableError, 200, 502, "Bad Gateway", True),
        (ProviderUnavailableError, 599, 599, "Error", True),
    ],
)
def test_an_error_of_the_provider_is_marked_as_such_and_keeps_the_answer(
    kind: type[ProviderError], provider_status: int, status: int, phrase: str, retryable: bool
) -> None:
    error = kind("m", status_code=provider_status, code="c", retry_after=2.5, raw_response={"a": 1}, headers={"x": "y"})

    assert (error.exit_code, error.retryable, error.status_code) == (4, retryable, provider_status)
    assert (error.code, error.retry_after, error.headers) == ("c", 2.5, {"x": "y"})
    assert error.to_dict() == {
        "statusCode": status,
        "error": phrase,
        "message": "m",
        "truto_is_remote_error": True,
        "raw_response": {"a": 1},
    }


def test_a_mapping_error_says_which_rule_failed_and_keeps_the_record_to_itself() -> None:
    error = mapping_error()

    assert (error.exit_code, error.retryable) == (6, False)
    assert (error.provider, error.resource, error.field) == ("acme", "ecommerce/customers", "name")
    assert (error.place, error.remote_data) == ("a.yaml:1:2", {"id": 1})
    assert error.to_dict() == {"statusCode": 500, "error": "Internal Server Error", "message": "bad"}


def test_a_config_error_holds_every_problem_in_the_order_of_the_files() -> None:
    late, early = Problem("b.yaml", 1, 1, "third"), Problem("a.yaml", 2, 1, "first")
    middle = Problem("a.yaml", 10, 3, "second", "    x: y\n       ^")

    error = ConfigError([late, middle, early])

    assert (error.problems, error.exit_code) == ([early, middle, late], 2)
    assert str(error) == "a.yaml:2:1: first\na.yaml:10:3: second\n    x: y\n       ^\nb.yaml:1:1: third"


def test_a_message_shows_the_first_problems_and_counts_the_others() -> None:
    problems = [Problem("a.yaml", line, 1, "wrong") for line in range(1, 54)]

    error, override = ConfigError(problems), InvalidOverride(problems)

    assert error.message.splitlines()[-2:] == ["a.yaml:50:1: wrong", "and 3 more"]
    assert override.message.endswith("a.yaml: wrong; and 3 more")
    assert (len(error.problems), len(override.problems)) == (53, 53)


def test_a_wrong_override_tells_every_problem_by_its_field() -> None:
    error = InvalidOverride([Problem("b.c", 1, 1, "second"), Problem("a", 1, 1, "first")])

    assert error.to_dict() == {
        "statusCode": 422,
        "error": reason_phrase(422),
        "message": "the override is wrong: a: first; b.c: second",
        "details": {"failures": [{"field": "a", "message": "first"}, {"field": "b.c", "message": "second"}]},
    }


@pytest.mark.parametrize(("status", "phrase"), [(404, "Not Found"), (299, "Error"), (0, "Error")])
def test_a_status_without_a_name_is_an_error(status: int, phrase: str) -> None:
    assert reason_phrase(status) == phrase
