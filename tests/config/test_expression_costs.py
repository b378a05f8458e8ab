from __future__ import annotations

import pytest

from tests.shipped import REGISTRY
from truto_unify.config.expression_costs import MAX_ALL_NODES, cost_of, expressions_in
from truto_unify.errors import ConfigError
from truto_unify.expressions import bind_names, parse_expression, variable

CUSTOMERS = "ecommerce/customers"
DOUBLED = " | ".join(["[@, @]"] * 18)


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("billing.first_name || first_name", "linear"),
        ("emails[?type == 'main'].value | [0]", "linear"),
        ("join_text(' ', [first_name, last_name])", "linear"),
        ("lines[].{sku: sku, kind: 'line'}", "linear"),
        ("sort_by(lines, &price)[-1].sku", "linear"),
        ("lines[?contains(name, 'gift')]", "linear"),
        ("to_string(tags)", "linear"),
        ("context.shop", "linear"),
        # the result doubles with each step
        (f"id | {DOUBLED}", "steep"),
        ("to_string([to_string([to_string([id])])])", "steep"),
        # a separator of any length is repeated
        ("join(to_string(tags), tags)", "steep"),
    ],
)
def test_the_cost_is_seen_in_the_tree(text: str, cost: str) -> None:
    expression = bind_names(parse_expression(text), {"context": variable("context")})

    assert cost_of(expression.tree) == cost


@pytest.mark.parametrize(
    ("text", "cost"),
    [("sku", "linear"), ("record.country", "copies"), ("join_text('', [record.a, b])", "steep")],
)
def test_an_element_may_copy_a_part_of_the_record_but_not_compute_with_it(text: str, cost: str) -> None:
    expression = bind_names(parse_expression(text), {"record": variable("record")})

    assert cost_of(expression.tree, in_element=True) == cost


@pytest.mark.parametrize("slug", REGISTRY.providers)
def test_a_shipped_mapping_needs_no_meter(slug: str) -> None:
    config = REGISTRY.mapper(CUSTOMERS, slug, [{"response_mapping": {"tier": "id"}}]).mapping.config

    assert [expression.text for expression in expressions_in(config) if expression.is_metered] == []


def test_definitions_that_double_each_other_are_a_problem() -> None:
    doubling = {f"d{number}": f"[d{number - 1}, d{number - 1}]" if number else "id" for number in range(18)}

    with pytest.raises(ConfigError, match="parts with its definitions in place; 2000 are allowed"):
        REGISTRY.mapping(CUSTOMERS, "woocommerce", [{"define": doubling}])


def test_all_expressions_together_have_a_bound() -> None:
    many = {f"f{number}": "[" + ", ".join("a" * 900) + "]" for number in range(MAX_ALL_NODES // 900 + 1)}

    with pytest.raises(ConfigError, match=r"the expressions of the mapping have \d+ parts; 6000 are allowed"):
        REGISTRY.mapping(CUSTOMERS, "woocommerce", [{"response_mapping": many}])
