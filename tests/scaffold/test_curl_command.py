from __future__ import annotations

import pytest

from truto_unify.errors import InvalidInput
from truto_unify.scaffold.curl_command import read_curl
from truto_unify.scaffold.native_call import NativeCall

ADDRESS = "https://api.acme.test/v1/customers"


@pytest.mark.parametrize(
    ("text", "call"),
    [
        (f"curl {ADDRESS}", NativeCall("GET", ADDRESS)),
        (f"$ curl -sS -L --compressed '{ADDRESS}?limit=5&q='", NativeCall("GET", ADDRESS, (("limit", "5"), ("q", "")))),
        ("curl api.acme.test/v1/customers/", NativeCall("GET", ADDRESS)),
        (f"curl -u key: \\\n  -XGET \\\r\n  {ADDRESS}", NativeCall("GET", ADDRESS, user=("key", ""))),
        ("curl https://me:p%40ss@api.acme.test/v1/customers", NativeCall("GET", ADDRESS, user=("me", "p@ss"))),
        (
            f"curl --url={ADDRESS} -H 'X-Key: a: b' -H$'Accept: */*' -b 'id=1'",
            NativeCall("GET", ADDRESS, headers={"X-Key": "a: b", "Accept": "*/*", "Cookie": "id=1"}),
        ),
        (
            f"curl {ADDRESS} --oauth2-bearer t -G -d limit=5 --data-urlencode 'name=Ana B'",
            NativeCall("GET", ADDRESS, (("limit", "5"), ("name", "Ana B")), {"Authorization": "Bearer t"}),
        ),
        (f"curl {ADDRESS} --json '{{\"size\": 5}}'", NativeCall("POST", ADDRESS, body={"size": 5})),
        (f"curl {ADDRESS} -d size=5 -d page=2", NativeCall("POST", ADDRESS, body={"size": "5", "page": "2"})),
    ],
)
def test_a_command_is_the_request_that_it_sends(text: str, call: NativeCall) -> None:
    assert read_curl(text) == call


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", 'the text is not a curl command: it does not begin with "curl"'),
        (f"wget {ADDRESS}", 'the text is not a curl command: it does not begin with "curl"'),
        ("curl -H 's3cret", "the curl command cannot be read: a quote has no partner"),
        ("curl -s", "the curl command cannot be read: it has no single address"),
        (f"curl {ADDRESS} {ADDRESS}", "the curl command cannot be read: it has no single address"),
        (f"curl {ADDRESS} --signed=s3cret", 'the curl command cannot be read: its option "--signed" is not known here'),
        (f"curl {ADDRESS} -Zs3cret", 'the curl command cannot be read: its option "-Z" is not known here'),
        (f"curl {ADDRESS} {'-G 1 ' * 200}", "the curl command cannot be read: it has more than 300 words"),
        ("curl " + "a" * 20_000, "the curl command cannot be read: it has more than 20,000 letters"),
        (f"curl {ADDRESS} -H", "the curl command cannot be read: an option lacks its value"),
        ("curl ftp://s3cret@acme.test/x", "the request has no address that begins with https:// and a host"),
        ("curl https://[s3cret/x", "the request has no address that begins with https:// and a host"),
    ],
)
def test_what_is_no_single_request_is_refused_without_its_secrets(text: str, fault: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_curl(text)

    assert caught.value.message.startswith(fault)
    assert "s3cret" not in caught.value.message
