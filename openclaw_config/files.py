"""Reads files that anybody may have put there, and writes files whole or not at all.

Reading never blocks and is never without bound; of a file that is written nobody sees half.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TypeAlias

from openclaw_config.errors import OpenClawConfigError

NOT_FOUND = "not-found"
OUTSIDE = "outside"
NOT_REGULAR = "not-regular"
HARD_LINK = "hard-link"
TOO_LARGE = "too-large"
UNREADABLE = "unreadable"

_BELOW = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW") and hasattr(os, "O_DIRECTORY")


def _flags(*names: str) -> int:
    """Those flags for ``os.open`` that the system has."""
    return sum(getattr(os, name, 0) for name in names)


def _reading(*names: str) -> int:
    """The flags for reading, with others that the system has."""
    return os.O_RDONLY | _flags("O_NONBLOCK", "O_BINARY", *names)


_FOLDER = (getattr(os, "O_PATH", 0) or os.O_RDONLY) | _flags("O_DIRECTORY", "O_NOFOLLOW")
_STREAMS = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")

Reader = Callable[[str, str, int], bytes]
"""Reads included files: takes the arguments of ``read_below``, and raises what that raises."""


class RefusedError(OpenClawConfigError, ValueError):
    """A file that is not read. ``reason`` is one of this module's constants; the text says more."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason


def read_regular(
    path: str, limit: int, examine: Callable[[os.stat_result], None] | None = None
) -> bytes:
    """The content of a regular file of at most ``limit`` bytes.

    A pipe or a device is not waited for; the streams that a shell passes as ``/dev/fd/…`` and
    ``/dev/stdin`` are read. ``examine`` is called with the status of the very file that is read,
    opened already; it raises to refuse it, and streams are refused. Raises OSError as ``open``
    does, ValueError for a path that no file can have, and RefusedError (a ValueError) with
    NOT_REGULAR or TOO_LARGE.
    """

    def check(found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            folder = stat.S_ISDIR(found.st_mode)
            raise RefusedError(NOT_REGULAR, "a folder" if folder else "not a regular file")
        if examine is not None:
            examine(found)

    if examine is None and path.startswith(_STREAMS):
        return _read(os.open(path, os.O_RDONLY), limit)
    return _read(os.open(path, _reading()), limit, check)


def read_below(root: str, path: str, limit: int) -> bytes:
    """The content of an included file, which must lie below ``root`` (LOAD-22, LOAD-23).

    ``root`` is a real path, ``path`` an absolute one that may pass through symbolic links as long
    as these stay below the root. Raises RefusedError for a file that is not there or that OpenClaw
    refuses. Nothing outside the root is opened, not even when a link is swapped meanwhile.
    """

    def check(found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise RefusedError(NOT_REGULAR)
        if found.st_nlink > 1:
            raise RefusedError(HARD_LINK)
        if not os.path.samestat(found, expected):
            raise RefusedError(UNREADABLE)

    try:
        real = os.path.realpath(path)
        if not is_inside(root, real):
            raise RefusedError(OUTSIDE)
        expected = os.lstat(real)
        check(expected)
        return _read(_open_below(root, real), limit, check)
    except RefusedError:
        raise
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise RefusedError(NOT_FOUND) from None
    except OSError:
        raise RefusedError(UNREADABLE) from None


def in_place_of(contents: Mapping[str, bytes]) -> Reader:
    """A reader to which some files, by their absolute paths, hold something else than on disk.

    They may be yet to be written; one that is there must be one that ``read_below`` reads.
    """

    def read(root: str, path: str, limit: int) -> bytes:
        if path in contents and not os.path.lexists(path):
            return contents[path]
        return contents.get(path, read_below(root, path, limit))

    return read


def reason_of(error: Exception) -> str:
    """Why a file cannot be read or written, or is no text."""
    if isinstance(error, UnicodeDecodeError):
        return "it is not a text in UTF-8"
    return getattr(error, "strerror", None) or str(error)


Stamp: TypeAlias = tuple[int, int, int] | None


def stamp(path: str) -> Stamp:
    """What differs when a file is changed or replaced; None where it is not there."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def working_folder() -> str:
    """The working folder; the root once it was removed, so that relative paths lead nowhere."""
    try:
        return os.getcwd()
    except OSError:
        return os.sep


def shown(path: str) -> str:
    """A path as it is seen from the working folder."""
    here = working_folder()
    return path if here == os.sep else path.removeprefix(os.path.join(here, ""))


def upwards(folder: str) -> Iterator[str]:
    """A folder, by its absolute path, and those above it up to the root of its repository."""
    while True:
        yield folder
        above = os.path.dirname(folder)
        if above == folder or os.path.exists(os.path.join(folder, ".git")):
            return
        folder = above


def is_inside(root: str, path: str) -> bool:
    """Whether a normalised absolute path is ``root`` or lies below it."""
    return path == root or path.startswith(root if root.endswith(os.sep) else root + os.sep)


def _open_below(root: str, real: str) -> int:
    """Open a real path one folder at a time, following no link on the way."""
    if not _BELOW:
        return os.open(real, _reading("O_NOFOLLOW"))
    *folders, name = os.path.relpath(real, root).split(os.sep)
    at = os.open(root, _FOLDER)
    try:
        for folder in folders:
            below = os.open(folder, _FOLDER, dir_fd=at)
            os.close(at)
            at = below
        return os.open(name, _reading("O_NOFOLLOW"), dir_fd=at)
    finally:
        os.close(at)


def _read(fd: int, limit: int, check: Callable[[os.stat_result], None] | None = None) -> bytes:
    """The rest of an open file, which is closed."""
    chunks = []
    left = limit + 1
    try:
        found = os.fstat(fd)
        if check is not None:
            check(found)
        while found.st_size <= limit and left > 0 and (chunk := os.read(fd, min(left, 1 << 20))):
            chunks.append(chunk)
            left -= len(chunk)
    finally:
        os.close(fd)
    if found.st_size > limit or left <= 0:
        size = f"{limit >> 20} MiB" if limit and limit % (1 << 20) == 0 else f"{limit} bytes"
        raise RefusedError(TOO_LARGE, f"larger than {size}")
    return b"".join(chunks)


# --- writing --------------------------------------------------------------------------------------


class ChangedMeanwhileError(OpenClawConfigError, OSError):
    """The file is not what it was when it was read; nothing was written."""


class NotAFileError(OpenClawConfigError, OSError):
    """The path leads to something that is no regular file; nothing was written."""


def write_atomically(path: str, data: bytes, *, expected: bytes | None = None) -> None:
    """Put ``data`` in a file's place in one step: a reader sees the old content or the new one.

    A symbolic link stays, and what it leads to is written. An existing file keeps its mode, its
    owner where the system lets us, and its extended attributes; a new one gets the usual mode. A
    hard link parts from its twins. With ``expected``, the file must still hold exactly these
    bytes.

    Raises ChangedMeanwhileError when it does not, NotAFileError for a device, a pipe or a folder,
    PermissionError for a file that is read-only, and OSError when the system refuses. Then the
    file is as it was, and nothing is left beside it.
    """
    target = os.path.realpath(path)
    before = os.stat(target) if os.path.lexists(target) else None  # Not for a link to itself.
    if before is not None and not stat.S_ISREG(before.st_mode):
        raise NotAFileError(f"{path!r} is not a regular file")
    if before is not None and not os.access(target, os.W_OK):
        raise PermissionError(f"{path!r} is read-only")
    # A copy of a private file must be private from its first moment on.
    beside = Beside(target, 0o666 if before is None else 0o600)
    try:
        beside.write(data)
        if before is not None:
            _take_over(beside.descriptor, target, before)
        os.fsync(beside.descriptor)
        if expected is not None and not (os.path.exists(target) and _content(target) == expected):
            raise ChangedMeanwhileError(f"{path!r} was changed meanwhile")
        beside.replace(target)
    finally:
        beside.abandon()


class Beside:
    """A hidden file beside a target, which takes the target's name when it is complete.

    Making one removes what a killed process left beside the same target. Raises OSError.
    """

    __slots__ = ("_path", "descriptor")

    def __init__(self, target: str, mode: int = 0o666) -> None:
        folder, name = os.path.split(os.path.abspath(target))
        # The name is cut short, so that it fits where the file's own does.
        self._path = os.path.join(folder, f".{name[:40]}.tmp")
        _remove_left_over(self._path)
        try:
            self.descriptor = _new(self._path, mode)
        except FileExistsError:
            self._path = os.path.join(folder, f".{name[:40]}.{os.urandom(6).hex()}.tmp")
            self.descriptor = _new(self._path, mode)
        _lock(self.descriptor)

    def write(self, data: bytes) -> None:
        """Write all of the data."""
        view = memoryview(data)
        while view:
            view = view[os.write(self.descriptor, view) :]

    def replace(self, target: str) -> None:
        """Take the target's name, in the place of what has it."""
        self._release()
        os.replace(self._path, target)
        self._path = ""

    def claim(self, target: str) -> None:
        """Take a name that is free. Raises FileExistsError when it is not."""
        self._release()
        try:
            os.link(self._path, target)
        except FileExistsError:
            raise
        except (OSError, AttributeError):
            # The file system has no links: reserve the name, then replace what reserves it.
            os.close(_new(target, 0o666))
            os.replace(self._path, target)
            self._path = ""

    def abandon(self) -> None:
        """Remove it, unless it took the target's name."""
        self._release(last=True)
        with suppress(OSError):
            os.unlink(self._path)
        self._path = ""

    def _release(self, last: bool = os.name == "nt") -> None:
        # Windows renames no open file; elsewhere the lock is kept until the name is taken.
        if last and self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


_LEFT_OVER = 2.0
# Seconds without a write after which an unlocked file beside a target is nobody's.


def _new(path: str, mode: int) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _flags("O_BINARY", "O_NOFOLLOW")
    return os.open(path, flags, mode)


def _lock(descriptor: int) -> bool:
    """Lock a file as long as this process has it open; False when another one has it."""
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:  # Windows removes no file that is open
        return True
    except OSError:
        return False
    return True


def _remove_left_over(path: str) -> None:
    """Remove a hidden file that a killed process left, and no other."""
    with suppress(OSError):
        descriptor = os.open(path, _reading("O_NOFOLLOW"))
        try:
            found = os.fstat(descriptor)
            old = time.time() - found.st_mtime > _LEFT_OVER
            nobodys = stat.S_ISREG(found.st_mode) and old and _lock(descriptor)
        finally:
            os.close(descriptor)
        if nobodys:
            os.unlink(path)


def write_out(path: str, data: bytes) -> None:
    """Write a result to a path that the user named: atomically to a file, else straight to it.

    So a result may go to ``/dev/stdout`` or a named pipe. Raises OSError.
    """
    if os.path.isfile(path) or not os.path.exists(path):
        return write_atomically(path, data)
    with open(path, "wb") as file:
        file.write(data)


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _take_over(descriptor: int, path: str, before: os.stat_result) -> None:
    """Give the open file what belongs to the one that it replaces."""
    if os.name == "nt":
        return
    with suppress(OSError):
        os.fchown(descriptor, -1, before.st_gid)
        os.fchown(descriptor, before.st_uid, -1)  # only root may give a file away
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
    if hasattr(os, "listxattr"):
        with suppress(OSError):  # the file system has none, or some are the system's own
            for name in os.listxattr(path):
                os.setxattr(descriptor, name, os.getxattr(path, name))
