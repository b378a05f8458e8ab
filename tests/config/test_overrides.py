from __future__ import annotations

from typing import Any

import pytest

from truto_unify.config.overrides import check_depths
from truto_unify.errors import InvalidInput

LAYER = {"response_mapping": {"name": "title"}}


@pytest.mark.parametrize("overrides", [LAYER, [LAYER, "name: title"], [None]])
def test_overrides_are_a_list_of_layers(overrides: Any) -> None:
    with pytest.raises(InvalidInput) as error:
        check_depths(overrides, "ecommerce/products", "acme")

    assert error.value.message == ("the overrides of ecommerce/products must be a list of mappings, one for each layer")
