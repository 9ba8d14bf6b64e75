"""Versions of OpenClaw that a config may be written for, and where each writes what moved.

All that differs between versions is data, or one small variant that is chosen by a ``Target``. A
Document has the target that it is read for; nothing else names a version, or a key that moved.
"""

# Annotations are not postponed here, as in ``registry``: this is on the way of every check.

import re
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeGuard

from openclaw_config.errors import OpenClawConfigError
from openclaw_config.facts import camel_case, read_json, record
from openclaw_config.syntax.nodes import Node, ObjectNode, child

DEFAULT = "2026.9.6"
"""The newest release: a config is checked for it where nothing says another."""

PROFILE_FILE = "auth-profiles.json"
"""The file of an agent's auth profiles, before they went into a database."""

Way: TypeAlias = tuple[str, ...]


class Keys(NamedTuple):
    """Where a version writes what moved.

    Each field is a way of keys from the root; ``*`` is any key and ``[]`` any item, so that a rule
    writes ``config.each(*keys.agent, "heartbeat")``. () where the version has no such key.
    ``env`` are the objects whose keys are variables, the one to write to first. ``media_models``
    are by surface.
    """

    agents: Way
    agent: Way
    env: tuple[Way, ...]
    media_models: dict[str, Way]
    media_fallback: Way
    speech: Way
    memory_search: Way
    context_tokens: Way


class Target(NamedTuple):
    """A release of OpenClaw. ``release`` is the one whose data are read.

    ``reads`` names the table of ``schema/migrations`` whose old keys it converts when it reads a
    config: all older than itself until 2026.4, few since then, and LOAD-50 to LOAD-52 since 2026.8.
    ``requests`` is the release whose requests, arguments and models it has, as far as is known.
    ``native_chat`` is whether chat is sent by OpenClaw's own runtime, as since 2026.8.
    ``profile_store`` is the file of an agent's auth profiles.
    """

    release: str
    keys: Keys
    reads: str
    requests: str
    native_chat: bool
    profile_store: str


class Choice(NamedTuple):
    """A target, and what chose it.

    That is "option", "config" (its ``meta.lastTouchedVersion``), "keys" or "default".
    """

    target: Target
    by: str


class UnknownVersionError(OpenClawConfigError, ValueError):
    """A text that is no version of OpenClaw."""


@lru_cache(maxsize=1)
def releases() -> tuple[str, ...]:
    """The releases that there are data of, the oldest first."""
    return tuple(read_json("openclaw/index.json")["releases"])


@lru_cache(maxsize=32)
def target(release: str) -> Target:
    """The target of a release of ``releases``."""
    form: dict[str, Any] = {}
    for row in read_json("targets.json")["forms"]:
        if _number(row["since"]) <= _number(release):
            form |= row
    keys = Keys(**{name: _ways(form["keys"][camel_case(name)]) for name in Keys._fields})
    return record(Target, form, release=release, keys=keys)


def _ways(written: Any) -> Any:
    """Ways of keys out of texts with dots, of which "" is none; those in lists and objects too."""
    if isinstance(written, dict):
        return {key: _ways(inner) for key, inner in written.items()}
    if isinstance(written, list):
        return tuple(map(_ways, written))
    return tuple(written.split(".")) if written else ()


_VERSION = re.compile(
    r"v?([0-9]{4})\.([0-9]{1,4})(?:\.([0-9]{1,9})(?:-([0-9]{1,9}))?(?:[-+.][\w.+-]*)?)?", re.ASCII
)


def is_version(text: object) -> TypeGuard[str]:
    """Whether a value is a version of OpenClaw, of which there may be no data."""
    return isinstance(text, str) and _VERSION.fullmatch(text.strip()) is not None


def _number(version: str) -> tuple[int, int, int, int]:
    """A version as numbers that compare; its line alone is the end of the line.

    ``-2`` is a later build of the same release; ``-beta`` and the like count as the release.
    """
    found = _VERSION.fullmatch(version.strip())
    if found is None:
        raise UnknownVersionError(version)
    year, month, patch, build = found.groups()
    return int(year), int(month), int(patch) if patch else 10**9, int(build or 0)


def nearest(version: str) -> Target:
    """The target for a version: the nearest release at or below it in its line.

    A line starts at its first release of which there are data. A line without any takes the
    newest release before it, or else the oldest of all. Raises UnknownVersionError.
    """
    asked = _number(version)
    known = [(_number(release), release) for release in releases()]
    line = [release for number, release in known if number[:2] == asked[:2]]
    below = [release for number, release in known if number <= asked]
    in_line = [release for release in below if release in line]
    return target((in_line[-1:] or line[:1] or below[-1:] or list(releases()[:1]))[0])


def choose(option: str = "", root: Node | None = None) -> Choice:
    """The target of a config: as asked for, else as the config says itself, else the default.

    Raises UnknownVersionError for an option that is no version; a config's own that is none says
    nothing.
    """
    if option:
        return Choice(nearest(option), "option")
    touched = getattr(child(root, "meta", "lastTouchedVersion"), "value", None)
    if is_version(touched):
        return Choice(nearest(touched), "config")
    old, new = (_uses(root, target(releases()[at]).keys) for at in (0, -1))
    if old != new:
        return Choice(target(releases()[0 if old else -1]), "keys")
    return Choice(target(DEFAULT), "default")


def _uses(root: Node | None, keys: Keys) -> bool:
    """Whether a config has a key that only one of the two forms has."""
    ways = (keys.agents, *keys.media_models.values(), keys.media_fallback, keys.speech)
    if any(way and child(root, *way) is not None for way in (*ways, keys.memory_search)):
        return True
    env = child(root, "env")
    inline = isinstance(env, ObjectNode) and not env.values.keys() <= {"shellEnv", "vars"}
    return inline and keys.env[0] == ("env",)
