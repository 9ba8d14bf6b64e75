"""``${NAME}`` in string values (LOAD-30, LOAD-31)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from openclaw_config.loading.document import VariableUse
from openclaw_config.loading.environment import ASSUMED, FOUND, Environment
from openclaw_config.loading.walk import Place, containers, path_of, rebuilt
from openclaw_config.syntax.nodes import ArrayNode, Node, StringNode
from openclaw_config.syntax.spans import KeyPath, Location, Span

_TOKEN = re.compile(r"(\$?)\$\{([A-Z_][A-Z0-9_]*)\}")
# Group 1 is the "$" that escapes. Nothing else is a reference: ${lower}, ${A-B}, $NAME, "$$".


class Substituted(NamedTuple):
    """A tree with its variables put in, and every place where one was asked for."""

    root: Node
    uses: tuple[VariableUse, ...]


def references(text: str) -> Iterator[str]:
    """The names of the ``${NAME}`` in a text that are not escaped, in order."""
    return (match[2] for match in _TOKEN.finditer(text) if not match[1])


def substitute(root: Node, environment: Environment) -> Substituted:
    """Put variables into every string value, never into keys.

    ``$${NAME}`` becomes the text ``${NAME}``. A variable that is missing or empty leaves its
    reference in the text (LOAD-31), and so does one that is only assumed, in a string that is
    then marked as ``assumed``. What is put in is not looked at again.
    """
    uses: list[VariableUse] = []
    if isinstance(root, StringNode):
        return Substituted(_string(root, (), environment, uses), tuple(uses))
    places = containers(root)
    changes: dict[int, dict[str | int, Node]] = {}
    for number, place in enumerate(places):
        for step, value in _strings(place):
            path = (*path_of(places, number), step)
            new = _string(value, path, environment, uses)
            if new is not value:
                changes.setdefault(number, {})[step] = new
    new_root: Node = root
    for number in range(len(places) - 1, -1, -1):
        if number in changes:
            node, parent, step = places[number]
            new_node = rebuilt(node, changes[number])
            if number == 0:
                new_root = new_node
            else:
                changes.setdefault(parent, {})[step] = new_node
    return Substituted(new_root, tuple(uses))


def _strings(place: Place) -> list[tuple[str | int, StringNode]]:
    node = place.node
    if isinstance(node, ArrayNode):
        return [
            (index, value)
            for index, value in enumerate(node.items)
            if type(value) is StringNode and "${" in value.value
        ]
    return [
        (key, member.value)
        for key, member in node.index.items()
        if type(member.value) is StringNode and "${" in member.value.value
    ]


def _string(
    node: StringNode, path: KeyPath, environment: Environment, uses: list[VariableUse]
) -> StringNode:
    matches = list(_TOKEN.finditer(node.value))
    if not matches:
        return node
    spans = _spans(node, len(matches))
    pieces: list[str] = []
    put_in: list[str] = []
    assumed = False
    shown = 0
    for match, span in zip(matches, spans, strict=True):
        name = match[2]
        pieces.append(node.value[shown : match.start()])
        shown = match.end()
        if match[1]:
            pieces.append(match[0][1:])
            continue
        state = environment.state(name)
        uses.append(VariableUse(name, Location(node.source, span), path, state))
        pieces.append((environment.get(name) or "") if state == FOUND else match[0])
        if state in {FOUND, ASSUMED}:
            put_in.append(name)
        assumed = assumed or state == ASSUMED
    pieces.append(node.value[shown:])
    return StringNode(
        node.source, node.start, node.end, "".join(pieces), tuple(dict.fromkeys(put_in)), assumed
    )


def _spans(node: StringNode, count: int) -> list[Span]:
    """The place of each token in the literal; the whole literal where an escape hides one."""
    literal = node.source.text[node.start : node.end]
    found = [
        Span(node.start + match.start(), node.start + match.end())
        for match in _TOKEN.finditer(literal)
    ]
    return found if len(found) == count else [node.span] * count
