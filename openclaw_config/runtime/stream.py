"""Reading a stream of a chat or a recording: server-sent events in OpenAI's form."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import AsyncIterator
from io import IncrementalNewlineDecoder

from openclaw_config.plan.model import Json, Step
from openclaw_config.plan.values import first_at, json_of, well_formed
from openclaw_config.runtime.answers import ChatAccumulator, as_text
from openclaw_config.runtime.errors import FailureError, failed
from openclaw_config.runtime.events import Received
from openclaw_config.runtime.exchange import MOST_CHARACTERS, MOST_ERROR, Exchange, said
from openclaw_config.runtime.results import ChatAnswer, joined
from openclaw_config.runtime.transport import Incoming

MOST_EVENT = 4 * 1024 * 1024
"""The longest single event, in characters."""
MOST_STREAM = 64 * 1024 * 1024
"""The longest answer in all, in bytes."""

MOST_STRAY = 100
"""How many lines are kept of an answer that is no stream, to show what it is."""

_DONE = "[DONE]"


async def read_answer(
    step: Step, result: Json, incoming: Incoming, exchange: Exchange
) -> tuple[ChatAnswer, str]:
    """The answer that a stream gives, and the model that it says it is from or "".

    ``result`` is the plan's. Raises FailureError.
    """
    gathered = ChatAccumulator(step, result, exchange)
    if incoming.status in (204, 205):
        text = "Attempted to iterate over a response with no body"
        raise failed(step, "response", "the answer has no body", client_text=text)
    pieces = exchange.pieces(step, incoming, MOST_STREAM)
    lines = _lines(step, pieces, MOST_EVENT)
    by_line = result.get("form") == "ollama"
    async for data in lines if by_line else _events(lines, gathered.stray):
        if data == _DONE:
            break
        if data or not by_line:
            gathered.take(data)
    return gathered.answer(incoming.status), exchange.mask.text(well_formed(gathered.model))


async def read_recording(
    step: Step, result: Json, incoming: Incoming, exchange: Exchange
) -> tuple[bytes, str]:
    """The recording that a stream gives in pieces, and the words in it (MUS-30).

    ``result`` is the plan's. Raises FailureError.
    """
    most = int(result["most"])
    found: dict[str, list[str]] = {"data": [], "words": []}
    # How many characters are left of each, base64 being longer than what it holds.
    left = {"data": most * 4 // 3 + 4, "words": most}
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
            raise failed(step, "response", exchange.mask.line(said(event), MOST_CHARACTERS))
        for name, texts in found.items():
            texts.append(as_text(first_at(event, result[name])))
            left[name] -= len(texts[-1])
            if left[name] < 0:
                raise failed(step, "too-large", f"its {name} are too large", final=True)
        size += len(found["data"][-1])
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
