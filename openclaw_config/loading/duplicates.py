"""Keys that stand more than once in an object (LOAD-11)."""

from __future__ import annotations

import json

from openclaw_config.diagnostics.model import Diagnostic, Fix, Related
from openclaw_config.loading.rules import duplicate_key
from openclaw_config.syntax.nodes import (
    ArrayNode,
    Member,
    Node,
    ObjectNode,
    Tree,
    path_of,
    places_of,
    to_value,
)
from openclaw_config.syntax.spans import KeyPath, Span


def is_plain(text: str) -> bool:
    """Whether a text surely has no ``$include`` and no ``__proto__``, not even an escaped one.

    Then nothing but its repeated keys is of interest, and most configs are like that.
    """
    return "$include" not in text and "__proto__" not in text and "\\" not in text


def repeated_keys(tree: Tree, base: KeyPath = ()) -> list[Diagnostic]:
    """A warning for each repeated key that OpenClaw gets to see; ``base`` is the root's place."""
    waiting: list[Node | None] = [tree.root]
    while waiting:
        node = waiting.pop()
        if type(node) is ObjectNode:
            if len(node.index) != len(node.members):
                return _with_paths(tree, base)
            waiting += [member.value for member in node.members]
        elif type(node) is ArrayNode:
            waiting += node.items
    return []


def repeated_keys_of(
    tree: Tree, node: ObjectNode, path: KeyPath, before: int = 0
) -> list[Diagnostic]:
    """A warning for each repeated key of one object of a tree, which stands at ``path``.

    ``before`` is how many there are in the tree already: only the first ones have fixes.
    """
    all_members: dict[str, list[Member]] = {}
    for member in node.members:
        all_members.setdefault(member.key, []).append(member)
    found: list[Diagnostic] = []
    for key, members in all_members.items():
        if len(members) > 1:
            fixable = before + len(found) < _FIXED
            found.append(_repeated(tree, node, members, (*path, key), fixable))
        if before + len(found) > MOST:
            break
    return found


def _with_paths(tree: Tree, base: KeyPath) -> list[Diagnostic]:
    # Repeated keys are rare, so only now the key paths are worked out.
    places = places_of(tree.root)
    found: list[Diagnostic] = []
    for number, place in enumerate(places):
        if isinstance(place.node, ObjectNode) and len(place.node.index) != len(place.node.members):
            path = (*base, *path_of(places, number))
            found += repeated_keys_of(tree, place.node, path, len(found))
            if len(found) > MOST:
                break
    return found


def _repeated(
    tree: Tree, owner: ObjectNode, members: list[Member], path: KeyPath, fixable: bool
) -> Diagnostic:
    *earlier, last = members
    times = "twice" if len(members) == 2 else f"{len(members)} times"
    return duplicate_key.at(
        last.key_location,
        f"`{last.key}` stands {times} in this object",
        path,
        label="only this one counts",
        related=tuple(
            Related(member.key_location, "this one is ignored") for member in earlier[:_SHOWN]
        ),
        helps=("remove the one that is not meant",),
        fix=_removal(tree, owner, members) if fixable else None,
    )


def _removal(tree: Tree, owner: ObjectNode, members: list[Member]) -> Fix | None:
    """A fix that removes the members that do not count.

    OpenClaw reads the same afterwards. What the author meant may be another matter, unless all
    the members say the same.
    """
    from openclaw_config.syntax.edits import remove_part

    *earlier, last = members
    if len(earlier) > _SHOWN:
        return None
    edits = [
        edit
        for member in earlier
        for edit in remove_part(owner, Span(member.key_start, member.value.end))
    ]
    # Compared as JSON text: to Python, true and 1 are equal.
    value = json.dumps(to_value(last.value))
    same = all(json.dumps(to_value(member.value)) == value for member in earlier)
    title = "remove the repetition" if same else "remove what is ignored"
    lost = any(tree.has_comment(member.key_start, member.value.end) for member in earlier)
    return Fix(title, tuple(edits), safe=same and not lost)


MOST = 1000
# How many findings a file has at most, and one more to tell that there are more.
_SHOWN = 20
# How many of the ignored ones a finding points to, or removes.
_FIXED = 20
# How many findings of a file have a fix; working one out takes a look at the whole file.
