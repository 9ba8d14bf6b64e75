"""From text to tree: JSON5 exactly as npm's json5 2.2.3 reads it (LOAD-10), in one pass.

The parser keeps its own stack, so no nesting can exhaust Python's. What it did not expect goes to
``recovery``, which is imported only then.
"""

from __future__ import annotations

from array import array
from sys import intern
from typing import TYPE_CHECKING, Any

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.syntax.literals import (
    LITERALS,
    literal_node,
    name_end,
    name_value,
    number_value,
    string_value,
)
from openclaw_config.syntax.nodes import (
    ArrayNode,
    Member,
    Node,
    NumberNode,
    ObjectNode,
    StringNode,
    Tree,
    gc_paused,
)
from openclaw_config.syntax.scanner import (
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    COLON,
    COMMA,
    NUMBER,
    OPEN_OBJECT,
    OPENING,
    OTHER,
    SPACE,
    STRING,
    WHITE_SPACE,
    WORD,
    Tokens,
    next_token,
    skip_white_space,
)
from openclaw_config.syntax.spans import Source

if TYPE_CHECKING:
    from openclaw_config.syntax.recovery.core import RecoveryState

MAX_DEPTH = 1100
"""How many containers may stand inside one another. Deeper nesting is no config but an accident
or an attack, and every later stage may rely on the limit."""

_KEYS = frozenset((STRING, WORD))

AFTER_VALUE, KEY, ITEM, VALUE, AFTER_KEY, END = range(6)
"""What the parser expects: a comma or the closing bracket; a key or ``}``; a value or ``]``; a
value; a colon; nothing more."""


def parse(source: Source) -> Tree:
    """Read a text. Never raises: what is wrong with it stands in the tree's ``errors``."""
    parser = Parser(source)
    with gc_paused():
        parser.run()
    return parser.tree()


class Parser:
    """One run over one text. Recovery reads and changes these fields; the loop takes them up."""

    __slots__ = (
        "errors",
        "key",
        "kinds",
        "recovery",
        "roots",
        "source",
        "stack",
        "starts",
        "state",
        "text",
    )

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
        self.recovery: RecoveryState | None = None

    def run(self) -> None:
        """Read the whole text."""
        source, text, size = self.source, self.text, len(self.text)
        kinds, starts, stack = self.kinds, self.starts, self.stack
        closer, into = self.innermost()
        key, key_start, key_end = self.key
        state = self.state
        at = 0
        while at < size:
            match = next_token(text, at)
            kind: int = match.lastindex  # type: ignore[assignment]
            start, at = at, match.end()
            kinds.append(kind)
            starts.append(start)

            if kind >= SPACE:
                if kind != OTHER:
                    continue
                if text[start] in WHITE_SPACE:
                    kinds[-1] = SPACE
                    at = skip_white_space(text, at)
                    continue
                end = name_end(text, start)
                if end > start:
                    kinds[-1] = kind = WORD
                    at = end

            if kind == closer and state <= ITEM:
                stack.pop().end = start + 1
                closer, into = self.innermost()
                state = AFTER_VALUE if stack else END
                continue
            if state == AFTER_VALUE:
                if kind == COMMA:
                    state = KEY if closer == CLOSE_OBJECT else ITEM
                    continue
            elif state == KEY:
                if kind in _KEYS:
                    key_start, key_end = start, at
                    key = text[start + 1 : at - 1] if kind == STRING else text[start:at]
                    if "\\" in key:
                        key = self.unescaped(start, at) if kind == STRING else name_value(key)
                    # Keys repeat from object to object; one string serves them all.
                    key = intern(key)
                    state = AFTER_KEY
                    continue
            elif state == AFTER_KEY:
                if kind == COLON:
                    state = VALUE
                    continue
            elif state != END:
                node: Node | None = None
                if kind == STRING:
                    value = text[start + 1 : at - 1]
                    if "\\" in value:
                        value = self.unescaped(start, at)
                    node = StringNode(source, start, at, value)
                elif kind == NUMBER:
                    node = NumberNode(source, start, at, number_value(text[start:at]))
                elif kind == WORD and (word := text[start:at]) in LITERALS:
                    node = literal_node(source, start, at, word)
                elif kind in OPENING and len(stack) < MAX_DEPTH:
                    node = (ObjectNode if kind == OPEN_OBJECT else ArrayNode)(
                        source, start, start, []
                    )
                if node is not None:
                    into.append(
                        Member(source, key, key_start, key_end, node)
                        if closer == CLOSE_OBJECT
                        else node
                    )
                    if kind in OPENING:
                        stack.append(node)  # type: ignore[arg-type]
                        closer, into = self.innermost()
                        state = KEY if kind == OPEN_OBJECT else ITEM
                    else:
                        state = AFTER_VALUE if stack else END
                    continue

            from openclaw_config.syntax.recovery import recover

            self.state, self.key = state, (key, key_start, key_end)
            at = recover(self, kind, start, at)
            closer, into = self.innermost()
            state, (key, key_start, key_end) = self.state, self.key

        if state != END or self.errors or "\u2028" in text or "\u2029" in text:
            from openclaw_config.syntax.recovery.document import finish

            self.state, self.key = state, (key, key_start, key_end)
            finish(self)

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

    def unescaped(self, start: int, end: int) -> str:
        """The value of the string token from ``start`` to ``end``, whose escapes are checked."""
        value, faults = string_value(self.text, start + 1, end - 1)
        if faults:
            from openclaw_config.syntax.recovery.strings import report_escapes

            report_escapes(self, faults)
        return value

    def tree(self) -> Tree:
        """What was read so far."""
        self.starts.append(len(self.text))
        return Tree(
            self.source,
            self.roots[0] if self.roots else None,
            tuple(self.errors),
            Tokens(bytes(self.kinds), self.starts),
        )
