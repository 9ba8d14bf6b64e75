"""The tree that a JSON5 text is read into: values that know where they stand, and its tokens.

``Tree`` is what was read; ``ParserState`` is one that is being read, from which the parser goes on,
and so does recovery, which changes it.

The parser makes the nodes, and nothing changes them afterwards. Loading builds new object and
array nodes where it merges files, and new strings where it substitutes variables; what it does
not touch is shared, so any node anywhere still tells its own file and span.
"""

from __future__ import annotations

import gc
import re
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from openclaw_config.syntax.text import (
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    COMMENT,
    KeyPath,
    Location,
    Source,
    Span,
    Tokens,
)

if TYPE_CHECKING:
    from openclaw_config.diagnostics.model import Diagnostic
    from openclaw_config.syntax.recovery.core import Cursor


@contextmanager
def gc_paused() -> Iterator[None]:
    """Keep Python's garbage collector from running while something big is built.

    It looks for cycles, and while a tree grows it walks over all of it again and again: at 1 MB
    of config that takes nearly half of the time, at 10 MB two thirds. Trees and plain values hold
    no cycles. Pauses may stand inside one another.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Node:
    """A value in a source, from offset ``start`` up to, not including, ``end``.

    Each kind sets all its fields itself: calling ``super().__init__`` would make a node cost three
    times as much, and a parse a third more.
    """

    __slots__ = ("end", "source", "start")

    kind: str = "value"

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.start = start
        self.end = end

    @property
    def span(self) -> Span:
        """The stretch of text that the value takes."""
        return Span(self.start, self.end)

    @property
    def location(self) -> Location:
        """The value's place, with its source."""
        return Location(self.source, Span(self.start, self.end))

    def __repr__(self) -> str:
        # Never the value: a node may hold a secret, and a repr ends up in logs.
        return f"<{self.kind} at {self.location}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a node holds a value of a config, and is not written out")


IN_WORDS = {
    "null": "null",
    "boolean": "a boolean",
    "number": "a number",
    "string": "a string",
    "array": "a list",
    "object": "an object",
}
"""What a message calls a value, by its kind."""


class NullNode(Node):
    """``null``."""

    __slots__ = ()
    kind = "null"


class _Scalar(Node):
    __slots__ = ("value",)

    def __init__(self, source: Source, start: int, end: int, value: Any) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.value = value


class BooleanNode(_Scalar):
    """``true`` or ``false``."""

    __slots__ = ()
    kind = "boolean"
    value: bool


class NumberNode(_Scalar):
    """A number as JavaScript holds it: an int where it is whole and exact, else a float."""

    __slots__ = ()
    kind = "number"
    value: int | float


class StringNode(Node):
    """A string.

    ``variables`` names the environment variables whose values were put into it (LOAD-30).
    ``assumed`` is true when one of them is only taken to exist: the true text is then unknown,
    and no rule may check it.
    """

    __slots__ = ("assumed", "value", "variables")
    kind = "string"

    def __init__(
        self,
        source: Source,
        start: int,
        end: int,
        value: str,
        variables: tuple[str, ...] = (),
        assumed: bool = False,
    ) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.value = value
        self.variables = variables
        self.assumed = assumed


class ArrayNode(Node):
    """An array and its items, in order."""

    __slots__ = ("items",)
    kind = "array"

    def __init__(self, source: Source, start: int, end: int, items: list[Node]) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.items = items


class Member:
    """One ``key: value`` of an object; ``key_start`` and ``key_end`` bound the key, with quotes."""

    __slots__ = ("key", "key_end", "key_start", "source", "value")

    def __init__(self, source: Source, key: str, key_start: int, key_end: int, value: Node) -> None:
        self.source = source
        self.key = key
        self.key_start = key_start
        self.key_end = key_end
        self.value = value

    @property
    def key_location(self) -> Location:
        """The key's place."""
        return Location(self.source, Span(self.key_start, self.key_end))

    __reduce__ = Node.__reduce__

    def __repr__(self) -> str:
        return f"<member {self.key!r} at {self.key_location}>"


class ObjectNode(Node):
    """An object. ``members`` keeps every member in the text's order, repeated keys included.

    Look-ups see what OpenClaw sees: of a repeated key the last member (LOAD-11).
    """

    __slots__ = ("_index", "members")
    kind = "object"

    def __init__(self, source: Source, start: int, end: int, members: list[Member]) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.members = members
        self._index: dict[str, Member] | None = None

    @property
    def index(self) -> dict[str, Member]:
        """The member that counts for each key, in the order of the keys' first appearance."""
        if self._index is None:
            self._index = {member.key: member for member in self.members}
        return self._index

    def get(self, key: str) -> Node | None:
        """The value of a key, or None when the object does not have it."""
        member = self.index.get(key)
        return None if member is None else member.value

    def member(self, key: str) -> Member | None:
        """The member of a key, or None when the object does not have it."""
        return self.index.get(key)


def child(node: Node | None, *path: str | int) -> Node | None:
    """The node at a path below ``node``, or None when the way breaks off."""
    for step in path:
        if isinstance(node, ObjectNode) and isinstance(step, str):
            node = node.get(step)
        elif isinstance(node, ArrayNode) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            return None
    return node


def text_of(node: Node | None) -> str | None:
    """The string that a node holds, or None when it is not a string."""
    return node.value if isinstance(node, StringNode) else None


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

    def has_comment(self, start: int, end: int) -> bool:
        """Whether a comment starts between two offsets."""
        first, last = self.tokens.from_offset(start), self.tokens.from_offset(end)
        return self.tokens.kinds.find(COMMENT, first, last) >= 0


CONTAINERS = (ObjectNode, ArrayNode)
"""The kinds of nodes that hold others."""


def children(node: Node) -> list[tuple[str | int, Node]]:
    """What an object or an array holds, each value with its key or its number.

    Of a repeated key it is the last value, as OpenClaw reads it (LOAD-11).
    """
    if isinstance(node, ObjectNode):
        return [(key, member.value) for key, member in node.index.items()]
    return [*enumerate(node.items)] if isinstance(node, ArrayNode) else []


def paths_of(root: Node | None, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Node]]:
    """A value that stands at a path, and every one below it, with their paths, in their order."""
    waiting = [] if root is None else [(path, root)]
    while waiting:
        at, node = waiting.pop()
        yield at, node
        waiting += [((*at, step), inner) for step, inner in reversed(children(node))]


def nodes_of(root: Node | None) -> Iterator[Node]:
    """Every value of a tree in the text's order, outer ones before inner ones."""
    waiting = [] if root is None else [root]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, CONTAINERS):
            waiting.extend(reversed(values_of(node)))


def containers(root: Node | None) -> Iterator[ObjectNode | ArrayNode]:
    """The objects and arrays of a tree, in the same order."""
    return (node for node in nodes_of(root) if isinstance(node, CONTAINERS))


def line_start(text: str, offset: int) -> int:
    """Where the line of an offset starts."""
    start = text.rfind("\n", 0, offset) + 1
    return max(start, text.rfind("\r", start, offset) + 1)


def indentation(text: str, offset: int) -> str:
    """The white space with which the line of an offset starts."""
    line = text[line_start(text, offset) : offset]
    return line[: len(line) - len(line.lstrip(" \t"))]


def line_break(text: str) -> str:
    """What ends the lines of a text."""
    return "\r\n" if "\r\n" in text else "\n"


def values_of(container: ObjectNode | ArrayNode) -> list[Node]:
    """The values of a container, in the text's order."""
    if isinstance(container, ObjectNode):
        return [member.value for member in container.members]
    return container.items


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
        places += [
            Place(value, number, step)
            for step, value in children(place.node)
            if isinstance(value, CONTAINERS)
        ]
    return places


def path_of(places: list[Place], number: int) -> KeyPath:
    """The key path from the root to a place."""
    steps: list[str | int] = []
    while number != ROOT and places[number].parent != ROOT:
        steps.append(places[number].step)
        number = places[number].parent
    return tuple(reversed(steps))


def with_changes(
    root: Node,
    places: list[Place],
    changes: dict[int, dict[str | int, Node]],
    revise: Callable[[int, Node], Node] | None = None,
) -> Node:
    """The tree with other values at keys or indexes of some places, built from the inside out.

    ``revise`` then gets each place's number and container, and says what stands there. What does
    not change is shared. ``changes`` is used up.
    """
    for number in range(len(places) - 1, -1, -1):
        old, parent, step = places[number]
        new: Node = _rebuilt(old, changes[number]) if number in changes else old
        if revise is not None:
            new = revise(number, new)
        if new is not old:
            if number == 0:
                return new
            changes.setdefault(parent, {})[step] = new
    return root


def _rebuilt(node: ObjectNode | ArrayNode, changes: dict[str | int, Node]) -> Node:
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


_INDEX = "0|[1-9][0-9]{0,9}"
_LAST_INDEX = 2**32 - 2


def is_index(key: str) -> bool:
    """Whether JavaScript takes a key for an array index, and so puts it before all others."""
    return key.isdigit() and re.fullmatch(_INDEX, key) is not None and int(key) <= _LAST_INDEX


def key_order(keys: list[str]) -> list[str]:
    """Keys, each once and in the order of first appearance, as JavaScript orders them.

    Array indexes come first, in ascending order.
    """
    indexes = [key for key in keys if is_index(key)]
    if not indexes:
        return keys
    return sorted(indexes, key=int) + [key for key in keys if not is_index(key)]


@gc_paused()
def to_value(node: Node) -> Any:
    """The value of a node in dicts, lists, strings, numbers, booleans and None.

    A repeated key keeps its first place and its last value (LOAD-11). Containers may be nested
    as deep as the parser lets them.
    """
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


LITERALS: dict[str, bool | float | None] = {
    "true": True,
    "false": False,
    "null": None,
    "Infinity": float("inf"),
    "NaN": float("nan"),
}
"""The words that are values."""


def literal_node(source: Source, start: int, end: int, word: str) -> Node:
    """The node of one of the words that are values."""
    value = LITERALS[word]
    if value is None:
        return NullNode(source, start, end)
    if isinstance(value, bool):
        return BooleanNode(source, start, end, value)
    return NumberNode(source, start, end, value)


MAX_DEPTH = 1100
"""How many containers may stand inside one another. Deeper nesting is no config but an accident
or an attack, and every later stage may rely on the limit."""

MAX_ERRORS = 50
"""After so many errors reading stops: what is left is hardly a config."""

ROOT, AFTER_VALUE, KEY, ITEM, VALUE, AFTER_KEY, END = range(-1, 6)
"""What the parser expects: a comma or the closing bracket; a key or ``}``; a value or ``]``; a
value; a colon; nothing more. To recovery, ROOT is a value outside of all containers."""


class ParserState:
    """One run over one text: the tokens, nodes and errors so far, and the containers left open.

    ``key`` is the key read last, with the offsets of its start and its end.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.kinds = bytearray()
        self.starts = array("I")
        self.errors: list[Diagnostic] = []
        self.roots: list[Node] = []
        self.stack: list[ObjectNode | ArrayNode] = []
        self.key = ("", 0, 0)
        self.state = VALUE
        self.cursor: Cursor | None = None

    def innermost(self) -> tuple[int, list[Any]]:
        """The closing mark of the innermost open container, and the list that its parts go to.

        Outside all containers 0, which no token is, and the list of roots.
        """
        if not self.stack:
            return 0, self.roots
        container = self.stack[-1]
        if isinstance(container, ObjectNode):
            return CLOSE_OBJECT, container.members
        return CLOSE_ARRAY, container.items
