"""Settings of a check: ``.openclaw-config.toml``, or ``[tool.openclaw-config]`` in pyproject.toml.

The nearest such file counts, from the checked file's folder upwards to the root of its repository.
Looking for one costs a few calls of ``stat``; ``lint.settings_file`` is only loaded when there
is one.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from openclaw_config.diagnostics.model import Diagnostic
    from openclaw_config.lint.selection import Layer
    from openclaw_config.syntax.spans import KeyPath, Location

OWN_FILE = ".openclaw-config.toml"
PROJECT_FILE = "pyproject.toml"
TABLE: KeyPath = ("tool", "openclaw-config")
"""Where the settings stand in a pyproject.toml."""

MAX_BYTES = 1 << 20
"""A larger settings file is not read."""

MAX_DOTS = 100
"""A key with more dots is refused."""

_ENDS = re.compile(r"([][{},=\n])")
_PARTS = re.compile(r"\*\*/|\*\*|.", re.DOTALL)


class PerPath(NamedTuple):
    """What a settings file asks for the files that a pattern matches."""

    pattern: str
    layer: Layer
    location: Location


class Settings(NamedTuple):
    """A settings file.

    ``path`` is absolute, ``name`` is for people. ``baseline``, ``env_file`` and
    ``capabilities`` are absolute paths or None, ``roots`` absolute paths, folders and patterns of
    configs. ``locations`` has where each setting stands, by its key path below our table.
    ``findings`` are what is wrong with the file; what they are about has no effect.
    """

    path: str
    name: str
    layer: Layer
    per_path: tuple[PerPath, ...]
    baseline: str | None
    env_file: str | None
    locations: dict[KeyPath, Location]
    findings: tuple[Diagnostic, ...]
    roots: tuple[str, ...] = ()
    capabilities: str | None = None

    def layers(self, path: str) -> list[Layer]:
        """The layers for a file, given by its absolute path; the lowest layer first."""
        return [self.layer, *(part.layer for part in self.matching(path))]

    def matching(self, path: str) -> list[PerPath]:
        """The parts that are about a file, given by its absolute path."""
        if not self.per_path:
            return []
        relative = os.path.relpath(path, os.path.dirname(self.path)).replace(os.sep, "/")
        return [part for part in self.per_path if path_matches(part.pattern, relative)]


def find_settings(folder: str) -> str | None:
    """The settings file in effect in a folder, which is given by its absolute path.

    The search ends at the root of a repository. Of two files in one folder the own one counts; a
    pyproject.toml counts when it has our table.
    """
    while True:
        own = os.path.join(folder, OWN_FILE)
        if os.path.isfile(own):
            return own
        project = os.path.join(folder, PROJECT_FILE)
        if os.path.isfile(project) and _mentions_us(project):
            return project
        above = os.path.dirname(folder)
        if above == folder or os.path.exists(os.path.join(folder, ".git")):
            return None
        folder = above


def _mentions_us(path: str) -> bool:
    """Whether a pyproject.toml has our table, looked at closely only where its text says so."""
    from openclaw_config.files import read_regular

    try:
        text = read_regular(path, MAX_BYTES).decode()
    except (OSError, ValueError):
        return False
    if "openclaw-config" not in text:
        return False
    try:
        tool = read_toml(text).get("tool")
    except (ValueError, RecursionError):
        # We cannot know; a file that names us in a table's header is meant for us.
        return "[tool.openclaw-config" in text
    return isinstance(tool, dict) and "openclaw-config" in tool


def read_toml(text: str) -> dict[str, Any]:
    """The value of a TOML text. Raises ValueError and RecursionError.

    The memory that tomllib needs grows with the square of the parts of a dotted key.
    """
    import tomllib

    pieces = _ENDS.split(text)
    for piece, end in zip(pieces[::2], pieces[1::2], strict=False):
        if end in ("=", "]") and piece.count(".") > MAX_DOTS:
            raise ValueError(f"a key has more than {MAX_DOTS} dots")
    return tomllib.loads(text)


def path_matches(pattern: str, path: str) -> bool:
    """Whether a pattern matches a relative path with forward slashes.

    ``*`` and ``?`` stay within a folder, ``**`` goes over any number of them. A pattern without a
    slash means a file's name, wherever the file is; one that ends in a slash, all that is below.
    All ways to match are followed at once, so that many stars cost no more than other signs.
    """
    text = pattern.removeprefix("./")
    if text.endswith("/"):
        text += "**"
    parts = _PARTS.findall(text if "/" in text else f"**/{text}")
    places = _skipped({0}, parts)
    for sign in path:
        following = set()
        for place in places:
            part = parts[place] if place < len(parts) else ""
            if part == "**" or (part == "*" and sign != "/"):
                following.add(place)
            elif part == "**/":
                following |= {place, place + 1} if sign == "/" else {place}
            elif part == sign or (part == "?" and sign != "/"):
                following.add(place + 1)
        places = _skipped(following, parts, starts=sign == "/")
    return len(parts) in places


def _skipped(places: set[int], parts: list[str], starts: bool = True) -> set[int]:
    """The places, and those behind parts of a pattern that may stand for nothing."""
    reached = set(places)
    for place in sorted(places):
        at = place
        while at < len(parts) and (parts[at] in ("*", "**") or (parts[at] == "**/" and starts)):
            at += 1
            if at in reached:
                break
            reached.add(at)
    return reached
