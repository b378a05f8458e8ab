"""Examines the sources of a draft: sample answers, an API document, the requests of a person, or none of these."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from truto_unify.errors import InvalidInput
from truto_unify.scaffold.envelope import Records, find_records, guess_ends, guess_paging
from truto_unify.scaffold.fields import guess_fields, unread_paths
from truto_unify.scaffold.graphql_list import guess_counted_list
from truto_unify.scaffold.guess import Guess, MappingGuesses, Question
from truto_unify.scaffold.parameters import guess_filters, guess_paging_of
from truto_unify.scaffold.shape import RecordShape, expression_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.graphql_calls import GraphqlCalls
    from truto_unify.scaffold.openapi import Api
    from truto_unify.scaffold.shape import Path
    from truto_unify.scaffold.vocabulary import Vocabulary

NO_PAGING = Question(
    None,
    "how does the list continue? Name page, offset or cursor parameters, or a Link header; otherwise it is one page",
)


@dataclass(frozen=True, slots=True)
class Findings:
    """The conclusions about one resource of a provider.

    Attributes:
        mapped: the guessed rules.
        listed: the records of a list answer; None if no source has such an answer.
        single: the record of a get answer; None if no source has such an answer.
        items: the records of all samples, or else of the document.
        paging: the pagination block.
        filters: native forms of unified filters.
        unread: the native paths that no rule reads.
        samples: native answers by method, for the tests.
        origin: the names of the sources, in prose.
        graphql: the calls of a GraphQL schema; None without a schema.
    """

    mapped: MappingGuesses
    listed: Records | None
    single: Records | None
    items: list[Any]
    paging: Guess | Question
    filters: dict[str, Guess]
    unread: list[str]
    samples: dict[str, Any]
    origin: str
    graphql: GraphqlCalls | None = None


def examine(
    schema: ResourceSchema, words: Vocabulary, *, samples: Sequence[Any] = (), api: Api | None = None
) -> Findings:
    """Draws the conclusions; samples count for more than the answers in a document.

    Args:
        schema: the unified resource.
        words: what providers call its fields.
        samples: native answers.
        api: what a document or requests say about the API.

    Raises:
        InvalidInput: nothing in a sample looks like a record, or the records of a GraphQL schema have no id.
    """
    words, sampled = _find_in_samples(schema, words, samples)
    if api is not None and api.graphql is not None:
        return _examine_schema(schema, words, sampled, api.graphql, api.origin)
    answers = {"list": api.listing.answer if api and api.listing else None}
    answers["get"] = api.getting.answer if api and api.getting else None
    documented = {
        method: find_records(answer, schema, words) for method, answer in answers.items() if answer is not None
    }
    pages = [(document, records) for document, records in sampled if records.is_list]
    items = [item for _, records in sampled for item in records.items]
    listed = pages[0][1] if pages else _of_kind(documented.get("list"), is_list=True)
    single = next((records for _, records in sampled if not records.is_list), None)
    single = single or _of_kind(documented.get("get"), is_list=False)
    items = items or (listed.items if listed else single.items if single else [])
    mapped = guess_fields(items, schema, words) if items else MappingGuesses()
    if not pages and listed is not None:
        pages = [(answers["list"], listed)]
    parameters = api.listing.parameters if api and api.listing else {}
    return Findings(
        mapped=mapped,
        listed=listed,
        single=single,
        items=items,
        paging=guess_paging_of(parameters, _paging(pages), _ends(pages)),
        filters=guess_filters(parameters, schema, words),
        unread=unread_paths(items, mapped),
        samples=_test_samples(sampled)
        or {method: answers[method] for method, records in (("list", listed), ("get", single)) if records is not None},
        origin=" and ".join([*(["a sample"] if samples else []), *([api.origin] if api else [])]),
    )


def _examine_schema(
    schema: ResourceSchema,
    words: Vocabulary,
    sampled: Sequence[tuple[Any, Records]],
    calls: GraphqlCalls,
    origin: str,
) -> Findings:
    """The conclusions from a GraphQL schema; samples give the values of its fields."""
    seen = [calls.fit(item) for _, records in sampled for item in records.items]
    mapped = guess_fields(seen or calls.records(), schema, words)
    if "id" not in mapped.rules:
        names = ", ".join(words.fields.get("id", ("id",))[:3])
        raise InvalidInput(f"{calls.native.shape.record.name} has no id ({names}); give its name with --id")
    calls = calls.narrow(mapped.read)
    items = seen or calls.records()
    shape = RecordShape.of(items)
    return Findings(
        mapped=mapped,
        listed=Records(calls.list_path, items, is_list=True),
        single=None,
        items=items,
        paging=calls.paging,
        filters={},
        unread=[expression_of(path) for path in shape.leaves if path not in mapped.read],
        samples=_samples_at(calls.list_path, sampled) or calls.answers(),
        origin=" and ".join([*(["a sample"] if sampled else []), origin]),
        graphql=calls,
    )


def _samples_at(path: Path, sampled: Sequence[tuple[Any, Records]]) -> dict[str, Any]:
    """The answers for the tests; of a list that is not at the path of the document, the records alone."""
    samples = _test_samples(sampled)
    lists = [records for _, records in sampled if records.is_list]
    if len(lists) == 1 and lists[0].path != path:
        samples["list"] = lists[0].items
    return samples


def _find_in_samples(
    schema: ResourceSchema, words: Vocabulary, samples: Sequence[Any]
) -> tuple[Vocabulary, list[tuple[Any, Records]]]:
    """The samples with their records, and the words that find the id in them: by its name, or else by its values."""
    for vocabulary in (words, replace(words, finds_ids_by_value=True)):
        pairs = [(document, records) for document in samples if (records := find_records(document, schema, vocabulary))]
        if len(pairs) == len(samples):
            return vocabulary, pairs
    names = ", ".join(words.fields.get("id", ("id",))[:3])
    which = "the sample holds" if len(samples) == 1 else "a sample holds"
    raise InvalidInput(
        f"{which} no record: nothing in it has an id ({names}) and a field of {schema.name}; if the id of its records "
        "has another name, give it with --id"
    )


def _paging(pages: Sequence[tuple[Any, Records]]) -> Guess | Question:
    """The pagination block that the first answer suggests; the last page of a list may suggest nothing."""
    paging: Guess | Question = NO_PAGING
    for document, records in pages:
        paging = guess_paging(document, records)
        if isinstance(paging, Question):
            paging = guess_counted_list(document, records) or paging
        if isinstance(paging, Guess):
            break
    return paging


def _ends(pages: Sequence[tuple[Any, Records]]) -> dict[str, Any]:
    """What the answers say about the end of the list; the first answer that says it counts."""
    ends: dict[str, Any] = {}
    for document, records in pages:
        ends = {**guess_ends(document, records), **ends}
    return ends


def _test_samples(sampled: Sequence[tuple[Any, Records]]) -> dict[str, Any]:
    """The answers for the tests by method; of several answers, the records alone."""
    samples: dict[str, Any] = {}
    for method, is_list in (("list", True), ("get", False)):
        answers = [(document, records) for document, records in sampled if records.is_list == is_list]
        if len(answers) == 1:
            samples[method] = answers[0][0]
        elif answers:
            samples[method] = [item for _, records in answers for item in records.items]
    return samples


def _of_kind(records: Records | None, *, is_list: bool) -> Records | None:
    return records if records is not None and records.is_list == is_list else None
