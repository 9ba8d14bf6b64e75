"""Settings that several places of a config give, the strongest first (TTS-01, STT-12)."""

from __future__ import annotations

from typing import Any, TypeAlias

from openclaw_config.resolution.settings import Setting, at, json_value
from openclaw_config.syntax.nodes import Node, NullNode, ObjectNode, child
from openclaw_config.syntax.text import KeyPath

Layers: TypeAlias = tuple[KeyPath, ...]
"""The places of settings, the strongest first."""
Found: TypeAlias = tuple[Node, KeyPath]


def find(root: Node | None, layers: Layers, *keys: str | int) -> Found | None:
    """What the merged layers have at ``keys``, or None (TTS-01, SL-42).

    Objects merge; any other value hides what weaker layers have, and so does null, which is no
    value.
    """
    for layer in layers:
        node, at_key = child(root, *layer), 0
        while at_key < len(keys) and isinstance(node, ObjectNode):
            node = node.get(str(keys[at_key]))
            at_key += 1
        if node is not None:
            hides = at_key < len(keys) or isinstance(node, NullNode)
            return None if hides else (node, (*layer, *keys))
    return None


def merged(root: Node | None, layers: Layers, *keys: str | int) -> Any:
    """The value at ``keys`` with the objects of all layers merged, as JSON; None without one."""
    value: Any = None
    for layer in reversed(layers):
        node = child(root, *layer, *keys)
        if node is not None:
            value = _over(value, json_value(node))
    return value


def _over(below: Any, above: Any) -> Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: _over(below.get(key), value) for key, value in above.items()}}


def first(root: Node | None, layers: Layers, *keys: str | int) -> Setting | None:
    """The merged layers' scalar at ``keys``."""
    found = find(root, layers, *keys)
    return None if found is None else at(root, found[1])
