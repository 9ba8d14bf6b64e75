"""Keys that stand more than once in an object (LOAD-11)."""

from __future__ import annotations

from openclaw_config.diagnostics.model import Diagnostic, Related
from openclaw_config.loading.rules import DUPLICATE_KEY
from openclaw_config.syntax.nodes import ArrayNode, Member, Node, ObjectNode
from openclaw_config.syntax.spans import KeyPath


def is_plain(text: str) -> bool:
    """Whether a text surely has no ``$include`` and no ``__proto__``, not even an escaped one.

    Then nothing but its repeated keys is of interest, and most configs are like that.
    """
    return "$include" not in text and "__proto__" not in text and "\\" not in text


def repeated_keys(root: Node, base: KeyPath = ()) -> list[Diagnostic]:
    """A warning for each repeated key that OpenClaw gets to see; ``base`` is the root's place."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if type(node) is ObjectNode:
            if len(node.index) != len(node.members):
                return _with_paths(root, base)
            waiting += [member.value for member in node.members]
        elif type(node) is ArrayNode:
            waiting += node.items
    return []


def repeated_keys_of(node: ObjectNode, path: KeyPath) -> list[Diagnostic]:
    """A warning for each repeated key of one object, which stands at ``path``."""
    all_members: dict[str, list[Member]] = {}
    for member in node.members:
        all_members.setdefault(member.key, []).append(member)
    return [
        _repeated(members, (*path, key)) for key, members in all_members.items() if len(members) > 1
    ]


def _with_paths(root: Node, base: KeyPath) -> list[Diagnostic]:
    # Repeated keys are rare, so only now the key paths are worked out.
    from openclaw_config.loading.walk import containers, path_of

    places = containers(root)
    found = []
    for number, place in enumerate(places):
        if isinstance(place.node, ObjectNode) and len(place.node.index) != len(place.node.members):
            found += repeated_keys_of(place.node, (*base, *path_of(places, number)))
    return found


def _repeated(members: list[Member], path: KeyPath) -> Diagnostic:
    *earlier, last = members
    times = "twice" if len(members) == 2 else f"{len(members)} times"
    return DUPLICATE_KEY.at(
        last.key_location,
        f"`{last.key}` stands {times} in this object",
        path,
        label="only this one counts",
        related=tuple(
            Related(member.key_location, "this one is ignored") for member in earlier[:_SHOWN]
        ),
        helps=("remove the one that is not meant",),
    )


_SHOWN = 20
# How many of the ignored ones a finding points to.
