"""Runs a call for the command line: binds it, shows or executes it, and reports the result."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, NamedTuple, TextIO, TypeVar

import click

from openclaw_config.api import Config, secrets_of
from openclaw_config.cli import command, parameters
from openclaw_config.cli.compile import read_config
from openclaw_config.compiler.compile import UnknownAgentError
from openclaw_config.files import read_regular, write_atomically
from openclaw_config.plan.model import VIDEO, Surface
from openclaw_config.runtime import events, show
from openclaw_config.runtime.errors import (
    CallError,
    ExecutionError,
    MissingExtraError,
    UnusableError,
)
from openclaw_config.runtime.execute import Executor
from openclaw_config.runtime.results import Job, Result

STDOUT = "-"
_MOST_JOB = 64 * 1024 * 1024
# The largest saved job that is read, in bytes.
TERMINATED = 143
"""The exit code of a program that SIGTERM ended."""

T = TypeVar("T")


class Options(NamedTuple):
    """What all kinds of calls have in common on the command line."""

    config: str | None = None
    agent: str = ""
    dry_run: str | None = None
    fallback: bool = True
    allow_exec: bool = False
    output: str = ""
    force: bool = False
    resume: bool = False
    capabilities: str | None = None


def run_call(surface: Surface, call: dict[str, Any], options: Options) -> int:
    """Bind a call and execute it, or show its requests; gives the exit code."""
    config = read_config(options.config, options.capabilities)
    try:
        if options.resume:
            return _resumed(config, options)
        bound = config.bind(surface, agent=options.agent, fallback=options.fallback, **call)
        notes = bound.normalization.lines()  # Refuses what no list of models would let through.
    except UnknownAgentError as problem:
        raise click.UsageError(str(problem.args[0])) from problem
    except CallError as problem:
        command.say(f"openclaw-config: {problem.message}")
        if problem.allowed and str(problem.allowed[-1]) not in problem.message:
            command.say(f"  {problem.argument} may be: {', '.join(map(str, problem.allowed))}")
        return command.USAGE
    except UnusableError as problem:
        command.say(f"openclaw-config: {problem.message}")
        return command.FINDINGS
    for line in notes:
        parameters.remark(f"note: {line}")
    if options.dry_run is not None:
        if options.dry_run == "json":
            command.write_value(show.as_json(bound))
        else:
            command.write(show.as_curl(bound) if options.dry_run == "curl" else show.as_text(bound))
        return command.FINE
    _check_output(options)
    job = _SavedJob(options.output if surface == VIDEO else "")
    return _executed(config, options, job, lambda executor, **how: executor.run(bound, **how))


def _check_output(options: Options) -> None:
    """Refuse to write over a file, or past a job that is still to be fetched."""
    if options.force or options.output in {"", STDOUT}:
        return
    if os.path.isfile(options.output):
        raise click.UsageError(f"'{options.output}' exists; --force writes over it")
    if not options.resume and os.path.isfile(_job_file(options.output)):
        raise click.UsageError(
            f"a job for '{options.output}' was submitted and never fetched: --resume fetches it,"
            " --force makes a new one"
        )


def _job_file(result: str) -> str:
    return f"{result}.job.json"


def _resumed(config: Config, options: Options) -> int:
    path = _job_file(options.output)
    try:
        job = Job.from_json(read_regular(path, _MOST_JOB).decode("utf-8", "replace"))
    except OSError as error:
        raise click.UsageError(f"there is no saved job '{path}'") from error
    except ValueError as error:
        raise click.UsageError(f"'{path}': this is not a saved job") from error
    if job.surface != VIDEO:
        raise click.UsageError(f"'{path}': this is not the job of a video")
    _check_output(options)
    plan = config.plan_of(job, agent=options.agent)
    saved = _SavedJob(options.output, exists=True)
    return _executed(
        config, options, saved, lambda executor, **how: executor.resume(plan, job, **how)
    )


def _executed(
    config: Config, options: Options, job: _SavedJob, call: Callable[..., Awaitable[Result]]
) -> int:
    """Execute a call, a function of an Executor, and save or print its result."""
    printer = StreamPrinter()

    def listen(event: events.Event) -> None:
        if isinstance(event, events.Submitted):
            job.save(event.job)
        printer(event)

    async def run() -> Result:
        secrets = secrets_of(config.document, config.plan, allow_exec=options.allow_exec)
        target = options.output if options.output != STDOUT else ""
        try:
            async with Executor(secrets) as executor:
                return await call(
                    executor, to=target or None, replace=options.force, progress=listen
                )
        finally:
            printer.finish()

    try:
        result = _until_done(run())
    except ExecutionError as failure:
        where = f" at {failure.step}" if failure.step else ""
        command.say(f"openclaw-config: the call failed{where}: {failure.message}")
        if failure.kind == "job":
            job.remove()
        elif job.exists:
            command.say(f"the job is saved: fetch it with --resume -o {options.output}")
        return command.FINDINGS
    except MissingExtraError as missing:
        command.say(f"openclaw-config: {missing}")
        return command.USAGE
    except BaseException:
        if job.exists:
            command.say(f"the job goes on: fetch it with --resume -o {options.output}")
        raise
    for media in result.media:
        if media.path:
            parameters.remark(f"{media.path}: {media.mime}, {media.size} bytes, from {result.ref}")
        elif media.data is not None:
            sys.stdout.buffer.write(media.data)
            sys.stdout.buffer.flush()
    if result.words and options.output != STDOUT:
        command.write(f"{result.words}\n")
    _tell_cost(config, result)
    job.remove()
    return command.FINE


def _tell_cost(config: Config, result: Result) -> None:
    if result.answer is None:
        return
    from openclaw_config.runtime.prices import spent

    every = (one for surface in config.plan.surfaces for one in surface.candidates)
    facts = next((one.facts for one in every if one.ref == result.ref), None)
    cost = spent(result.answer.usage, facts.price if facts is not None else None)
    if cost is not None:
        parameters.remark(f"{result.ref}: cost ${cost:.6f}".rstrip("0").rstrip("."))


class _SavedJob:
    """A submitted job that is kept beside the output until its result is there."""

    def __init__(self, result: str, exists: bool = False) -> None:
        self._path = _job_file(result) if result not in {"", STDOUT} else ""
        self.exists = exists

    def save(self, job: Job | None) -> None:
        """Save a job. A failure is reported, and the call goes on: it is paid for."""
        if not self._path or job is None:
            return
        try:
            write_atomically(self._path, job.to_json().encode())
            self.exists = True
        except OSError as error:
            command.say(
                f"the job cannot be saved: {command.reason_of(error).lower() or 'no reason given'}"
            )

    def remove(self) -> None:
        """The result is there, or the job failed for good."""
        if self.exists:
            self.exists = False
            with suppress(OSError):
                os.unlink(self._path)


def _until_done(work: Coroutine[Any, Any, T]) -> T:
    """Run something to its end. SIGINT and SIGTERM end it in order, so that nothing is left."""

    async def main() -> T:
        task = asyncio.current_task()
        if task is not None:
            with suppress(NotImplementedError, ValueError):
                loop = asyncio.get_running_loop()
                loop.add_signal_handler(signal.SIGTERM, task.cancel, _TERMINATED)
        return await work

    try:
        return asyncio.run(main())
    except asyncio.CancelledError as cancelled:
        if _TERMINATED in cancelled.args:
            raise click.exceptions.Exit(TERMINATED) from None
        raise


_TERMINATED = "SIGTERM"


# --- what is shown meanwhile ----------------------------------------------------------------------


class StreamPrinter:
    """Prints a streamed answer as it comes, and the state of its call in a line of its own."""

    def __init__(
        self, stream: TextIO | None = None, line: command.StatusLine | None = None
    ) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._line = command.StatusLine() if line is None else line
        self._started = time.monotonic()
        self._terminal = self._stream.isatty()
        self._ci = command.in_ci()
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
        elif text := _state(event):
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


def _state(event: events.Event) -> str:
    """The state of a call in a few words, or ""."""
    if isinstance(event, events.Trying):
        return f"asking {event.ref}{' again' if event.again else ''}"
    if isinstance(event, events.Sending):
        return f"{event.step}: waiting for the answer" if event.number == 1 else ""
    if isinstance(event, events.Submitted):
        return "submitted"
    if isinstance(event, events.Polled):
        return f"{event.status or 'no status'}, for {event.elapsed:.0f} s"
    if isinstance(event, events.Received):
        total = event.total
        of = f" of {_size(total)} ({100 * event.size // total} %)" if total else ""
        return f"received {_size(event.size)}{of}"
    if isinstance(event, events.Waiting):
        return f"{event.why or 'waiting'}, next look in {event.seconds:.0f} s"
    return ""


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{count / 1000:.0f} kB"
