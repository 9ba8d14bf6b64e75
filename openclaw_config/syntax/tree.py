"""What a text is read into: the nodes, the tokens they came from, and what was wrong."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.syntax.nodes import ArrayNode, Member, Node, ObjectNode
from openclaw_config.syntax.scanner import COMMA, COMMENT, SPACE, Tokens
from openclaw_config.syntax.spans import KeyPath, Source, Span


class Tree(NamedTuple):
    """A text and all that was read in it.

    ``root`` is None only where the text holds nothing that could be read as a value. ``errors``
    stand in the text's order and include warnings: what keeps OpenClaw from reading the file has
    ``blocks``. ``tokens`` cover the whole text, whatever is wrong with it.
    """

    source: Source
    root: Node | None
    errors: tuple[Diagnostic, ...]
    tokens: Tokens

    @property
    def comments(self) -> tuple[Span, ...]:
        """The spans of all comments, in the text's order."""
        kinds, starts = self.tokens
        return tuple(
            Span(starts[index], starts[index + 1])
            for index, kind in enumerate(kinds)
            if kind == COMMENT
        )

    def comma_after(self, offset: int) -> Span | None:
        """The comma that follows a member or item that ends at an offset, if one does."""
        kinds, starts = self.tokens
        index = self.tokens.from_offset(offset)
        while index < len(kinds) and kinds[index] in (SPACE, COMMENT):
            index += 1
        if index < len(kinds) and kinds[index] == COMMA:
            return Span(starts[index], starts[index] + 1)
        return None


def print_tree(tree: Tree) -> str:
    """The text of a tree, token by token: every byte of what was parsed."""
    text = tree.source.text
    return "".join([text[start:end] for start, end in pairwise(tree.tokens.starts)])


def containers(root: Node | None) -> Iterator[ObjectNode | ArrayNode]:
    """The objects and arrays of a tree in the text's order, outer ones before inner ones."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ObjectNode):
            yield node
            waiting.extend(member.value for member in reversed(node.members))
        elif isinstance(node, ArrayNode):
            yield node
            waiting.extend(reversed(node.items))


def line_start(text: str, offset: int) -> int:
    """Where the line of an offset starts."""
    start = text.rfind("\n", 0, offset) + 1
    return max(start, text.rfind("\r", start, offset) + 1)


def indentation(text: str, offset: int) -> str:
    """The white space with which the line of an offset starts."""
    line = text[line_start(text, offset) : offset]
    return line[: len(line) - len(line.lstrip(" \t"))]


def parts_of(container: ObjectNode | ArrayNode) -> list[Span]:
    """The spans of a container's members, from key to value, or of its items."""
    if isinstance(container, ObjectNode):
        return [Span(member.key_start, member.value.end) for member in container.members]
    return [item.span for item in container.items]


# --- walking by place, and rebuilding only what changes ------------------------------------------

ROOT = -1
"""The parent of a tree's root."""


class Place(NamedTuple):
    """A container and where it stands: the number of its parent's place, and its key there."""

    node: ObjectNode | ArrayNode
    parent: int
    step: str | int


def places_of(root: Node | None) -> list[Place]:
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
