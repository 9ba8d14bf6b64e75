"""Finds configs: those that arguments stand for, and those that include a given file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache

from openclaw_config.errors import OpenClawConfigError
from openclaw_config.files import Reader, is_inside, read_regular, upwards
from openclaw_config.lint.linter import Linter
from openclaw_config.lint.options import parts_match
from openclaw_config.loading.load import MAX_BYTES, load, may_include
from openclaw_config.syntax.parser import decode

NAMES = r"(^|/)openclaw\.json5?$|\.openclaw\.json5?$"
"""The files that count as configs in a folder, by their paths."""

MAIN_NAMES = ("openclaw.json", "openclaw.json5")
"""Files that are called so are configs of their own, whatever includes them."""

_GLOB = r"[*?\[]"


class NothingError(OpenClawConfigError, ValueError):
    """An argument, or a part of the setting ``roots``, that no file matches."""


def discover(argument: str) -> list[str]:
    """The files that an argument means, each once; those of one folder by name.

    A file is taken whatever it is called. Of a folder, the configs in it and below, without what
    git ignores where it lies in a repository, and else without hidden folders. What is neither is
    taken for a pattern; NothingError is raised when it matches nothing. What a folder or a pattern
    finds lies in it: links out of it are not followed.
    """
    matches = re.search(_GLOB, argument) and not os.path.lexists(argument)
    found = _matched(argument) if matches else [argument]
    if not found or not os.path.lexists(found[0]):
        raise NothingError(f"'{argument}' is no file; the setting 'roots' names it")
    files = (_below(path) if os.path.isdir(path) else [path] for path in found)
    return list(dict.fromkeys(one for part in files for one in part))


def is_config(path: str) -> bool:
    """Whether a path looks like a config's."""
    return re.search(NAMES, path.replace(os.sep, "/")) is not None


def _matched(pattern: str) -> list[str]:
    """What a pattern matches, without what links lead to out of its folder.

    That is the part before the first ``*``, ``?`` or ``[``. ``**`` is any number of folders. Hidden
    names are passed over, unless a part of the pattern begins as they do.
    """
    parts = pattern.replace(os.sep, "/").rstrip("/").split("/")
    plain = next(at for at, part in enumerate(parts) if re.search(_GLOB, part))
    folder = "/".join(parts[:plain]) + "/" * bool(plain)
    parts = parts[plain:]
    hidden = any(part.startswith(".") for part in parts)
    found = []
    for above, folders, files in _walked(folder or os.curdir, hidden):
        for name in [*files, *(folders if parts[-1] != "**" else ())]:
            if (hidden or not name.startswith(".")) and parts_match(parts, [*above, name]):
                found.append(folder + "/".join([*above, name]))
        if "**" not in parts and len(above) + 1 == len(parts):
            folders.clear()
    return sorted(_confined(found, folder or os.curdir))


def _below(folder: str) -> list[str]:
    """The configs in a folder and below, in alphabetical order."""
    from openclaw_config.git import files_below

    known = files_below(folder)
    if known is None:
        known = ["/".join([*above, name]) for above, _, files in _walked(folder) for name in files]
    prefix = "" if folder == os.curdir else folder
    paths = {os.path.join(prefix, name) for name in known if is_config(name)}
    return sorted(path for path in _confined(paths, folder) if os.path.isfile(path))


def _confined(paths: Iterable[str], folder: str) -> Iterator[str]:
    """The paths that really lie in a folder; others may be anybody's."""
    root = os.path.realpath(folder)
    return (path for path in paths if is_inside(root, os.path.realpath(path)))


def _walked(folder: str, hidden: bool = False) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """The folders below one, by the names that lead there, and what is in each, as ``os.walk``."""
    for place, folders, files in os.walk(folder):
        inside = os.path.relpath(place, folder)
        folders[:] = [name for name in folders if hidden or not name.startswith(".")]
        yield [] if inside == os.curdir else inside.split(os.sep), folders, files


def included_by(path: str, text: bytes | None = None, read: Reader | None = None) -> Iterator[str]:
    """The absolute paths of the files that a config includes, also through others.

    ``text`` and ``read`` are as in ``load``.
    """
    try:
        data = read_regular(path, MAX_BYTES) if text is None else text
    except (OSError, ValueError):
        return
    if not may_include(decode(data)[0].text):
        return
    for source in load(path, text=data, read=read).sources[1:]:
        if source.path is not None:
            yield source.path


class Roots:
    """Finds the configs that include a file, and reads each config once.

    They are looked for among those that the setting ``roots`` names, and without it among the
    configs in the file's folder and in those above it, up to the root of the repository.
    ``read`` gives the absolute paths of the files that a config includes.
    """

    def __init__(self, linter: Linter, read: Callable[[str], Iterable[str]] = included_by) -> None:
        self._linter = linter
        self._read = cache(lambda path: frozenset(map(os.path.realpath, read(path))))
        self._configs = cache(_configs_in)
        self._including = cache(self._read_around)
        self._discover = cache(discover)

    def of(self, path: str) -> tuple[str, ...]:
        """The configs that include a file, all by absolute paths; none when it is one itself.

        Raises NothingError when the setting ``roots`` names no file.
        """
        if os.path.basename(path) in MAIN_NAMES:
            return ()
        including = self._including(os.path.dirname(path)).get(os.path.realpath(path), ())
        found = [one for one in including if one != path]
        return tuple(one for one in found if not self._is_included(one, found))

    def is_named(self, path: str) -> bool:
        """Whether a file is a config by its name, or by the setting ``roots``."""
        return is_config(path) or path in self._named(path)

    def _is_included(self, path: str, others: list[str]) -> bool:
        real = os.path.realpath(path)
        return any(
            real in self._read(other) and os.path.realpath(other) not in self._read(path)
            for other in others
        )

    def _read_around(self, folder: str) -> dict[str, list[str]]:
        """The configs around a folder by the real paths of the files that they include."""
        around = self._named(os.path.join(folder, MAIN_NAMES[0])) or (
            one for above in upwards(folder) for one in self._configs(above)
        )
        including: dict[str, list[str]] = {}
        for config in around:
            for file in self._read(config):
                including.setdefault(file, []).append(config)
        return including

    def _named(self, path: str) -> list[str]:
        return [it for one in self._linter.settings_for(path).roots for it in self._discover(one)]


def _configs_in(folder: str) -> list[str]:
    with suppress(OSError):
        found = (it.path for it in os.scandir(folder) if is_config(it.name))
        return sorted(filter(os.path.isfile, found))
    return []
