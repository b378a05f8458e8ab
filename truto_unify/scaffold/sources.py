"""The sources of a scaffold: a sample answer, an OpenAPI document, both, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from truto_unify.errors import InvalidInput
from truto_unify.scaffold.envelope import Records, find_records, guess_ends, guess_paging
from truto_unify.scaffold.fields import guess_fields, unread_paths
from truto_unify.scaffold.graphql_text import guess_counted_list
from truto_unify.scaffold.guess import Guess, MappingGuesses, Question
from truto_unify.scaffold.parameters import guess_filters, guess_paging_of

if TYPE_CHECKING:
    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.openapi import Api
    from truto_unify.scaffold.vocabulary import Vocabulary

NO_PAGING = Question(
    None,
    "how does the list continue? Name page, offset or cursor parameters, or a Link header; otherwise one answer is all",
)


@dataclass(frozen=True, slots=True)
class Findings:
    """The conclusions about one resource of a provider.

    Attributes:
        mapped: the guessed rules.
        listed: the records of a list answer; None if no source has one.
        single: the record of a get answer; None if no source has one.
        paging: the pagination block.
        filters: native forms of unified filters.
        unread: the native paths that no rule reads.
        samples: native answers by method, for the tests.
        origin: the names of the sources, in prose.
    """

    mapped: MappingGuesses
    listed: Records | None
    single: Records | None
    paging: Guess | Question
    filters: dict[str, Guess]
    unread: list[str]
    samples: dict[str, Any]
    origin: str


def examine(schema: ResourceSchema, words: Vocabulary, *, sample: Any = None, api: Api | None = None) -> Findings:
    """Draws the conclusions; a sample counts for more than the answers in a document.

    Raises:
        InvalidInput: nothing in the sample looks like a record.
    """
    sampled = find_records(sample, schema, words) if sample is not None else None
    if sample is not None and sampled is None:
        names = ", ".join(words.fields.get("id", ("id",))[:3])
        raise InvalidInput(
            f"the sample holds no record: nothing in it has an id ({names}) and a field of {schema.name}"
        )
    answers = {"list": api.listing.answer if api and api.listing else None}
    answers["get"] = api.getting.answer if api and api.getting else None
    documented = {
        method: find_records(answer, schema, words) for method, answer in answers.items() if answer is not None
    }
    listed = sampled if sampled and sampled.is_list else _of_kind(documented.get("list"), is_list=True)
    single = sampled if sampled and not sampled.is_list else _of_kind(documented.get("get"), is_list=False)
    records = sampled or listed or single
    mapped = guess_fields(records.items, schema, words) if records else MappingGuesses()
    document = sample if sampled and sampled.is_list else answers["list"]
    paging = guess_paging(document, listed) if listed is not None else NO_PAGING
    if isinstance(paging, Question) and listed is not None:
        paging = guess_counted_list(document, listed) or paging
    ends = guess_ends(document, listed) if listed is not None else {}
    parameters = api.listing.parameters if api and api.listing else {}
    samples: dict[str, Any] = {}
    if sampled is not None:
        samples["list" if sampled.is_list else "get"] = sample
    else:
        kinds = (("list", listed), ("get", single))
        samples = {method: answers[method] for method, records_of in kinds if records_of is not None}
    return Findings(
        mapped=mapped,
        listed=listed,
        single=single,
        paging=guess_paging_of(parameters, paging, ends),
        filters=guess_filters(parameters, schema, words),
        unread=unread_paths(records.items, mapped) if records else [],
        samples=samples,
        origin=" and ".join([*(["a sample"] if sample is not None else []), *(["an OpenAPI document"] if api else [])]),
    )


def _of_kind(records: Records | None, *, is_list: bool) -> Records | None:
    return records if records is not None and records.is_list == is_list else None
