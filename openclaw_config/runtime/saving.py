"""Writing results: in pieces, to a file that appears whole or not at all."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import Protocol

from openclaw_config.runtime.errors import DISK, FailureError


class Sink(Protocol):
    """Takes a result in pieces."""

    def write(self, piece: bytes) -> None:
        """Take a piece. Raises FailureError."""

    async def finish(self) -> None:
        """All pieces are there. Raises FailureError."""

    def abandon(self) -> None:
        """Forget what came so far; nothing of it is left. After ``finish`` it does nothing."""


class MemorySink:
    """Keeps the pieces in memory."""

    __slots__ = ("_pieces",)

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> None:
        """Take a piece."""
        self._pieces.append(piece)

    async def finish(self) -> None:
        """Nothing is left to do."""

    def abandon(self) -> None:
        """Forget what came so far."""
        self._pieces = []

    def data(self) -> bytes:
        """All pieces together."""
        return b"".join(self._pieces)


class FileSink:
    """Writes to a hidden file beside the target, which takes the target's name at the end."""

    __slots__ = ("_descriptor", "_part", "_target")

    def __init__(self, target: str) -> None:
        self._target = target
        folder, name = os.path.split(os.path.abspath(target))
        token = os.urandom(6).hex()
        self._part = os.path.join(folder, f".{name[:80]}.{token}.part")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        try:
            self._descriptor = os.open(self._part, flags, 0o666)
        except OSError as error:
            raise _unwritable(error) from error

    def write(self, piece: bytes) -> None:
        """Write a piece. Raises FailureError."""
        view = memoryview(piece)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError as error:
            raise _unwritable(error) from error

    async def finish(self) -> None:
        """Put the file in its place, all of it on the disk. Raises FailureError."""
        try:
            # Waiting for the disk can take long, and others share the event loop.
            await asyncio.to_thread(os.fsync, self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1
            os.replace(self._part, self._target)
        except OSError as error:
            raise _unwritable(error) from error
        self._part = ""

    def abandon(self) -> None:
        """Remove what was written."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if self._part:
            with suppress(OSError):
                os.unlink(self._part)
            self._part = ""


def _unwritable(error: OSError) -> FailureError:
    reason = (error.strerror or "the system refuses it").lower()
    return FailureError(DISK, f"the result cannot be written: {reason}", final=True)


def check_target(target: str) -> None:
    """See that a result can be written before anything is paid for. Raises FailureError."""
    folder = target if os.path.isdir(target) else os.path.dirname(os.path.abspath(target))
    if not os.path.isdir(folder):
        raise FailureError(DISK, "the result cannot be written: its folder does not exist")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FailureError(DISK, "the result cannot be written: its folder is not writable")


def target_of(target: str, file_name: str, number: int = 1) -> str:
    """The file of a result: in a folder under its own name, else the target itself.

    The second and later results get their number before the extension.
    """
    if os.path.isdir(target):
        return os.path.join(target, os.path.basename(file_name))
    if number == 1:
        return target
    stem, extension = os.path.splitext(target)
    return f"{stem}-{number}{extension}"


async def save(target: str, data: bytes) -> None:
    """Write a whole result to a file, atomically. Raises FailureError."""
    sink = FileSink(target)
    try:
        sink.write(data)
        await sink.finish()
    finally:
        sink.abandon()
