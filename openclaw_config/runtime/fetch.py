"""Fetching the inputs that a model takes as bytes and that a call gives as URLs (SL-55)."""

from __future__ import annotations

from openclaw_config.plan.model import Json, Step
from openclaw_config.plan.urls import shown
from openclaw_config.runtime.access import Access
from openclaw_config.runtime.bind import Bound
from openclaw_config.runtime.errors import ExecutionError, FailureError
from openclaw_config.runtime.exchange import Exchange
from openclaw_config.runtime.inputs import Input, mime_of
from openclaw_config.runtime.session import Session
from openclaw_config.runtime.transport import Incoming


async def with_fetched(session: Session, bound: Bound) -> Bound:
    """The call with the bytes of its inputs, before any candidate is tried.

    No header of ours goes along, and private addresses are refused. Raises ExecutionError: what
    cannot be fetched ends the call.
    """
    if not bound.fetches:
        return bound
    exchange = Exchange(session, Access())
    inputs = dict(bound.arguments.inputs)
    for kind, check in bound.fetched_kinds():
        try:
            inputs[kind] = tuple([await _fetched(exchange, one, check) for one in inputs[kind]])
        except FailureError as failure:
            raise ExecutionError(failure.message, kind=failure.kind, step=failure.step) from failure
    return bound.with_inputs(inputs)


async def _fetched(exchange: Exchange, item: Input, check: Json) -> Input:
    if not item.fetch:
        return item
    label = check["message"].replace("{url}", shown(item.url))
    step = Step("fetch", "GET", item.url, "", label=label)

    async def read(incoming: Incoming) -> Input:
        data = await exchange.read(step, incoming, check["most"])
        named = exchange.mask.line(incoming.headers.get("content-type", ""), 60)
        mime = mime_of(data) or named.partition(";")[0].strip().lower()
        if not mime.startswith(check["type"]):
            message = f"{label}: the answer is {mime or 'of no type'}, not {check['type']}"
            raise FailureError("response", message, step=step.name)
        return item._replace(data=data, mime=mime, fetch=False)

    return await exchange.fetch(step, item.url, None, check["timeoutMs"], read)
