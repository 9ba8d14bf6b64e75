"""``${NAME}`` in string values (LOAD-30, LOAD-31)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from openclaw_config.loading.document import VariableUse
from openclaw_config.loading.environment import ASSUMED, FOUND, Environment
from openclaw_config.loading.walk import Marked, rebuilt
from openclaw_config.syntax.nodes import Node, StringNode
from openclaw_config.syntax.spans import KeyPath, Location, Span

_TOKEN = re.compile(r"(\$?)\$\{([A-Z_][A-Z0-9_]*)\}")
# Group 1 is the "$" that escapes. Nothing else is a reference: ${lower}, ${A-B}, $NAME, "$$".


MAX_CHARACTERS = 16 * 1024 * 1024
"""How much text variables may bring in all, in code points. Our bound: a config can set a long
variable and use it a million times."""


class Substituted(NamedTuple):
    """A tree with its variables put in, and every place where one was asked for.

    ``flooded`` is the use at which the variables had brought too much text, or None; from there
    on references stay as they are written.
    """

    root: Node
    uses: tuple[VariableUse, ...]
    flooded: VariableUse | None


def references(text: str) -> Iterator[str]:
    """The names of the ``${NAME}`` in a text that are not escaped, in order."""
    return (match[2] for match in _TOKEN.finditer(text) if not match[1])


def substitute(tree: Marked, environment: Environment) -> Substituted:
    """Put variables into every string value, never into keys.

    ``$${NAME}`` becomes the text ``${NAME}``. A variable that is missing or empty leaves its
    reference in the text (LOAD-31), and so does one that is only assumed, in a string that is
    then marked as ``assumed``. What is put in is not looked at again.
    """
    substitution = _Substitution(environment)
    if isinstance(tree.root, StringNode):
        root: Node = substitution.string(tree.root, ())
    else:
        root = substitution.tree(tree)
    return Substituted(root, tuple(substitution.uses), substitution.flooded)


class _Substitution:
    """One run over one tree: the uses so far, and how much text they may still bring."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.uses: list[VariableUse] = []
        self.left = MAX_CHARACTERS
        self.flooded: VariableUse | None = None

    def tree(self, tree: Marked) -> Node:
        """The tree with new strings, and new containers on the way to them."""
        changes: dict[int, dict[str | int, Node]] = {}
        for number, step, value in tree.strings:
            if "${" in value.value:
                new = self.string(value, tree.path(number, step))
                if new is not value:
                    changes.setdefault(number, {})[step] = new
        for number in range(len(tree.places) - 1, -1, -1):
            if number in changes:
                node, parent, step = tree.places[number]
                new_node = rebuilt(node, changes[number])
                if number == 0:
                    return new_node
                changes.setdefault(parent, {})[step] = new_node
        return tree.root

    def string(self, node: StringNode, path: KeyPath) -> StringNode:
        """The string with its variables, the very same one when it has none to put in."""
        matches = list(_TOKEN.finditer(node.value))
        if not matches:
            return node
        pieces: list[str] = []
        put_in: list[str] = []
        assumed = False
        shown = 0
        for match, span in zip(matches, _spans(node, len(matches)), strict=True):
            pieces.append(node.value[shown : match.start()])
            shown = match.end()
            if match[1]:
                pieces.append(match[0][1:])
                continue
            name = match[2]
            use = VariableUse(name, Location(node.source, span), path, self.environment.state(name))
            self.uses.append(use)
            pieces.append(self.value(use, match[0]))
            if use.state in {FOUND, ASSUMED}:
                put_in.append(name)
            assumed = assumed or use.state == ASSUMED
        pieces.append(node.value[shown:])
        value = "".join(pieces)
        if value == node.value and not put_in:
            return node
        names = tuple(dict.fromkeys(put_in))
        return StringNode(node.source, node.start, node.end, value, names, assumed)

    def value(self, use: VariableUse, written: str) -> str:
        """What stands in a reference's place: the variable's value, or what is written there."""
        if use.state != FOUND or self.flooded is not None:
            return written
        value = self.environment.get(use.name) or ""
        self.left -= len(value)
        if self.left < 0:
            self.flooded = use
            return written
        return value


def _spans(node: StringNode, count: int) -> list[Span]:
    """The place of each token in the literal; the whole literal where an escape hides one."""
    literal = node.source.text[node.start : node.end]
    found = [
        Span(node.start + match.start(), node.start + match.end())
        for match in _TOKEN.finditer(literal)
    ]
    return found if len(found) == count else [node.span] * count
