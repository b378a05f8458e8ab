"""Pages become tables whose columns the model decides, whatever the records are."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import httpx
import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter

from tests.one_shop import SHOP
from truto_unify import Client, Customer, InvalidEnvironment, InvalidInput, Page, Registry
from truto_unify.frames import Column, json_text
from truto_unify.models import RESOURCES
from truto_unify.models.columns import model_columns
from truto_unify.models.fields import Flag, Id, Kind, Money, Text, Time

if TYPE_CHECKING:
    from pathlib import Path

pa = pytest.importorskip("pyarrow", reason="no pyarrow: pip install pyarrow")

ANA = {
    "id": 17,
    "email": "ana@example.test",
    "first_name": "Ana",
    "last_name": "Núñez",
    "date_created_gmt": "2024-05-02T08:00:00",
    "meta_data": [{"key": "tier", "value": "gold"}],
}
UTC_TIME = pa.timestamp("us", tz="UTC")


class Line(BaseModel):
    model_config = ConfigDict(extra="allow")

    sku: Text = None
    amount: Money = None
    taxes: list[Annotated[str | None, Kind("money")]] = []


class Buyer(BaseModel):
    name: Text = None
    phones: list[str] = []


class Order(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: Id
    total: Money = None
    count: int | None = None
    weight: float | None = None
    is_paid: Flag = None
    created_at: Time = None
    buyer: Buyer | None = None
    lines: list[Line] = []
    remote_data: Any = None


COLUMNS = model_columns(Order)
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("total", pa.string()),
        ("count", pa.int64()),
        ("weight", pa.float64()),
        ("is_paid", pa.bool_()),
        ("created_at", UTC_TIME),
        ("buyer", pa.struct([("name", pa.string()), ("phones", pa.list_(pa.string()))])),
        (
            "lines",
            pa.list_(pa.struct([("sku", pa.string()), ("amount", pa.string()), ("taxes", pa.list_(pa.string()))])),
        ),
        ("remote_data", pa.string()),
    ]
)
FULL = Order(
    id="1001",
    total="1250.5000",
    count=2,
    weight=0.5,
    is_paid=True,
    created_at=datetime(2024, 5, 2, 10, 0, 0, 120000, tzinfo=timezone(timedelta(hours=2))),
    buyer=Buyer(name="Ana", phones=["+12125550101"]),
    lines=[Line(sku="A-1", amount="12.345", taxes=["0.5", None]), Line()],
    remote_data={"id": 1001, "note": "Grüße"},
)
BARE = Order(id="1002")


def page_of(*records: Any) -> Page[Any]:
    return Page(result=[*records], columns=COLUMNS)


def list_page(registry: Registry | None = None, records: list[Any] | None = None, **query: Any) -> Page[Any]:
    """The page of a store with these native records, one by default."""
    body = [ANA] if records is None else records
    headers = {"X-WP-Total": str(len(body)), "X-WP-TotalPages": "1"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body, headers=headers))
    with Client(registry, transport=transport) as client:
        page: Page[Any] = client.list("ecommerce/customers", SHOP, **query)
        return page


# ------------------------------------------------------------------------------- tables


def test_a_table_has_the_types_of_the_model_and_every_value() -> None:
    table = page_of(FULL, BARE).to_arrow()

    assert table.schema == SCHEMA
    assert table.to_pylist() == [
        {
            "id": "1001",
            "total": "1250.5000",
            "count": 2,
            "weight": 0.5,
            "is_paid": True,
            "created_at": datetime(2024, 5, 2, 8, 0, 0, 120000, tzinfo=UTC),
            "buyer": {"name": "Ana", "phones": ["+12125550101"]},
            "lines": [
                {"sku": "A-1", "amount": "12.345", "taxes": ["0.5", None]},
                {"sku": None, "amount": None, "taxes": []},
            ],
            "remote_data": '{"id":1001,"note":"Grüße"}',
        },
        {**dict.fromkeys(SCHEMA.names), "id": "1002", "lines": []},
    ]


def test_a_table_without_records_has_the_same_types() -> None:
    assert page_of().to_arrow().schema == SCHEMA
    assert page_of(BARE, BARE).to_arrow().schema == SCHEMA


def test_amounts_are_numbers_if_the_caller_wants_them() -> None:
    table = page_of(FULL, BARE).to_arrow(money="decimal")

    assert table.schema.field("total").type == pa.decimal128(38, 9)
    assert table["total"].to_pylist() == [Decimal("1250.5"), None]
    assert table["lines"].to_pylist()[0][0] == {
        "sku": "A-1",
        "amount": Decimal("12.345"),
        "taxes": [Decimal("0.5"), None],
    }


def test_an_amount_that_a_number_cannot_hold_is_refused() -> None:
    page = page_of(Order(id="1", total="0.1234567891"))

    with pytest.raises(InvalidInput, match=r'^a value of "total" does not fit its column: '):
        page.to_arrow(money="decimal")
    assert page.to_arrow()["total"].to_pylist() == ["0.1234567891"]


def test_a_number_of_more_than_64_bits_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r'^a value of "count" does not fit its column: '):
        page_of(Order(id="1", count=2**63)).to_arrow()


def test_money_is_text_or_decimal() -> None:
    with pytest.raises(InvalidInput, match=r"^money must be \"text\" or \"decimal\"$"):
        page_of().to_arrow(money="float")  # type: ignore[arg-type]  # the point of the test


def test_any_json_becomes_text() -> None:
    values = [{"a": [1, None, "ü"]}, "half \ud83d", datetime(2024, 5, 2, tzinfo=UTC), 10**30]

    assert [json.loads(json_text(value)) for value in values[:2]] == values[:2]
    assert [json_text(value) for value in values[2:]] == ['"2024-05-02T00:00:00Z"', "1" + "0" * 30]


# ------------------------------------------------------------------------------- pages of a client


def test_the_page_of_a_list_becomes_a_table() -> None:
    page = list_page()

    (row,) = page.to_arrow().to_pylist()
    (customer,) = page.result
    shown = customer.model_dump()
    assert json.loads(row.pop("remote_data")) == shown.pop("remote_data") == ANA
    assert row == shown
    assert list_page(records=[]).to_arrow().schema == page.to_arrow().schema


def test_a_field_that_is_left_out_has_no_column() -> None:
    page = list_page(exclude_fields=["id", "emails"], ignore_remote_data=True)

    assert page.to_arrow().column_names == [
        name for name in Customer.model_fields if name not in {"id", "emails", "remote_data"}
    ]


def test_custom_fields_are_columns_too(tmp_path: Path) -> None:
    file = tmp_path / "mappings/ecommerce/customers/woocommerce.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(
        "response_mapping:\n"
        "  tier: {expr: \"meta_data[?key == 'tier'] | [0].value\", type: text}\n"
        "  seen_at: {expr: date_created_gmt, type: time, zone: utc}\n"
        "  role: role\n"
        "  emails: [{email: email, type: {const: primary}, is_primary: {const: true}, source: {const: shop}}]\n",
        encoding="utf-8",
    )
    registry = Registry(tmp_path)

    table = list_page(registry).to_arrow()

    assert {name: table[name].to_pylist() for name in ("tier", "seen_at", "role")} == {
        "tier": ["gold"],
        "seen_at": [datetime(2024, 5, 2, 8, tzinfo=UTC)],
        "role": [None],
    }
    assert table["emails"].to_pylist()[0][0]["source"] == '"shop"'
    assert list_page(registry, records=[]).to_arrow().schema == table.schema


def test_a_record_that_broke_its_mapping_is_a_row_too() -> None:
    page = list_page(records=[ANA, {**ANA, "id": None}], on_record_error="keep_raw")

    assert page.to_arrow()["id"].to_pylist() == ["17", None]


@pytest.mark.parametrize("form", ["raw", "normalized"])
def test_dictionaries_are_no_table(form: str) -> None:
    with pytest.raises(InvalidInput, match=r"^a table needs records that are models: "):
        list_page(response_format=form).to_arrow()


def test_columns_are_no_part_of_the_json_of_a_page() -> None:
    adapter = TypeAdapter(Page[Customer])

    assert "columns" not in json.loads(adapter.dump_json(list_page()))
    assert "columns" not in adapter.json_schema(mode="serialization")["properties"]


# ------------------------------------------------------------------------------- frames


def test_pandas_keeps_the_types_of_the_table() -> None:
    pandas = pytest.importorskip("pandas", reason="no pandas: pip install pandas")
    frame, empty = page_of(FULL, BARE).to_pandas(), page_of().to_pandas()

    assert frame.dtypes.equals(empty.dtypes)
    assert frame.dtypes["created_at"] == pandas.ArrowDtype(UTC_TIME)
    assert frame["is_paid"].isna().tolist() == [False, True]
    assert frame["lines"].iloc[0][0]["amount"] == "12.345"


def test_polars_keeps_the_types_of_the_table() -> None:
    polars = pytest.importorskip("polars", reason="no polars: pip install polars")
    frame, empty = page_of(FULL, BARE).to_polars(money="decimal"), page_of().to_polars(money="decimal")

    assert frame.schema == empty.schema
    assert frame.schema["created_at"] == polars.Datetime("us", "UTC")
    assert frame.schema["total"] == polars.Decimal(38, 9)
    assert frame["lines"].list.eval(polars.element().struct.field("sku")).to_list() == [["A-1", None], []]


@pytest.mark.parametrize(
    ("method", "package", "extra"),
    [
        ("to_arrow", "pyarrow", "arrow"),
        ("to_pandas", "pandas", "pandas"),
        ("to_pandas", "pyarrow", "pandas"),
        ("to_polars", "polars", "polars"),
        ("to_polars", "pyarrow", "polars"),
    ],
)
def test_a_missing_package_names_its_extra(
    method: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in {"pyarrow", "pandas", "polars"} - {package}:
        pytest.importorskip(name, reason=f"no {name}: pip install {name}")
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(InvalidEnvironment) as caught:
        getattr(page_of(FULL), method)()

    assert str(caught.value) == f'tables need "{package}": install it with  pip install "truto-unify[{extra}]"'


def test_the_columns_of_a_model_are_derived_from_its_annotations() -> None:
    class Odd(BaseModel):
        choice: int | str = 0
        table: dict[str, int] = {}
        price: Decimal | None = None
        empty: list[Any] = []

    assert model_columns(Odd) == (
        Column("choice", "json"),
        Column("table", "json"),
        Column("price", "money"),
        Column("empty", "list", (Column("item", "json"),)),
    )


def kinds_in(columns: tuple[Column, ...], path: str = "") -> dict[str, str]:
    """The kind of each column and part, by its path."""
    kinds = {f"{path}{column.name}": column.kind for column in columns}
    return kinds | {
        name: kind for column in columns for name, kind in kinds_in(column.parts, f"{path}{column.name}.").items()
    }


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_field_of_a_resource_has_a_type_of_its_own(resource: str) -> None:
    kinds = kinds_in(model_columns(RESOURCES[resource].record))

    assert [path for path, kind in kinds.items() if kind == "json"] == ["remote_data"]
