from __future__ import annotations

import pytest

from truto_unify import InvalidSetting, StorageError
from truto_unify.accounts.vault import Vault, new_key

OLD, NEW = new_key(), new_key()
VALUE = {"api_key": "s3cret-ø", "n": [1, None]}


def test_a_sealed_text_is_unreadable_and_opens_unchanged() -> None:
    sealed = Vault(OLD).seal("a/1", VALUE)

    assert Vault(OLD).unseal("a/1", sealed) == VALUE
    assert "s3cret" not in sealed
    assert sealed != Vault(OLD).seal("a/1", VALUE)


def test_the_first_key_seals_and_all_of_them_open() -> None:
    both = Vault(f" {NEW} , {OLD},")

    assert both.unseal("a/1", Vault(OLD).seal("a/1", VALUE)) == VALUE
    assert Vault(NEW).unseal("a/1", both.seal("a/1", VALUE)) == VALUE


def test_sealing_again_moves_to_the_first_key() -> None:
    sealed = Vault(f"{NEW},{OLD}").reseal("a/1", Vault(OLD).seal("a/1", VALUE))

    assert Vault(NEW).unseal("a/1", sealed) == VALUE


def test_content_of_another_row_is_refused() -> None:
    vault = Vault(OLD)

    with pytest.raises(StorageError, match="the encrypted content of a/2 belongs to another row"):
        vault.unseal("a/2", vault.seal("a/1", VALUE))


def test_a_missing_key_is_an_error_that_says_how_to_generate_it() -> None:
    for blank in ("", " ", ", ,"):
        with pytest.raises(InvalidSetting) as caught:
            Vault(blank)
        assert caught.value.message == (
            "no secret key: set TRUTO_UNIFY_SECRET_KEY; truto-unify database new-key  prints one"
        )


@pytest.mark.parametrize(
    "key", ["s3cret", "s3cret" * 8, f"{OLD[:-1]}!", "s3cret-ø"], ids=["short", "long", "altered", "letters"]
)
def test_a_malformed_key_is_not_shown(key: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        Vault(f"{OLD},{key}")

    assert caught.value.message.startswith("key 2 of TRUTO_UNIFY_SECRET_KEY is not a Fernet key")
    assert "s3cret" not in repr(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("damage", [lambda text: text[:-4] + "AAA=", lambda text: "", lambda text: text[10:]])
def test_a_wrong_key_or_damaged_text_is_an_error_without_secrets(damage: object) -> None:
    assert callable(damage)
    sealed = damage(Vault(OLD).seal("a/1", VALUE))

    with pytest.raises(InvalidSetting) as caught:
        Vault(NEW).unseal("a/1", sealed)

    assert caught.value.message == (
        "no key of TRUTO_UNIFY_SECRET_KEY decrypts a/1: add the key that encrypted it, after a comma"
    )
    assert (caught.value.status, caught.value.exit_code) == (500, 2)
