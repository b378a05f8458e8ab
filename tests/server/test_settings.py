from __future__ import annotations

import pytest

from truto_unify import InvalidSetting
from truto_unify.server.settings import ServiceSettings, cursor_key, read_settings


def test_every_setting_has_a_variable() -> None:
    environment = {"TRUTO_UNIFY_REQUEST_SECONDS": "1.5", "TRUTO_UNIFY_MAX_BODY": " 10 ", "TRUTO_UNIFY_MAX_TARGET": ""}
    assert read_settings(environment) == ServiceSettings(request_seconds=1.5, max_body=10)


@pytest.mark.parametrize("text", ["0", "-1", "ten", "1.5", "inf", "nan"])
def test_a_setting_that_is_no_number_above_zero(text: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        read_settings({"TRUTO_UNIFY_MAX_BODY": text})
    assert caught.value.message == "TRUTO_UNIFY_MAX_BODY must be a whole number above 0, for example 1048576"


@pytest.mark.parametrize("text", ["0", "inf", "nan", "x"])
def test_seconds_that_are_no_number_above_zero(text: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        read_settings({"TRUTO_UNIFY_REQUEST_SECONDS": text})
    assert caught.value.message == "TRUTO_UNIFY_REQUEST_SECONDS must be a number above 0, for example 120.0"


def test_the_first_secret_key_seals_cursors() -> None:
    assert cursor_key("a") == cursor_key(" a ,b") != cursor_key("b,a")
    assert len(cursor_key("a")) == 32


def test_a_wait_for_a_provider_has_its_own_limit() -> None:
    assert read_settings({"TRUTO_UNIFY_PROVIDER_WAIT": "2.5"}).provider_wait == 2.5
    assert read_settings({}).provider_wait == 10.0
