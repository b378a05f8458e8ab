"""An answer in the terminal is checked at once, so that the draft works and holds no secret."""

from __future__ import annotations

import pytest

from truto_unify.scaffold.answers import answer_fault
from truto_unify.scaffold.readme import Remark

PATH = "resources.customers.get.path"


def fault(path: str, answer: str) -> str | None:
    return answer_fault(Remark("ask", "providers/acme.yaml", path, "/customers/{id}", "which?"), answer)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("label", "Acme: {shop} #1"),
        ("documentation", "https://acme.test/docs#customers"),
        ("base_url", "http://localhost:8080/api"),
        ("authorization", "header X-Key"),
        ("authorization", "query filter[key]"),
        ("authorization", "oauth2 https://acme.test/token"),
        (PATH, "/v2/customers/{id}"),
    ],
)
def test_an_answer_that_fits_is_taken(path: str, answer: str) -> None:
    assert fault(path, answer) is None


@pytest.mark.parametrize(
    ("path", "answer", "says"),
    [
        ("documentation", "acme.test/docs", "without a password"),
        ("base_url", "https://", "without a password"),
        ("base_url", "https://ann:pw@acme.test", "without a password"),
        ("base_url", "https://[acme", "without a password"),
        ("base_url", "https://acme.test/v1?key=s3cret", "without parameters"),
        ("base_url", "https://{shop}.acme.test", "of one account"),
        ("authorization", "header X-Key: s3cret", "header NAME"),
        ("authorization", "query key=s3cret", "query NAME"),
        ("authorization", "oauth2 https://ann:pw@acme.test/token", "oauth2 ADDRESS"),
        ("authorization", "bearer s3cret", "bearer"),
        (PATH, "customers", "begins with /"),
        (PATH, "//other.test/customers", "begins with /"),
        (PATH, "/customers?key=s3cret", "without parameters"),
        (PATH, "/{shop}/customers/{id}", "of one account"),
    ],
)
def test_another_answer_is_asked_again(path: str, answer: str, says: str) -> None:
    assert says in (fault(path, answer) or "")
