"""Where a migration of ours departs from OpenClaw's: each difference needs a rule that says so.

A rule looks at one difference (its path, what OpenClaw has there, what we have there) and at the
config before, so that what it says holds for any config.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from openclaw_config.migration import Migration, migrate
from openclaw_config.syntax.nodes import to_value
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source

Path = tuple[str, ...]
DEFAULT_MODEL = "openai/gpt-6-astra"
_MODEL_PLACES = frozenset(
    ("model", "primary", "fallbacks", "models", "mediaModels", "utilityModel")
)
_REFERENCE = re.compile(r"\$\{[^}]*\}")


class Difference(NamedTuple):
    """What OpenClaw made of a place, and what we made of it; None where nothing stands."""

    path: Path
    theirs: Any
    ours: Any


def differences(theirs: Any, ours: Any, path: Path = ()) -> Iterator[Difference]:
    """The smallest values that differ."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in theirs | ours:
            yield from differences(theirs.get(key), ours.get(key), (*path, key))
    elif isinstance(theirs, dict) and ours is None:
        for key, value in theirs.items():
            yield from differences(value, None, (*path, key))
    elif isinstance(ours, dict) and theirs is None:
        for key, value in ours.items():
            yield from differences(None, value, (*path, key))
    elif theirs != ours:
        yield Difference(path, theirs, ours)


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in (*value, *value.values()) for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


def _origins(it: Difference, before: Any, migration: Migration) -> bool:
    """Origins for the control UI are no part of a migration."""
    if it.path != ("gateway", "controlUi", "allowedOrigins"):
        return False
    added = [item for item in it.theirs if item not in (it.ours or ())]
    return all(re.fullmatch(r"http://(localhost|127\.0\.0\.1):\d+", item) for item in added)


def _stamps(it: Difference, before: Any, migration: Migration) -> bool:
    """What only tells about runs of the program, and stays."""
    return it.path[0] in ("wizard", "meta") and (it.ours == _at(before, it.path) or not it.ours)


def _not_installed(it: Difference, before: Any, migration: Migration) -> bool:
    """A model or a plugin that is not installed stays: OpenClaw removes it, or puts its default."""
    if it.path[0] == "plugins":
        return it.ours is not None and it.ours == _at(before, it.path)
    if not _MODEL_PLACES & set(it.path) or it.ours is None:
        return False
    added = set(_texts(it.theirs)) - set(_texts(it.ours))
    return added <= {DEFAULT_MODEL} and set(_texts(it.ours)) <= set(_texts(before))


def _token(it: Difference, before: Any, migration: Migration) -> bool:
    """A key of Ollama is replaced by a marker, a token of hooks by another one."""
    places = ("models", "providers", "ollama", "apiKey"), ("hooks", "token")
    return it.path in places and it.ours == _at(before, it.path)


def _inline_wins(it: Difference, before: Any, migration: Migration) -> bool:
    both = _at(before, it.path) is not None and it.path[:2] == ("env", "vars")
    return both and it.ours == _at(before, ("env", it.path[2]))


def _reference(it: Difference, before: Any, migration: Migration) -> bool:
    """Where they have the value of a variable, or nothing as it is none, we have the reference."""
    if isinstance(it.ours, list) and isinstance(it.theirs, list | None):
        kept = [item for item in it.ours if not _REFERENCE.search(str(item))]
        return kept == (it.theirs or []) or (
            len(it.ours) == len(it.theirs or ())
            and all(map(_is_value_of, it.theirs or (), it.ours))
        )
    return isinstance(it.ours, str) and _is_value_of(it.theirs, it.ours)


def _is_value_of(value: Any, text: Any) -> bool:
    if isinstance(value, dict) and isinstance(text, dict) and value.keys() == text.keys():
        return all(_is_value_of(value[key], text[key]) for key in value)
    if isinstance(value, list) and isinstance(text, list) and len(value) == len(text):
        return all(map(_is_value_of, value, text))
    if value == text:
        return True
    if not isinstance(value, str) or not isinstance(text, str) or not _REFERENCE.search(text):
        return False
    pattern = ".*".join(map(re.escape, _REFERENCE.split(text)))
    return re.fullmatch(pattern, value, re.DOTALL) is not None


def _asked(it: Difference, before: Any, migration: Migration) -> bool:
    """What a person must decide stays, where OpenClaw removes it or reads a variable."""
    asked = [change.path for change in migration.open]
    return any(
        it.path[: len(place)] == place or place[: len(it.path)] == it.path for place in asked
    )


def _unknown(it: Difference, before: Any, migration: Migration) -> bool:
    return it.theirs is None and _asked(it, before, migration)


def _not_final(it: Difference, before: Any, again: Any) -> bool:
    """Another run of theirs would change it, as ours has already: ``again`` is theirs, migrated.

    Entries that only choose a runtime, as a migration makes them, are no list of what is allowed.
    """
    if it.path[:3] == ("agents", "defaults", "modelPolicy") and it.ours is None:
        models = _at(before, ("agents", "defaults", "models")) or {}
        return all(entry.keys() == {"agentRuntime"} for entry in models.values())
    return bool(_at(again, it.path) == it.ours)


def _variable_id(it: Difference, before: Any, migration: Migration) -> bool:
    names = [change.path for change in migration.open]
    return it.path[0] == "agents" and ("agents", "list") in [name[:2] for name in names]


RULES: Sequence[tuple[str, Callable[[Difference, Any, Migration], bool]]] = (
    ("MIG-3", _origins),
    ("MIG-3", _stamps),
    ("MIG-3", _not_installed),
    ("MIG-3", _token),
    ("MIG-51", _inline_wins),
    ("MIG-60", _reference),
    ("MIG-20", _variable_id),
    ("MIG-45", _unknown),
)


def departures(theirs: Any, ours: Any, before: Any, migration: Migration) -> Mapping[str, int]:
    """The rules by which two results differ, with how many differences; "" where none says so."""
    found: dict[str, int] = {}
    root = parse(Source(migrate(text=json.dumps(theirs)).text)).root
    again = None if root is None else to_value(root)
    for it in differences(theirs, ours):
        rule = next((name for name, holds in RULES if holds(it, before, migration)), "")
        rule = rule or ("MIG-6" if _not_final(it, before, again) else "")
        found[rule] = found.get(rule, 0) + 1
    return found
