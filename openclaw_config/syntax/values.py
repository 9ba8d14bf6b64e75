"""The plain value of a node, as JavaScript would hold it."""

from __future__ import annotations

from typing import Any

from openclaw_config.syntax.collector import Pause
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode

_LAST_INDEX = 2**32 - 2


def is_index(key: str) -> bool:
    """Whether JavaScript takes a key for an array index, and so puts it before all others."""
    return (
        key.isdigit()
        and key.isascii()
        and (key[0] != "0" or key == "0")
        and len(key) <= 10
        and int(key) <= _LAST_INDEX
    )


def key_order(keys: list[str]) -> list[str]:
    """Keys, each once and in the order of first appearance, as JavaScript orders them.

    Array indexes come first, in ascending order.
    """
    indexes = [key for key in keys if is_index(key)]
    if not indexes:
        return keys
    return sorted(indexes, key=int) + [key for key in keys if not is_index(key)]


def to_value(node: Node) -> Any:
    """The value of a node in dicts, lists, strings, numbers, booleans and None.

    A repeated key keeps its first place and its last value (LOAD-11). Containers may be nested
    as deep as the parser lets them.
    """
    with Pause():
        return _value(node)


def _value(node: Node) -> Any:
    holder: list[Any] = [None]
    # What is still to be filled in: a node, the container it goes to, and its key or index there.
    waiting: list[tuple[Node, Any, Any]] = [(node, holder, 0)]
    while waiting:
        node, parent, place = waiting.pop()
        if isinstance(node, ObjectNode):
            index = node.index
            parent[place] = value = dict.fromkeys(key_order(list(index)))
            waiting.extend((index[key].value, value, key) for key in value)
        elif isinstance(node, ArrayNode):
            parent[place] = items = [None] * len(node.items)
            waiting.extend((item, items, at) for at, item in enumerate(node.items))
        else:
            parent[place] = getattr(node, "value", None)
    return holder[0]
