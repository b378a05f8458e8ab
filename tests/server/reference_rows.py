"""What the reference says of customers, row by row: the query of a call, and which of a store's customers it gives.

Each row names the section of the reference that it stands for. What a row expects is worked out here from the whole
list, without the service and without the library's own filters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Callable

Records = list[dict[str, Any]]


@dataclass(frozen=True)
class StoreList:
    """The whole list of one store, and facts picked from it to ask for."""

    records: Records

    @property
    def middle(self) -> str:
        """A moment that has customers before and after it."""
        return str(sorted(record["created_at"] for record in self.records)[len(self.records) // 2])

    @property
    def late(self) -> str:
        return str(sorted(record["created_at"] for record in self.records)[-10])

    @property
    def people(self) -> Records:
        """Two customers with unique e-mails."""
        mails = [mail for record in self.records for mail in mails_of(record)]
        return [
            record for record in self.records if len(mails_of(record)) == 1 and mails.count(mails_of(record)[0]) == 1
        ][:2]

    @property
    def mail(self) -> str:
        return quote(str(self.people[0]["emails"][0]["email"]), safe="@")

    @property
    def other_mail(self) -> str:
        return quote(str(self.people[1]["emails"][0]["email"]), safe="@")

    @property
    def last_name(self) -> str:
        return str(
            next(
                record["last_name"] for record in self.records if record["last_name"] and record["last_name"].isascii()
            )
        )


def mails_of(record: dict[str, Any]) -> list[str]:
    return [email["email"].lower() for email in record["emails"]]


@dataclass(frozen=True)
class Row:
    """One rule about which customers a list gives.

    Attributes:
        section: of the reference.
        rule: in a few words.
        query: the query string of the call.
        keeps: whether a customer is given.
    """

    section: str
    rule: str
    query: Callable[[StoreList], str]
    keeps: Callable[[StoreList, dict[str, Any]], bool]

    def __str__(self) -> str:
        return f"{self.section}: {self.rule}"


def _everybody(_: StoreList, __: dict[str, Any]) -> bool:
    return True


def _has_mail(known: StoreList, record: dict[str, Any]) -> bool:
    return unquote(known.mail).lower() in mails_of(record)


def _has_either_mail(known: StoreList, record: dict[str, Any]) -> bool:
    return bool({unquote(known.mail).lower(), unquote(known.other_mail).lower()} & set(mails_of(record)))


FILTER_ROWS = (
    Row("3 string", "name=foo", lambda k: f"last_name={quote(k.last_name)}", lambda k, r: _same(r, k)),
    Row("3 array", "a[]=1&a[]=2", lambda k: f"email[]={k.mail}&email[]={k.other_mail}", _has_either_mail),
    Row("3 array", "a[0]=1&a[1]=2", lambda k: f"email[0]={k.mail}&email[1]={k.other_mail}", _has_either_mail),
    Row("9.2 Python", "a%5B%5D=1", lambda k: f"email%5B%5D={k.mail.replace('@', '%40')}", _has_mail),
    Row("9.2 TypeScript", "a%5B0%5D=1", lambda k: f"email%5B0%5D={k.mail.replace('@', '%40')}", _has_mail),
    Row("3 in", "field[in]=a,b", lambda k: f"email[in]={k.mail},{k.other_mail}", _has_either_mail),
    Row("3 in", "field[in][]=a", lambda k: f"email[in][]={k.mail}&email[in][]={k.other_mail}", _has_either_mail),
    Row("3 bare array means in", "one value", lambda k: f"email[]={k.mail}", _has_mail),
    Row("3 object", "emails[][email]=x", lambda k: f"emails[][email]={k.mail}", _has_mail),
    Row("3 object", "emails[0][email]=x", lambda k: f"emails[0][email]={k.mail}", _has_mail),
    Row("9.2 Python", "encoded brackets", lambda k: f"emails%5B%5D%5Bemail%5D={k.mail}", _has_mail),
    Row("3 operators", "gt", lambda k: f"created_at[gt]={k.middle}", lambda k, r: r["created_at"] > k.middle),
    Row("3 operators", "gte", lambda k: f"created_at[gte]={k.middle}", lambda k, r: r["created_at"] >= k.middle),
    Row("3 operators", "lt", lambda k: f"created_at[lt]={k.middle}", lambda k, r: r["created_at"] < k.middle),
    Row("3 operators", "lte", lambda k: f"created_at[lte]={k.middle}", lambda k, r: r["created_at"] <= k.middle),
    Row(
        "3 a range is two operators on one field",
        "gt and lt",
        lambda k: f"created_at[gt]={k.middle}&created_at[lt]={k.late}",
        lambda k, r: k.middle < r["created_at"] < k.late,
    ),
    Row("3 bare value", "is eq", lambda k: f"created_at={k.middle}", lambda k, r: r["created_at"] == k.middle),
    Row(
        "9.2 Python dates",
        "+00:00 as %2B00:00",
        lambda k: f"created_at[gte]={quote(k.middle.removesuffix('Z') + '+00:00')}",
        lambda k, r: r["created_at"] >= k.middle,
    ),
    Row(
        "9.2 TypeScript dates",
        "milliseconds",
        lambda k: f"created_at[gte]={quote(k.middle.removesuffix('Z').partition('.')[0] + '.000Z')}",
        lambda k, r: r["created_at"] >= k.middle.partition(".")[0],
    ),
    Row("3 like", "contains", lambda k: f"email[like]={k.mail[:9].upper()}", lambda k, r: _contains(r, k.mail[:9])),
    Row(
        "3 siblings are AND-combined",
        "two filters",
        lambda k: f"email={k.mail}&created_at[gte]=2000-01-01T00:00:00Z",
        _has_mail,
    ),
    Row("3 null", "TypeScript sends nothing", lambda k: "last_name=&created_at[gt]=", _everybody),
    Row("3 null", "Python sends None", lambda k: "last_name=None&created_at[gt]=None&limit=None", _everybody),
    Row("3 empty next_cursor", "means the first page", lambda k: "next_cursor=", _everybody),
    Row("4.2 email", "any of the customer's", lambda k: f"email={k.mail.upper()}", _has_mail),
)  # fmt: skip


def _same(record: dict[str, Any], known: StoreList) -> bool:
    return (record["last_name"] or "").lower() == known.last_name.lower()


def _contains(record: dict[str, Any], part: str) -> bool:
    return any(part.lower() in mail for mail in mails_of(record))
