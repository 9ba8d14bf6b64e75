"""Reading files that somebody else may have put there: never blocking, never without bound."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping

NOT_FOUND = "not-found"
OUTSIDE = "outside"
NOT_REGULAR = "not-regular"
HARD_LINK = "hard-link"
TOO_LARGE = "too-large"
UNREADABLE = "unreadable"

_BELOW = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW") and hasattr(os, "O_DIRECTORY")
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | _NOFOLLOW | _CLOEXEC
_FILE = os.O_RDONLY | _NONBLOCK | _CLOEXEC | getattr(os, "O_BINARY", 0)
_STREAMS = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")

Reader = Callable[[str, str, int], bytes]
"""Reads included files: takes the arguments of ``read_below``, and raises what that raises."""


class RefusedError(ValueError):
    """A file that is not read. ``reason`` is one of this module's constants."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_regular(path: str, limit: int) -> bytes:
    """The content of a regular file of at most ``limit`` bytes.

    A pipe or a device is not waited for; the streams that a shell passes as ``/dev/fd/…`` and
    ``/dev/stdin`` are read. Raises OSError as ``open`` does, ValueError for a path that no file
    can have, and RefusedError (a ValueError) with NOT_REGULAR or TOO_LARGE.
    """
    if path.startswith(_STREAMS):
        with open(path, "rb") as stream:
            return _read(stream.fileno(), limit)
    fd = os.open(path, _FILE)
    try:
        found = os.fstat(fd)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError
        if not stat.S_ISREG(found.st_mode):
            raise RefusedError(NOT_REGULAR)
        if found.st_size > limit:
            raise RefusedError(TOO_LARGE)
        return _read(fd, limit)
    finally:
        os.close(fd)


def read_below(root: str, path: str, limit: int) -> bytes:
    """The content of an included file, which must lie below ``root`` (LOAD-22, LOAD-23).

    ``root`` is a real path, ``path`` an absolute one that may pass through symbolic links as long
    as these stay below the root. Raises RefusedError for a file that is not there or that OpenClaw
    refuses. Nothing outside the root is opened, not even when a link is swapped meanwhile.
    """
    try:
        real = os.path.realpath(path)
    except (OSError, ValueError):
        raise RefusedError(NOT_FOUND) from None
    if not is_inside(root, real):
        raise RefusedError(OUTSIDE)
    try:
        expected = os.lstat(real)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise RefusedError(NOT_FOUND) from None
    except OSError:
        raise RefusedError(UNREADABLE) from None
    _check(expected, limit)
    try:
        fd = _open_below(root, real)
    except (OSError, ValueError):
        raise RefusedError(UNREADABLE) from None
    try:
        found = os.fstat(fd)
        _check(found, limit)
        if (found.st_dev, found.st_ino) != (expected.st_dev, expected.st_ino):
            raise RefusedError(UNREADABLE)
        return _read(fd, limit)
    except OSError:
        raise RefusedError(UNREADABLE) from None
    finally:
        os.close(fd)


def in_place_of(contents: Mapping[str, bytes]) -> Reader:
    """A reader to which some files, by their absolute paths, hold something else than on disk."""

    def read(root: str, path: str, limit: int) -> bytes:
        return contents.get(path, read_below(root, path, limit))

    return read


def is_inside(root: str, path: str) -> bool:
    """Whether a normalised absolute path is ``root`` or lies below it."""
    return path == root or path.startswith(root if root.endswith(os.sep) else root + os.sep)


def _check(found: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise RefusedError(NOT_REGULAR)
    if found.st_nlink > 1:
        raise RefusedError(HARD_LINK)
    if found.st_size > limit:
        raise RefusedError(TOO_LARGE)


def _open_below(root: str, real: str) -> int:
    """Open a real path one folder at a time, following no link on the way."""
    if not _BELOW:
        return os.open(real, _FILE | _NOFOLLOW)
    *folders, name = os.path.relpath(real, root).split(os.sep)
    at = os.open(root, _FOLDER)
    try:
        for folder in folders:
            below = os.open(folder, _FOLDER, dir_fd=at)
            os.close(at)
            at = below
        return os.open(name, _FILE | _NOFOLLOW, dir_fd=at)
    finally:
        os.close(at)


def _read(fd: int, limit: int) -> bytes:
    chunks = []
    left = limit + 1
    while left > 0 and (chunk := os.read(fd, min(left, 1 << 20))):
        chunks.append(chunk)
        left -= len(chunk)
    if left <= 0:
        raise RefusedError(TOO_LARGE)
    return b"".join(chunks)
