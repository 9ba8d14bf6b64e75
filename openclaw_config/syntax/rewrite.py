"""Writes a changed tree back into the texts that it was read from.

What did not change keeps every byte. A value that moved takes its own text along, with the comments
on and above it; of what is gone the comments stay. New trees are made as ``nodes`` says: a node
that an old text has keeps its source and span, a container without a span is a new one.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from openclaw_config.syntax.edits import comma_after, past_blanks
from openclaw_config.syntax.nodes import (
    ArrayNode,
    Node,
    ObjectNode,
    StringNode,
    Tree,
    containers,
    indentation,
    line_start,
    to_value,
)
from openclaw_config.syntax.scanner import COMMENT, STRING, next_token
from openclaw_config.syntax.spans import Source

Place = tuple[int, int]
"""A source, by its identity, and an offset."""
Container = ObjectNode | ArrayNode

_BLANK_LINE = re.compile(r"\n[ \t]*\r?\n")
_LINE = 80


class _Part(NamedTuple):
    """A member or an item with all that belongs to it: ``start`` to ``end`` of its text."""

    key: str | None
    value: Node
    start: int
    key_start: int
    comma: int | None
    end: int


class _Slot(NamedTuple):
    """What is written for one entry: its text, up to the comma and behind it."""

    head: str
    comma: bool
    tail: str


def rewritten(root: Node, trees: Sequence[Tree], mounts: Mapping[Place, Node]) -> dict[str, str]:
    """The new text of every source by its path ("" has none), for a new tree of all of them.

    The first tree is the main one. ``mounts`` has the ``$include`` object that stands for the
    root of each included file.
    """
    writer = _Writer(root, trees, mounts)
    main = trees[0].source
    writer.file(root, main)
    texts = dict(writer.texts)
    lost = Counter(_comments(trees, {tree.source.path or "": tree.source.text for tree in trees}))
    lost.subtract(_comments(trees, texts))
    if kept := list((+lost).elements()):
        texts[main.path or ""] = _with_comments(texts.get(main.path or "", main.text), kept)
    return {path: text for path, text in texts.items() if text is not None}


def _comments(trees: Sequence[Tree], texts: Mapping[str, str]) -> Iterable[str]:
    for tree in trees:
        text = texts.get(tree.source.path or "", tree.source.text)
        yield from (piece for kind, piece in pieces(text) if kind == COMMENT)


def pieces(text: str) -> Iterable[tuple[int, str]]:
    """The tokens of a text, with their kinds."""
    at = 0
    while at < len(text):
        token = next_token(text, at)
        end = max(token.end(), at + 1)
        yield token.lastindex or 0, text[at:end]
        at = end


def _with_comments(text: str, comments: list[str]) -> str:
    """The text with comments before its last bracket."""
    at = max(text.rfind("}"), text.rfind("]"))
    lines = "".join(f"  {comment.strip()}\n" for comment in comments)
    lead = "" if text[line_start(text, at) : at].strip() == "" else "\n"
    return f"{text[:at]}{lead}{lines}{text[at:]}"


class _Writer:
    def __init__(self, root: Node, trees: Sequence[Tree], mounts: Mapping[Place, Node]) -> None:
        self.mounts = mounts
        self.texts: dict[str, str] = {}
        self.old: dict[Place, Container] = {}
        self.same: set[int] = set()
        self.homes: dict[Place, tuple[Container, int]] = {}
        self.taken = {_place(node) for node in _nodes(root) if node.end > node.start}
        for tree in trees:
            if tree.root is not None:
                self.same.update(map(id, _nodes(tree.root)))
                for node in containers(tree.root):
                    self.old[_place(node)] = node
        self.trees = {id(tree.source): tree for tree in trees}
        self.parts: dict[int, list[_Part]] = {}
        self.written: set[int] = set()
        for node in self.old.values():
            self.homes.update(
                (_place(value), (node, number)) for number, value in enumerate(_values(node))
            )

    def file(self, root: Node, source: Source) -> None:
        """Write a source anew, whose root is another one now."""
        old = self.trees[id(source)].root
        assert old is not None
        self.written.add(id(source))
        text = self.text(root, source, indentation(source.text, old.start), root=True)
        self.texts[source.path or ""] = source.text[: old.start] + text + source.text[old.end :]

    def text(self, node: Node, source: Source, indent: str, root: bool = False) -> str:
        """The text of a value for a place in ``source`` whose lines have an indentation."""
        mount = self.mounts.get(_place(node)) if node.end > node.start else None
        if mount is not None and not root and node.source is not source:
            if id(node.source) not in self.written:
                self.file(node, node.source)
            return mount.source.text[mount.start : mount.end]
        base = indentation(node.source.text, node.start)
        if id(node) in self.same:
            text = node.source.text[node.start : node.end]
        elif not isinstance(node, ObjectNode | ArrayNode):
            return self.scalar(node)
        elif node.end > node.start and _place(node) in self.old:
            text = self.changed(self.old[_place(node)], node)
        else:
            return self.made(node, source, indent)
        return text if base == indent else _shifted(text, base, indent)

    def scalar(self, node: Node) -> str:
        text = json.dumps(to_value(node), ensure_ascii=False)
        single = isinstance(node, StringNode) and node.source.text[node.start : node.end][:1] == "'"
        if single and not set(text) & {"'", "\\"}:
            return f"'{text[1:-1]}'"
        return text

    # --- containers -------------------------------------------------------------------------------

    def changed(self, old: Container, new: Container) -> str:
        """The text of a container that an old one became."""
        source, text = old.source, old.source.text
        parts = self.parts_of(old)
        matched, added = _matched(old, parts, new)
        many = bool(parts) and "\n" in text[parts[0].start : parts[0].key_start]
        many = many or (not parts and "\n" in text[old.start : old.end])
        base = indentation(text, old.start)
        step = indentation(text, parts[0].key_start) if many and parts else base + _unit(source)
        slots: list[_Slot] = []
        after = self.by_origin(parts, added) if old is self.trees[id(source)].root else {}
        for number, part in enumerate(parts):
            entry = matched.get(number)
            if entry is None:
                if loose := self.left(part):
                    slots.append(_Slot(loose, False, ""))
            else:
                key, value = entry
                inner = self.text(value, source, indentation(text, part.key_start))
                lead = text[part.key_start : part.value.start]
                if key is not None and key != part.key:
                    lead = f"{self.key(key, old)}: "
                elif key is None:
                    lead = ""
                head = text[part.start : part.key_start] + lead + inner
                gap = text[part.value.end : part.comma] if part.comma is not None else ""
                rest = part.comma + 1 if part.comma is not None else part.value.end
                slots.append(_Slot(head + gap, True, text[rest : part.end]))
            slots += [self.slot(entry, old, step, many) for entry in after.get(number, ())]
        late = [entry for entry in added if not any(entry in some for some in after.values())]
        slots += [self.slot(entry, old, step, many) for entry in late]
        end = parts[-1].end if parts else _line_tail(text, old.start + 1)
        footer = text[end : old.end - 1]
        if slots and not parts:
            footer = _eol(source) + base if many else " "
        trailing = bool(parts) and parts[-1].comma is not None
        header = text[old.start + 1 : parts[0].start] if parts else text[old.start + 1 : end]
        body = _joined(slots, trailing)
        opening, closing = "{}" if isinstance(new, ObjectNode) else "[]"
        if not body.strip() and not footer.strip() and not header.strip():
            return opening + closing if parts else text[old.start : old.end]
        return opening + header + body + footer + closing

    def slot(
        self, entry: tuple[str | None, Node], owner: Container, indent: str, many: bool
    ) -> _Slot:
        """A new entry of a container, with the comments of the one that it was."""
        key, value = entry
        lead, tail = self.comments(value)
        name = "" if key is None else f"{self.key(key, owner)}: "
        line = _eol(owner.source) + indent
        text = name + self.text(value, owner.source, indent)
        before = line if many else " "
        above = "".join(
            comment + (line if many or comment.startswith("//") else " ") for comment in lead
        )
        behind = "".join(f" {comment}" for comment in tail)
        if behind.lstrip().startswith("//") and not many:
            behind += line
        return _Slot(before + above + text, True, behind)

    def made(self, node: Container, source: Source, indent: str) -> str:
        """The text of a container that is new."""
        inner = indent + _unit(source)
        entries = list(_entries(node))
        slots = [self.slot(entry, node, inner, False) for entry in entries]
        opening, closing = "{}" if isinstance(node, ObjectNode) else "[]"
        flat = _joined(slots, False)
        if not slots:
            return opening + closing
        if "\n" not in flat and len(flat) < _LINE - len(indent):
            pad = "" if isinstance(node, ArrayNode) else " "
            return f"{opening}{flat.strip()}{closing}" if not pad else f"{opening}{flat} {closing}"
        slots = [self.slot(entry, node, inner, True) for entry in entries]
        body = _joined(slots, not _is_json(source))
        return f"{opening}{body}{_eol(source)}{indent}{closing}"

    # --- what belongs to an entry -----------------------------------------------------------------

    def parts_of(self, node: Container) -> list[_Part]:
        """The parts of an old container, one after the other without a gap."""
        found = self.parts.get(id(node))
        if found is not None:
            return found
        text = node.source.text
        at = _line_tail(text, node.start + 1)
        found = self.parts[id(node)] = []
        entries: list[tuple[str | None, int, Node]] = (
            [(member.key, member.key_start, member.value) for member in node.members]
            if isinstance(node, ObjectNode)
            else [(None, item.start, item) for item in node.items]
        )
        for key, key_start, value in entries:
            comma = comma_after(text, value.end)
            end = _line_tail(text, value.end if comma is None else comma + 1)
            found.append(_Part(key, value, at, key_start, comma, end))
            at = end
        return found

    def comments(self, value: Node) -> tuple[list[str], list[str]]:
        """The comments above a value's entry in the old text, and those behind it."""
        home = self.homes.get(_place(value)) if value.end > value.start else None
        if home is None:
            return [], []
        part = self.parts_of(home[0])[home[1]]
        text = value.source.text
        lead = text[_lead(text, part) : part.key_start]
        between = text[part.key_start : value.start] if part.key is not None else ""
        gap = text[part.value.end : part.end]
        return _all_comments(lead) + _all_comments(between), _all_comments(gap)

    def left(self, part: _Part) -> str:
        """What stays of an entry that is gone: its comments, unless they went along."""
        text = part.value.source.text
        end = part.end
        if _place(part.value) in self.taken:
            end = _lead(text, part)
        kept = text[part.start : end]
        found = _all_comments(kept)
        if not found:
            return ""
        if end != part.end:
            return kept.rstrip(" \t\r\n")
        line = _eol(part.value.source) + indentation(text, part.key_start)
        if "\n" in text[part.start : part.key_start]:
            return "".join(line + comment for comment in found)
        return "".join(f" {it}{line if it.startswith('//') else ''}" for it in found)

    def key(self, key: str, owner: Container) -> str:
        """A key as the members of an object, or those of the whole file, are written."""
        source = owner.source
        old = self.old.get(_place(owner)) if owner.end > owner.start else None
        others = containers(self.trees[id(source)].root)
        model = next((it for it in others if isinstance(it, ObjectNode) and it.members), None)
        for node in (old, model):
            if isinstance(node, ObjectNode) and node.members:
                mark = source.text[node.members[0].key_start]
                plain = key.isidentifier() and key.isascii()
                if mark == "'" and "'" not in key and "\\" not in key:
                    return f"'{key}'"
                return key if plain and mark != '"' else json.dumps(key, ensure_ascii=False)
        return json.dumps(key, ensure_ascii=False)

    def by_origin(
        self, parts: list[_Part], added: list[tuple[str | None, Node]]
    ) -> dict[int, list[tuple[str | None, Node]]]:
        """New sections, by the section that the first of their texts came from."""
        found: dict[int, list[tuple[str | None, Node]]] = {}
        for entry in added:
            origin = next((node for node in _nodes(entry[1]) if node.end > node.start), None)
            for number, part in enumerate(parts):
                if (
                    origin is not None
                    and origin.source is part.value.source
                    and part.value.start <= origin.start < part.value.end
                ):
                    found.setdefault(number, []).append(entry)
        return found


def _matched(
    old: Container, parts: list[_Part], new: Container
) -> tuple[dict[int, tuple[str | None, Node]], list[tuple[str | None, Node]]]:
    """What each old part became, and what is new: by key, or else by the value's own text."""
    by_key = {part.key: number for number, part in enumerate(parts)}
    by_place = {_place(part.value): number for number, part in enumerate(parts)}
    entries = list(_entries(new))
    keys = {key for key, _ in entries}
    matched: dict[int, tuple[str | None, Node]] = {}
    added = []
    for key, value in entries:
        number = by_key.get(key) if isinstance(old, ObjectNode) else None
        if number is None and value.end > value.start:
            number = by_place.get(_place(value))
            if number is not None and (parts[number].key in keys and parts[number].key is not None):
                number = None
        if number is None or number in matched:
            added.append((key, value))
        else:
            matched[number] = (key, value)
    if isinstance(new, ArrayNode) and (added or sorted(matched) != list(matched)):
        at = [next((n for n, it in matched.items() if it[1] is value), -1) for _, value in entries]
        known = [number for number in at if number >= 0]
        last = max((place for place, number in enumerate(at) if number >= 0), default=-1)
        if known != sorted(known) or any(number < 0 for number in at[: last + 1]):
            return {}, entries
    for number, part in enumerate(parts):
        # Of a repeated key the last one counts; the others stay as long as it does.
        if part.key in keys and number not in matched and by_key.get(part.key) != number:
            matched[number] = (part.key, part.value)
    return matched, added


def _joined(slots: list[_Slot], trailing: bool) -> str:
    last = max((number for number, slot in enumerate(slots) if slot.comma), default=-1)
    return "".join(
        slot.head + ("," if slot.comma and (number != last or trailing) else "") + slot.tail
        for number, slot in enumerate(slots)
    )


def _entries(node: Container) -> Iterable[tuple[str | None, Node]]:
    if isinstance(node, ObjectNode):
        return [(key, member.value) for key, member in node.index.items()]
    return [(None, item) for item in node.items]


def _values(node: Container) -> list[Node]:
    if isinstance(node, ObjectNode):
        return [member.value for member in node.members]
    return list(node.items)


def _nodes(root: Node) -> Iterable[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ObjectNode | ArrayNode):
            waiting.extend(reversed(_values(node)))


def _place(node: Node) -> Place:
    return id(node.source), node.start


def _lead(text: str, part: _Part) -> int:
    """Where the comments start that belong to an entry: behind the last blank line above it."""
    blank = list(_BLANK_LINE.finditer(text, part.start, part.key_start))
    return blank[-1].end() - 1 if blank else part.start


def _all_comments(text: str) -> list[str]:
    return [piece.rstrip("\r") for kind, piece in pieces(text) if kind == COMMENT]


def _line_tail(text: str, at: int) -> int:
    """The end of the comments that stand behind something on its line, ``at`` without any."""
    end = at
    while True:
        end = past_blanks(text, end)
        if end >= len(text) or text[end] in "\r\n":
            return end
        token = next_token(text, end)
        if token.lastindex != COMMENT or "\n" in token.group():
            return at
        end = token.end()


def _shifted(text: str, base: str, indent: str) -> str:
    """The text with another indentation of its lines; strings and comments keep every byte."""
    out = []
    for kind, piece in pieces(text):
        if kind not in (COMMENT, STRING) and "\n" in piece:
            first, *lines = piece.split("\n")
            moved = [
                indent + line[len(base) :] if line.startswith(base) else line for line in lines
            ]
            out.append("\n".join([first, *moved]))
        else:
            out.append(piece)
    return "".join(out)


def _is_json(source: Source) -> bool:
    return not re.search(r",\s*[}\]]", source.text)


def _eol(source: Source) -> str:
    return "\r\n" if "\r\n" in source.text else "\n"


def _unit(source: Source) -> str:
    """One step of indentation, as the file has it."""
    found = re.search(r"^([ \t]+)\S", source.text, re.MULTILINE)
    return found.group(1) if found and len(found.group(1)) <= 8 else "  "
