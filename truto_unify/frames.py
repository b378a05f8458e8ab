"""Turns records into Arrow tables, and these into data frames; the libraries that hold them are extras."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic_core import to_jsonable_python

from truto_unify.errors import InvalidEnvironment, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Converter = Callable[[Any], Any]

ColumnKind = Literal["text", "boolean", "integer", "number", "time", "money", "json", "object", "list"]
MoneyType = Literal["text", "decimal"]
MAX_MONEY_DIGITS = 38
"""Digits of a decimal; Arrow, Parquet, DuckDB and Polars store as many in 128 bits."""
MONEY_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, a part of an object, or the elements of a list.

    Attributes:
        name: the name of the field or part; ``item`` for the elements of a list.
        kind: what its values are; ``json`` is any JSON value, as text.
        parts: of an object, its parts; of a list, its elements.
    """

    name: str
    kind: ColumnKind
    parts: tuple[Column, ...] = ()


def arrow_table(
    records: Sequence[Any], columns: Sequence[Column] | None, money: MoneyType = "text", *, extra: str = "arrow"
) -> Any:
    """The records as a ``pyarrow.Table``.

    Args:
        records: models, or dictionaries with the names of the columns.
        columns: of the table; they alone decide its types, so that a table without records has them too.
        money: the type of amounts: ``text``, or ``decimal`` for a number with 9 decimals.
        extra: the extra to install if pyarrow is missing.

    Raises:
        InvalidEnvironment: pyarrow is not installed.
        InvalidInput: ``money`` is neither, there are no columns, or a value does not fit its column.
    """
    arrow = _load("pyarrow", extra)
    if money not in get_args(MoneyType):
        raise InvalidInput('money must be "text" or "decimal"')
    if columns is None:
        message = (
            "a table needs records that are models: list them without response_format, "
            "and leave out remote_data with ignore_remote_data=True"
        )
        raise InvalidInput(message)
    schema = arrow.schema([(column.name, _arrow_type(arrow, column, money)) for column in columns])
    arrays = []
    for column, field in zip(columns, schema, strict=True):
        convert = _converter(column, money)
        try:
            arrays.append(arrow.array([convert(_read(record, column.name)) for record in records], field.type))
        except (arrow.ArrowInvalid, arrow.ArrowTypeError, OverflowError) as error:
            raise InvalidInput(f'a value of "{column.name}" does not fit its column: {error}') from None
    return arrow.table(arrays, schema=schema)


def pandas_frame(records: Sequence[Any], columns: Sequence[Column] | None, money: MoneyType) -> Any:
    """The records as a ``pandas.DataFrame`` whose columns keep their Arrow types.

    Raises:
        InvalidEnvironment, InvalidInput: as ``arrow_table``.
    """
    library = _load("pandas", "pandas")
    table = arrow_table(records, columns, money, extra="pandas")
    return table.to_pandas(types_mapper=library.ArrowDtype)


def polars_frame(records: Sequence[Any], columns: Sequence[Column] | None, money: MoneyType) -> Any:
    """The records as a ``polars.DataFrame``.

    Raises:
        InvalidEnvironment, InvalidInput: as ``arrow_table``.
    """
    library = _load("polars", "polars")
    return library.from_arrow(arrow_table(records, columns, money, extra="polars"))


def _load(name: str, extra: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        message = f'tables need "{error.name}": install it with  pip install "truto-unify[{extra}]"'
        raise InvalidEnvironment(message) from None


def _arrow_type(arrow: Any, column: Column, money: MoneyType) -> Any:
    if column.kind == "list":
        return arrow.list_(_arrow_type(arrow, column.parts[0], money))
    if column.kind == "object":
        return arrow.struct([(part.name, _arrow_type(arrow, part, money)) for part in column.parts])
    if column.kind == "money" and money == "decimal":
        return arrow.decimal128(MAX_MONEY_DIGITS, MONEY_DECIMALS)
    types = {
        "boolean": arrow.bool_,
        "integer": arrow.int64,
        "number": arrow.float64,
        "time": lambda: arrow.timestamp("us", tz="UTC"),
    }
    return types.get(column.kind, arrow.string)()


def _read(record: Any, name: str) -> Any:
    """The value of a field; None if the record lacks it, as a record that broke its mapping may."""
    return record.get(name) if isinstance(record, Mapping) else getattr(record, name, None)


def _converter(column: Column, money: MoneyType) -> Converter:
    """The function from a value to the value that Arrow takes."""
    convert = _present_converter(column, money)
    return lambda value: None if value is None else convert(value)


def _present_converter(column: Column, money: MoneyType) -> Converter:
    """The same, for values that are not None."""
    match column.kind:
        case "list":
            convert = _converter(column.parts[0], money)
            return lambda items: [convert(item) for item in items]
        case "object":
            parts = [(part.name, _converter(part, money)) for part in column.parts]
            return lambda value: {name: convert(_read(value, name)) for name, convert in parts}
        case "time":
            return _instant
        case "money":
            return Decimal if money == "decimal" else str
        case "json":
            return json_text
        case _:
            return lambda value: value


def _instant(value: datetime | str) -> datetime:
    """The time of a field: a model has it as a time, a custom field as text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def json_text(value: Any) -> str:
    """Any value as JSON; halves of characters, which JSON may hold and Arrow may not, as escapes.

    >>> json_text({"city": "Graz", "tags": [1, None]})
    '{"city":"Graz","tags":[1,null]}'
    """
    plain = to_jsonable_python(value) if not isinstance(value, str | dict | list) else value
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), default=to_jsonable_python)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(plain, separators=(",", ":"), default=to_jsonable_python)
    return text
