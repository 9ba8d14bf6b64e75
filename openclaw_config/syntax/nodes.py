"""The tree that a JSON5 text is read into: values that know where they stand.

The parser makes the nodes, and nothing changes them afterwards. Loading builds new object and
array nodes where it merges files, and new strings where it substitutes variables; what it does
not touch is shared, so any node anywhere still tells its own file and span.
"""

from __future__ import annotations

from typing import NoReturn

from openclaw_config.syntax.spans import Location, Source, Span


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


class NullNode(Node):
    """``null``."""

    __slots__ = ()
    kind = "null"


class BooleanNode(Node):
    """``true`` or ``false``."""

    __slots__ = ("value",)
    kind = "boolean"

    def __init__(self, source: Source, start: int, end: int, value: bool) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.value = value


class NumberNode(Node):
    """A number as JavaScript holds it: an int where it is whole and exact, else a float."""

    __slots__ = ("value",)
    kind = "number"

    def __init__(self, source: Source, start: int, end: int, value: int | float) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.value = value


class StringNode(Node):
    """A string.

    ``variables`` names the environment variables whose values were put into it (LOAD-30).
    ``assumed`` is true when one of them is only taken to exist: the true text is then unknown,
    and no rule may judge it.
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
