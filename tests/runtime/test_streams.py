"""Streams of chats in each form, however the bytes arrive (docs/plan.md, "Results").

``fixtures/streams/cases.json`` has the events of each stream, and the answer or the failure that
comes of them. What an answer does not name is empty.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openclaw_config.facts import read_json
from openclaw_config.plan.model import Step
from openclaw_config.runtime.errors import FailureError, TransportError
from openclaw_config.runtime.events import Delta, Event
from openclaw_config.runtime.exchange import Exchange
from openclaw_config.runtime.results import ChatAnswer
from openclaw_config.runtime.stream import ChatAccumulator
from tests.executor import streams as stranger
from tests.runtime.virtual import VirtualClock, incoming_of
from tests.support import OLDEST, sampled

FILE = Path(__file__).parents[2] / "fixtures" / "streams" / "cases.json"
CASES: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
NAMES = [case["name"] for case in CASES]
STEP = Step("complete", "POST", "https://a/", "https://a", label="chat failed")
ENDS = ("\n", "\r\n", "\r")

WIRES = {
    "openai": "openai-completions",
    "responses": "openai-responses",
    "anthropic": "anthropic-messages",
    "google": "google-generative-ai",
    "ollama": "ollama",
}
RESULTS: dict[str, dict[str, Any]] = {
    form: read_json("requests/wires.json")[OLDEST][wire]["candidate"]["result"]
    for form, wire in WIRES.items()
}
"""What the plans of each wire say of its result."""


def written(case: dict[str, Any], end: str = "\n") -> bytes:
    """The stream of a case as its server writes it, with these line ends."""
    form, out = case["form"], []
    for event in case["events"]:
        text = json.dumps(event, ensure_ascii=False)
        if form == "ollama":
            out.append(text)
            continue
        named = form in ("responses", "anthropic")
        out += [f"event: {event['type']}"] if named else []
        out += [f"data: {text}", ""]
    if form == "openai" and not case.get("unended"):
        out += [": a comment", "data: [DONE]", ""]
    return "".join(line + end for line in out).encode()


def arriving(pieces: Iterable[bytes], breaks: bool) -> Iterator[bytes]:
    """The pieces of an answer, and then, it may be, a broken connection."""
    yield from pieces
    if breaks:
        raise TransportError("network", "the connection broke")


class Heard(list[Event]):
    """The events of a session."""

    def shown(self, kind: str) -> str:
        """What was shown as it came."""
        return "".join(one.text for one in self if isinstance(one, Delta) and one.kind == kind)


def read(
    case: dict[str, Any], pieces: Iterable[bytes], heard: Heard | None = None, breaks: bool = False
) -> tuple[ChatAnswer, str]:
    """The answer that a case's stream gives in these pieces, and its model."""
    listener = (Heard() if heard is None else heard).append
    session: Any = SimpleNamespace(transport=None, clock=VirtualClock(), tell=listener)
    incoming = incoming_of(200, {}, arriving(pieces, breaks))
    exchange = Exchange(session)
    chat = ChatAccumulator(STEP, RESULTS[case["form"]], exchange)
    return asyncio.run(chat.read(incoming))


def check(case: dict[str, Any], pieces: Iterable[bytes]) -> None:
    """A stream in these pieces gives what its case says."""
    heard = Heard()
    if "failure" in case:
        with pytest.raises(FailureError) as failed:
            read(case, pieces, heard)
        assert (failed.value.message, failed.value.status) == (
            case["failure"],
            case.get("status", 0),
        )
        return
    answer, model = read(case, pieces, heard)
    wanted = {key: tuple(v) if isinstance(v, list) else v for key, v in case["answer"].items()}
    assert answer._asdict() == {**ChatAnswer("", "")._asdict(), **wanted}
    assert model == case.get("model", "")
    assert (heard.shown("text"), heard.shown("reasoning")) == (answer.text, answer.reasoning)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_an_answer_in_one_piece_and_byte_by_byte(case: dict[str, Any]) -> None:
    for end in ENDS:
        data = written(case, end)
        check(case, [data])
        check(case, (data[at : at + 1] for at in range(len(data))))


@pytest.mark.parametrize("start", sampled(range(5), 5))
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_an_answer_in_two_pieces_wherever_it_is_cut(case: dict[str, Any], start: int) -> None:
    data = written(case, "\r\n")
    for at in range(start, len(data), 5):
        check(case, [data[:at], data[at:]])


@settings(max_examples=2 * settings().max_examples)
@given(st.sampled_from(CASES), st.sampled_from(ENDS), st.sets(st.integers(0, 4000)), st.booleans())
def test_an_answer_in_any_pieces(
    case: dict[str, Any], end: str, cuts: set[int], marked: bool
) -> None:
    data = b"\xef\xbb\xbf" * marked + written(case, end)
    bounds = [0, *sorted(at for at in cuts if at < len(data)), len(data)]
    check(case, [data[start:stop] for start, stop in itertools.pairwise(bounds)])


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_connection_that_breaks_is_a_failure(case: dict[str, Any]) -> None:
    if "failure" not in case and case["form"] != "openai":
        with pytest.raises(FailureError, match="the connection broke"):
            read(case, [written(case)], breaks=True)


@pytest.mark.parametrize("form", WIRES)
@pytest.mark.parametrize("text", ["{", "[1", '"a', "{'a': 1}"])
def test_an_event_that_is_not_json_is_a_failure(form: str, text: str) -> None:
    data = f"{text}\n" if form == "ollama" else f"data: {text}\n\n"
    with pytest.raises(FailureError, match="an event is not JSON"):
        read({"form": form}, [data.encode()])


@pytest.mark.parametrize("form", WIRES)
def test_a_stream_without_a_word_is_an_empty_answer(form: str) -> None:
    with pytest.raises(FailureError, match="the answer is empty") as failed:
        read({"form": form}, [b"\n\n"])
    assert failed.value.empty == "nothing"


@pytest.mark.parametrize("form", WIRES)
@pytest.mark.parametrize(
    "event",
    [
        "[]", "1", "null", "{}", '{"choices": 1, "candidates": 1, "message": 1, "response": 1}',
        '{"choices": [1], "candidates": [1], "type": 1, "item": 1, "delta": 1, "content_block": 1}',
        '{"choices": [{"delta": {"content": 1, "tool_calls": 1}}], "usage": 1}',
        '{"type": "message_start", "message": 1}', '{"type": "content_block_delta", "delta": 1}',
        '{"type": "response.output_item.added", "item": 1}',
        '{"candidates": [{"content": {"parts": [1, {"functionCall": 1}]}}]}',
    ],
)  # fmt: skip
def test_an_event_of_another_shape_says_nothing(form: str, event: str) -> None:
    ends = "\n" if form == "ollama" else "\n\n"
    head = "" if form == "ollama" else "data: "
    with pytest.raises(FailureError, match="the answer is empty"):
        read({"form": form}, [f"{head}{event}{ends}".encode()])


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_stranger_reads_the_same(case: dict[str, Any]) -> None:
    """The page's table of forms suffices to read a stream (tests/executor)."""
    result = RESULTS[case["form"]]
    if "failure" in case:
        with pytest.raises(stranger.StreamError):
            stranger.answer(written(case), result)
        return
    found, wanted = stranger.answer(written(case), result), case["answer"]
    kept = {"text": "text", "reasoning": "reasoning", "refusal": "refusal", "reason": "stop_reason"}
    assert {key: found[key] for key in kept} == {
        key: wanted.get(at, "") for key, at in kept.items()
    }
    assert found["calls"] == wanted.get("tool_calls", [])
    assert found["usage"] == wanted.get("usage")
