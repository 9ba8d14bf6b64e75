"""Where the parser stands: what it has read of a text, and what it expects next.

The parser goes on from this state, and so does recovery, which changes it.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode
from openclaw_config.syntax.scanner import CLOSE_ARRAY, CLOSE_OBJECT
from openclaw_config.syntax.spans import Source

if TYPE_CHECKING:
    from openclaw_config.syntax.recovery.core import Cursor

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
