"""How values of several files become one (LOAD-21)."""

from __future__ import annotations

from collections.abc import Sequence

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.loading.rules import DROPPED_KEY
from openclaw_config.loading.walk import with_value
from openclaw_config.syntax.nodes import ArrayNode, Member, Node, ObjectNode
from openclaw_config.syntax.spans import KeyPath

_DROPPED = frozenset({"__proto__", "prototype", "constructor"})


def merge(
    values: Sequence[Node], path: KeyPath = (), dropped: list[Diagnostic] | None = None
) -> Node:
    """One value out of one or more, each merged over those before it.

    Objects merge key by key, arrays are joined end to end, and anything else replaces what was
    there. An object that is merged over another loses the keys ``__proto__``, ``prototype`` and
    ``constructor``; ``dropped`` collects a warning for each, ``path`` being where the value stands.

    All values are merged at once, so the work is linear in what there is to merge, however many
    files it comes from. A merged container has the last value's place; what is in it keeps its own.
    """
    waiting: list[tuple[ObjectNode, list[Node], KeyPath]] = []
    merged = _begin(values, path, waiting)
    while waiting:
        node, operands, at = waiting.pop()
        for key, members in _by_key(operands, at, dropped).items():
            last = members[-1]
            value = _begin([member.value for member in members], (*at, key), waiting)
            node.members.append(last if value is last.value else with_value(last, value))
    return merged


def _begin(
    values: Sequence[Node], path: KeyPath, waiting: list[tuple[ObjectNode, list[Node], KeyPath]]
) -> Node:
    """The merged value; of an object only the shell, whose members are still ``waiting``."""
    last = values[-1]
    kind = type(last)
    first = len(values) - 1
    if kind is ObjectNode or kind is ArrayNode:
        while first > 0 and type(values[first - 1]) is kind:
            first -= 1
    operands = list(values[first:])
    if len(operands) == 1:
        return last
    if kind is ArrayNode:
        items = [item for node in operands if isinstance(node, ArrayNode) for item in node.items]
        return ArrayNode(last.source, last.start, last.end, items)
    node = ObjectNode(last.source, last.start, last.end, [])
    waiting.append((node, operands, path))
    return node


def _by_key(
    operands: list[Node], path: KeyPath, dropped: list[Diagnostic] | None
) -> dict[str, list[Member]]:
    found: dict[str, list[Member]] = {}
    for number, node in enumerate(operands):
        if not isinstance(node, ObjectNode):
            continue
        for key, member in node.index.items():
            if number == 0 or key not in _DROPPED:
                found.setdefault(key, []).append(member)
            elif dropped is not None:
                dropped.append(dropped_key(member, (*path, key)))
    return found


def dropped_key(member: Member, path: KeyPath) -> Diagnostic:
    """The warning that OpenClaw drops a key and all that is in it."""
    return DROPPED_KEY.at(
        member.key_location,
        f"OpenClaw drops `{member.key}` and everything in it",
        path,
        label="has no effect",
        helps=("give the key another name, or remove it",),
    )
