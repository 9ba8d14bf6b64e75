"""Taking results and reasons out of what servers answer."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openclaw_config.plan.model import Facts, Step
from openclaw_config.plan.values import every_at, first_at, is_number, text_at
from openclaw_config.runtime import results, stream
from openclaw_config.runtime.errors import FailureError, TransportError
from openclaw_config.runtime.events import Delta, Event, Received
from openclaw_config.runtime.exchange import MOST_CHARACTERS, Exchange, _multipart
from openclaw_config.runtime.failover import may_pass
from openclaw_config.runtime.lists import better
from openclaw_config.runtime.results import Job, JobError
from openclaw_config.runtime.secrets import Mask, Secret
from tests.runtime.calls import MUSIC, PLANS
from tests.runtime.virtual import VirtualClock, incoming_of, pieces_of

PIXEL = base64.b64encode(b"pixel").decode()
STEP = Step("complete", "POST", "https://a/", "https://a", label="chat failed")


MUSIC_PLAN = {**MUSIC.candidates[0].result, "most": 1000}


# --- pointers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("/a/b", [1]),
        ("/l/*", [1, {"x": 2}]),
        ("/l/*/x", [2]),
        ("/l/0", [1]),
        ("/l/7", []),
        ("/s~1l/t~0", ["y"]),
        ("/none/x", []),
        ("/a/b/c", []),
    ],
)
def test_pointers(pointer: str, found: list[Any]) -> None:
    value = {"a": {"b": 1}, "l": [1, {"x": 2}], "s/l": {"t~": "y"}}
    assert list(every_at(value, pointer)) == found
    assert first_at(value, pointer) == (found[0] if found else None)


def test_the_first_text_that_is_not_blank() -> None:
    assert text_at({"u": ["", 5, " ", " a "]}, "/u/*") == "a"
    assert text_at({"u": 5}, "/u") == ""


# --- errors (HTTP-08) -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "headers", "message"),
    [
        ({"error": {"message": "no credit", "type": "billing"}}, {}, ": no credit [type=billing]"),
        ({"error": {"message": "m", "type": "t", "code": "c"}}, {}, ": m [type=t, code=c]"),
        ({"error": {"message": "m", "code": 402}}, {}, ": m"),
        ({"error": "bad duration"}, {}, ": bad duration"),
        ({"message": "plain"}, {}, ": plain"),
        ({"detail": "detail"}, {}, ": detail"),
        ({"other": 1}, {}, ': {"other": 1}'),
        ("oops", {}, ": oops"),
        ("", {}, ""),
        ("", {"x-request-id": "r-9", "request-id": "r-8"}, " [request_id=r-9]"),
        ("a\n\tb\x1b[31m", {}, ": a b [31m"),
        ("[" * 100_000, {}, ": " + "[" * 219 + "…"),
        ("x" * 220, {}, ": " + "x" * 220),
        ("x" * 221, {}, ": " + "x" * 219 + "…"),
    ],
)
def test_error_texts(body: Any, headers: dict[str, str], message: str) -> None:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    assert failure(402, data, headers).message == f"chat failed (HTTP 402){message}"


def failure(status: int, body: bytes, headers: dict[str, str]) -> FailureError:
    session: Any = None
    return Exchange(session).failure(STEP, status, body, headers)


def test_nothing_is_shown_of_an_error_that_breaks_off_in_the_midst_of_a_secret() -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"error": {"message": "wrong key: sk-canary-01'
        raise TransportError("network", "the connection broke")

    session: Any = SimpleNamespace(clock=VirtualClock())
    exchange = Exchange(session, mask=Mask([Secret("sk-canary-0123456789")]))
    with pytest.raises(FailureError) as caught:
        asyncio.run(exchange._check_status(STEP, incoming_of(401, {}, pieces())))
    assert caught.value.message == "chat failed (HTTP 401)"
    assert "canary" not in caught.value.client_text


@pytest.mark.parametrize("efforts", [5, "high", {"high": 1}, [{}], [["low"]]])
def test_a_list_of_models_may_say_anything(efforts: Any) -> None:
    contract = {"mandatory": True, "supported_efforts": efforts}
    lookup = {
        "items": "/data",
        "where": {"/id": "m"},
        "levels": {"contract": "/reasoning", "usual": ["off"]},
    }
    facts = Facts(False, False, 0, 0, lookup)
    found = better(facts, {"data": [{"id": "m", "reasoning": contract}]})
    assert found.levels == ("low",)


def test_an_answer_may_not_have_any_number_of_images_fetched() -> None:
    result = {"links": ["/data/*/url"]}
    answer = {"data": [{"url": f"https://a.example/{number}"} for number in range(20)]}
    answer["data"].append({"url": "https://a.example/20"})
    found = results.links(result, answer)
    assert (len(found), found[-1]) == (20, "https://a.example/19")


def test_no_text_ends_the_head_of_a_part() -> None:
    sign = 'x"\r\n\r\n'
    data = _multipart([{"name": sign, "filename": sign, "type": sign, "base64": "QQ=="}], "form-1")
    head, _, rest = data.partition(b"\r\n\r\n")
    assert rest.startswith(b"A\r\n--form-")
    assert b'name="x%22%0D%0A%0D%0A"; filename="x%22%0D%0A%0D%0A"\r\n' in head


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, True), (1.5, True), (10**400, False), (-(10**400), False), (float("nan"), False)],
)
def test_only_what_a_float_holds_is_a_number(value: float, expected: bool) -> None:
    assert is_number(value) is expected


@given(st.binary(max_size=300))
def test_any_body_gives_one_short_line(body: bytes) -> None:
    message = failure(500, body, {}).message
    assert message.isprintable()
    assert len(message) <= len("chat failed (HTTP 500): ") + MOST_CHARACTERS


# --- images (IMG-30) --------------------------------------------------------------------------

IMAGES = PLANS["image"].candidates[0].result


def url(mime: str = "image/png") -> dict[str, str]:
    return {"url": f"data:{mime};base64,{PIXEL}"}


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ({"images": [{"image_url": url()}]}, ["image-1.png"]),
        ({"images": [{"imageUrl": url("image/jpeg")}]}, ["image-1.jpg"]),
        ({"images": [{"image_url": {"url": "https://a/"}}, {"image_url": url()}]}, ["image-1.png"]),
        ({"content": f"see ![a]({url()['url']}) and {url('image/webp')['url']}"},
         ["image-1.png", "image-2.webp"]),
        ({"content": [{"type": "image_url", "image_url": url("image/svg+xml")}]}, ["image-1.svg"]),
        ({"content": [{"type": "text", "text": "x"}, {"b64_json": PIXEL}]}, ["image-1.png"]),
        ({"content": [{"inlineData": {"data": PIXEL, "mimeType": "image/gif"}}]}, ["image-1.gif"]),
        ({"content": [{"inline_data": {"data": PIXEL, "mime_type": "image/webp"}}]},
         ["image-1.webp"]),
        # In both places it counts twice.
        ({"images": [{"image_url": url()}], "content": url()["url"]},
         ["image-1.png", "image-2.png"]),
    ],
)  # fmt: skip
def test_images_are_found_wherever_they_are(message: Any, names: list[str]) -> None:
    found = results.images(IMAGES, {"choices": [{"message": message}]})
    assert [media.file_name for media in found] == names
    assert all(media.data == b"pixel" for media in found)


PADDED = {"url": " data:image/png;base64,AA"}


@pytest.mark.parametrize(
    "response",
    [
        {}, [], {"choices": []}, {"choices": [{"message": None}]}, {"choices": "x"},
        {"choices": [{"message": {"content": "sorry", "images": None}}]},
        {"choices": [{"message": {"images": [{"image_url": {"url": "data:image/png;base64,"}}]}}]},
        {"choices": [{"message": {"images": [{"image_url": {"url": "data:text/x;base64,AA"}}]}}]},
        {"choices": [{"message": {"images": [{"imageUrl": PADDED}]}}]},
    ],
)  # fmt: skip
def test_responses_without_an_image(response: Any) -> None:
    assert results.images(IMAGES, response) == []


@pytest.mark.parametrize(
    ("start", "mime", "name"),
    [
        ("data:image/png;charset=utf-8;base64,", "image/png", "image-1.png"),
        ("DATA:IMAGE/JPEG;BASE64,", "IMAGE/JPEG", "image-1.jpg"),
    ],
)
def test_data_urls_of_images_in_any_case_and_with_parameters(
    start: str, mime: str, name: str
) -> None:
    message = {"images": [{"image_url": {"url": f"{start}AAAA"}}]}
    found = results.images(IMAGES, {"choices": [{"message": message}]})
    assert [(one.mime, one.file_name, one.size) for one in found] == [(mime, name, 3)]  # SL-54


def test_an_image_may_be_too_large() -> None:
    small = {**IMAGES, "most": 4}
    message = {"images": [{"image_url": url()}]}
    with pytest.raises(FailureError) as caught:
        results.images(small, {"choices": [{"message": message}]})
    assert caught.value.kind == "too-large"


VIDEO = PLANS["video"].candidates[0].result


@pytest.mark.parametrize(
    ("headers", "mime", "name"),
    [
        ({}, "video/mp4", "video-1.mp4"),
        ({"content-type": "video/webm; codecs=vp9"}, "video/webm; codecs=vp9", "video-1.webm"),
        ({"content-type": "application/octet-stream"}, "application/octet-stream", "video-1.mp4"),
    ],
)
def test_types_and_names_of_videos(headers: dict[str, str], mime: str, name: str) -> None:
    assert results.media_type(VIDEO, headers, "download", Mask()) == (mime, name)  # VID-56


# --- streams ----------------------------------------------------------------------------------


CHAT = PLANS["chat"].candidates[0].result


def silent(_: Event) -> None: ...


def reading(incoming: Any, tell: Callable[[Event], None] = silent, idle_ms: int = 0) -> Any:
    session: Any = SimpleNamespace(clock=VirtualClock(), tell=tell, transport=None)
    exchange = Exchange(session)
    step = STEP._replace(idle_timeout_ms=idle_ms)
    return stream.ChatAccumulator(step, CHAT, exchange).read(incoming)


def answered(text: str | bytes, heard: list[Event] | None = None, /, **headers: str) -> Any:
    body = text.encode() if isinstance(text, str) else text
    named = {"content-type": "text/event-stream", **headers}
    incoming = incoming_of(200, named, pieces_of(body))
    return asyncio.run(reading(incoming, heard.append if heard is not None else silent, 1000))


def failing(text: str | bytes, **headers: str) -> FailureError:
    with pytest.raises(FailureError) as caught:
        answered(text, None, **headers)
    assert caught.value.step == "complete"
    return caught.value


def chunk(**delta: Any) -> dict[str, Any]:
    return {"choices": [{"delta": delta}]}


def sse(*values: Any, end: str = "\n\n") -> str:
    return "".join(f"data: {json.dumps(value)}{end}" for value in values)


FINISH = {"choices": [{"delta": {}, "finish_reason": "stop"}]}


@pytest.mark.parametrize("end", ["\n\n", "\r\n\r\n", "\r\r"])
def test_text_comes_in_pieces_whatever_ends_a_line(end: str) -> None:
    heard: list[Event] = []
    answer, _ = answered(sse(chunk(content="Hél"), chunk(content="lo"), FINISH, end=end), heard)
    assert (answer.text, answer.stop_reason) == ("Héllo", "stop")
    assert heard == [Delta("text", "Hél"), Delta("text", "lo")]


@given(
    st.lists(st.text(), min_size=1, max_size=5).filter(lambda texts: "".join(texts).strip()),
    st.integers(1, 40),
)
def test_pieces_of_the_network_do_not_matter(texts: list[str], size: int) -> None:
    body = sse(*(chunk(content=text) for text in texts), FINISH).encode()

    answer, _ = asyncio.run(reading(incoming_of(200, {}, pieces_of(body, size))))
    assert answer.text == "".join(texts)


def test_a_stream_that_is_cut_is_a_whole_answer() -> None:
    answer, _ = answered(sse(chunk(content="cut o")))
    assert (answer.text, answer.stop_reason) == ("cut o", "stop")  # SL-22


def test_reasoning_tool_calls_usage_and_the_model() -> None:
    text = ": comment\nevent: x\nid: 1\n" + sse(
        {"model": "a/b-0901", **chunk(reasoning="hm")},
        chunk(
            tool_calls=[{"index": 0, "id": "c1", "function": {"name": "f", "arguments": '{"a"'}}]
        ),
        chunk(tool_calls=[{"index": 0, "function": {"arguments": ":1}"}}]),
        {"choices": [{"delta": {}, "finish_reason": "tool_calls"}], "usage": {"cost": 1}},
    )
    answer, model = answered(text + "data: [DONE]\n\ndata: ignored\n\n")
    assert model == "a/b-0901"
    assert answer.reasoning == "hm"
    assert answer.tool_calls == ({"id": "c1", "name": "f", "arguments": '{"a":1}'},)
    assert (answer.stop_reason, answer.usage) == ("toolUse", {"cost": 1})


@pytest.mark.parametrize(
    ("text", "kind", "client_text", "empty"),
    [
        ("", "response", "", "nothing"),
        (sse(chunk(content=" \n")), "response", "", "nothing"),
        (sse(chunk(reasoning="hm"), FINISH), "response", "", "reasoning"),
        (
            sse({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}),
            "response",
            "",
            "unfinished",
        ),
        ("data: []\n\n", "response", "", "nothing"),
        ("<html>", "response", "", "nothing"),
        ('data: {"a\n\n', "response", "Unterminated string in JSON", ""),
        (
            sse({"choices": [{"delta": {}, "finish_reason": "content_filter"}]}),
            "response",
            "Provider finish_reason: content_filter",
            "",
        ),
        (sse({"error": {"message": "m"}}), "response", "m", ""),
        (sse({"error": {"message": "m", "code": 502}}), "http", "m", ""),
    ],
)
def test_streams_that_are_no_answer(text: str, kind: str, client_text: str, empty: str) -> None:
    failure = failing(text)
    assert (failure.kind, failure.client_text, failure.empty) == (kind, client_text, empty)


def test_what_is_no_stream_is_shown_where_there_is_anything_to_show() -> None:
    assert failing("<html>").message == "chat failed: the answer is no stream of events: <html>"
    assert failing(" ").message == "chat failed: the answer is no stream of events"


def test_an_answer_without_a_body() -> None:
    with pytest.raises(FailureError) as caught:
        asyncio.run(reading(incoming_of(204, {}, ())))
    assert caught.value.client_text == "Attempted to iterate over a response with no body"  # SL-20


def test_an_error_in_the_midst_has_its_status() -> None:
    failure = failing(sse(chunk(content="a"), {"error": {"message": "upstream", "code": 502}}))
    assert (failure.status, failure.message) == (502, "chat failed (HTTP 502): upstream")
    assert not may_pass(failure)  # Only what is said counts there (SL-20).


def test_json_in_place_of_a_stream_tells_its_error() -> None:
    body = json.dumps({"error": {"message": "no such model"}}, indent=2)
    failure = failing(body, **{"content-type": "application/json"})
    assert "no such model" in failure.message


def test_an_endless_line_is_not_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST_EVENT", 10_000)
    assert failing(b"data: " + b"x" * 50_000).kind == "too-large"
    assert failing(b"data: xxxxxxxx\n" * 5000).kind == "too-large"


# --- look-ups (CHAT-51) -----------------------------------------------------------------------

LOOKUP = {
    "step": "catalog",
    "items": "/data",
    "where": {"/id": "a/b"},
    "images": {"at": "/architecture/modality", "before": "->", "holds": "image"},
    "reasoning": {"at": "/supported_parameters", "holds": "reasoning"},
    "maxTokens": {"at": ["/top/most", "/most"], "default": 8192},
}
FACTS = Facts(reasoning=False, images=False, max_tokens=8192, context_window=200_000)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, {}),
        ({"architecture": {"modality": "text+image->text"}}, {"images": True}),
        ({"architecture": {"modality": "text->image"}}, {}),
        ({"supported_parameters": ["tools", "reasoning"]}, {"reasoning": True}),
        ({"top": {"most": float("inf")}, "most": 32_000}, {"max_tokens": 32_000}),
        ({"top": {"most": 0}, "most": 32_000}, {"max_tokens": 32_000}),
        ({"top": {"most": "9"}, "most": None}, {}),
    ],
)
def test_better_facts(row: dict[str, Any], expected: dict[str, Any]) -> None:
    response = {"data": [{"id": "x"}, {"id": "a/b", **row}]}
    assert better(FACTS._replace(lookup=LOOKUP), response) == FACTS._replace(**expected)


@pytest.mark.parametrize("response", [{}, {"data": []}, {"data": [{"id": "x"}]}, {"data": "x"}, []])
def test_a_model_that_nobody_knows_keeps_its_facts(response: Any) -> None:
    assert better(FACTS._replace(lookup=LOOKUP), response) == FACTS


# --- saved jobs -------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_a_full_pipe_does_not_hold_up_other_calls(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(tmp_path / "pipe", os.O_WRONLY | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(writer, b"." * 4096)
    others = threading.Event()

    def read() -> None:
        others.wait(20)
        os.read(reader, 1_000_000)

    async def data() -> AsyncIterator[bytes]:
        yield b"result"

    async def main() -> bool:
        threading.Thread(target=read).start()
        target = results.Target.of(str(tmp_path / "pipe"), replace=True)
        call = asyncio.create_task(results.kept(results.Media("", "a.mp3", 0), data(), target))
        await asyncio.sleep(0.2)  # It waits for the reader now.
        others_ran = not call.done()
        others.set()
        return others_ran and (await call).size == 6

    assert asyncio.run(main())
    os.close(reader)
    os.close(writer)


def test_jobs_are_written_down_and_read_back() -> None:
    job = Job("video", "openrouter/a/b", {"submit": {"id": "ü", "polling_url": "/j"}})
    assert Job.from_json(job.to_json()) == job


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"jobVersion": 2}', "[" * 100_000,
             '{"jobVersion": 2, "surface": "video", "ref": "a", "responses": {}}',
             '{"jobVersion": 1, "surface": "video", "ref": "a", "responses": []}'],
)  # fmt: skip
def test_what_is_no_saved_job(text: str) -> None:
    with pytest.raises(JobError):
        Job.from_json(text)


# --- what an answer may hold besides ----------------------------------------------------------


def test_everything_that_an_answer_holds_is_kept() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:,"}}
    parts = [{"type": "text", "text": "Hi"}, picture, "odd"]
    answer, _ = answered(
        sse(
            chunk(content=parts, annotations=[{"type": "url_citation"}]),
            chunk(refusal="I will", images=[picture], reasoning_details=[{"text": "a"}]),
            chunk(refusal=" not", reasoning_details=[{"text": "b"}]),
            {"choices": [{"finish_reason": "stop"}]},
        )
    )
    assert answer.text == "Hi"
    assert answer.refusal == "I will not"
    assert answer.images == (picture, picture)
    assert answer.reasoning_details == ({"text": "a"}, {"text": "b"})
    assert answer.annotations == ({"type": "url_citation"},)
    assert "Hi" not in repr(answer)


def test_of_several_choices_the_first_is_the_answer() -> None:
    both = [{"index": 1, "delta": {"content": "B"}}, {"index": 0, "delta": {"content": "A"}}]
    other = {"choices": [{"index": 1, "delta": {"content": "b"}, "finish_reason": "length"}]}
    own = {"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"}]}
    answer, _ = answered(sse({"choices": both}, other, own, other))
    assert (answer.text, answer.stop_reason) == ("Aa", "stop")


@given(st.text(alphabet="a\U0001f600\u00e9", min_size=1, max_size=8), st.integers(1, 3))
def test_halves_of_a_character_join_across_deltas(text: str, size: int) -> None:
    units = text.encode("utf-16-le")
    cut = [
        units[at : at + 2 * size].decode("utf-16-le", "surrogatepass")
        for at in range(0, len(units), 2 * size)
    ]
    heard: list[Event] = []
    end = {"choices": [{"finish_reason": "stop"}]}
    call = {"index": 0, "function": {"arguments": ""}}
    calls = [{**call, "function": {"arguments": piece}} for piece in cut]
    chunks = [chunk(content=piece, tool_calls=[one]) for piece, one in zip(cut, calls, strict=True)]
    answer, _ = answered(sse(*chunks, end), heard)
    assert answer.text == text
    assert "".join(event.text for event in heard if isinstance(event, Delta)) == text
    assert [one["arguments"] for one in answer.tool_calls] == [text] * bool(text)


def test_half_a_character_that_stays_alone_is_replaced() -> None:
    answer, _ = answered(
        'data: {"choices":[{"delta":{"content":"a\\ud83d"},"finish_reason":"stop"}]}\n\n'
    )
    assert answer.text == "a\ufffd"


def test_a_byte_order_mark_is_skipped() -> None:
    answer, _ = answered(b"\xef\xbb\xbf" + sse(chunk(content="a")).encode() + b"data: [DONE]\n\n")
    assert answer.text == "a"


@pytest.mark.parametrize(
    "delta",
    [
        {"tool_calls": 7}, {"tool_calls": {"a": 1}}, {"tool_calls": [None, 1, "x", []]},
        {"tool_calls": [{"index": "x", "function": 3, "id": []}]}, {"content": {"text": 1}},
        {"content": [7]}, {"images": 1, "annotations": "x", "reasoning_details": None},
        {"refusal": 0, "reasoning": []},
    ],
)  # fmt: skip
def test_deltas_of_odd_forms_are_passed_over(delta: Any) -> None:
    answer, _ = answered(sse(chunk(**delta), chunk(content="a")) + "data: [DONE]\n\n")
    assert answer.text == "a"


@pytest.mark.parametrize("choices", [7, {}, [7], [{"index": []}], [{"index": {}, "delta": 3}]])
def test_choices_of_odd_forms_are_passed_over(choices: Any) -> None:
    answer, _ = answered(sse({"choices": choices}, chunk(content="a")) + "data: [DONE]\n\n")
    assert answer.text == "a"


def test_a_long_line_in_small_pieces_takes_time_in_proportion() -> None:
    # 300,000 joins of a growing line would copy 45 GB.
    line = json.dumps(chunk(content="x" * 300_000))
    body = f"data: {line}\n\ndata: [DONE]\n\n".encode()
    answer, _ = asyncio.run(reading(incoming_of(200, {}, pieces_of(body, 1))))
    assert len(answer.text) == 300_000


# --- a fuzz of streams ------------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "choices",
                    "delta",
                    "content",
                    "error",
                    "code",
                    "message",
                    "usage",
                    "model",
                    "finish_reason",
                    "index",
                    "tool_calls",
                    "function",
                    "name",
                    "arguments",
                    "id",
                    "images",
                    "refusal",
                    "reasoning",
                    "text",
                    "type",
                    "annotations",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
odd_streams = st.lists(
    json_values.map(lambda value: f"data: {json.dumps(value)}\n\n".encode())
    | st.fixed_dictionaries({"choices": st.lists(json_values, max_size=2)}).map(
        lambda value: f"data: {json.dumps(value)}\r\n\r\n".encode()
    )
    | st.fixed_dictionaries({"delta": json_values}).map(
        lambda value: f"data: {json.dumps({'choices': [value]})}\r\r".encode()
    )
    | st.sampled_from([b"data: [DONE]\n\n", b": c\n", b"\xef\xbb\xbf", b"data:\n", b"\r"])
    | st.binary(max_size=12),
    max_size=6,
).map(b"".join)


@pytest.mark.slow
@settings(max_examples=3000, deadline=None)
@given(odd_streams)
def test_any_stream_gives_an_answer_or_a_failure(body: bytes) -> None:
    try:
        answer, model = answered(body)
    except FailureError as failure:
        assert failure.message.isprintable()
    else:
        json.dumps([answer, model], ensure_ascii=False).encode()


# --- recordings (MUS-30) ----------------------------------------------------------------------

DONE = "data: [DONE]\n\n"


def audio(data: str = "", **more: Any) -> dict[str, Any]:
    return chunk(audio={"data": data, **more})


def recorded(text: str, tell: Callable[[Event], None] = silent) -> Any:
    session: Any = SimpleNamespace(clock=VirtualClock(), tell=tell, transport=None)
    incoming = incoming_of(200, {}, [text.encode()])
    exchange = Exchange(session)
    return asyncio.run(stream.read_recording(STEP, MUSIC_PLAN, incoming, exchange))


@given(st.lists(st.binary(max_size=9), min_size=1).filter(any), st.integers(1, 7))
def test_a_recording_is_its_pieces_however_they_are_cut(pieces: list[bytes], size: int) -> None:
    encoded = [base64.b64encode(piece).decode() for piece in pieces]
    assert recorded(sse(*map(audio, encoded)) + DONE) == (b"".join(pieces), "")
    whole = "".join(encoded)
    parts = [whole[at : at + size] for at in range(0, len(whole), size)]
    assert recorded(sse(*map(audio, parts)) + DONE) == (b"".join(pieces), "")


def test_the_words_of_a_recording_are_joined() -> None:
    text = sse(audio(transcript="la "), audio("QUFB", transcript="la")) + DONE
    heard: list[Event] = []
    assert recorded(text, heard.append) == (b"AAA", "la la")
    assert [event.size for event in heard if isinstance(event, Received)] == [0, 3]


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        (sse(audio("QUFB")), "response", "stream ended before completion"),
        (DONE, "response", "missing audio data"),
        (sse(chunk(content="sorry")) + DONE, "response", "missing audio data"),
        (sse(audio("@@@@")) + DONE, "response", "malformed base64"),
        (sse(audio("QUF")) + DONE, "response", "malformed base64"),
        (sse({"error": {"message": "no"}}) + DONE, "response", "chat failed: no"),
        ("data: {\n\n" + DONE, "response", "an event is not a JSON object"),
        (sse(audio("QUFB" * 400)) + DONE, "too-large", "the recording is too large"),
    ],
)
def test_streams_that_are_no_recording(text: str, kind: str, message: str) -> None:
    with pytest.raises(FailureError) as caught:
        recorded(text)
    assert (caught.value.kind, caught.value.step) == (kind, "complete")
    assert message in caught.value.message
