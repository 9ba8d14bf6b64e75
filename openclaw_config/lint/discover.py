"""Which files the arguments of a command mean: files, folders, patterns, standard input."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from openclaw_config.errors import OpenClawConfigError
from openclaw_config.files import is_inside

NAMES = r"(^|/)openclaw\.json5?$|\.openclaw\.json5?$"
"""The files that count as configs in a folder, by their paths."""

_GLOB = re.compile(r"[*?\[]")


class NothingError(OpenClawConfigError, ValueError):
    """An argument that means no file; ``argument`` is what was written."""

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.argument = argument


class Discovered(NamedTuple):
    """The paths to check, each once, and the folders in which there was none."""

    paths: tuple[str, ...]
    empty: tuple[str, ...]


def discover(arguments: Iterable[str]) -> Discovered:
    """The files that arguments mean, in their order; those of one folder by name.

    A file is taken whatever it is called. Of a folder, the configs in it and below, without what
    git ignores where it lies in a repository, and else without hidden folders. What is neither is
    taken for a pattern; NothingError is raised when it matches nothing. What a folder or a pattern
    finds lies in it: links out of it are not followed.
    """
    paths: dict[str, None] = {}
    empty = []
    for argument in arguments:
        found = list(_meant(argument))
        if not found:
            empty.append(argument)
        paths.update(dict.fromkeys(found))
    return Discovered(tuple(paths), tuple(empty))


def is_config(path: str) -> bool:
    """Whether a path looks like a config's."""
    return re.search(NAMES, path.replace(os.sep, "/")) is not None


def _meant(argument: str) -> Iterator[str]:
    if os.path.isdir(argument):
        yield from _below(argument)
    elif os.path.lexists(argument) or not _GLOB.search(argument):
        if not os.path.lexists(argument):
            raise NothingError(argument)
        yield argument
    else:
        matched = _matched(argument)
        if not matched:
            raise NothingError(argument)
        for path in matched:
            if os.path.isdir(path):
                yield from _below(path)
            else:
                yield path


def _matched(pattern: str) -> list[str]:
    """What a pattern matches, without what links lead to out of its folder.

    That is the part before the first ``*``, ``?`` or ``[``.
    """
    parts = pattern.replace(os.sep, "/").split("/")
    plain = next(at for at, part in enumerate(parts) if _GLOB.search(part))
    folder = "/".join(parts[:plain]) + "/" * bool(plain)
    root = os.path.realpath(folder or os.curdir)
    found = _expanded(folder, tuple(parts[plain:]), set())
    return sorted(path for path in found if is_inside(root, os.path.realpath(path)))


def _expanded(folder: str, parts: tuple[str, ...], seen: set[tuple[str, int]]) -> Iterator[str]:
    """What a pattern's parts match in a folder, "" or with a slash at its end.

    ``**`` stands for any number of folders, and goes into no link and no hidden folder.
    """
    from fnmatch import fnmatchcase

    if (folder, len(parts)) in seen:
        return
    seen.add((folder, len(parts)))
    first, *rest = parts
    if first == "**" and rest:
        yield from _expanded(folder, tuple(rest), seen)
    try:
        names = sorted(os.listdir(folder or os.curdir))
    except OSError:
        return
    for name in names:
        path = folder + name
        if name.startswith(".") and not first.startswith("."):
            continue
        if first == "**":
            if os.path.isdir(path) and not os.path.islink(path):
                yield from _expanded(path + "/", parts, seen)
            elif not rest:
                yield path
        elif fnmatchcase(name, first):
            if not rest or rest == [""]:
                yield path
            elif os.path.isdir(path):
                yield from _expanded(path + "/", tuple(rest), seen)


def _below(folder: str) -> list[str]:
    """The configs in a folder and below, in alphabetical order."""
    from openclaw_config.git import files_below

    known = files_below(folder) if _in_repository(folder) else None
    names = _walked(folder) if known is None else known
    prefix = "" if folder == os.curdir else folder
    paths = {os.path.join(prefix, name) for name in names if is_config(name)}
    return sorted(_confined(paths, folder))


def _confined(paths: Iterable[str], folder: str) -> Iterator[str]:
    """The files that really lie in a folder; others may be anybody's."""
    root = os.path.realpath(folder)
    for path in paths:
        if os.path.isfile(path) and is_inside(root, os.path.realpath(path)):
            yield path


def _walked(folder: str) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            yield os.path.relpath(os.path.join(place, name), folder)


def _in_repository(folder: str) -> bool:
    here = os.path.abspath(folder)
    while not os.path.exists(os.path.join(here, ".git")):
        above = os.path.dirname(here)
        if above == here:
            return False
        here = above
    return True
