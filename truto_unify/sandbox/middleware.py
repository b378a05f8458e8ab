"""The door of every pretend store: note each request, answer a planted fault first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from truto_unify.sandbox.store import SeenRequest

if TYPE_CHECKING:
    from starlette.requests import Request

    from truto_unify.sandbox.store import Store


async def record_and_fault(store: Store, request: Request) -> Response | None:
    """Append the request to ``store.requests`` and take the next planted fault, if there is one.

    Call it before anything else, authentication included: a real outage does not look at credentials.

    Args:
        store: The store that was asked.
        request: What it was asked. Its body stays readable afterwards.

    Returns:
        The answer of the oldest planted fault, or None when the store should answer itself.
    """
    store.requests.append(
        SeenRequest(
            method=request.method,
            # Without the mount's prefix: a test sees the same path whether the store is mounted or alone.
            path=request.url.path.removeprefix(request.scope.get("root_path", "")),
            query=tuple(request.query_params.multi_items()),
            headers=tuple(request.headers.items()),
            body=await request.body(),
        )
    )
    if not store.faults:
        return None
    fault = store.faults.popleft()
    answer = Response(content=fault.body, status_code=fault.status)
    for name, value in fault.headers:
        answer.headers.append(name, value)
    return answer
