"""Recordings and images in calls: what is taken, what is sent, what is tried again (STT, VIS)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openclaw_config.plan.model import SurfacePlan
from openclaw_config.runtime.bind import bind
from openclaw_config.runtime.errors import CallError
from openclaw_config.runtime.inputs import mime_of
from openclaw_config.runtime.secrets import Secrets
from tests.conformance.requests import PIXEL, RECORDING, STORED
from tests.resolution.test_understanding import GEMINI, WHISPER, entry, plan
from tests.runtime.test_execute import KEY, Run

NOISE = b"x" * 2000
LIST = {"catalog": [{"body": {"data": STORED}}]}


def transcription(**own: Any) -> SurfacePlan:
    return plan("transcription", {"models": [entry(**own)]})


def heard(audio: Any, script: Any = None, env: Any = None, **own: Any) -> Run:
    secrets = Secrets({"OPENROUTER_API_KEY": KEY, **(env or {})})
    return Run(transcription(**own), {"transcribe": script or [{}]}, secrets, audio=audio)


def file(name: str, data: bytes = NOISE, mime: str = "") -> dict[str, Any]:
    return {"name": name, "data": data, "mime": mime}


@pytest.mark.parametrize(
    ("name", "mime", "data", "expected"),
    [
        ("a.wav", "", NOISE, "wav"),
        ("A.MP3", "", NOISE, "mp3"),
        ("a.oga", "", NOISE, "ogg"),
        ("a.opus", "", NOISE, "ogg"),
        ("a.m4a", "", NOISE, "m4a"),
        ("a.flac", "", NOISE, "flac"),
        ("a.mp3", "", RECORDING, "wav"),  # what the bytes say goes first
        ("a.amr", "", RECORDING, "wav"),
        ("clip.wav", "audio/mpeg", NOISE, "wav"),  # then the name
        ("clip.bin", "audio/ogg; codecs=opus", NOISE, "ogg"),  # then the type
        ("clip.bin", "AUDIO/WAV", NOISE, "wav"),
        ("clip.webm", "audio/webm", NOISE, "webm"),
        ("clip.mp4", "audio/unknown", NOISE, "m4a"),  # then the extension alone
        ("", "", RECORDING, "wav"),
    ],
)
def test_the_format_is_that_of_bytes_name_or_type(
    name: str, mime: str, data: bytes, expected: str
) -> None:
    (sent,) = heard(file(name, data, mime)).transport.sent
    assert sent.body["input_audio"]["format"] == expected  # STT-11


@pytest.mark.parametrize(
    ("start", "mime"),
    [
        (b"ID3\x04", "audio/mpeg"), (b"\xff\xfb\x90", "audio/mpeg"), (b"\xff\xf1P", "audio/aac"),
        (b"fLaC", "audio/flac"), (b"OggS", "audio/ogg"), (b"\0\0\0 ftypM4A ", "audio/x-m4a"),
        (b"#!AMR\n", "audio/amr"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"RIFF", ""),
    ],
)  # fmt: skip
def test_recordings_are_known_by_how_they_begin(start: bytes, mime: str) -> None:
    assert mime_of(start + bytes(20)) == mime


@pytest.mark.parametrize(
    ("audio", "own", "says"),
    [
        (file("a.amr"), {}, "audio/amr"),
        (file("a.mp4"), {}, "recording"),
        (file("a.webm", RECORDING), {}, "recording"),
        (file("noext"), {}, "recording"),
        ("some/audio/talk.mp4", {}, "recording"),
        (NOISE, {}, "recording"),
        ([file("a.wav"), file("b.wav")], {}, "2 provided"),
        (file("a.wav", b"x" * 1023), {}, "less than 1024"),  # STT-04
        (file("a.wav"), {"maxBytes": 1999}, "larger than 1999"),
        ([], {}, "required"),
    ],
)
def test_what_is_no_recording_or_too_large_or_too_small_is_refused(
    audio: Any, own: Any, says: str
) -> None:
    with pytest.raises(CallError, match=says):
        bind(transcription(**own), {"audio": audio})


def test_a_file_is_read_and_a_url_is_fetched(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(NOISE)
    assert heard(str(path)).transport.sent[0].body["input_audio"]["format"] == "mp3"
    reply = {"headers": {"content-type": "application/octet-stream"}, "text": "x" * 1024}
    secrets = Secrets({"OPENROUTER_API_KEY": KEY})
    url = "https://media.example.com/talk.ogg?signature=canary"
    run = Run(transcription(), {"fetch": [reply]}, secrets, audio=url)
    assert run.steps == ["fetch", "transcribe"]
    assert run.transport.sent[1].body["input_audio"]["format"] == "ogg"
    shown = bind(transcription(), {"audio": url}).requests[1].body["input_audio"]
    assert shown == {"data": f"<the bytes of {url}>", "format": "ogg"}


def test_a_text_comes_out_trimmed_and_cut() -> None:
    run = heard(RECORDING, [{"body": {"text": "  hello world \n"}}], maxChars=4)
    assert run.result is not None
    assert (run.result.text, run.result.ref) == ("hell", WHISPER)
    run = heard(RECORDING, [{"body": {"text": " "}}])
    assert run.error is not None
    assert "missing text" in run.error.message  # STT-30


def test_a_call_s_time_limit_is_rounded_up_to_seconds() -> None:
    run = Run(transcription(), {}, audio=RECORDING, timeoutMs=4001)
    assert run.limits == [5000]  # STT-22


@pytest.mark.parametrize(
    ("replies", "sent"),
    [
        ([{"status": 500}, {}], 2),
        ([{"status": 503}], 2),
        ([{"networkError": "reset"}, {}], 2),
        ([{"status": 501}], 1),
        ([{"status": 401}], 1),
        ([{"text": "no JSON"}], 1),
        ([{"hang": True}], 1),
    ],
)
def test_a_server_s_failure_is_tried_once_more(replies: Any, sent: int) -> None:
    run = heard(RECORDING, replies)
    assert run.waits == [0, 250][:sent]  # STT-23
    assert (run.result is not None) == (replies[-1] == {})


def test_after_a_rate_limit_the_next_key_is_tried_each_once() -> None:
    env = {"OPENROUTER_API_KEYS": f"sk-or-1; {KEY},sk-or-2", "OPENROUTER_API_KEY_1": "sk-or-3"}
    media = {"models": [entry(), entry(model="a/b")]}
    found = plan("transcription", media, env={"OPENROUTER_API_KEY": KEY, **env})
    run = Run(
        found,
        {"transcribe": [{"status": 429}]},
        Secrets({"OPENROUTER_API_KEY": KEY, **env}),
        audio=RECORDING,
    )
    keys = [sent.headers["authorization"].removeprefix("Bearer ") for sent in run.transport.sent]
    assert keys == [KEY, "sk-or-1", "sk-or-2", "sk-or-3"] * 2  # STT-21, then the next model
    assert run.error is not None


def test_an_image_is_described_by_the_first_model_that_answers() -> None:
    media = {
        "models": [entry(model="acme/text"), entry(model="openai/gpt-5.5"), entry(model=GEMINI)]
    }
    png = {"base64": PIXEL, "mime": "image/png"}
    script = {**LIST, "complete": [{"status": 402}, {}]}
    run = Run(plan("vision", media), script, image=png, prompt="What?", maxTokens=7)
    assert run.result is not None
    assert run.result.model == GEMINI
    assert run.steps == ["catalog", "complete", "complete"]  # the first does not see: VIS-01
    body = run.transport.sent[2].body
    assert body["max_completion_tokens"] == 7
    assert body["messages"][0]["content"][0] == {"type": "text", "text": "What?"}
    with pytest.raises(CallError, match="must be an image"):
        bind(plan("vision", media), {"image": {"name": "a.mp4", "data": NOISE}})


def test_without_the_list_no_model_is_known_to_see() -> None:
    run = Run(
        plan("vision", {"models": [entry(model=GEMINI)]}),
        {"catalog": [{"status": 500}]},
        image={"base64": PIXEL, "mime": "image/png"},
    )
    assert run.steps == ["catalog"]
    assert run.error is not None
    assert "does not take images" in run.error.message
