"""The error of a cassette that must not be written, or must not stay as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from truto_unify.errors import UnifyError

if TYPE_CHECKING:
    from collections.abc import Sequence


class UnsafeCassette(UnifyError):
    """A cassette holds, or would hold, what must not be published. The message names places and never a value.

    Attributes:
        findings: one text for each place.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, findings: Sequence[str]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(self.findings))
