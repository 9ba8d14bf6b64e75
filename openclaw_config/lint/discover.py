"""Which files the arguments of a command mean: files, folders, patterns, standard input."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

NAMES = r"(^|/)openclaw\.json5?$|\.openclaw\.json5?$"
"""The files that count as configs in a folder, by their paths; the pre-commit hook has the same."""

_GLOB = re.compile(r"[*?\[]")

_OF_A_REPOSITORY = frozenset(
    ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")
)


class NothingError(ValueError):
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
    taken for a pattern; NothingError is raised when it matches nothing.
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
    from glob import glob

    return sorted(glob(pattern, recursive=True))


def _below(folder: str) -> list[str]:
    """The configs in a folder and below, in alphabetical order."""
    known = _known_to_git(folder) if _in_repository(folder) else None
    names = _walked(folder) if known is None else known
    prefix = "" if folder == os.curdir else folder
    paths = (os.path.join(prefix, name) for name in names if is_config(name))
    return sorted(path for path in set(paths) if os.path.isfile(path))


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


def _known_to_git(folder: str) -> list[str] | None:
    """The files of a repository below a folder, ignored ones left out; None when git cannot say."""
    import subprocess

    # In a hook, variables tell git about a repository that may be another one.
    environ = {name: text for name, text in os.environ.items() if name not in _OF_A_REPOSITORY}
    # Nothing of what a repository's own configuration may name is to be run.
    command = ["git", "-c", "core.fsmonitor=false", "ls-files", "-z"]
    try:
        done = subprocess.run(
            [*command, "--cached", "--others", "--exclude-standard"],
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
