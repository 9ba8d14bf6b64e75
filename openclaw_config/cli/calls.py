"""Runs a call for the command line: binds it, shows or executes it, and reports the result."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import click

from openclaw_config.api import Config, secrets_of
from openclaw_config.cli import command, parameters
from openclaw_config.cli.compile import read_config
from openclaw_config.files import read_regular, reason_of, write_atomically
from openclaw_config.plan.model import VIDEO, Surface
from openclaw_config.runtime import errors, events, show
from openclaw_config.runtime.execute import Executor
from openclaw_config.runtime.results import Job, Result, spent

TERMINATED = 143
"""The exit code of a program that SIGTERM ended."""


class _Output:
    """Where the result of a call goes, and beside it the job that was submitted for a video."""

    def __init__(self, result: str, force: bool, surface: Surface) -> None:
        self.force = force
        self.file = "" if result == command.STDIN else result
        self.job = f"{self.file}.job.json" if self.file and surface == VIDEO else ""

    def check(self, resume: bool) -> None:
        """Refuse to write over a file, or past a job that is still to be fetched."""
        if self.force or not self.file:
            return
        if os.path.isfile(self.file):
            raise click.UsageError(f"'{self.file}' exists; --force writes over it")
        if not resume and os.path.isfile(self.job):
            raise click.UsageError(
                f"a job for '{self.file}' was submitted and never fetched: --resume fetches it,"
                " --force makes a new one"
            )

    def saved(self) -> Job:
        """The job of a video that is saved there."""
        job = None
        with suppress(OSError, ValueError):
            job = Job.from_json(read_regular(self.job, 64 * 1024 * 1024).decode("utf-8", "replace"))
        if job is None or job.surface != VIDEO:
            raise click.UsageError(f"'{self.job}': there is no saved job of a video")
        return job

    def save(self, job: Job) -> None:
        """Save a job. A failure is reported, and the call goes on: it is paid for."""
        if not self.job:
            return
        try:
            write_atomically(self.job, job.to_json().encode())
        except OSError as error:
            command.say(f"the job cannot be saved: {reason_of(error)}")

    def remove(self) -> None:
        """The result is there, or the job failed for good."""
        with suppress(OSError):
            os.unlink(self.job)


_HOW = frozenset(
    ("config", "capabilities", "dry_run", "no_fallback", "allow_exec", "output", "force", "resume")
)
"""The options that say how a call is made; the others are its own arguments."""


def run_call(surface: Surface, given: dict[str, Any]) -> int:
    """Execute a call, or show its requests; gives the exit code.

    ``given`` has the options by name: an ``output`` of None is one that has to be there.
    """
    dry_run: str | None = given["dry_run"]
    if dry_run is None and given.get("output", "") is None:
        raise click.UsageError("say where the result goes: -o FILE")
    out = _Output(given.get("output") or "", given.get("force", False), surface)
    loaded = read_config(given["config"], given["capabilities"])
    try:
        if given.get("resume"):
            job = out.saved()
            out.check(resume=True)
            plan = loaded.plan_of(job, agent=given["agent"])
            return _executed(loaded, out, lambda it, **how: it.resume(plan, job, **how))
        own = {name: value for name, value in given.items() if name not in _HOW}
        call = {name: value for name, value in own.items() if value not in (None, ())}
        bound = loaded.bind(surface, fallback=not given["no_fallback"], **call)
        notes = bound.normalization.lines()  # Refuses what no list of models would let through.
    except errors.UnusableError as problem:
        command.say(f"openclaw-config: {problem.message}")
        return command.FINDINGS
    for line in notes:
        parameters.remark(f"note: {line}")
    if dry_run is None:
        out.check(resume=False)
        return _executed(loaded, out, lambda it, **how: it.run(bound, **how))
    if dry_run == "json":
        command.write_value(show.as_json(bound))
    else:
        command.write(show.as_curl(bound) if dry_run == "curl" else show.as_text(bound))
    return command.FINE


def _executed(config: Config, out: _Output, call: Callable[..., Awaitable[Result]]) -> int:
    """Execute a call, a function of an Executor, and save or print its result."""
    printer = StreamPrinter()

    def listen(event: events.Event) -> None:
        if isinstance(event, events.Submitted):
            out.save(event.job)
        printer(event)

    async def run() -> Result:
        # As SIGINT does, SIGTERM ends the call where it waits, so that nothing is left. Windows
        # has no such handlers, and other threads than the main one none at all.
        with suppress(NotImplementedError, RuntimeError, ValueError):
            task = asyncio.current_task()
            assert task is not None
            task.get_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        secrets = secrets_of(config.document, config.plan, allow_exec=parameters.kept("allow_exec"))
        try:
            async with Executor(secrets) as executor:
                return await call(executor, to=out.file or None, replace=out.force, progress=listen)
        finally:
            printer.finish()

    try:
        result = asyncio.run(run())
        _write(config, result)
        out.remove()
    except errors.ExecutionError as failure:
        where = f" at {failure.step}" if failure.step else ""
        command.say(f"openclaw-config: the call failed{where}: {failure.message}")
        if failure.kind == "job":
            out.remove()
        return command.FINDINGS
    except asyncio.CancelledError:
        return TERMINATED
    finally:
        if os.path.isfile(out.job):
            command.say(f"the job is saved: fetch it with --resume -o {out.file}")
    return command.FINE


def _write(config: Config, result: Result) -> None:
    for media in result.media:
        if media.path:
            parameters.remark(f"{media.path}: {media.mime}, {media.size} bytes, from {result.ref}")
        elif media.data is not None:
            sys.stdout.buffer.write(media.data)
            sys.stdout.buffer.flush()
    if result.words and not any(media.data for media in result.media):
        command.write(f"{result.words}\n")
    if result.answer is None:
        return
    every = (one for surface in config.plan.surfaces for one in surface.candidates)
    facts = next((one.facts for one in every if one.ref == result.ref), None)
    cost = spent(result.answer.usage, facts.price if facts is not None else None)
    if cost is not None:
        parameters.remark(f"{result.ref}: cost ${cost:.6f}".rstrip("0").rstrip("."))


# --- what is shown meanwhile ----------------------------------------------------------------------


class StreamPrinter:
    """Prints a streamed answer as it comes, and the state of its call in a line of its own."""

    def __init__(self) -> None:
        self._stream, self._line = sys.stdout, command.StatusLine()
        self._started = time.monotonic()
        self._terminal, self._ci = self._stream.isatty(), command.in_ci()
        self._pending = ""  # in CI, the line that is not complete: only whole ones are escaped
        self._at_start = True

    def __call__(self, event: events.Event) -> None:
        """Print what an event brings."""
        if isinstance(event, events.Delta):
            if event.kind == "text":
                self._line.clear()
                self._write(event.text)
                self._at_start = event.text.endswith("\n")
        elif isinstance(event, events.Failed):
            self.finish()
            command.say(f"{event.ref} failed: {event.message}")
        elif isinstance(event, events.Discarded):
            command.say("the answer broke off; it begins anew")
        elif text := _STATES.get(type(event), lambda _: "")(event):
            seconds = time.monotonic() - self._started
            self._line.draw(f"{seconds:4.0f} s  {text}", now=not isinstance(event, events.Received))

    def _write(self, text: str) -> None:
        """Write a piece of the answer: as it is into a pipe, harmless on a terminal and in CI."""
        if self._terminal or self._ci:
            text = "".join(char for char in text if char.isprintable() or char in "\n\t")
        if self._ci:
            complete, end, self._pending = (self._pending + text).rpartition("\n")
            text = command.only_shown(complete + end)
        self._stream.write(text)
        self._stream.flush()

    def finish(self) -> None:
        """End the line that the answer is on."""
        self._line.clear()
        if not self._at_start:
            self._write("\n")
            self._at_start = True


def _received(event: events.Received) -> str:
    of = f" of {event.total / 1000:,.0f}" if event.total else ""
    return f"received {event.size / 1000:,.0f}{of} kB"


_STATES: dict[type, Callable[[Any], str]] = {
    events.Trying: lambda event: f"asking {event.ref}{' again' if event.again else ''}",
    events.Sending: lambda event: (
        f"{event.step}: waiting for the answer" if event.number == 1 else ""
    ),
    events.Submitted: lambda _: "submitted",
    events.Polled: lambda event: f"{event.status or 'no status'}, for {event.elapsed:.0f} s",
    events.Received: _received,
    events.Waiting: lambda event: f"{event.why or 'waiting'}, next look in {event.seconds:.0f} s",
}
"""The state of a call in a few words, by the event that tells it."""
