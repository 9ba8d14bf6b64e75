"""Where else in the configuration a key of some name exists.

Made only when somebody wrote a key in the wrong place; a valid file never pays for it.
"""

from __future__ import annotations

from functools import lru_cache

from openclaw_config.syntax.nodes import Member, ObjectNode
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.schema import Shape, openclaw_shape, walk

ANY = "*"
"""Stands in a place for a key or an index of the author's own."""

_HOME = ("agents", "defaults")
"""Where a setting mostly belongs when several places have it."""


@lru_cache(maxsize=4)
def _places(target: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    _collect(openclaw_shape(target), (), found)
    return {key: tuple(dict.fromkeys(paths)) for key, paths in found.items()}


def _collect(shape: Shape, path: tuple[str, ...], found: dict[str, list[tuple[str, ...]]]) -> None:
    for key in shape.keys:
        inner = shape.of_key(key)
        if inner is None or inner.old:
            continue
        found.setdefault(key.lower(), []).append((*path, key))
        _collect(inner, (*path, key), found)
    for inner in (shape.additional, shape.items):
        if inner is not None:
            _collect(inner, (*path, ANY), found)
    for inner in (*shape.any_of, *shape.all_of):
        _collect(inner, path, found)


_LONG_AGO: dict[tuple[str, ...], str] = {("gateway", "token"): "gateway.auth"}
"""Old keys that OpenClaw remembers without reading them: the object where each belongs."""
"""Old keys that OpenClaw remembers without reading them: the object where each belongs."""


_ADVICE: dict[tuple[str, ...], str] = {
    ("mcpServers",): "MCP servers belong in mcp.servers",
    ("routing",): "routing became the list bindings: { agentId, match: { channel } } each",
}
_SEARCH = ("tools", "web", "search")


def advice(member: Member, parent: KeyPath, target: str) -> str:
    """Where an old key's content belongs that was spread over several places, or ""."""
    if not parent and member.key == "agent":
        keys = list(member.value.index) if isinstance(member.value, ObjectNode) else []
        defaults = walk(openclaw_shape(target), _HOME)
        here = [key for key in keys if defaults is not None and defaults.of_key(key) is not None]
        moves = [f"agent.{key} is agents.defaults.{key}" for key in here[:4]]
        root = openclaw_shape(target)
        moves += [f"agent.{key} is {key}" for key in keys if key not in here and root.of_key(key)]
        return "; ".join(("agent became agents.defaults", *moves))
    if parent == _SEARCH:
        from openclaw_config import registry

        found = registry.web_search(target, member.key)
        if found is not None:
            return f"its key belongs in plugins.entries.{found.plugin}.config.webSearch.apiKey"
    return _ADVICE.get((*_pattern(parent), member.key), "")


def _pattern(path: KeyPath) -> tuple[str, ...]:
    return tuple(ANY if isinstance(step, int) else step for step in path)


def elsewhere(key: str, parent: KeyPath, target: str) -> tuple[str, ...]:
    """The objects where a key belongs that was written into ``parent``; empty when none is evident.

    The nearest ones in the tree win: those just below ``parent``, all of them, or else at most
    two. Channels and plugins, which share many names, are only offered to one another.
    """
    steps = _pattern(parent)
    if (*steps, key) in _LONG_AGO:
        return (_LONG_AGO[(*steps, key)],)
    apart = (("channels",), ("plugins",))
    section = steps[:1] if steps[:1] in apart else ()
    ranked: dict[tuple[int, int, int], list[tuple[str, ...]]] = {}
    for path in _places(target).get(key.lower(), ()):
        place = path[:-1]
        shared, home = _shared(place, steps), place[:2] == _HOME
        if (
            shared == len(place) == len(steps)
            or (section and place[:1] != section)
            or (not section and place[:1] in apart and len(place) > 1)
            or (steps and not shared and not home)
        ):
            continue
        ranked.setdefault((-shared, not home, len(place)), []).append(place)
    if not ranked:
        return ()
    best = ranked[min(ranked)]
    below = all(len(place) == len(steps) + 1 and place[:-1] == steps for place in best)
    if len(best) > 2 and not below:
        return ()
    return tuple(place_text(place) for place in best)


def _shared(place: tuple[str, ...], steps: tuple[str, ...]) -> int:
    count = 0
    for mine, theirs in zip(place, steps, strict=False):
        if mine != theirs and ANY not in (mine, theirs):
            break
        count += 1
    return count


def place_text(place: tuple[str, ...]) -> str:
    """A place as people write it: ``agents.list[].tools``; the root is "the top level"."""
    out = ""
    for at, step in enumerate(place):
        if step == ANY and place[at - 1] in ("list", "mappings", "bindings", "models", "rules"):
            out += "[]"
        else:
            out += f".{step}" if out else step
    return out or "the top level"
