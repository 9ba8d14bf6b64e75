"""Carrying out a call from the command line: bind, show or execute, and tell what came of it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

import click

from openclaw_config.api import Config
from openclaw_config.cli.configs import read_config
from openclaw_config.cli.output import FINDINGS, FINE, USAGE, remark, say, write
from openclaw_config.cli.progress import Progress, Speaker
from openclaw_config.compiler.compile import UnknownAgentError
from openclaw_config.files import read_regular
from openclaw_config.live import bind_call, secrets_of
from openclaw_config.plan.model import VIDEO
from openclaw_config.runtime import show
from openclaw_config.runtime.bind import Bound
from openclaw_config.runtime.errors import (
    CallError,
    ExecutionError,
    MissingExtraError,
    UnusableError,
)
from openclaw_config.runtime.events import Event, Submitted
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
    env_file: str | None = None
    agent: str = ""
    dry_run: str | None = None
    fallback: bool = True
    allow_exec: bool = False
    output: str = ""
    force: bool = False
    resume: bool = False
    capabilities: str | None = None


def carry_out(surface: str, call: dict[str, Any], options: Options) -> int:
    """Bind a call and execute it, or show its requests; gives the exit code."""
    _, config = read_config(options.config, "process", options.env_file, options.capabilities)
    if config is None:
        return FINDINGS
    try:
        if options.resume:
            return _resumed(config, options)
        bound = bind_call(config, surface, call, agent=options.agent, fallback=options.fallback)
    except UnknownAgentError as problem:
        raise click.UsageError(str(problem.args[0])) from problem
    except CallError as problem:
        say(f"openclaw-config: {problem.message}")
        if problem.allowed and str(problem.allowed[-1]) not in problem.message:
            say(f"  {problem.argument} may be: {', '.join(map(str, problem.allowed))}")
        return USAGE
    except UnusableError as problem:
        say(f"openclaw-config: {problem.message}")
        return FINDINGS
    for line in bound.normalization.lines():
        remark(f"note: {line}")
    if options.dry_run is not None:
        write(_shown(bound, options.dry_run))
        return FINE
    _check_output(options)
    return _executed(config, bound, options)


def _shown(bound: Bound, form: str) -> str:
    if form == "json":
        return json.dumps(show.as_json(bound), indent=2) + "\n"
    return show.as_curl(bound) if form == "curl" else show.as_text(bound)


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


def _job_file(output: str) -> str:
    return f"{output}.job.json"


def _executed(config: Config, bound: Bound, options: Options) -> int:
    progress = Progress()
    speaker = Speaker(progress)
    keeper = _JobKeeper(options.output) if bound.surface == VIDEO else None

    def listen(event: Event) -> None:
        if keeper is not None and isinstance(event, Submitted):
            keeper.keep(event.job)
        speaker(event)

    async def run() -> Result:
        secrets = secrets_of(config.document, config.plan, allow_exec=options.allow_exec)
        async with Executor(secrets) as executor:
            return await executor.run(
                bound, to=_target(options), replace=options.force, progress=listen
            )

    try:
        return _finished(_until_done(run()), options, speaker, keeper)
    except ExecutionError as failure:
        speaker.finish()
        _tell_failure(failure)
        if keeper is not None and failure.kind == "job":
            keeper.forget()
        elif keeper is not None and keeper.holds_job:
            say(f"the job is saved: fetch it with --resume -o {options.output}")
        return FINDINGS
    except MissingExtraError as missing:
        say(f"openclaw-config: {missing}")
        return USAGE
    except BaseException:
        speaker.finish()
        if keeper is not None and keeper.holds_job:
            say(f"the job goes on: fetch it with --resume -o {options.output}")
        raise


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
    progress = Progress()
    keeper = _JobKeeper(options.output)
    keeper.holds_job = True

    async def run() -> Result:
        secrets = secrets_of(config.document, config.plan, allow_exec=options.allow_exec)
        async with Executor(secrets) as executor:
            return await executor.resume(
                plan, job, to=_target(options), replace=options.force, progress=progress
            )

    try:
        return _finished(_until_done(run()), options, Speaker(progress), keeper)
    except ExecutionError as failure:
        progress.clear()
        _tell_failure(failure)
        if failure.kind == "job":
            keeper.forget()
        return FINDINGS
    except MissingExtraError as missing:
        say(f"openclaw-config: {missing}")
        return USAGE
    except BaseException:
        progress.clear()
        raise


def _target(options: Options) -> str | None:
    return options.output if options.output not in {"", STDOUT} else None


def _finished(result: Result, options: Options, speaker: Speaker, keeper: _JobKeeper | None) -> int:
    speaker.finish()
    for media in result.media:
        if media.path:
            remark(f"{media.path}: {media.mime}, {media.size} bytes, from {result.ref}")
        elif media.data is not None:
            sys.stdout.buffer.write(media.data)
            sys.stdout.buffer.flush()
    if keeper is not None:
        keeper.forget()
    return FINE


def _tell_failure(failure: ExecutionError) -> None:
    where = f" at {failure.step}" if failure.step else ""
    say(f"openclaw-config: the call failed{where}: {failure.message}")


class _JobKeeper:
    """Writes a submitted job down beside the output, until its result is there."""

    def __init__(self, output: str) -> None:
        self._path = _job_file(output) if output not in {"", STDOUT} else ""
        self.holds_job = False

    def keep(self, job: Job) -> None:
        """Save a job. A failure is told, and the call goes on: it is paid for."""
        if not self._path:
            return
        from openclaw_config.files import write_atomically

        try:
            write_atomically(self._path, job.to_json().encode())
            self.holds_job = True
        except OSError as error:
            say(f"the job cannot be saved: {(error.strerror or 'no reason given').lower()}")

    def forget(self) -> None:
        """The result is there, or the job failed for good: the saved job goes."""
        if self.holds_job:
            self.holds_job = False
            with suppress(OSError):
                os.unlink(self._path)


def _until_done(work: Coroutine[Any, Any, T]) -> T:
    """Run something to its end. SIGINT and SIGTERM end it in order, so that nothing is left."""

    async def main() -> T:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        if task is not None:
            with suppress(NotImplementedError, ValueError):
                loop.add_signal_handler(signal.SIGTERM, task.cancel, _TERMINATED)
        return await work

    try:
        return asyncio.run(main())
    except asyncio.CancelledError as cancelled:
        if _TERMINATED in cancelled.args:
            raise click.exceptions.Exit(TERMINATED) from None
        raise


_TERMINATED = "SIGTERM"
