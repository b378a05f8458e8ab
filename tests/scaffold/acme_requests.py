"""Requests to an invented API, Acme, and the provider file that they become."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.scaffold.drafts import SCHEMA, provider_file, write_files
from truto_unify import Registry
from truto_unify.scaffold.project import draft_project

if TYPE_CHECKING:
    from pathlib import Path

    from truto_unify.scaffold.openapi import Api

ADDRESS = "https://api.acme.test/v1/customers"
SECRET = "sk_live_0123456789abcdefghij"
ANA = {"id": "cus_1", "name": "Ana Ruiz", "email": "ana@example.test"}
BOB = {"id": "cus_2", "name": "Bob Ray", "email": "bob@example.test"}


def provider_of(api: Api, folder: Path, *samples: Any) -> dict[str, Any]:
    """The provider file of the draft, which lint finds no problem in, and no file of which holds the secret."""
    draft = draft_project("acme", SCHEMA, samples=samples, api=api)
    assert Registry(overlay=write_files(draft, folder)).problems() == []
    assert SECRET not in json.dumps(draft.files)
    return provider_file(draft)
