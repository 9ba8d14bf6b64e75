"""Reading a stream of a chat or a recording: server-sent events, put together to an answer.

``schema/chat-forms.json`` has the events of each form of chat, and at which pointers they say what
(docs/plan.md, "Results").
"""

from __future__ import annotations

import json
from codecs import getincrementaldecoder
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from io import IncrementalNewlineDecoder
from typing import Any

from openclaw_config.plan.model import Json, Step
from openclaw_config.plan.values import every_at, first_at, json_of, parsed, stringify, well_formed
from openclaw_config.runtime.conversations import shapes_of
from openclaw_config.runtime.errors import FailureError, failed
from openclaw_config.runtime.events import Delta, Received
from openclaw_config.runtime.exchange import MOST_ERROR, Exchange, client_text_of
from openclaw_config.runtime.results import ChatAnswer, joined
from openclaw_config.runtime.transport import Incoming

MOST_EVENT = 4 * 1024 * 1024
"""The longest single event, in characters."""
MOST_STREAM = 64 * 1024 * 1024
"""The longest answer in all, in bytes."""

MOST_STRAY = 100
"""How many lines are kept of an answer that is no stream, to show what it is."""

_DONE = "[DONE]"


async def read_recording(
    step: Step, result: Json, incoming: Incoming, exchange: Exchange
) -> tuple[bytes, str]:
    """The recording that a stream gives in pieces, and the words in it (MUS-30).

    ``result`` is the plan's. Raises FailureError.
    """
    most = int(result["most"])
    found: dict[str, list[str]] = {"data": [], "words": []}
    size, unfinished = 0, True
    pieces = exchange.pieces(step, incoming, max(MOST_STREAM, most * 4), final=True)
    async for data in _events(_lines(step, pieces, max(MOST_EVENT, most * 2)), []):
        if data == _DONE:
            unfinished = False
            break
        event = json_of(data)
        if not isinstance(event, dict):
            raise failed(step, "response", "an event is not a JSON object")
        if event.get("error") is not None:
            raise failed(step, "response", exchange.detail(data))
        for name, texts in found.items():
            texts.append(as_text(first_at(event, result[name])))
        size += len(found["data"][-1])
        if size > most * 4 // 3 + 4:  # Base64 is longer than what it holds.
            raise failed(step, "too-large", "the recording is too large", final=True)
        exchange.tell(Received(step.name, size * 3 // 4, 0))
    encoded = "".join(found["data"])
    recording = joined(encoded)
    if unfinished or not recording:
        problem = "unfinished" if unfinished else "malformed" if encoded else "missing"
        raise FailureError("response", result[problem], step=step.name)
    return recording, well_formed("".join(found["words"]).strip())


async def _events(lines: AsyncIterator[str], stray: list[str]) -> AsyncIterator[str]:
    """The data of each event. The first lines that are of no event go to ``stray``."""
    data: list[str] = []
    async for line in lines:
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line:
            if data:
                yield "\n".join(data)
            data = []
        elif not line.startswith((":", "event:", "id:", "retry:")) and len(stray) < MOST_STRAY:
            stray.append(line[:MOST_ERROR])


async def _lines(step: Step, pieces: AsyncIterator[bytes], most: int) -> AsyncIterator[str]:
    """The lines of the body, without their ends and a byte order mark; an empty one at the end.

    ``most`` is the longest event in characters.
    """
    # A carriage return at the end of a piece may be half of a line end: it waits for the next one.
    text = getincrementaldecoder("utf-8-sig")("replace")
    decoder = IncrementalNewlineDecoder(text, translate=True)
    # Pieces of an unfinished line are kept apart: joining each to the rest takes quadratic time.
    rest: list[str] = []
    size = 0
    async for piece in pieces:
        *ends, last = decoder.decode(piece).split("\n")
        for end in ends:
            line = "".join((*rest, end))
            rest = []
            size = size + len(end) if line else 0
            yield line
        rest.append(last)
        size += len(last)
        if size > most:
            raise failed(step, "too-large", "an event is too long")
    yield "".join(rest) + decoder.decode(b"", final=True).removesuffix("\n")
    yield ""


# --- a chat's answer ---------------------------------------------------------------------------


Event = Mapping[str, Any]


def as_text(value: Any) -> str:
    """A value that is a text, "" for any other."""
    return value if isinstance(value, str) else ""


def _at(value: Event, row: Json, member: str) -> Any:
    """What stands where a member of a row says, None without one."""
    return first_at(value, row[member]) if member in row else None


def failure_of(event: Event) -> Json:
    """The error that an event reports, None when it reports none."""
    if event.get("error"):
        return event["error"]
    kind = event.get("type")
    if kind == "error":
        return {"message": f"Error Code {event.get('code')}: {as_text(event.get('message'))}"}
    if kind == "response.failed":
        code, said = (first_at(event, f"/response/error/{name}") for name in ("code", "message"))
        if code or said:
            return {"message": f"{code or 'unknown'}: {said or 'no message'}"}
        reason = first_at(event, "/response/incomplete_details/reason")
        return {"message": f"incomplete: {reason or 'unknown'}"}
    return None


@dataclass(eq=False, repr=False)
class ChatAccumulator:
    """What a stream said so far: of the first choice, where there are several.

    ``result`` is the plan's.
    """

    step: Step
    result: Json
    exchange: Exchange
    model: str = ""
    stray: list[str] = field(default_factory=list)
    _texts: dict[str, list[str]] = field(default_factory=lambda: {"text": []})
    _lists: dict[str, list[Any]] = field(default_factory=dict)
    _calls: dict[int, dict[str, Any]] = field(default_factory=dict)
    _finish: str = ""
    _usage: Any = None

    def __post_init__(self) -> None:
        # Half of a surrogate pair is shown when its other half comes, so it waits in here.
        joining = getincrementaldecoder("utf-16-le")
        self._shown = {"text": joining("replace"), "reasoning": joining("replace")}

    async def read(self, incoming: Incoming) -> tuple[ChatAnswer, str]:
        """The answer that a stream gives, and the model that it says it is from or "".

        Raises FailureError.
        """
        if incoming.status in (204, 205):
            text = "Attempted to iterate over a response with no body"
            raise failed(self.step, "response", "the answer has no body", client_text=text)
        pieces = self.exchange.pieces(self.step, incoming, MOST_STREAM)
        lines = _lines(self.step, pieces, MOST_EVENT)
        by_line = self.result.get("form") == "ollama"
        async for data in lines if by_line else _events(lines, self.stray):
            if data == _DONE:
                break
            if data or not by_line:
                self.take(data)
        return self.answer(), self.exchange.mask.text(well_formed(self.model))

    def take(self, data: str) -> None:
        """Take an event in. Raises FailureError."""
        try:
            chunk = parsed(data)
        except (ValueError, RecursionError) as error:
            # Of JavaScript's words for broken JSON those that mean something to OpenClaw.
            word = "Unterminated string" if "Unterminated" in str(error) else "Unexpected token"
            message, text = "an event is not JSON", f"{word} in JSON"
            raise failed(self.step, "response", message, client_text=text) from error
        if not isinstance(chunk, dict):
            return
        reported = failure_of(chunk)
        if reported is not None:
            raise self._said(reported)
        self.model = self.model or as_text(chunk.get("model"))
        rows = shapes_of(self.result)["events"]
        if isinstance(rows, dict):
            rows = rows.get(as_text(chunk.get("type")), ())
        self._take_in(chunk, rows)

    def _take_in(self, value: Any, rows: list[Json]) -> None:
        """Take in what rows say of an event, or of objects in it."""
        for row in rows:
            when, unless = row.get("when", {}).items(), row.get("unless", {}).items()
            for one in every_at(value, row.get("each", "")):
                if (
                    isinstance(one, dict)
                    and all(first_at(one, at) in wanted for at, wanted in when)
                    and not any(first_at(one, at) in never for at, never in unless)
                ):
                    self._take_row(one, row)

    def _take_row(self, value: Event, row: Json) -> None:
        """Take in what a row says of an object."""
        self._take_in(value, row.get("rows", ()))
        for kind in (one for one in ("text", "reasoning", "refusal") if one in row):
            self._say(kind, as_text(first_at(value, row[kind])))
        if "thoughts" in row:
            places = (f"{row['thoughts']}/{name}" for name in self.result.get("reasoning", ()))
            texts = (as_text(first_at(value, place)) for place in places)
            self._say("reasoning", next(filter(None, texts), ""))
        for name, place in row.get("keep", {}).items():
            kept = [one for one in every_at(value, place) if isinstance(one, dict)]
            self._lists.setdefault(name, []).extend(kept)
        if "call" in row:
            self._take_call(value, row["call"])
        used = _at(value, row, "usage")
        if isinstance(used, dict):
            counted = {name: used[name] for name in row.get("counts", used) if name in used}
            self._usage = {**(self._usage or {}), **counted}
        self._finish = as_text(_at(value, row, "finish")) or self._finish
        self.model = self.model or as_text(_at(value, row, "model"))

    def _take_call(self, value: Event, row: Json) -> None:
        """Take in a piece of a tool's call, or, where it comes so, the ``whole`` of it."""
        ids = (as_text(first_at(value, place)) for place in row.get("id", ()))
        count, number = len(self._calls), _at(value, row, "number")
        made = f"call_{count + 1}" if "whole" in row else ""
        given = _at(value, row, "arguments") or ({} if "whole" in row else "")
        number = number if isinstance(number, int) else count
        call = self._calls.setdefault(number, {"id": "", "name": "", "arguments": []})
        call["id"] = "|".join(filter(None, ids)) or made or call["id"]
        call["name"] = as_text(_at(value, row, "name")) or call["name"]
        call["arguments"].append(given if isinstance(given, str) else stringify(given))

    def _say(self, kind: str, piece: str) -> None:
        """Take in a piece of the ``text``, the ``reasoning`` or the ``refusal``, and show it."""
        self._texts.setdefault(kind, []).append(piece)
        if kind in self._shown:
            text = self._shown[kind].decode(piece.encode("utf-16-le", "surrogatepass"))
            if text:
                self.exchange.tell(Delta(kind, text))

    def _said(self, error: Json) -> FailureError:
        """The failure that a stream reports in its midst."""
        code = error.get("code") if isinstance(error, dict) else None
        status = code if isinstance(code, int) and 400 <= code < 600 else 0
        body = json.dumps({"error": error}).encode()
        failure = self.exchange.failure(self.step, status, body, {})
        failure.client_text = client_text_of(0, body)
        return failure

    def answer(self) -> ChatAnswer:
        """The whole answer; a stream that is cut off is one (SL-22). Raises FailureError."""
        reason = self.result["stopReasons"].get(self._finish or "stop")
        if reason is None:
            said = f"the model stopped: {self.exchange.mask.line(self._finish, 40)}"
            text = f"Provider finish_reason: {self._finish}"
            raise failed(self.step, "response", said, client_text=text)
        if self._calls and self.result.get("form"):
            reason = "toolUse"  # The other forms than OpenAI's do not all say so.
        calls = (call for _, call in sorted(self._calls.items()))
        parts: dict[str, Any] = {
            **{kind: "".join(pieces) for kind, pieces in self._texts.items()},
            **{name: tuple(items) for name, items in self._lists.items()},
            "tool_calls": tuple({**one, "arguments": "".join(one["arguments"])} for one in calls),
            "usage": self.exchange.mask.json(self._usage),
        }
        answer = ChatAnswer(stop_reason=reason, **well_formed(parts))
        if answer.text.strip() or answer.tool_calls or answer.refusal or answer.images:
            return answer
        empty, message = "nothing", "the answer is empty"
        if answer.reasoning:
            empty, message = "reasoning", "the answer has nothing but reasoning"
        elif self.stray:
            text = "\n".join(self.stray)
            detail = self.exchange.detail(text, cut=len(text) >= MOST_ERROR)
            message = f"the answer is no stream of events{': ' if detail else ''}{detail}"
        elif reason == "toolUse":
            empty = "unfinished"
        raise failed(self.step, "response", message, empty=empty)
