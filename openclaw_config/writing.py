"""Writing a file so that nobody ever sees half of it, and no other change is lost."""

from __future__ import annotations

import os
import stat


class ChangedMeanwhileError(OSError):
    """The file is not what it was when it was read; nothing was written."""


class NotAFileError(OSError):
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
    before = _status(target)
    if before is not None and not stat.S_ISREG(before.st_mode):
        raise NotAFileError(f"{path!r} is not a regular file")
    if before is not None and not os.access(target, os.W_OK):
        raise PermissionError(f"{path!r} is read-only")
    folder, name = os.path.split(target)
    # The name is cut short, so that it fits where the file's own does.
    beside = os.path.join(folder, f".{name[:40]}.{os.urandom(6).hex()}.tmp")
    # A copy of a private file must be private from its first moment on.
    mode = 0o666 if before is None else 0o600
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(beside, flags, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if before is not None:
                _take_over(file.fileno(), target, before)
            os.fsync(file.fileno())
        if expected is not None and _content(target) != expected:
            raise ChangedMeanwhileError(f"{path!r} was changed meanwhile")
        os.replace(beside, target)
    except BaseException:
        os.unlink(beside)
        raise


def write_out(path: str, data: bytes) -> None:
    """Write a result to a path that the user named: atomically to a file, else straight to it.

    So a result may go to ``/dev/stdout`` or a named pipe. Raises OSError.
    """
    found = _status(path)
    if found is None or stat.S_ISREG(found.st_mode):
        write_atomically(path, data)
        return
    with open(path, "wb") as file:
        file.write(data)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _take_over(descriptor: int, path: str, before: os.stat_result) -> None:
    """Give the open file what belongs to the one that it replaces."""
    if hasattr(os, "fchown"):
        for owner in (before.st_uid, before.st_gid), (-1, before.st_gid):
            try:
                os.fchown(descriptor, *owner)
                break
            except OSError:  # only root may give a file away
                continue
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
    if hasattr(os, "listxattr"):
        try:
            for name in os.listxattr(path):
                os.setxattr(descriptor, name, os.getxattr(path, name))
        except OSError:  # the file system has none, or some are the system's own
            return
