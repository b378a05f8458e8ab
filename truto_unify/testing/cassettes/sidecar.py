"""Reads and writes the file beside a cassette: its provenance, its dates, and the call that replays it."""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from truto_unify.testing.cassettes.errors import UnsafeCassette
from truto_unify.testing.provenance import PROVENANCES
from truto_unify.types import Account

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from truto_unify.testing.provenance import Provenance

ENDING = ".about.json"
_REQUIRED = ("provenance", "date", "expires", "provider", "api_version", "resource", "method", "tool")


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What is known about a cassette.

    Attributes:
        provenance: ``recorded`` (a real server answered) or ``synthetic`` (a pretend server answered).
        date: the day of the recording.
        expires: the day after which the provider may have changed too much to rely on it.
        provider: slug.
        api_version: the API version in the provider's file; None if absent.
        resource: the unified resource; None if the exchange belongs to no resource.
        method: ``list`` or ``get``; another word for another call.
        tool: the tool that wrote the cassette, with its version.
        server: the software that answered; None if unknown.
        people: the treatment of personal data, in prose; None if unknown.
        account: the invented credentials, context and addresses that replay the cassette; None without a unified call.
        call: id and arguments of the unified call, with pseudonyms in place of people.
        error: the class of the error that the call raises; None if it succeeds.
        accepted: texts that the scan need not report: ``{"pattern": ..., "reason": ...}``.
    """

    provenance: Provenance
    date: datetime.date
    expires: datetime.date
    provider: str
    api_version: str | None
    resource: str | None
    method: str
    tool: str
    server: str | None = None
    people: str | None = None
    account: Mapping[str, Any] | None = None
    call: Mapping[str, Any] | None = None
    error: str | None = None
    accepted: tuple[Mapping[str, str], ...] = field(default=())

    def is_expired(self, today: datetime.date) -> bool:
        """Whether the cassette is too old on this day."""
        return today > self.expires

    def replay_account(self) -> Account:
        """The account that replays the cassette.

        Raises:
            UnsafeCassette: the cassette was not recorded by a unified call.
        """
        if self.account is None:
            raise UnsafeCassette(["the sidecar names no account: the cassette was not recorded by a unified call"])
        return Account(provider=self.provider, **self.account)


def sidecar_path(cassette: Path) -> Path:
    """The path of a cassette's sidecar, as ``list.about.json`` for ``list.yaml``."""
    return cassette.with_name(f"{cassette.name.removesuffix('.yaml')}{ENDING}")


def sidecar_text(sidecar: Sidecar) -> str:
    """The content of the file."""
    content = {name: value for name, value in asdict(sidecar).items() if value not in (None, ()) or name in _REQUIRED}
    return json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n"


def read_sidecar(cassette: Path) -> Sidecar:
    """The sidecar of a cassette.

    Raises:
        UnsafeCassette: there is no sidecar, or it has a fault.
    """
    file = sidecar_path(cassette)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnsafeCassette([f"{cassette}: no sidecar; {file.name} must say where the cassette comes from"]) from None
    except ValueError:
        raise UnsafeCassette([f"{file}: not JSON"]) from None
    if not isinstance(content, dict):
        raise UnsafeCassette([f"{file}: not a JSON object"])
    faults = [f'{file}: "{name}" is missing' for name in _REQUIRED if name not in content]
    faults += [f'{file}: unknown key "{name}"' for name in content if name not in Sidecar.__dataclass_fields__]
    if content.get("provenance") not in PROVENANCES:
        faults.append(f'{file}: "provenance" must be recorded or synthetic')
    days: dict[str, datetime.date] = {}
    for name in ("date", "expires"):
        try:
            days[name] = datetime.date.fromisoformat(str(content.get(name)))
        except ValueError:
            faults.append(f'{file}: "{name}" must be a day, as 2026-11-24')
    if faults:
        raise UnsafeCassette(faults)
    return Sidecar(**{**content, **days, "accepted": tuple(content.get("accepted", ()))})
