"""Runs a field table by interpretation: the oracle of the compiled functions, which also reports faults of fields."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

from truto_unify.errors import MappingError
from truto_unify.mapping.interpreter import FieldFault, Scope, field_names, make_fields
from truto_unify.mapping.record import NO_ID
from truto_unify.values import type_in_words

if TYPE_CHECKING:
    from truto_unify.config.configuration import LoadedMapping
    from truto_unify.mapping.interpreter import Evaluate
    from truto_unify.mapping.record import Diagnostics


class InterpretedTable:
    """Interprets the field table of one mapping.

    Args:
        mapping: the merged and checked mapping.

    Attributes:
        names: the unified fields, those of the model first.
    """

    def __init__(self, mapping: LoadedMapping) -> None:
        self._mapping = mapping
        self.names = field_names(mapping.schema.record, mapping.config.response_mapping)

    @cached_property
    def _makers(self) -> dict[str, tuple[Evaluate, bool]]:
        # Only a record with a fault needs them if the table is compiled.
        return make_fields(self._mapping.schema.record, self._mapping.config.response_mapping)

    def map_record(
        self,
        native: Any,
        query: Any = None,
        context: Any = None,
        loaded: Any = None,
        diagnostics: Diagnostics | None = None,
    ) -> dict[str, Any]:
        """Maps one record; its arguments are those of the compiled function.

        Raises:
            MappingError: the record does not fit the mapping, and there are no ``diagnostics``.
        """
        source = native
        if not isinstance(native, dict):
            self._report("", f"a record must be an object, not {type_in_words(native)}", native, diagnostics)
            source = {}
        record = {name: self.map_field(name, source, query, context, loaded, diagnostics) for name in self.names}
        if record.get("id") is None:
            self.refuse(native, diagnostics)
        return {**record, "remote_data": native}

    def map_field(
        self, name: str, native: Any, query: Any, context: Any, loaded: Any, diagnostics: Diagnostics | None
    ) -> Any:
        """Computes one field; null, or ``[]`` for a list, if it fails.

        Raises:
            MappingError: it fails, and there are no ``diagnostics``.
        """
        make, is_list = self._makers[name]
        scope = Scope(native, {"query": query, "context": context, "loaded": loaded}, Counter())
        if diagnostics is not None:  # the compiled function may have reported some before it failed
            prefixes = (f"{name}=", f"{name}.")
            diagnostics.unmapped = [value for value in diagnostics.unmapped if not value.startswith(prefixes)]
        try:
            value = make(name, native, scope.call, scope)
        except FieldFault as fault:
            self._report(fault.name, fault.message, native, diagnostics)
            value = [] if is_list else None
        if diagnostics is not None:
            diagnostics.unmapped += scope.unmapped.elements()
        return value

    def refuse(self, native: Any, diagnostics: Diagnostics | None) -> None:
        """Reports a record without an id.

        Raises:
            MappingError: there are no ``diagnostics``.
        """
        if diagnostics is None or not diagnostics.faults:
            self._report("id", NO_ID, native, diagnostics)

    def _report(self, name: str, message: str, native: Any, diagnostics: Diagnostics | None) -> None:
        if diagnostics is None:
            raise self.error(native, name, message)
        diagnostics.faults.append((name, message))

    def error(self, native: Any, name: str, message: str) -> MappingError:
        """The error that names the rule that failed, and its place in the mapping."""
        slug, resource, place = self._mapping.provider.slug, self._mapping.schema.name, self._mapping.place_of(name)
        text = f"{slug} {resource}: {name or 'record'}: {message} ({place})"
        return MappingError(text, provider=slug, resource=resource, field=name, place=place, remote_data=native)
