from __future__ import annotations

import pickle
from datetime import UTC, datetime

from tests.one_shop import SHOP, serve
from tests.twins import Twin, both
from truto_unify import Customer
from truto_unify.models.ecommerce import Email

ANA = {
    "id": 17,
    "email": "ana@example.test",
    "first_name": "Ana",
    "date_created_gmt": "2024-05-02T08:00:00",
    "billing": {"address_1": "High Street 1", "city": "Bristol"},
}
BO = {"email": "bo@example.test", "first_name": "Bo", "date_created_gmt": "2024-05-03T08:00:00"}


@both
def test_a_record_without_its_id_is_a_model_throughout(twin: type[Twin]) -> None:
    client = twin(transport=serve(ANA))

    partial = client.get(SHOP, "17", exclude_fields=["id"])

    assert type(partial) is Customer
    assert partial.emails == [Email(email="ana@example.test", type="primary", is_primary=True)]
    assert partial.created_at == datetime(2024, 5, 2, 8, tzinfo=UTC)
    assert partial.addresses[0].city == "Bristol"
    assert not hasattr(partial, "id")
    assert client.list(SHOP, exclude_fields=["id"]).result == [partial]
    assert client.iterate(SHOP, exclude_fields=["id"]) == [partial]


@both
def test_a_record_without_its_id_is_written_like_any_other_but_for_the_id(twin: type[Twin]) -> None:
    client = twin(transport=serve(ANA))
    whole, partial = client.get(SHOP, "17"), client.get(SHOP, "17", exclude_fields=["id"])

    assert partial.model_dump(mode="json") == whole.model_dump(mode="json", exclude={"id"})
    assert partial.model_dump() == whole.model_dump(exclude={"id"})
    assert pickle.loads(pickle.dumps(partial)) == partial


@both
def test_a_record_that_is_kept_raw_is_a_model_throughout(twin: type[Twin]) -> None:
    page = twin(transport=serve(ANA, BO)).list(SHOP)

    record = page.result[1]
    assert [(fault.index, fault.field) for fault in page.record_errors] == [(1, "id")]
    assert (type(record), record.id, record.emails[0].email) == (Customer, None, "bo@example.test")
    assert record.created_at == datetime(2024, 5, 3, 8, tzinfo=UTC)
    assert record.remote_data == BO
    assert record.model_dump(mode="json")["created_at"] == "2024-05-03T08:00:00Z"
