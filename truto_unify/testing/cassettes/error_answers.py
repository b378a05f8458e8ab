"""Tells the error answers of a provider from others, and the texts that its error rules look for.

An error may come with HTTP 200.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from truto_unify.config.authorization import TokenAuthorization
from truto_unify.expressions import EvaluationError, is_true
from truto_unify.inspection.reading import reads_of_expression
from truto_unify.testing.cassettes.keep_list import literals_of
from truto_unify.testing.exchanges import parse_body

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.config.error_rules import ErrorRules
    from truto_unify.config.provider import ProviderConfig

_MIN_PHRASE_LETTERS = 3
"""A shorter text occurs by chance."""


class ErrorAnswers:
    """The error answers of a provider.

    Args:
        config: the provider's file; None if unknown.
    """

    def __init__(self, config: ProviderConfig | None = None) -> None:
        self._config = config

    def is_error(self, text: str) -> bool:
        """Whether a body with a status of success is an error, of the API or of its login."""
        expressions = [rules.error_when for rules in self._rules() if rules.error_when is not None]
        body = parse_body(text) if expressions else None
        try:
            return body is not None and any(is_true(expression, body) for expression in expressions)
        except EvaluationError:
            return False

    @cached_property
    def messages(self) -> frozenset[tuple[str, ...]]:
        """The paths of messages, and the paths that the error rules of the provider read."""
        rules = [*self._rules()]
        expressions = [text for group in rules for text in group.message]
        expressions += [rule.when for group in rules for rule in group.rules if rule.when is not None]
        return frozenset(path for reads in map(reads_of_expression, expressions) for path in reads.values | reads.tests)

    @cached_property
    def phrases(self) -> re.Pattern[str]:
        """A pattern, as a single group, of the texts that the error rules look for in a message; they stay there."""
        conditions = [rule.when for rules in self._rules() for rule in rules.rules if rule.when is not None]
        texts = {
            text for condition in conditions for text in literals_of(condition.text) if len(text) >= _MIN_PHRASE_LETTERS
        }
        longest = sorted(texts, key=lambda text: (-len(text), text))
        return re.compile(f"({'|'.join(map(re.escape, longest)) or '(?!)'})", re.IGNORECASE)

    def _rules(self) -> Iterator[ErrorRules | TokenAuthorization]:
        if self._config is not None:
            yield self._config.errors
            yield from (scheme for scheme in self._config.authorization if isinstance(scheme, TokenAuthorization))
