"""Drafts of providers, as the tests write and read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from truto_unify.config.yaml import load_yaml
from truto_unify.models import RESOURCES
from truto_unify.scaffold.vocabulary import read_vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from truto_unify.scaffold.project import Draft

RESOURCE: Final = "ecommerce/customers"
SCHEMA = RESOURCES[RESOURCE]
WORDS = read_vocabulary(RESOURCE)


def write_files(draft: Draft, folder: Path) -> Path:
    for name, text in draft.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def provider_file(draft: Draft) -> dict[str, Any]:
    """The content of the drafted provider file."""
    (name,) = (name for name in draft.files if name.startswith("providers/") and name.endswith(".yaml"))
    content: dict[str, Any] = load_yaml(draft.files[name], name)[0].plain()
    return content


def list_call(draft: Draft) -> Any:
    """The drafted call that lists customers."""
    return provider_file(draft)["resources"]["customers"]["list"]
