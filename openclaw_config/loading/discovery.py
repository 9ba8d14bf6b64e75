"""Where the config is, and the folders that belong to it (LOAD-01 to LOAD-04)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from openclaw_config.syntax.scanner import trim

if TYPE_CHECKING:
    from typing import Protocol

    class Lookup(Protocol):
        """Anything that finds a variable's value by name: ``os.environ``, an Environment."""

        def get(self, name: str, /) -> str | None:
            """The value, or None when the variable is not set."""


CONFIG_NAMES = ("openclaw.json", "clawdbot.json")
"""The config's file name, and the one it had before."""
STATE_NAMES = (".openclaw", ".clawdbot")
"""The state folder's name below the home, and the one it had before."""


class Found(NamedTuple):
    """Where the config is. ``how`` says in a few words why there; all paths are absolute."""

    path: str
    exists: bool
    how: str
    home: str
    state_dir: str


def home_dir(environ: Lookup, cwd: str) -> str:
    """The home folder that OpenClaw uses; ``cwd`` when the system knows none (LOAD-01)."""
    system = _usable(environ.get("HOME")) or _usable(environ.get("USERPROFILE")) or _system_home()
    chosen = _usable(environ.get("OPENCLAW_HOME"))
    if chosen and _starts_at_home(chosen):
        chosen = system and system + chosen[1:]
    return absolute(chosen or system or cwd, cwd)


def default_state_dirs(home: str) -> tuple[str, str]:
    """The state folders that count as default ones, the preferred first."""
    return os.path.join(home, STATE_NAMES[0]), os.path.join(home, STATE_NAMES[1])


def state_dir(
    environ: Lookup, home: str, cwd: str, exists: Callable[[str], bool] = os.path.exists
) -> str:
    """The folder of OpenClaw's state (LOAD-02)."""
    chosen = trim(environ.get("OPENCLAW_STATE_DIR") or "")
    if chosen:
        return expand(chosen, home, cwd)
    default, former = default_state_dirs(home)
    return former if not exists(default) and exists(former) else default


def find_config(
    environ: Lookup | None = None,
    *,
    cwd: str | None = None,
    home: str | None = None,
    state: str | None = None,
    exists: Callable[[str], bool] = os.path.exists,
) -> Found:
    """The config that OpenClaw would read in this environment (LOAD-03).

    ``environ`` is ``os.environ`` when it is not given. ``home`` and ``state`` replace the folders
    that the environment names; a ``state`` counts as if ``OPENCLAW_STATE_DIR`` had named it.
    """
    environ = os.environ if environ is None else environ
    cwd = os.path.abspath(cwd or os.getcwd())
    home = home or home_dir(environ, cwd)
    fixed = bool(state or trim(environ.get("OPENCLAW_STATE_DIR") or ""))
    folder = state or state_dir(environ, home, cwd, exists)

    chosen = trim(environ.get("OPENCLAW_CONFIG_PATH") or "")
    if chosen:
        path = expand(chosen, home, cwd)
        return Found(path, exists(path), "named by OPENCLAW_CONFIG_PATH", home, folder)
    places = [(folder, "found in the state folder")]
    if not fixed:
        places += [(os.path.join(home, name), "found in the home folder") for name in STATE_NAMES]
    for place, how in places:
        for name in CONFIG_NAMES:
            path = os.path.join(place, name)
            if exists(path):
                return Found(path, True, how, home, folder)
    path = os.path.join(folder, CONFIG_NAMES[0])
    return Found(path, False, "where OpenClaw would look", home, folder)


def expand(path: str, home: str, cwd: str) -> str:
    """A path from a variable, with ``~`` expanded and made absolute; ``~name`` is left as it is."""
    return absolute(home + path[1:] if _starts_at_home(path) else path, cwd)


def include_roots(environ: Lookup, home: str) -> tuple[str, ...]:
    """The folders besides the config's own that included files may lie in (LOAD-22)."""
    written = (environ.get("OPENCLAW_INCLUDE_ROOTS") or "").split(":")
    return tuple(expand(one, home, os.getcwd()) for one in written if one)


def _starts_at_home(path: str) -> bool:
    return path == "~" or path.startswith(("~/", "~\\"))


def absolute(path: str, cwd: str) -> str:
    """The absolute, normalised path that a path means in a folder."""
    joined = os.path.normpath(os.path.join(cwd, path))
    # Python keeps two leading slashes apart from one; Node does not.
    return "/" + joined.lstrip("/") if joined.startswith("//") else joined


def _usable(value: str | None) -> str:
    text = trim(value or "")
    return "" if text in {"undefined", "null"} else text


def _system_home() -> str:
    found = os.path.expanduser("~")
    return "" if found == "~" else found
