"""What a service needs of the runtime: ends, listeners, files and systems of all kinds."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from openclaw_config.files import write_atomically
from openclaw_config.plan.model import SecretProvider
from openclaw_config.plan.urls import is_private
from openclaw_config.plan.values import every_at
from openclaw_config.runtime.bind import bind
from openclaw_config.runtime.errors import ExecutionError, SecretError
from openclaw_config.runtime.events import (
    Answered,
    Delta,
    Discarded,
    Event,
    Failed,
    Submitted,
    Trying,
)
from openclaw_config.runtime.execute import Executor
from openclaw_config.runtime.secrets import Secret, Secrets
from tests.conformance.requests import _usual
from tests.runtime.calls import PLANS
from tests.runtime.test_execute import CALLS
from tests.runtime.virtual import ScriptedTransport, VirtualClock

SECRETS = Secrets({"OPENROUTER_API_KEY": "sk-or-canary"})


class Stalled:
    """A transport that never answers."""

    def __init__(self) -> None:
        self.sent = 0
        self.asked = asyncio.Event()

    async def send(self, request: Any) -> Any:
        self.sent += 1
        self.asked.set()
        await asyncio.Event().wait()

    async def close(self) -> None: ...


def test_closing_ends_the_call_in_flight_and_refuses_later_ones() -> None:
    async def main() -> None:
        transport = Stalled()
        executor = Executor(SECRETS, transport=transport)
        bound = bind(PLANS["speech"], CALLS["speech"])
        call = asyncio.ensure_future(executor.run(bound))
        await transport.asked.wait()
        await executor.close()
        with pytest.raises(ExecutionError) as ended:
            await call
        assert (ended.value.kind, ended.value.step) == ("closed", "speak")
        with pytest.raises(ExecutionError) as refused:
            await executor.run(bound)
        assert refused.value.kind == "closed"
        assert transport.sent == 1

    asyncio.run(main())


def test_cancelling_a_call_is_no_failure_of_it() -> None:
    async def main() -> None:
        transport = Stalled()
        async with Executor(SECRETS, transport=transport) as executor:
            bound = bind(PLANS["speech"], CALLS["speech"])
            call = asyncio.ensure_future(executor.run(bound))
            await transport.asked.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call

    asyncio.run(main())


def executed(surface: str, script: dict[str, Any], **more: Any) -> tuple[Any, list[Event]]:
    clock, events = VirtualClock(), list[Event]()
    executor = Executor(SECRETS, transport=ScriptedTransport(clock, script, _usual), clock=clock)
    bound = bind(more.get("plan", PLANS[surface]), CALLS[surface] | more.get("call", {}))
    try:
        outcome: Any = asyncio.run(executor.run(bound, progress=events.append))
    except ExecutionError as error:
        outcome = error
    return outcome, events


def test_an_async_listener_is_refused_before_anything_is_sent() -> None:
    clock = VirtualClock()
    transport = ScriptedTransport(clock, {}, _usual)

    async def listen(event: Event) -> None: ...

    executor = Executor(SECRETS, transport=transport, clock=clock)
    bound = bind(PLANS["video"], CALLS["video"])
    with pytest.raises(TypeError, match="plain function"):
        asyncio.run(executor.run(bound, progress=listen))  # type: ignore[arg-type]
    assert transport.sent == []


def test_a_job_keeps_the_limits_of_its_call() -> None:
    _, events = executed("video", {}, call={"timeoutMs": 12_345})
    (job,) = [event.job for event in events if isinstance(event, Submitted)]
    clock = VirtualClock()
    transport = ScriptedTransport(clock, {}, _usual)
    executor = Executor(SECRETS, transport=transport, clock=clock)
    asyncio.run(executor.resume(PLANS["video"], job))
    assert {sent.request.timeout_ms for sent in transport.sent} <= set(range(12_346))


def test_a_broken_stream_that_begins_anew_is_an_event() -> None:
    headers = {"content-type": "text/event-stream"}
    broken = 'data: {"choices":[{"delta":{"content":"Hel"}}]}\n\ndata: {"error":{"code":502}}\n\n'
    outcome, events = executed("chat", {"complete": [{"headers": headers, "text": broken}, {}]})
    kinds = [type(event) for event in events]
    assert outcome.answer is not None
    assert kinds.index(Delta) < kinds.index(Failed) < kinds.index(Discarded)
    assert Trying in kinds[kinds.index(Discarded) :]


def test_events_have_times_statuses_and_request_ids() -> None:
    reply = {"status": 500, "headers": {"X-Request-Id": "r-1"}, "body": {}}
    outcome, events = executed("image", {"generate": [reply]})
    assert isinstance(outcome, ExecutionError)
    assert all(event.at > 1_700_000_000 for event in events)
    answered = next(event for event in events if isinstance(event, Answered))
    assert (answered.status, answered.request_id) == (500, "r-1")
    assert outcome.attempts[0].request_id == "r-1"


def test_the_failure_that_matters_is_the_last_one_that_was_sent() -> None:
    sent = Failed("a/b", "a", "b", "http", "submit", "no credit", 402)
    unusable = Failed("c/d", "c", "d", "unusable", "", "no key")
    error = ExecutionError("all failed", (sent, unusable, unusable))
    assert (error.kind, error.step) == ("http", "submit")
    limit = ExecutionError("too late", (sent,), kind="timeout", step="poll")
    assert (limit.kind, limit.step) == ("timeout", "poll")


def test_providers_that_nobody_asked_for_are_no_attempts() -> None:
    plan = PLANS["image"]
    added = plan.candidates[0]._replace(ref="x/y", automatic=True, problem="no plan", steps=())
    plan = plan._replace(candidates=(plan.candidates[0], added, added))
    outcome, events = executed("image", {"generate": [{"status": 402, "body": {}}]}, plan=plan)
    assert {attempt.ref for attempt in outcome.attempts} == {plan.candidates[0].ref}
    assert not [event for event in events if isinstance(event, Trying) and event.ref == "x/y"]


def test_an_image_answer_that_is_an_error_says_it() -> None:
    body = {"error": {"message": "moderated"}}
    outcome, _ = executed("image", {"generate": [{"body": body}]})
    assert outcome.kind == "response"
    assert "moderated" in outcome.message


def test_the_log_tells_what_failed_and_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", logger="openclaw_config"):
        executed("image", {"generate": [{"status": 402, "body": {}}]})
        executed("chat", {})
    assert "failed ref=" in caplog.text
    assert "status=402" in caplog.text
    assert {record.levelname for record in caplog.records} == {"DEBUG", "INFO"}
    assert "delta" not in caplog.text


def test_a_call_is_a_span_where_a_program_has_opentelemetry(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Any] = []

    class Span:
        def add_event(self, name: str, fields: dict[str, Any]) -> None:
            seen.append((name, fields))

    class Trace(ModuleType):
        def get_tracer(self, name: str) -> Any:
            return self

        def start_as_current_span(self, name: str, attributes: Any) -> Any:
            seen.append((name, attributes))
            return nullcontext(Span())

    monkeypatch.setitem(sys.modules, "opentelemetry.trace", Trace("trace"))
    executed("speech", {})
    names = [name for name, _ in seen]
    assert names[0] == "openclaw_config speech"
    assert {"trying", "sending", "answered"} <= set(names)
    assert all(isinstance(value, str | int | float) for _, f in seen for value in f.values())


# --- files ------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_what_a_killed_process_left_goes_with_the_next_write(tmp_path: Path) -> None:
    target = tmp_path / "openclaw.json"
    program = (
        "import os, signal, sys; from openclaw_config import files\n"
        "os.fsync = lambda fd: os.kill(os.getpid(), signal.SIGKILL)\n"
        "files.write_atomically(sys.argv[1], b'x')"
    )
    done = subprocess.run([sys.executable, "-c", program, str(target)], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    long_ago = time.time() - 60
    os.utime(left, (long_ago, long_ago))
    write_atomically(str(target), b"y")
    assert [path.name for path in tmp_path.iterdir()] == ["openclaw.json"]
    assert target.read_bytes() == b"y"


def provided(
    source: str, settings: dict[str, Any], name: str, environment: dict[str, str] | None = None
) -> Secret | None:
    """The secret of a provider with these settings. Raises SecretError."""
    providers = (SecretProvider("p", source, settings),)
    secrets = Secrets(environment or dict(os.environ), providers=providers, allow_exec=True)
    return asyncio.run(secrets.resolve(f"{source}:p:{name}"))


def test_binary_files_are_opened_as_such_where_systems_know_text_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary, seen, real = 0x8000, [], os.open

    def spy(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        seen.append(flags & binary)
        return real(path, flags & ~binary, mode, **more)

    monkeypatch.setattr(os, "O_BINARY", binary, raising=False)
    monkeypatch.setattr(os, "open", spy)
    target = str(tmp_path / "a")
    write_atomically(target, b"x")
    os.chmod(target, 0o600)
    settings = {"path": target, "mode": "singleValue"}
    found = provided("file", settings, "value")
    assert found is not None
    assert found.reveal() == "x"
    assert len(seen) >= 2
    assert all(seen)


@pytest.mark.skipif(os.name != "posix", reason="a script stands in for the command")
def test_a_command_ends_where_there_are_no_process_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "slow"
    command.write_text("#!/bin/sh\nexec sleep 60\n")
    command.chmod(0o700)
    monkeypatch.delattr(os, "killpg")
    settings = {"command": str(command), "timeoutMs": 50, "passEnv": ["PATH"]}
    with pytest.raises(SecretError, match="too long"):
        provided("exec", settings, "id")


ODD = ["\0", "a\0b", "/a\0b", "/\ud800", "/a/\udfff"]


@pytest.mark.parametrize("odd", ODD)
def test_odd_characters_in_secret_settings_are_refused(odd: str) -> None:
    with pytest.raises(SecretError):
        provided("file", {"path": odd}, "/a")
    base: dict[str, Any] = {"command": "/bin/echo", "allowInsecurePath": True}
    for settings in (
        {**base, "command": f"/{odd}"},
        {"command": f"/{odd}"},
        {**base, "args": [odd]},
        {**base, "env": {"A": "env:ODD"}},
        {**base, "env": {odd: "env:A"}},
    ):
        with pytest.raises(SecretError):
            provided("exec", settings, "id", {"A": "a", "ODD": odd})


@pytest.mark.parametrize("pointer", ["/a/²", "/a/1" + "0" * 5000, "/a/٣", "/a/-1", "/a/"])
def test_odd_pointers_lead_nowhere(tmp_path: Path, pointer: str) -> None:
    file = tmp_path / "secrets.json"
    file.write_text('{"a": ["x", "y"]}')
    file.chmod(0o600)
    with pytest.raises(SecretError, match="no such secret"):
        provided("file", {"path": str(file)}, pointer)
    assert every_at({"a": ["x", "y"]}, pointer) == []


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("64:ff9b:1::808:808", True), ("::ffff:0:808:808", True), ("3fff::1", True),
        ("3fff:fff:ffff::1", True), ("5f00::1", True), ("2001:4860:4860::8888", False),
        ("3ffe::1", False), ("64:ff9b::808:808", False),
    ],
)  # fmt: skip
def test_special_addresses_are_private(address: str, private: bool) -> None:
    from ipaddress import ip_address

    assert is_private(ip_address(address)) is private
