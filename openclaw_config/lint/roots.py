"""The configs that a file is a part of: what is included says little by itself."""

from __future__ import annotations

import os
from collections.abc import Iterator

from openclaw_config.lint.discover import discover, is_config
from openclaw_config.lint.run import Linter
from openclaw_config.loading.load import load

NAMES = ("openclaw.json", "openclaw.json5")
"""Files that are called so are configs of their own, whatever includes them."""


class Roots:
    """Finds the configs that include a file, and reads each config once.

    They are looked for among those that the setting ``roots`` names, and without it among the
    configs in the file's folder and in those above it, up to the root of the repository.
    """

    def __init__(self, linter: Linter) -> None:
        self._linter = linter
        self._candidates: dict[str, tuple[str, ...]] = {}
        self._files: dict[str, frozenset[str]] = {}

    def of(self, path: str) -> tuple[str, ...]:
        """The configs that include a file, all by absolute paths; none when it is one itself.

        Raises NothingError when the setting ``roots`` names no file.
        """
        if os.path.basename(path) in NAMES:
            return ()
        real = os.path.realpath(path)
        found = [one for one in self._around(path) if one != path and real in self._read(one)]
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

    def _around(self, path: str) -> tuple[str, ...]:
        return self._named(path) or self._above(os.path.dirname(path))

    def _named(self, path: str) -> tuple[str, ...]:
        found = self._linter.settings_for(path)
        if found is None:
            return ()
        if found not in self._candidates:
            self._candidates[found] = discover(self._linter.holder.settings(found).roots).paths
        return self._candidates[found]

    def _above(self, folder: str) -> tuple[str, ...]:
        if folder not in self._candidates:
            above = os.path.dirname(folder)
            last = above == folder or os.path.exists(os.path.join(folder, ".git"))
            others = () if last else self._above(above)
            self._candidates[folder] = (*_configs_in(folder), *others)
        return self._candidates[folder]

    def _read(self, path: str) -> frozenset[str]:
        if path not in self._files:
            self._files[path] = frozenset(map(os.path.realpath, included_by(path)))
        return self._files[path]


def included_by(path: str) -> Iterator[str]:
    """The absolute paths of the files that a config includes, also through others."""
    for source in load(path).sources[1:]:
        if source.path is not None:
            yield source.path


def _configs_in(folder: str) -> list[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    paths = (os.path.join(folder, name) for name in names if is_config(name))
    return [path for path in paths if os.path.isfile(path)]
