"""What the places of a config take: the shapes that hold there, and the kinds of names.

Which names a place takes (an agent's, a chat model's, a plugin's …) is data: ``schema/names.json``,
whose patterns are those of key paths joined by dots, ``#`` being an index and ``*`` any keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import translate
from functools import lru_cache

from openclaw_config.facts import read_json
from openclaw_config.syntax.nodes import Node, ObjectNode, StringNode, child
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation.schema import Shape, inner, openclaw_shape, tags_of

CHAT, AGENT, CHANNEL, TARGET, PLUGIN, TOOL = "chat", "agent", "channel", "target", "plugin", "tool"
PROVIDER, SPEECH, SEARCH, PROFILE = "provider", "speech", "search", "profile"
SECRET_PROVIDER, VARIABLE = "secretProvider", "variable"
MEDIA = ("image", "video", "music")
"""The kinds of names; a chat or media kind is that of its models' refs."""

DECLARED: dict[str, tuple[str, ...]] = {
    CHANNEL: ("channels",),
    TARGET: ("channels",),
    PLUGIN: ("plugins", "entries"),
    PROVIDER: ("models", "providers"),
    PROFILE: ("auth", "profiles"),
    SECRET_PROVIDER: ("secrets", "providers"),
}
"""The objects whose keys are the names that a config itself gives."""

_REFERENCE = {"source", "provider", "id"}


@lru_cache(maxsize=2)
def _patterns(part: str) -> tuple[re.Pattern[str], list[str]]:
    rows: dict[str, str] = read_json("names.json")[part]
    return re.compile("|".join(f"({translate(row)})" for row in rows)), [*rows.values()]


def kind_at(path: KeyPath, part: str = "values") -> str:
    """The kind of names that stand at a key path as ``values`` or ``keys``, "" for none."""
    pattern, kinds = _patterns(part)
    found = pattern.match(".".join("#" if isinstance(step, int) else step for step in path))
    return kinds[found.lastindex - 1] if found and found.lastindex else ""


def is_reference(path: KeyPath, shapes: list[Shape]) -> bool:
    """Whether a path names the secret provider of a SecretRef; ``shapes`` are those around it."""
    return path[-1:] == ("provider",) and any(set(one.keys) >= _REFERENCE for one in shapes)


def shapes_at(release: str, path: KeyPath, root: Node | None, mount: KeyPath = ()) -> list[Shape]:
    """The shapes that may hold at a key path; of a union, those that no tag excludes.

    ``root`` is the value at ``mount``, which has the tags.
    """
    found, skipped = [openclaw_shape(release)], len(mount)
    for depth in range(len(path) + 1):
        node = child(root, *path[skipped:depth]) if depth >= skipped else None
        found = [one for shape in found for one in _variants(shape, node)]
        if depth < len(path):
            found = [*filter(None, (inner(shape, path[depth]) for shape in found))]
    return found


def _variants(shape: Shape, node: Node | None) -> Iterator[Shape]:
    yield shape
    for branch in (*shape.any_of, *shape.all_of):
        if not isinstance(node, ObjectNode) or all(
            _may_be(node.get(key), values) for key, values in tags_of(branch).items()
        ):
            yield from _variants(branch, node)


def _may_be(tag: Node | None, values: tuple[object, ...]) -> bool:
    return not isinstance(tag, StringNode) or tag.value in values or not tag.value
