"""Reading a chat's stream: server-sent events in OpenAI's form."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from openclaw_config.plan.model import Step
from openclaw_config.runtime import http_errors
from openclaw_config.runtime.clock import Clock
from openclaw_config.runtime.errors import (
    HTTP,
    NETWORK,
    RESPONSE,
    TIMEOUT,
    TOO_LARGE,
    FailureError,
)
from openclaw_config.runtime.events import Delta, Listener
from openclaw_config.runtime.results import ChatAnswer
from openclaw_config.runtime.transport import Incoming, TransportError

MOST_EVENT = 4 * 1024 * 1024
"""The longest single event, in bytes."""
MOST_STREAM = 64 * 1024 * 1024
"""The longest answer in all, in bytes."""

_DONE = "[DONE]"
_STOP_REASONS = {"stop": "stop", "length": "length", "tool_calls": "toolUse",
                 "function_call": "toolUse", "end": "stop"}  # fmt: skip
_REASONING = ("reasoning_content", "reasoning", "reasoning_text")
"""Where providers put a model's thoughts; the first that a piece has counts."""


async def read_answer(
    step: Step, incoming: Incoming, clock: Clock, idle_ms: int, tell: Listener
) -> tuple[ChatAnswer, str]:
    """The answer that a stream gives, and the model that it says it is from or "".

    ``idle_ms`` bounds each silence. Raises FailureError.
    """
    gathered = _Gathered(step, tell)
    try:
        if "json" in incoming.headers.get("content-type", ""):
            raise await _json_instead(step, incoming, clock, idle_ms)
        async for data in _events(step, incoming, clock, idle_ms):
            if data == _DONE:
                gathered.done = True
                break
            gathered.take(data)
    except TransportError as error:
        kind = TIMEOUT if error.kind == TIMEOUT else NETWORK
        raise FailureError(kind, f"{step.name}: {error.message}", step=step.name) from error
    return gathered.answer(), gathered.model


async def _json_instead(step: Step, incoming: Incoming, clock: Clock, idle_ms: int) -> FailureError:
    """The failure of an answer that is one JSON object, which tells why there is no stream."""
    body = b""
    async for piece in _pieces(step, incoming, clock, idle_ms):
        body += piece
        if len(body) >= http_errors.MOST_BYTES:
            break
    return _not_a_stream(step, incoming, body[: http_errors.MOST_BYTES])


async def _events(step: Step, incoming: Incoming, clock: Clock, idle_ms: int) -> AsyncIterator[str]:
    """The data of each event."""
    data: list[str] = []
    size = 0
    async for line in _lines(step, incoming, clock, idle_ms):
        size = size + len(line) if line else 0
        if size > MOST_EVENT:
            raise FailureError(TOO_LARGE, f"{step.name}: an event is too long", step=step.name)
        if not line:
            if data:
                yield "\n".join(data)
            data = []
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line.startswith((":", "event:", "id:", "retry:")) and not data:
            raise _not_a_stream(step, incoming, line.encode())
    if data:
        yield "\n".join(data)


def _not_a_stream(step: Step, incoming: Incoming, body: bytes) -> FailureError:
    """An answer that is no stream; where it is a JSON error, its text is told."""
    told, _ = http_errors.message(
        f"{step.name}: the answer is no stream of events", incoming.status, body, {}
    )
    return FailureError(RESPONSE, told, step=step.name)


async def _pieces(
    step: Step, incoming: Incoming, clock: Clock, idle_ms: int
) -> AsyncIterator[bytes]:
    """The body's pieces, no silence among them longer than ``idle_ms``."""
    pieces = incoming.chunks()
    size = 0
    while True:
        try:
            async with clock.limit(idle_ms / 1000 or None):
                piece = await anext(pieces, None)
        except TimeoutError as late:
            raise FailureError(
                TIMEOUT, f"{step.name}: silence for {idle_ms} ms", step=step.name
            ) from late
        if piece is None:
            return
        size += len(piece)
        if size > MOST_STREAM:
            raise FailureError(TOO_LARGE, f"{step.name}: the answer is too long", step=step.name)
        yield piece


async def _lines(step: Step, incoming: Incoming, clock: Clock, idle_ms: int) -> AsyncIterator[str]:
    rest = b""
    async for piece in _pieces(step, incoming, clock, idle_ms):
        rest += piece
        if len(rest) > MOST_EVENT:
            raise FailureError(TOO_LARGE, f"{step.name}: an event is too long", step=step.name)
        complete, rest = _complete(rest)
        for line in complete:
            yield line.decode("utf-8", "replace")
    for line in rest.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        if line:
            yield line.decode("utf-8", "replace")


def _complete(data: bytes) -> tuple[list[bytes], bytes]:
    """The lines that are complete, and what is left over."""
    # A carriage return at the end may be half of a line end: it waits for the next piece.
    held = b""
    if data.endswith(b"\r"):
        data, held = data[:-1], b"\r"
    *lines, rest = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return lines, rest + held


class _Gathered:
    """What a stream said so far."""

    __slots__ = (
        "_calls", "_finish", "_reasoning", "_step", "_tell", "_text", "_usage", "done", "model",
    )  # fmt: skip

    def __init__(self, step: Step, tell: Listener) -> None:
        self._step = step
        self._tell = tell
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: dict[int, dict[str, str]] = {}
        self._finish = ""
        self._usage: Any = None
        self.done = False
        self.model = ""

    def take(self, data: str) -> None:
        """Take an event in. Raises FailureError."""
        try:
            chunk = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise self._failure(RESPONSE, "an event is not JSON") from error
        if not isinstance(chunk, dict):
            raise self._failure(RESPONSE, "an event is not a JSON object")
        if chunk.get("error"):
            raise self._said(chunk)
        if isinstance(chunk.get("model"), str):
            self.model = self.model or chunk["model"]
        self._usage = chunk.get("usage") or self._usage
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return
        delta = choice.get("delta")
        if isinstance(delta, dict):
            self._take_delta(delta)
        finish = choice.get("finish_reason")
        if isinstance(finish, str) and finish:
            self._finish = finish

    def _take_delta(self, delta: dict[str, Any]) -> None:
        text = delta.get("content")
        if isinstance(text, str) and text:
            self._text.append(text)
            self._tell(Delta("text", text))
        for name in _REASONING:
            thought = delta.get(name)
            if isinstance(thought, str) and thought:
                self._reasoning.append(thought)
                self._tell(Delta("reasoning", thought))
                break
        for call in delta.get("tool_calls") or ():
            if isinstance(call, dict):
                self._take_call(call)

    def _take_call(self, call: dict[str, Any]) -> None:
        index = call.get("index")
        number = index if isinstance(index, int) else len(self._calls)
        held = self._calls.setdefault(number, {"id": "", "name": "", "arguments": ""})
        function = call.get("function")
        named = function if isinstance(function, dict) else {}
        for key, value in (("id", call.get("id")), ("name", named.get("name"))):
            if isinstance(value, str) and value:
                held[key] = value
        if isinstance(named.get("arguments"), str):
            held["arguments"] += named["arguments"]

    def _said(self, chunk: dict[str, Any]) -> FailureError:
        """The failure that a stream tells of in its midst."""
        error = chunk["error"]
        code = error.get("code") if isinstance(error, dict) else None
        status = code if isinstance(code, int) and 400 <= code < 600 else 0
        told, request_id = http_errors.message(
            self._step.label or self._step.name, status, json.dumps(chunk).encode(), {}
        )
        return FailureError(
            HTTP if status else RESPONSE,
            told,
            step=self._step.name,
            status=status,
            request_id=request_id,
        )

    def answer(self) -> ChatAnswer:
        """The whole answer. Raises FailureError when it is not one."""
        if not self._finish and not self.done:
            raise self._failure(NETWORK, "the answer ends before it is complete")
        reason = _STOP_REASONS.get(self._finish or "stop")
        if reason is None:
            raise self._failure(RESPONSE, f"the model stopped: {self._finish[:40]}")
        return ChatAnswer(
            "".join(self._text),
            reason,
            "".join(self._reasoning),
            tuple(self._calls[number] for number in sorted(self._calls)),
            self._usage,
        )

    def _failure(self, kind: str, message: str) -> FailureError:
        return FailureError(kind, f"{self._step.name}: {message}", step=self._step.name)
