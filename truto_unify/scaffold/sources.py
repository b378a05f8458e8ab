"""What a scaffold is made from: a sample answer, an OpenAPI document, both, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from truto_unify.errors import InvalidInput
from truto_unify.scaffold.envelope import Records, find_records, guess_ends, guess_paging
from truto_unify.scaffold.fields import guess_fields, unread_places
from truto_unify.scaffold.guess import Guess, Mapped, Question
from truto_unify.scaffold.parameters import guess_filters, guess_paging_of

if TYPE_CHECKING:
    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.openapi import Api
    from truto_unify.scaffold.vocabulary import Vocabulary

NO_PAGING = Question(
    None, "how does the list go on? Page, offset or cursor parameters, or a Link header; without it one answer is all"
)


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that was concluded about one resource of a provider.

    Attributes:
        mapped: the guessed rules.
        listed: the records of a list answer, where one was seen.
        single: the record of a get answer, where one was seen.
        paging: the pagination block.
        filters: native forms of unified filters.
        unread: native places that no rule reads.
        samples: native answers by method, for the tests.
        origin: where all of this comes from, in words.
    """

    mapped: Mapped
    listed: Records | None
    single: Records | None
    paging: Guess | Question
    filters: dict[str, Guess]
    unread: list[str]
    samples: dict[str, Any]
    origin: str


def examine(schema: ResourceSchema, words: Vocabulary, *, sample: Any = None, api: Api | None = None) -> Findings:
    """Concludes what can be concluded; a sample weighs more than what a document says of answers.

    Raises:
        InvalidInput: the sample holds nothing that looks like a record.
    """
    given = find_records(sample, schema, words) if sample is not None else None
    if sample is not None and given is None:
        names = ", ".join(words.fields.get("id", ("id",))[:3])
        raise InvalidInput(
            f"the sample holds no record: nothing in it has an id ({names}) and a field of {schema.name}"
        )
    answers = {"list": api.listing.answer if api and api.listing else None}
    answers["get"] = api.getting.answer if api and api.getting else None
    told = {method: find_records(answer, schema, words) for method, answer in answers.items() if answer is not None}
    listed = given if given and given.is_list else _of_kind(told.get("list"), is_list=True)
    single = given if given and not given.is_list else _of_kind(told.get("get"), is_list=False)
    records = given or listed or single
    mapped = guess_fields(records.items, schema, words) if records else Mapped()
    document = sample if given and given.is_list else answers["list"]
    paging = guess_paging(document, listed) if listed is not None else NO_PAGING
    ends = guess_ends(document, listed) if listed is not None else {}
    parameters = api.listing.parameters if api and api.listing else {}
    samples: dict[str, Any] = {}
    if given is not None:
        samples["list" if given.is_list else "get"] = sample
    else:
        samples = {method: answers[method] for method, one in (("list", listed), ("get", single)) if one is not None}
    return Findings(
        mapped=mapped,
        listed=listed,
        single=single,
        paging=guess_paging_of(parameters, paging, ends),
        filters=guess_filters(parameters, schema, words),
        unread=unread_places(records.items, mapped) if records else [],
        samples=samples,
        origin=" and ".join([*(["a sample"] if sample is not None else []), *(["an OpenAPI document"] if api else [])]),
    )


def _of_kind(records: Records | None, *, is_list: bool) -> Records | None:
    return records if records is not None and records.is_list == is_list else None
