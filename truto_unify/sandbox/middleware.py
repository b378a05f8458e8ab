"""The middleware of every pretend store: records each request and answers with planned failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from truto_unify.sandbox.store import SeenRequest

if TYPE_CHECKING:
    from starlette.requests import Request

    from truto_unify.sandbox.store import Store


async def record_or_fail(store: Store, request: Request) -> Response | None:
    """Append the request to ``store.requests`` and take the next planned failure, if there is one.

    Call it before everything else, including authentication: a real outage does not check credentials.

    Args:
        store: The store that received the request.
        request: The request. Its body stays readable afterwards.

    Returns:
        The answer of the oldest planned failure; None if there is none.
    """
    store.requests.append(
        SeenRequest(
            method=request.method,
            # Without the mount's prefix: a test sees the same path if the store is mounted or stands alone.
            path=request.url.path.removeprefix(request.scope.get("root_path", "")),
            query=tuple(request.query_params.multi_items()),
            headers=tuple(request.headers.items()),
            body=await request.body(),
        )
    )
    if not store.failures:
        return None
    failure = store.failures.popleft()
    answer = Response(content=failure.body, status_code=failure.status)
    for name, value in failure.headers:
        answer.headers.append(name, value)
    return answer
