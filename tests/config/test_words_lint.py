"""The words of a filter belong to the values of the model."""

from __future__ import annotations

import pytest

from truto_unify.registry import Registry

REGISTRY = Registry()
FILE = "mappings/ecommerce/orders/woocommerce.yaml"


def findings(words: dict[str, str]) -> list[tuple[str, bool]]:
    override = {"list": {"filters": {"status": {"words": words}}}}
    node = REGISTRY.mapping("ecommerce/orders", "woocommerce", [override]).node
    found = REGISTRY.with_file(FILE, node).findings()
    return [(finding.message, finding.is_warning) for finding in found]


def test_a_word_that_is_nearly_a_value_of_the_model_is_a_warning() -> None:
    assert findings({"complete": "completed"}) == [
        ('"complete" is nearly "completed" of "status"; write "completed" if it is meant', True)
    ]


@pytest.mark.parametrize("words", [{"actives": "actives"}, {"trash": "x"}, {"active": "processing"}, {"lost": "l"}])
def test_a_word_that_the_store_says_itself_is_no_finding(words: dict[str, str]) -> None:
    assert findings(words) == []
