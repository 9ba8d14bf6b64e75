"""Running the command line within the test's own process."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from openclaw_config.cli.main import main

OK = '{ agents: { defaults: { model: { primary: "openrouter/auto" } } } }\n'
BAD = '{ agents: { defaults: { model: { primry: "openrouter/auto" } } } }\n'

TARGET_REMARK = re.compile(r"(<stdin>: for OpenClaw [\w.-]+, [\w. ]+\n)?")
"""What ``check`` may say on stderr of the release that nobody named."""


class Result(NamedTuple):
    """What a run of the program did."""

    code: int
    out: str
    err: str


def run(*arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Result:
    """Run ``openclaw-config`` with these arguments; ``env`` is added to the environment."""
    out, err = _stream(), _stream()
    with _instead(out, err, stdin, env or {}):
        code = main(arguments)
        sys.stdout.flush()
    return Result(code, _text(out), _text(err))


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8")


@contextmanager
def _instead(
    out: io.TextIOWrapper, err: io.TextIOWrapper, stdin: bytes, env: Mapping[str, str]
) -> Iterator[None]:
    streams = sys.stdin, sys.stdout, sys.stderr
    environ = dict(os.environ)
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    sys.stdout, sys.stderr = out, err
    os.environ.update(env)
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        os.environ.clear()
        os.environ.update(environ)
