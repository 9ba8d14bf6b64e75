"""The tree that a JSON5 text is read into: values that know where they stand, and its tokens.

The parser makes the nodes, and nothing changes them afterwards. Loading builds new object and
array nodes where it merges files, and new strings where it substitutes variables; what it does
not touch is shared, so any node anywhere still tells its own file and span.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeAlias

from openclaw_config.syntax import text as tokens
from openclaw_config.syntax.text import KeyPath, Location, Source, Span, Tokens

if TYPE_CHECKING:
    from openclaw_config.diagnostics.model import Diagnostic


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

    A config of 10 MB has half a million of them, so what they hold is chosen for its size: the
    length in the place of the end, as Python keeps small numbers only once. Each kind sets all its
    fields itself: calling ``super().__init__`` would make a parse take a third more time.
    """

    __slots__ = ("length", "source", "start")

    kind: str = "value"

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.start = start
        self.length = end - start

    @property
    def end(self) -> int:
        """The offset behind the value."""
        return self.start + self.length

    @property
    def span(self) -> Span:
        """The stretch of text that the value takes."""
        return Span(self.start, self.start + self.length)

    @property
    def location(self) -> Location:
        """The value's place, with its source."""
        return Location(self.source, self.span)

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


class _Scalar(Node):
    __slots__ = ("value",)

    def __init__(self, source: Source, start: int, end: int, value: Any) -> None:
        self.source = source
        self.start = start
        self.length = end - start
        self.value = value


class NullNode(_Scalar):
    """``null``."""

    __slots__ = ()
    kind = "null"
    value: None


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


class StringNode(_Scalar):
    """A string.

    ``variables`` names the environment variables whose values were put into it (LOAD-30).
    ``assumed`` is true when one of them is only taken to exist: the true text is then unknown,
    and no rule may check it.
    """

    __slots__ = ()
    kind = "string"
    value: str
    variables: tuple[str, ...] = ()
    assumed: bool = False


class FilledString(StringNode):
    """A string that variables were put into."""

    __slots__ = ("assumed", "variables")

    def __init__(self, node: StringNode, value: str, variables: tuple[str, ...], assumed: bool):
        super().__init__(node.source, node.start, node.end, value)
        self.variables = variables
        self.assumed = assumed


class ArrayNode(Node):
    """An array and its items, in order."""

    __slots__ = ("items",)
    kind = "array"

    def __init__(self, source: Source, start: int, end: int, items: list[Node]) -> None:
        self.source = source
        self.start = start
        self.length = end - start
        self.items = items

    def close(self, end: int) -> None:
        """End the array, to which nothing more is added."""
        self.length = end - self.start
        # A list that grew has room to grow on; a copy has none.
        self.items = self.items[:]


class Member(NamedTuple):
    """One ``key: value`` of an object; ``key_start`` and ``key_end`` bound the key, with quotes."""

    source: Source
    key: str
    key_start: int
    key_end: int
    value: Node

    @property
    def key_location(self) -> Location:
        """The key's place."""
        return Location(self.source, Span(self.key_start, self.key_end))


_FEW = 16
"""Up to so many keys are looked through when one of them is asked for its place."""


class ObjectNode(Node):
    """An object: ``values`` has the value that counts for each key, as OpenClaw sees it.

    They stand in the order of the keys' first appearance; of a repeated key it is the last member's
    (LOAD-11). ``members`` are all members in the text's order, made when they are asked for.

    ``parts`` is what they are made from: of each member in turn its source, its key, how far before
    its value the key starts, how long it is, and the value. A closed object needs only two bytes
    for each key: the distances of all of them, then the lengths.
    """

    __slots__ = ("_index", "parts", "values")
    kind = "object"

    def __init__(
        self, source: Source, start: int, end: int, members: Sequence[Member] = ()
    ) -> None:
        self.source = source
        self.start = start
        self.length = end - start
        self.values: dict[str, Node] = {}
        self.parts: list[Any] | bytes = []
        self._index: dict[str, Member] | None = None
        if members:
            self.fill(members)

    def fill(self, members: Iterable[Member]) -> None:
        """Give the object other members."""
        parts: list[Any] = []
        for source, key, start, end, value in members:
            parts += (source, key, value.start - start, end - start, value)
        self.parts, self._index = parts, None
        self.close(self.end)

    def close(self, end: int) -> None:
        """End the object, to whose ``parts`` nothing more is added."""
        self.length = end - self.start
        parts = self.parts
        assert isinstance(parts, list)
        self.values = values = dict(zip(parts[1::5], parts[4::5], strict=True))
        if len(values) * 5 == len(parts) and parts[::5].count(self.source) == len(values):
            try:
                self.parts = bytes(parts[2::5] + parts[3::5])
            except ValueError:  # what does not fit into two bytes is kept as it is
                return

    def reopen(self) -> None:
        """Let more be added to ``parts``."""
        self.parts = [part for row in self._rows() for part in row]

    def replacing(self, changes: Mapping[Any, Node]) -> ObjectNode:
        """The object with other values at some keys, which stay where they are."""
        if isinstance(self.parts, bytes) and all(
            value.start == self.values[key].start for key, value in changes.items()
        ):
            new = ObjectNode(self.source, self.start, self.end)
            new.parts, new.values = self.parts, {**self.values, **changes}
            return new
        members = self.members
        last = {member.key: number for number, member in enumerate(members)}
        for key, value in changes.items():
            members[last[key]] = members[last[key]]._replace(value=value)
        return ObjectNode(self.source, self.start, self.end, members)

    def _rows(self) -> Iterable[tuple[Any, ...]]:
        """The parts of each member."""
        parts, values = self.parts, self.values
        if isinstance(parts, list):
            return zip(*[iter(parts)] * 5, strict=True)
        count = len(values)
        return zip(
            [self.source] * count,
            values,
            parts[:count],
            parts[count:],
            values.values(),
            strict=True,
        )

    @property
    def members(self) -> list[Member]:
        """All members, in the text's order."""
        return [
            Member(source, key, value.start - before, value.start - before + length, value)
            for source, key, before, length, value in self._rows()
        ]

    @property
    def member_values(self) -> list[Node]:
        """The values of all members, in the text's order."""
        return self.parts[4::5] if isinstance(self.parts, list) else [*self.values.values()]

    @property
    def index(self) -> dict[str, Member]:
        """The member that counts for each key, in the order of the keys' first appearance."""
        if self._index is not None:
            return self._index
        index = {member.key: member for member in self.members}
        if len(index) > _FEW:
            self._index = index
        return index

    def get(self, key: str) -> Node | None:
        """The value of a key, or None when the object does not have it."""
        return self.values.get(key)

    def member(self, key: str) -> Member | None:
        """The member of a key, or None when the object does not have it."""
        return self.index[key] if key in self.values else None


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


class Tree:
    """A text and all that was read in it.

    ``root`` is None only where the text holds nothing that could be read as a value. ``errors``
    stand in the text's order and include warnings: what keeps OpenClaw from reading the file has
    ``blocks``.
    """

    def __init__(
        self,
        source: Source,
        root: Node | None,
        errors: tuple[Diagnostic, ...] = (),
        recorded: Tokens | None = None,
    ) -> None:
        self.source = source
        self.root = root
        self.errors = errors
        self._recorded = recorded

    @cached_property
    def tokens(self) -> Tokens:
        """The tokens of the whole text, whatever is wrong with it.

        Those of a text without errors are read again when somebody asks for them.
        """
        text = self.source.text
        found = self._recorded or Tokens.of(text, len(text))
        found.starts.append(len(text))
        return found

    @property
    def comments(self) -> tuple[Span, ...]:
        """The spans of all comments, in the text's order."""
        kinds, starts = self.tokens
        return tuple(
            Span(starts[index], starts[index + 1])
            for index, kind in enumerate(kinds)
            if kind == tokens.COMMENT
        )

    def has_comment(self, start: int, end: int) -> bool:
        """Whether a comment starts between two offsets."""
        first, last = self.tokens.from_offset(start), self.tokens.from_offset(end)
        return self.tokens.kinds.find(tokens.COMMENT, first, last) >= 0


Container: TypeAlias = ObjectNode | ArrayNode
CONTAINERS = (ObjectNode, ArrayNode)
"""The kinds of nodes that hold others."""


def children(node: Node) -> list[tuple[str | int, Node]]:
    """What an object or an array holds, each value with its key or its number.

    Of a repeated key it is the last value, as OpenClaw reads it (LOAD-11).
    """
    if isinstance(node, ObjectNode):
        return [*node.values.items()]
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
        return container.member_values
    return container.items


# --- walking by place, and rebuilding only what changes ------------------------------------------

ROOT = -1
"""The parent of a tree's root."""


class Place(NamedTuple):
    """A container and where it stands: the number of its parent's place, and its key there."""

    node: ObjectNode | ArrayNode
    parent: int
    step: str | int


def places_of(root: Node | None, apart: str = "") -> list[Place]:
    """Every object and array, each after those that stand less deep, but for values of a key.

    Of a repeated key only the last member is followed, as OpenClaw does (LOAD-11).
    """
    places = [Place(root, ROOT, 0)] if isinstance(root, CONTAINERS) else []
    for number, place in enumerate(places):
        # The list grows while it is read: breadth first, parents before their children.
        places += [
            Place(value, number, step)
            for step, value in children(place.node)
            if isinstance(value, CONTAINERS) and (step != apart or not apart)
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
        new: Node = old
        if number in changes and isinstance(old, ObjectNode):
            new = old.replacing(changes[number])
        elif number in changes and isinstance(old, ArrayNode):
            items = [changes[number].get(index, item) for index, item in enumerate(old.items)]
            new = ArrayNode(old.source, old.start, old.end, items)
        if revise is not None:
            new = revise(number, new)
        if new is not old:
            if number == 0:
                return new
            changes.setdefault(parent, {})[step] = new
    return root


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
def to_value(node: Node, *, finite: bool = False) -> Any:
    """The value of a node in dicts, lists, strings, numbers, booleans and None.

    A repeated key keeps its first place and its last value (LOAD-11). Containers may be nested
    as deep as the parser lets them. ``finite`` is as it goes onto the wire: what JSON cannot write
    (NaN, Infinity) becomes null.
    """
    holder: list[Any] = [None]
    # What is still to be filled in: a node, the container it goes to, and its key or index there.
    waiting: list[tuple[Node, Any, Any]] = [(node, holder, 0)]
    while waiting:
        node, parent, place = waiting.pop()
        if isinstance(node, ObjectNode):
            values = node.values
            parent[place] = value = dict.fromkeys(key_order(list(values)))
            waiting.extend((values[key], value, key) for key in value)
        elif isinstance(node, ArrayNode):
            parent[place] = items = [None] * len(node.items)
            waiting.extend((item, items, at) for at, item in enumerate(node.items))
        else:
            scalar = getattr(node, "value", None)
            endless = finite and isinstance(scalar, float) and not isfinite(scalar)
            parent[place] = None if endless else scalar
    return holder[0]


LITERALS: dict[str, tuple[type[_Scalar], Any]] = {
    "true": (BooleanNode, True),
    "false": (BooleanNode, False),
    "null": (NullNode, None),
    "Infinity": (NumberNode, float("inf")),
    "NaN": (NumberNode, float("nan")),
}
"""The words that are values."""


def literal_node(source: Source, start: int, end: int, word: str) -> Node:
    """The node of one of the words that are values."""
    kind, value = LITERALS[word]
    return kind(source, start, end, value)


MAX_DEPTH = 1100
"""How many containers may stand inside one another. Deeper nesting is no config but an accident
or an attack, and every later stage may rely on the limit."""

MAX_ERRORS = 50
"""After so many errors reading stops: what is left is hardly a config."""

STATES = AFTER_VALUE, KEY, ITEM, VALUE, AFTER_KEY, END = range(6)
"""What the parser expects: a comma or the closing bracket; a key or ``}``; a value or ``]``; a
value; a colon; nothing more. To recovery, ROOT is a value outside of all containers."""


def innermost(stack: list[Container], roots: list[Node]) -> tuple[int, list[Any]]:
    """The closing mark of the innermost open container, and the list that its parts go to.

    Outside all containers 0, which no token is, and the list of roots.
    """
    if not stack:
        return 0, roots
    container = stack[-1]
    if isinstance(container, ObjectNode):
        return tokens.CLOSE_OBJECT, container.parts  # type: ignore[return-value]
    return tokens.CLOSE_ARRAY, container.items
