"""Writing results: in pieces, to a file that appears whole or not at all, or into a stream."""

from __future__ import annotations

import asyncio
import errno
import itertools
import os
import re
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from openclaw_config.files import Beside
from openclaw_config.runtime.errors import FailureError


class MemorySink:
    """Takes a result in pieces and keeps them.

    After ``finish`` either ``data`` has the result or the file at ``path``.
    """

    data: bytes | None = None

    def __init__(self, path: str = "") -> None:
        self._pieces: list[bytes] = []
        self.path = path

    def write(self, piece: bytes) -> None:
        """Take a piece."""
        self._pieces.append(piece)

    async def finish(self) -> None:
        """All pieces are there."""
        self.data = b"".join(self._pieces)

    def abandon(self) -> None:
        """Forget what is not finished."""
        self._pieces = []


class FileSink:
    """Writes to a hidden file beside the target, which takes its name at the end.

    It takes the first of ``names`` that is free; with ``replace`` the first one, free or not.
    """

    data = None

    def __init__(self, names: Iterator[str], *, replace: bool) -> None:
        self.path = next(names)
        self._names = names
        self._replace = replace
        try:
            self._beside = Beside(os.path.realpath(self.path) if replace else self.path)
        except OSError as error:
            raise _unwritable(error) from error

    def write(self, piece: bytes) -> None:
        """Write a piece. Raises FailureError."""
        try:
            self._beside.write(piece)
        except OSError as error:
            raise _unwritable(error) from error

    async def finish(self) -> None:
        """Put the file in its place, all of it on the disk. Raises FailureError."""
        try:
            # Waiting for the disk can take long, and others share the event loop.
            await asyncio.to_thread(os.fsync, self._beside.descriptor)
            if self._replace:
                self._beside.replace(os.path.realpath(self.path))
            while not self._replace:
                try:
                    self._beside.claim(self.path)
                    break
                except FileExistsError:
                    self.path = next(self._names)
        except OSError as error:
            raise _unwritable(error) from error
        self._beside.abandon()

    def abandon(self) -> None:
        """Remove what was written."""
        self._beside.abandon()


class StreamSink(MemorySink):
    """Writes into what is no regular file: a device, a named pipe. It stays what it is."""

    async def finish(self) -> None:
        """Write all of it. Raises FailureError."""
        try:
            descriptor = await self._opened()
            with os.fdopen(descriptor, "wb") as stream:
                os.set_blocking(descriptor, True)
                await asyncio.to_thread(stream.write, b"".join(self._pieces))
                await asyncio.to_thread(stream.flush)
        except OSError as error:
            raise _unwritable(error) from error

    async def _opened(self) -> int:
        while True:
            try:
                return os.open(self.path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
            except OSError as error:
                # Nobody reads the pipe yet. Waiting here can be cancelled, an open that blocks not.
                if error.errno != errno.ENXIO or not stat.S_ISFIFO(os.stat(self.path).st_mode):
                    raise
            await asyncio.sleep(_PAUSE)


_PAUSE = 0.05


def _unwritable(error: OSError) -> FailureError:
    reason = (error.strerror or "the system refuses it").lower()
    return FailureError("disk", f"the result cannot be written: {reason}", final=True)


class Target(NamedTuple):
    """Where a call's results go: a file, a folder, a device or a pipe (``kind``).

    The first result replaces the file that was named, if ``replace`` is True. Every other one
    gets a name that is free: no result replaces a file that it did not name.
    """

    path: str
    kind: str
    replace: bool

    @classmethod
    def of(cls, to: str | os.PathLike[str], *, replace: bool = True) -> Target:
        """See that results can be written before anything is paid for. Raises FailureError."""
        path = os.fspath(to)
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError):
            mode = stat.S_IFREG
        kind = "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "stream"
        folder = path if kind == "folder" else os.path.dirname(os.path.abspath(path))
        if kind == "stream":
            writable = os.access(path, os.W_OK)
        elif "\0" in path or not os.path.isdir(folder):
            raise FailureError("disk", "the result cannot be written: its folder does not exist")
        else:
            writable = os.access(folder, os.W_OK | os.X_OK)
        if not writable:
            what = "it" if kind == "stream" else "its folder"
            raise FailureError("disk", f"the result cannot be written: {what} is not writable")
        return cls(path, kind, replace)

    def sink(self, file_name: str, number: int = 1) -> FileSink | StreamSink:
        """What takes a call's result of this number. Raises FailureError."""
        if self.kind == "stream":
            return StreamSink(self.path)
        replace = self.replace and self.kind == "file" and number == 1
        return FileSink(self._names(file_name, number), replace=replace)

    def _names(self, file_name: str, number: int) -> Iterator[str]:
        """The names for a result, the wished one first, then numbered ones without end."""
        path = self.path
        if self.kind == "folder":
            path = os.path.join(path, os.path.basename(file_name))
        stem, extension = os.path.splitext(path)
        if self.kind == "folder":
            yield path
            stem, _, last = stem.rpartition("-") if _NUMBERED.search(stem) else (stem, "", "1")
            number = int(last) + 1
        elif number == 1:
            yield path
            number = 2
        yield from (f"{stem}-{count}{extension}" for count in itertools.count(number))


_NUMBERED = re.compile(r"-[0-9]{1,6}\Z")


@asynccontextmanager
async def sink_of(
    target: Target | None, file_name: str, number: int = 1
) -> AsyncIterator[FileSink | MemorySink]:
    """What takes a call's result of this number, finished at the end: memory without a target.

    After a failure nothing of it is left. Raises FailureError.
    """
    sink = MemorySink() if target is None else target.sink(file_name, number)
    try:
        yield sink
        await sink.finish()
    finally:
        sink.abandon()
