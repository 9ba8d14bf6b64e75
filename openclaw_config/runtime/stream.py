"""Reading a chat's stream: server-sent events in OpenAI's form."""

from __future__ import annotations

import json
from codecs import getincrementaldecoder
from collections.abc import AsyncIterator, Iterator
from io import IncrementalNewlineDecoder
from typing import Any

from openclaw_config.plan.model import Json, Step
from openclaw_config.runtime.errors import FailureError, FailureKind, TransportError
from openclaw_config.runtime.events import Delta
from openclaw_config.runtime.exchange import MOST_ERROR, Exchange, client_text_of, failure_message
from openclaw_config.runtime.results import ChatAnswer
from openclaw_config.runtime.transport import Clock, Incoming
from openclaw_config.runtime.values import json_of, well_formed

MOST_EVENT = 4 * 1024 * 1024
"""The longest single event, in bytes."""
MOST_STREAM = 64 * 1024 * 1024
"""The longest answer in all, in bytes."""

MOST_STRAY = 100
"""How many lines are kept of an answer that is no stream, to show what it is."""

_DONE = "[DONE]"
_WITHOUT_BODY = frozenset({204, 205})


async def read_answer(
    step: Step, result: Json, incoming: Incoming, exchange: Exchange, idle_ms: int
) -> tuple[ChatAnswer, str]:
    """The answer that a stream gives, and the model that it says it is from or "".

    ``result`` is the plan's. ``idle_ms`` bounds each silence. Raises FailureError.
    """
    gathered = ChatAccumulator(step, result, exchange)
    if incoming.status in _WITHOUT_BODY:
        text = "Attempted to iterate over a response with no body"
        raise gathered.failure("the answer has no body", client_text=text)
    try:
        lines = _lines(step, _pieces(step, incoming, exchange.clock, idle_ms))
        async for data in _events(step, lines, gathered.stray):
            if data == _DONE:
                break
            gathered.take(data)
    except TransportError as error:
        kind: FailureKind = "timeout" if error.kind == "timeout" else "network"
        raise FailureError(kind, f"{step.name}: {error.message}", step=step.name) from error
    return gathered.answer(incoming.status), gathered.model


async def _events(step: Step, lines: AsyncIterator[str], stray: list[str]) -> AsyncIterator[str]:
    """The data of each event. The first lines that are of no event go to ``stray``."""
    data: list[str] = []
    size = 0
    async for line in lines:
        size = size + len(line) if line else 0
        if size > MOST_EVENT:
            raise FailureError("too-large", f"{step.name}: an event is too long", step=step.name)
        if not line:
            if data:
                yield "\n".join(data)
            data = []
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line.startswith((":", "event:", "id:", "retry:")) and len(stray) < MOST_STRAY:
            stray.append(line[:MOST_ERROR])
    if data:
        yield "\n".join(data)


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
                "timeout", f"{step.name}: silence for {idle_ms} ms", step=step.name
            ) from late
        if piece is None:
            return
        size += len(piece)
        if size > MOST_STREAM:
            raise FailureError("too-large", f"{step.name}: the answer is too long", step=step.name)
        yield piece


async def _lines(step: Step, pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """The lines of the body, without their ends and without a byte order mark."""
    # A carriage return at the end of a piece may be half of a line end: it waits for the next one.
    decoder = IncrementalNewlineDecoder(getincrementaldecoder("utf-8")("replace"), translate=True)
    # Pieces of an unfinished line are kept apart: joining each to the rest takes quadratic time.
    rest: list[str] = []
    size = 0
    mark = "\ufeff"
    async for piece in pieces:
        text = decoder.decode(piece)
        if mark and text:
            text, mark = text.removeprefix(mark), ""
        first, *more = text.split("\n")
        rest.append(first)
        size += len(first)
        if size > MOST_EVENT:
            raise FailureError("too-large", f"{step.name}: an event is too long", step.name)
        if more:
            yield "".join(rest)
            rest = [more.pop()]
            size = len(rest[0])
        for line in more:
            yield line
    last = "".join(rest) + decoder.decode(b"", final=True).removesuffix("\n")
    if last:
        yield last


class _Text:
    """A text that comes in pieces; half of a surrogate pair waits for its other half."""

    def __init__(self) -> None:
        self._half = ""
        self._pieces: list[str] = []

    def take(self, piece: str) -> str:
        """Take a piece in; gives what can be shown of it."""
        piece = self._half + piece
        self._half = piece[-1] if "\ud800" <= piece[-1:] <= "\udbff" else ""
        whole: str = well_formed(piece[: len(piece) - len(self._half)])
        self._pieces.append(whole)
        return whole

    def end(self) -> str:
        """The whole text."""
        self._pieces.append(well_formed(self._half))
        self._half = ""
        return "".join(self._pieces)


class _ToolCall:
    """A tool call that comes in pieces."""

    def __init__(self) -> None:
        self.identifier = ""
        self.name = ""
        self.arguments = _Text()

    def take(self, call: dict[str, Any]) -> None:
        """Take a piece in."""
        function = call.get("function")
        named = function if isinstance(function, dict) else {}
        self.identifier = _text(call.get("id")) or self.identifier
        self.name = _text(named.get("name")) or self.name
        self.arguments.take(_text(named.get("arguments")))

    def end(self) -> dict[str, str]:
        """The whole call."""
        arguments = self.arguments.end()
        return {"id": self.identifier, "name": self.name, "arguments": arguments}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """The objects of a list; nothing of what is no list."""
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item


_LISTS = ("images", "reasoning_details", "annotations")
"""What an answer has in lists, whose items come one by one."""


class ChatAccumulator:
    """What a stream said so far: of the first choice, where there are several."""

    def __init__(self, step: Step, result: Json, exchange: Exchange) -> None:
        self._step = step
        self._result = result
        self._tell = exchange.tell
        self._mask = exchange.mask
        self._texts = {"text": _Text(), "reasoning": _Text()}
        self._refusal = _Text()
        self._lists: dict[str, list[Any]] = {name: [] for name in _LISTS}
        self._calls: dict[int, _ToolCall] = {}
        self._finish = ""
        self._usage: Any = None
        self.model = ""
        self.stray: list[str] = []

    def take(self, data: str) -> None:
        """Take an event in. Raises FailureError."""
        chunk = json_of(data, whole=False)
        if chunk is None and data.strip() != "null":
            raise self.failure("an event is not JSON", client_text=_syntax_error(data))
        if not isinstance(chunk, dict):
            return
        if chunk.get("error"):
            raise self._said(chunk)
        self.model = self.model or self._mask.text(well_formed(_text(chunk.get("model"))))
        self._usage = chunk.get("usage") or self._usage
        choices = _objects(chunk.get("choices"))
        choice = next((one for one in choices if one.get("index") in (0, None)), {})
        delta = choice.get("delta")
        if isinstance(delta, dict):
            self._take_delta(delta)
        self._finish = _text(choice.get("finish_reason")) or self._finish

    def _take_delta(self, delta: dict[str, Any]) -> None:
        content = delta.get("content")
        self._say("text", _text(content))
        for part in _objects(content):
            self._say("text", _text(part.get("text")))
            if part.get("type") == "image_url":
                self._lists["images"].append(part)
        thoughts = (_text(delta.get(name)) for name in self._result["reasoning"])
        self._say("reasoning", next(filter(None, thoughts), ""))
        self._refusal.take(_text(delta.get("refusal")))
        for name, found in self._lists.items():
            found.extend(_objects(delta.get(name)))
        for call in _objects(delta.get("tool_calls")):
            index = call.get("index")
            number = index if isinstance(index, int) else len(self._calls)
            self._calls.setdefault(number, _ToolCall()).take(call)

    def _say(self, kind: str, piece: str) -> None:
        text = self._texts[kind].take(piece) if piece else ""
        if text:
            self._tell(Delta(kind, text))

    def _said(self, chunk: dict[str, Any]) -> FailureError:
        """The failure that a stream reports in its midst."""
        error = chunk["error"]
        code = error.get("code") if isinstance(error, dict) else None
        status = code if isinstance(code, int) and 400 <= code < 600 else 0
        label, body = self._step.label or self._step.name, json.dumps(chunk).encode()
        message = failure_message(label, status, body, {}, self._mask)
        kind: FailureKind = "http" if status else "response"
        text = self._mask.text(client_text_of(0, body))
        return FailureError(kind, message, step=self._step.name, status=status, client_text=text)

    def answer(self, status: int) -> ChatAnswer:
        """The whole answer; a stream that is cut off is one (SL-22). Raises FailureError."""
        reason = self._result["stopReasons"].get(self._finish or "stop")
        if reason is None:
            said = self._mask.line(self._finish, 40)
            text = f"Provider finish_reason: {self._mask.text(self._finish)}"
            raise self.failure(f"the model stopped: {said}", client_text=text)
        text = self._texts["text"].end()
        refusal = self._refusal.end()
        if not (text.strip() or self._calls or refusal or self._lists["images"]):
            raise self._nothing(status, reason)
        return ChatAnswer(
            text,
            reason,
            self._texts["reasoning"].end(),
            tuple(self._calls[number].end() for number in sorted(self._calls)),
            self._mask.json(well_formed(self._usage)),
            refusal,
            **{name: tuple(well_formed(items)) for name, items in self._lists.items()},
        )

    def _nothing(self, status: int, reason: str) -> FailureError:
        """The failure of an answer without a word (SL-24); what came in its place is shown."""
        if self._texts["reasoning"].end():
            return self.failure("the answer has nothing but reasoning", empty="reasoning")
        if not self.stray:
            empty = "unfinished" if reason == "toolUse" else "nothing"
            return self.failure("the answer is empty", empty=empty)
        body = "\n".join(self.stray).encode()
        label = "the answer is no stream of events"
        return self.failure(failure_message(label, status, body, {}, self._mask), empty="nothing")

    def failure(self, message: str, *, client_text: str = "", empty: str = "") -> FailureError:
        """A failure of the answer itself."""
        return FailureError(
            "response",
            f"{self._step.name}: {message}",
            step=self._step.name,
            client_text=client_text,
            empty=empty,
        )


def _syntax_error(data: str) -> str:
    """Of JavaScript's words for broken JSON those that mean something to OpenClaw."""
    try:
        json.loads(data)
    except (ValueError, RecursionError) as error:
        if "Unterminated" in str(error):
            return "Unterminated string in JSON"
    return "Unexpected token in JSON"
