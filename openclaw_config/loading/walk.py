"""Walking a tree without recursion, and rebuilding only what changes.

Nodes never change: where loading puts something else in a place, the containers on the way to it
are made anew and everything beside it is shared.
"""

from __future__ import annotations

from typing import NamedTuple

from openclaw_config.syntax.nodes import ArrayNode, Member, Node, ObjectNode, StringNode
from openclaw_config.syntax.spans import KeyPath

ROOT = -1
"""The parent of a tree's root."""


class Place(NamedTuple):
    """A container and where it stands: the number of its parent's place, and its key there."""

    node: ObjectNode | ArrayNode
    parent: int
    step: str | int


def containers(root: Node | None) -> list[Place]:
    """Every object and array, each after the one that holds it.

    Of a repeated key only the last member is followed, as OpenClaw does (LOAD-11).
    """
    places: list[Place] = []
    if isinstance(root, ObjectNode | ArrayNode):
        places.append(Place(root, ROOT, 0))
    for number, place in enumerate(places):
        # The list grows while it is read: breadth first, parents before their children.
        node = place.node
        if type(node) is ObjectNode:
            places += [
                Place(member.value, number, key)
                for key, member in node.index.items()
                if type(member.value) is ObjectNode or type(member.value) is ArrayNode
            ]
        elif type(node) is ArrayNode:
            places += [
                Place(value, number, index)
                for index, value in enumerate(node.items)
                if type(value) is ObjectNode or type(value) is ArrayNode
            ]
    return places


class Marked(NamedTuple):
    """A tree's containers, and those of its strings that may have to do with variables.

    A string is given with the number of its container's place and its key or index there.
    """

    root: Node
    places: list[Place]
    strings: list[tuple[int, str | int, StringNode]]

    def path(self, number: int, step: str | int) -> KeyPath:
        """The key path of a string."""
        return (*path_of(self.places, number), step)


def marked(root: Node) -> Marked:
    """The strings of a tree that have a ``$`` or a ``%``."""
    places = containers(root)
    strings: list[tuple[int, str | int, StringNode]] = []
    for number, (node, _, _) in enumerate(places):
        if type(node) is ObjectNode:
            for key, member in node.index.items():
                value = member.value
                if type(value) is StringNode and ("$" in value.value or "%" in value.value):
                    strings.append((number, key, value))
        elif type(node) is ArrayNode:
            strings += [
                (number, index, value)
                for index, value in enumerate(node.items)
                if type(value) is StringNode and ("$" in value.value or "%" in value.value)
            ]
    return Marked(root, places, strings)


def path_of(places: list[Place], number: int) -> KeyPath:
    """The key path from the root to a place."""
    steps: list[str | int] = []
    while number != ROOT and places[number].parent != ROOT:
        steps.append(places[number].step)
        number = places[number].parent
    return tuple(reversed(steps))


def rebuilt(node: ObjectNode | ArrayNode, changes: dict[str | int, Node]) -> ObjectNode | ArrayNode:
    """The container with other values at some keys or indexes."""
    if isinstance(node, ArrayNode):
        items = [changes.get(index, item) for index, item in enumerate(node.items)]
        return ArrayNode(node.source, node.start, node.end, items)
    return ObjectNode(
        node.source,
        node.start,
        node.end,
        [
            with_value(member, changes[member.key])
            if member.key in changes and node.index[member.key] is member
            else member
            for member in node.members
        ],
    )


def with_value(member: Member, value: Node) -> Member:
    """The member with another value; its key stays where it is."""
    return Member(member.source, member.key, member.key_start, member.key_end, value)
