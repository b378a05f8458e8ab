"""The file beside a cassette: what it is, since when, until when, and the call that plays it again."""

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
        provenance: ``recorded`` (a real server answered) or ``synthetic`` (a pretend one did).
        date: the day of the recording.
        expires: the day after which the provider may have changed too much to rely on it.
        provider: slug.
        api_version: as the provider's file says; None where it says nothing.
        resource: the unified resource; None where the exchange belongs to none.
        method: ``list``, ``get`` or what else was done.
        tool: what wrote the cassette, with its version.
        server: what answered, where that is known.
        people: what became of personal data.
        account: the credentials, context and addresses that play the cassette; nothing in it is real.
        call: id and arguments of the unified call, with stand-ins in the place of people.
        error: the class of the error that the call raises, for a recorded refusal.
        accepted: findings of the scan that are none: ``{"pattern": ..., "reason": ...}``.
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
        """Whether the cassette should be recorded again."""
        return today > self.expires

    def replay_account(self) -> Account:
        """The account whose requests the cassette answers.

        Raises:
            UnsafeCassette: the cassette was not recorded by a unified call.
        """
        if self.account is None:
            raise UnsafeCassette(["the sidecar names no account: the cassette was not recorded by a unified call"])
        return Account(provider=self.provider, **self.account)


def sidecar_path(cassette: Path) -> Path:
    """Where the sidecar of a cassette is: beside it, ``list.yaml`` and ``list.about.json``."""
    return cassette.with_name(f"{cassette.name.removesuffix('.yaml')}{ENDING}")


def sidecar_text(sidecar: Sidecar) -> str:
    """The content of the file."""
    content = {name: value for name, value in asdict(sidecar).items() if value not in (None, ()) or name in _REQUIRED}
    return json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n"


def read_sidecar(cassette: Path) -> Sidecar:
    """The sidecar of a cassette.

    Raises:
        UnsafeCassette: there is none, or it lacks something.
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
