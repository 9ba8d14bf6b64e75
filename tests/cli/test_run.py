"""``run``: calls from the command line, against a server on this machine."""

from __future__ import annotations

import base64
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openclaw_config.runtime import exchange, http
from openclaw_config.validation.rules import providers
from tests.cli.program import run
from tests.server import provider as server
from tests.server.plans import KEY
from tests.server.provider import Provider, Reply, error, in_thread

VIDEO = ("run", "video", "--prompt", "a lobster")

# Media never goes to this machine (HTTP-06), so the guard is lifted where the test server is meant.
UNGUARDED = """
import signal
import sys
# What starts tests in the background has them ignore Ctrl-C, and they would hand that on.
signal.signal(signal.SIGINT, signal.default_int_handler)
from openclaw_config.cli.main import main
from openclaw_config.runtime import exchange, http
exchange.is_local = lambda host: False
http.is_private = lambda address: False
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A running server, and a working folder whose config leads to it."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENCLAW_CONFIG_PATH", "OPENCLAW_STATE_DIR", "OPENCLAW_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    monkeypatch.setattr(exchange, "is_local", lambda host: False)
    monkeypatch.setattr(http, "is_private", lambda address: False)
    monkeypatch.setattr(providers, "_guarded", lambda context: ())  # what foretells the guard
    with in_thread(Provider()) as running:
        running.polls = 0
        write_config(tmp_path, running)
        yield running


def write_config(folder: Path, provider: Provider) -> None:
    base = {"baseUrl": f"{provider.origin}/api/v1", "models": []}
    defaults = {
        "model": "openrouter/openai/gpt-4o-mini",
        "videoGenerationModel": "openrouter/google/veo-3.1-fast",
        "imageGenerationModel": "openrouter/google/gemini-3-pro-image-preview",
        "mediaGenerationAutoProviderFallback": False,
    }
    config = {
        "agents": {"defaults": defaults},
        "models": {"providers": {"openrouter": base}},
        "meta": {"lastTouchedVersion": "2026.4.29"},
    }
    (folder / ".openclaw").mkdir(exist_ok=True)
    (folder / ".openclaw" / "openclaw.json").write_text(json.dumps(config), encoding="utf-8")


def test_a_video_is_saved_and_what_was_fitted_is_told(provider: Provider, tmp_path: Path) -> None:
    result = run(*VIDEO, "--duration", "5", "--resolution", "480P", "-o", "out.mp4")
    assert (result.code, result.out) == (0, "")
    assert result.err.splitlines() == [
        "note: durationSeconds: 5 -> 6 (it takes 4, 6, or 8)",
        "note: resolution: 480P is not sent (it takes 720P or 1080P; OpenClaw does not say so)",
        "out.mp4: video/mp4, 12 bytes, from openrouter/google/veo-3.1-fast",
    ]
    assert (tmp_path / "out.mp4").read_bytes() == b"a small film"
    assert sorted(os.listdir(tmp_path)) == [".openclaw", "out.mp4"]


def test_an_image_goes_to_standard_output(provider: Provider) -> None:
    result = subprocess.run(
        [sys.executable, "-c", UNGUARDED, "run", "image", "-p", "x", "-o", "-"],
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert result.returncode == 0
    assert result.stdout.startswith(b"\x89PNG")


def test_chat_writes_the_answer(provider: Provider) -> None:
    result = run("run", "chat", "hello", "--system", "be kind", "--thinking", "off")
    cost = "openrouter/openai/gpt-4o-mini: cost $0.1\n"
    assert (result.code, result.out, result.err) == (0, "Hello there!\n", cost)
    assert [message["role"] for message in provider.served[-1].json["messages"]] == [
        "system", "user",
    ]  # fmt: skip


def test_a_conversation_from_a_file(provider: Provider, tmp_path: Path) -> None:
    talk = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]
    (tmp_path / "talk.json").write_text(json.dumps(talk), encoding="utf-8")
    assert run("run", "chat", "three", "--messages", "talk.json").code == 0
    assert len(provider.served[-1].json["messages"]) == 3
    (tmp_path / "talk.json").write_text("{", encoding="utf-8")
    assert run("run", "chat", "three", "--messages", "talk.json").code == 2


@pytest.mark.parametrize("form", ["text", "json", "curl"])
def test_a_dry_run_sends_nothing_and_shows_no_key(provider: Provider, form: str) -> None:
    result = run(*VIDEO, f"--dry-run={form}")
    assert result.code == 0
    assert f"{provider.origin}/api/v1/videos" in result.out
    assert KEY not in result.out + result.err
    assert provider.served == []
    if form == "json":
        submit = json.loads(result.out)["requests"][0]
        assert submit["headers"][0] == {
            "name": "Authorization", "value": "Bearer ", "ref": "env:OPENROUTER_API_KEY",
        }  # fmt: skip


def test_the_curl_command_does_what_it_says(provider: Provider, tmp_path: Path) -> None:
    script = run(*VIDEO, "--dry-run=curl").out.partition("\n\n")[0]
    done = subprocess.run(
        ["sh"], check=False, input=script.encode(), capture_output=True, timeout=60
    )
    if done.returncode == 127:
        pytest.skip("there is no curl here")
    assert json.loads(done.stdout)["id"] == "job-1"
    assert provider.served[0].headers["authorization"] == f"Bearer {KEY}"
    assert provider.served[0].json == {"model": "google/veo-3.1-fast", "prompt": "a lobster"}


def test_what_the_call_may_not_ask_is_wrong_use(provider: Provider) -> None:
    result = run(*VIDEO, "--aspect-ratio", "16:10", "-o", "out.mp4")
    assert result.code == 2
    assert "aspectRatio must be one of 1:1" in result.err
    lacking = run("run", "video", "-o", "out.mp4").err
    assert lacking.startswith("openclaw-config: prompt required\nTry 'openclaw-config run video")
    assert run(*VIDEO).code == 2
    assert run(*VIDEO, "--option", "seed", "-o", "x").code == 2
    assert run(*VIDEO, "--option", "draft=true", "-o", "x").code == 2
    assert provider.served == []


def test_a_file_is_not_written_over(provider: Provider, tmp_path: Path) -> None:
    (tmp_path / "out.mp4").write_text("mine", encoding="utf-8")
    result = run(*VIDEO, "-o", "out.mp4")
    assert (result.code, "--force" in result.err) == (2, True)
    assert run(*VIDEO, "-o", "out.mp4", "--force").code == 0
    assert (tmp_path / "out.mp4").read_bytes() == b"a small film"


def test_a_failed_call_names_its_step(provider: Provider, tmp_path: Path) -> None:
    provider.replies["submit"] = [error(402, "Insufficient credits")]
    result = run(*VIDEO, "-o", "out.mp4")
    assert result.code == 1
    assert "failed at submit" in result.err
    assert "(HTTP 402): Insufficient credits" in result.err
    assert os.listdir(tmp_path) == [".openclaw"]


def test_a_job_is_fetched_later(provider: Provider, tmp_path: Path) -> None:
    provider.replies["poll"] = [error(500, "down")]
    result = run(*VIDEO, "-o", "out.mp4")
    assert result.code == 1
    assert "fetch it with --resume -o out.mp4" in result.err
    saved = (tmp_path / "out.mp4.job.json").read_text(encoding="utf-8")
    assert KEY not in saved
    assert run(*VIDEO, "-o", "out.mp4").code == 2
    del provider.replies["poll"]
    assert run("run", "video", "--resume", "-o", "out.mp4").code == 0
    assert sorted(os.listdir(tmp_path)) == [".openclaw", "out.mp4"]
    assert provider.kinds().count("submit") == 1


def test_the_job_of_a_model_that_the_call_asked_for_is_fetched_later(
    provider: Provider, tmp_path: Path
) -> None:
    provider.replies["poll"] = [error(500, "down")]
    asked = ("--model", "openrouter/acme/other-video")
    assert run(*VIDEO, *asked, "-o", "out.mp4").code == 1
    saved = json.loads((tmp_path / "out.mp4.job.json").read_text(encoding="utf-8"))
    assert saved["ref"] == asked[1]
    del provider.replies["poll"]
    assert run("run", "video", "--resume", "-o", "out.mp4").code == 0
    assert sorted(os.listdir(tmp_path)) == [".openclaw", "out.mp4"]
    assert provider.kinds().count("submit") == 1


def test_a_job_that_failed_for_good_is_not_kept(provider: Provider, tmp_path: Path) -> None:
    provider.replies["poll"] = [server.as_json({"status": "failed", "error": "policy"})]
    result = run(*VIDEO, "-o", "out.mp4")
    assert (result.code, "failed at poll: policy" in result.err) == (1, True)
    assert os.listdir(tmp_path) == [".openclaw"]


def test_there_must_be_a_job_to_fetch(provider: Provider, tmp_path: Path) -> None:
    assert run("run", "video", "--resume", "-o", "out.mp4").code == 2
    (tmp_path / "out.mp4.job.json").write_text("[]", encoding="utf-8")
    assert "no saved job of a video" in run("run", "video", "--resume", "-o", "out.mp4").err


def test_a_config_that_does_not_load_sends_nothing(provider: Provider, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    assert run(*VIDEO, "-o", "out.mp4", "--config", "bad.json").code == 1
    assert provider.served == []


@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_video_leaves_its_job_and_no_part_of_a_file(
    provider: Provider, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    headers = (("Content-Type", "video/mp4"),)
    provider.replies["download"] = [Reply(200, headers, b"half", server.STALL_BODY)]
    program = subprocess.Popen(
        [sys.executable, "-c", UNGUARDED, *VIDEO, "-o", "out.mp4"],
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    while not {"out.mp4.job.json", ".out.mp4.tmp"} <= set(os.listdir(tmp_path)):
        assert program.poll() is None
        time.sleep(0.01)
    program.send_signal(number)
    _, err = program.communicate(timeout=30)
    assert program.returncode == code
    assert sorted(os.listdir(tmp_path)) == [".openclaw", "out.mp4.job.json"]
    assert b"the job is saved" in err
    del provider.replies["download"]
    assert run("run", "video", "--resume", "-o", "out.mp4").code == 0


def test_progress_on_a_terminal_is_one_line_that_goes_away(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    from openclaw_config.cli.calls import StreamPrinter
    from openclaw_config.runtime import events
    from tests.cli.test_progress_bar import Terminal

    stream, out = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", stream)
    printer = StreamPrinter()
    heard: list[Any] = [
        events.Trying("openrouter/a/b"),
        events.Sending("submit", "POST", 1),
        events.Submitted(None),
        events.Polled("poll", "in\x1b[2Jprogress", 5.0),
        events.Waiting("poll", 5.0, "pending"),
        events.Received("download", 500_000, 2_000_000),
        events.Delta("text", "Hi"),
        events.Delta("reasoning", "hm"),
    ]
    for event in heard:
        printer(event)
    printer.finish()
    shown = stream.getvalue()
    assert "\n" not in shown
    assert "\x1b[2J" not in shown
    assert "openrouter/a/b" in shown
    assert shown.endswith("\r\x1b[K")
    assert out.getvalue() == "Hi\n"


# --- hostile input ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("chat", "hi", "--agent", "nope"), "nope"),
        (("chat", "--messages", "deep.json"), "cannot read a conversation"),
        (("chat", "--messages", "/dev/zero"), "cannot read a conversation"),
        (("video", "--resume", "-o", "bytes.mp4"), "no saved job of a video"),
        (("video", "--resume", "-o", "surface.mp4"), "no saved job of a video"),
    ],
    ids=lambda value: "-".join(value)[:30],
)
def test_hostile_input_is_wrong_use(
    provider: Provider, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "deep.json").write_text("[" * 200_000)
    (tmp_path / "bytes.mp4.job.json").write_bytes(b"\xff\xfe")
    job = {"jobVersion": 1, "surface": "nope", "ref": "a/b", "responses": {}}
    (tmp_path / "surface.mp4.job.json").write_text(json.dumps(job))
    done = run("run", *arguments)
    assert done.code == 2
    assert said in done.err
    assert provider.served == []


def test_an_option_that_is_nested_too_deep_is_a_text(provider: Provider) -> None:
    done = run("run", "video", "-p", "x", "--option", "seed=" + "[" * 100_000, "--dry-run")
    assert done.code == 2
    assert "seed" in done.err


@pytest.mark.parametrize("responses", [{}, {"submit": {}, "poll": {}, "download": {}}])
@pytest.mark.parametrize("ref", ["a/b", "openrouter/google/veo-3.1-fast"])
def test_a_job_without_anything_to_fetch_fails_and_stays(
    provider: Provider, tmp_path: Path, ref: str, responses: dict[str, object]
) -> None:
    job = tmp_path / "out.mp4.job.json"
    body = {"jobVersion": 1, "surface": "video", "ref": ref, "responses": responses}
    job.write_text(json.dumps(body))
    done = run("run", "video", "--resume", "-o", "out.mp4")
    assert done.code == 1
    assert job.exists()


def test_a_resumed_job_does_not_write_over_a_file(provider: Provider, tmp_path: Path) -> None:
    (tmp_path / "out.mp4").write_text("mine")
    job = {"jobVersion": 1, "surface": "video", "ref": "a/b", "responses": {}}
    (tmp_path / "out.mp4.job.json").write_text(json.dumps(job))
    assert run("run", "video", "--resume", "-o", "out.mp4").code == 2
    assert (tmp_path / "out.mp4").read_text() == "mine"


def test_no_result_replaces_a_file_of_another_call(provider: Provider, tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    for number in (1, 2):
        assert run(*VIDEO, "-o", "videos").code == 0, number
    assert sorted(os.listdir(tmp_path / "videos")) == ["video-1.mp4", "video-2.mp4"]
    (tmp_path / "out-2.png").write_text("mine")
    (tmp_path / "out.png.job.json").write_text("mine")
    two = [{"image_url": {"url": f"data:image/png;base64,{server.PIXEL}"}}] * 2
    provider.replies["image"] = [server.as_json({"choices": [{"message": {"images": two}}]})]
    assert run("run", "image", "-p", "x", "--count", "2", "-o", "out.png", "--force").code == 0
    assert (tmp_path / "out-2.png").read_text() == "mine"
    assert (tmp_path / "out.png.job.json").read_text() == "mine"
    assert {"out.png", "out-3.png"} <= set(os.listdir(tmp_path))


@pytest.mark.skipif(os.name != "posix", reason="devices and pipes of POSIX")
def test_a_device_or_a_pipe_is_written_to(provider: Provider, tmp_path: Path) -> None:
    before = os.stat(os.devnull)
    assert run(*VIDEO, "-o", os.devnull).code == 0
    assert os.stat(os.devnull).st_rdev == before.st_rdev
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        assert run(*VIDEO, "-o", pipe).code == 0
        assert reader.communicate(timeout=30)[0] == provider.video
    assert stat.S_ISFIFO(os.stat(pipe).st_mode)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no full device")
def test_a_full_or_closed_stdout_is_no_fault_of_ours(provider: Provider) -> None:
    command = [sys.executable, "-m", "openclaw_config", *VIDEO, "--dry-run"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, check=False, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert "No space left" in done.stderr
    closed = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *command], check=False)
    assert closed.returncode == 0


@pytest.mark.parametrize(("ci", "said"), [("", "::error::x\x1b[2J"), ("true", ": :error::x[2J")])
def test_a_models_words_are_no_commands_in_ci(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, ci: str, said: str
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", ci)
    provider.replies["chat"] = [server.words("a\n:", ":error", "::x\x1b[2J")]
    assert run("run", "chat", "hi").out == f"a\n{said}\n"


@pytest.mark.parametrize("surface", ["music", "transcription"])
def test_what_a_release_does_not_have_is_not_sent(provider: Provider, surface: str) -> None:
    arguments = {"music": ("-p", "a waltz"), "transcription": ("talk.mp3",)}[surface]
    result = run("run", surface, *arguments, "--dry-run")
    message = f"openclaw-config: no {surface} calls are known of OpenClaw 2026.4.29\n"
    assert (result.code, result.out, result.err) == (1, "", message)
    compiled = run("compile", "--surface", surface)
    assert (compiled.code, compiled.out.strip()) == (0, "")
    assert compiled.err.endswith(message.removeprefix("openclaw-config: "))


def test_music_is_saved_and_its_words_are_shown(provider: Provider, tmp_path: Path) -> None:
    path = tmp_path / ".openclaw" / "openclaw.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["meta"]["lastTouchedVersion"] = "2026.9.6"
    config["agents"]["defaults"] = {
        "mediaModels": {"music": "openrouter/google/lyria-3-pro-preview"}
    }
    path.write_text(json.dumps(config), encoding="utf-8")
    result = run("run", "music", "-p", "a waltz", "--format", "wav", "-o", "waltz.wav")
    said = "waltz.wav: audio/wav, 12 bytes, from openrouter/google/lyria-3-pro-preview\n"
    assert (result.code, result.out, result.err) == (0, "la la\n", said)
    assert (tmp_path / "waltz.wav").read_bytes() == b"RIFF a waltz"
    result = run("run", "music", "-p", "a waltz", "-o", "waltz.mp3")
    assert result.err.startswith("waltz.mp3: audio/mpeg, ")
    result = run("run", "music", "-p", "a waltz", "-o", "-")
    assert (result.code, result.out) == (0, "RIFF a waltz")


def test_what_is_said_and_what_is_shown_goes_to_standard_output(
    provider: Provider, tmp_path: Path
) -> None:
    path = tmp_path / ".openclaw" / "openclaw.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    block = config["models"]["providers"]["openrouter"]
    block["models"] = [{"id": "a/b", "name": "b", "input": ["text", "image"]}]
    entries = [
        {"provider": "openrouter", "capabilities": ["audio"]},
        {"provider": "openrouter", "capabilities": ["image"], "model": "a/b"},
    ]
    config["tools"] = {"media": {"models": entries, "audio": {"language": "de"}}}
    config["agents"]["defaults"] = {}
    path.write_text(json.dumps(config), encoding="utf-8")
    (tmp_path / "talk.mp3").write_bytes(b"ID3" + bytes(1024))
    (tmp_path / "cat.png").write_bytes(base64.b64decode(server.PIXEL))
    result = run("run", "transcription", "talk.mp3", "--target", "2026.9.6")
    assert (result.code, result.out, result.err) == (0, "Guten Tag.\n", "")
    assert provider.served[0].json["input_audio"]["format"] == "mp3"
    assert provider.served[0].json["language"] == "de"
    result = run("run", "vision", "cat.png", "-p", "What is it?", "--target", "2026.9.6")
    told = "openrouter/a/b: cost $0.1\n"
    assert (result.code, result.out, result.err) == (0, "Hello there!\n", told)
    result = run("run", "transcription", "cat.png", "--target", "2026.9.6")
    assert (result.code, result.out) == (2, "")
    assert "audios must be a recording" in result.err
    result = run("run", "transcription", "talk.mp3", "--target", "2026.9.6", "--dry-run=curl")
    assert "/audio/transcriptions" in result.out


def test_a_dry_run_shows_a_url_that_is_made_of_an_answer(
    provider: Provider, tmp_path: Path
) -> None:
    path = tmp_path / "google.json5"
    model = "google/veo-3.1-fast-generate-preview"
    path.write_text(f'{{ agents: {{ defaults: {{ videoGenerationModel: "{model}" }} }} }}')
    result = run("run", "video", "-p", "x", "--config", str(path), "--dry-run")
    assert "\npoll  GET https://generativelanguage.googleapis.com/v1beta/{name}  [" in result.out
