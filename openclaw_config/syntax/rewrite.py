"""Writes a changed tree back into the texts that it was read from.

What did not change keeps every byte. A value that moved takes its own text along, with the comments
on and above it; of what is gone the comments stay. New trees are made as ``nodes`` says: a node
that an old text has keeps its source and span, a container without a span is a new one.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeAlias

from openclaw_config.syntax import nodes
from openclaw_config.syntax.edits import comma_after, key_text
from openclaw_config.syntax.nodes import (
    ArrayNode,
    Container,
    Member,
    Node,
    ObjectNode,
    Tree,
    children,
    nodes_of,
)
from openclaw_config.syntax.text import COMMENT, STRING, Source, each_token

Place: TypeAlias = tuple[int, int]
"""A source, by its identity, and an offset; -1 for what stands in no text."""
Entry: TypeAlias = tuple[str | int, Node]
"""The key and the value of a member, or an item's number and the item."""

_BLANK_LINE = re.compile(r"\n[ \t]*\r?\n")
_LINE_TAIL = re.compile(
    r"(?:[ \t]|//[^\n\r\u2028\u2029]*+|/\*(?:(?!\*/)[^\n])*+\*/)*+(?=[\n\r]|\Z)"
)
_LINE = 80


class _Part(NamedTuple):
    """A member or an item with all that belongs to it: ``start`` to ``end`` of its text."""

    key: str | int
    value: Node
    start: int
    key_start: int
    comma: int | None
    end: int


class _Style(NamedTuple):
    """How a file is laid out: one step of its indentation, what ends its lines, trailing commas.

    ``first`` is its first member, which shows how keys are written.
    """

    unit: str
    line: str
    trailing: bool
    first: Member | None


class Mount(NamedTuple):
    """An object that stands for other files: by ``key`` it names those whose roots are ``parts``.

    Each is merged over those before it, and the object's other members over all of them.
    """

    node: ObjectNode
    key: str
    parts: Sequence[Node]


class _Slot(NamedTuple):
    """What is written for one entry: its text, up to the comma and behind it."""

    head: str
    comma: bool
    tail: str


def rewritten(root: Node, trees: Sequence[Tree], mounts: Sequence[Mount] = ()) -> dict[str, str]:
    """The new text of every source by its path ("" has none), for a new tree of all of them.

    The first tree is the main one. ``mounts`` are the objects that stand for other files, those of
    a file before those of the files that it names.
    """
    writer = _Writer(root, trees, mounts)
    main = trees[0].source
    writer.file(root, main)
    lost: Counter[str] = Counter()
    for source in (tree.source for tree in trees):
        lost.update(_comments(source.text))
        lost.subtract(_comments(writer.texts.get(source.path or "", source.text)))
    if kept := list((+lost).elements()):
        path = main.path or ""
        writer.texts[path] = _with_comments(writer.texts[path], kept)
    return writer.texts


def _comments(text: str) -> list[str]:
    return [token.group() for token in each_token(text) if token.lastindex == COMMENT]


def _with_comments(text: str, comments: list[str]) -> str:
    """The text with comments before its last bracket."""
    at = max(text.rfind("}"), text.rfind("]"))
    lines = "".join(f"  {comment.strip()}\n" for comment in comments)
    lead = "" if text[nodes.line_start(text, at) : at].strip() == "" else "\n"
    return f"{text[:at]}{lead}{lines}{text[at:]}"


class _Writer:
    """``parts`` are those of each old container; ``entries`` the part of each old value.

    ``flat`` is true while a text on one line is tried.
    """

    def __init__(self, root: Node, trees: Sequence[Tree], mounts: Sequence[Mount]) -> None:
        self.texts: dict[str, str] = {}
        self.taken = set(map(_place, nodes_of(root)))
        self.roots = {id(tree.source): tree.root for tree in trees}
        self.flat = False
        self.styles = {id(tree.source): _style(tree) for tree in trees}
        nodes = [node for tree in trees for node in nodes_of(tree.root)]
        self.same = set(map(id, nodes))
        self.old = {_place(node): node for node in nodes if isinstance(node, Container)}
        self.parts = {place: _parts(node) for place, node in self.old.items()}
        self.entries = {_place(it.value): it for parts in self.parts.values() for it in parts}
        self.of_node = {id(mount.node): mount for mount in mounts}
        self.mounts: dict[Place, list[Mount]] = defaultdict(list)
        for mount in mounts:
            for place in {_place(mount.node), self.merged_at(mount)}:
                self.mounts[place].append(mount)

    def file(self, root: Node, source: Source, within: Mount | None = None) -> None:
        """Write a source anew, whose root is another one now."""
        old = self.roots[id(source)]
        assert old is not None
        text = self.text(root, source, nodes.indentation(source.text, old.start), within)
        self.texts[source.path or ""] = source.text[: old.start] + text + source.text[old.end :]

    def text(self, node: Node, source: Source, indent: str, within: Mount | None = None) -> str:
        """The text of a value for a place in ``source`` whose lines have an indentation."""
        mounts = self.mounts.get(_place(node), [])
        mounts = mounts[mounts.index(within) + 1 :] if within in mounts else mounts
        if mounts:
            raw = mounts[0].node
            base = nodes.indentation(raw.source.text, raw.start)
            return _shifted(self.mounted(mounts[0], node), base, indent)
        old = self.old.get(_place(node))
        if id(node) in self.same:
            text = node.source.text[node.start : node.end]
        elif not isinstance(node, Container):
            return _scalar(node)
        elif old is not None:
            text = self.changed(old, node)
        else:
            return self.made(node, source, indent)
        return _shifted(text, nodes.indentation(node.source.text, node.start), indent)

    # --- files that are merged -------------------------------------------------------------------

    def merged_at(self, mount: Mount) -> Place:
        """The place that the merged value has: that of what was merged last."""
        last = mount.parts[-1]
        if len(mount.node.members) > 1:
            return _place(mount.node)
        return self.merged_at(self.of_node[id(last)]) if id(last) in self.of_node else _place(last)

    def mounted(self, mount: Mount, node: Node) -> str:
        """The text of a mount whose merged value is another one now; writes its files too."""
        raw, named = mount.node, mount.node.index[mount.key]
        others = [member for member in raw.members if member.key != mount.key]
        own = ObjectNode(raw.source, raw.start, raw.end, others)
        olds = [*mount.parts, own] if isinstance(node, ObjectNode) else mount.parts
        alone = len(mount.parts) == 1 and not others
        news = [node] if alone else self.spread(node, olds)
        for part, new in zip(mount.parts, news, strict=False):
            if new is not part and (part.source.path or "") not in self.texts:
                self.file(new, part.source, mount)
        mine = news[-1] if len(news) > len(mount.parts) else own
        if mine is own or not isinstance(mine, ObjectNode):
            return raw.source.text[raw.start : raw.end]
        return self.changed(raw, ObjectNode(raw.source, raw.start, raw.end, [named, *mine.members]))

    def spread(self, node: Node, olds: Sequence[Node]) -> list[Node]:
        """What each of several values, merged one over another, is to be for a new merged value."""
        if isinstance(node, ArrayNode) and all(isinstance(old, ArrayNode) for old in olds):
            items: list[list[Node]] = [[] for _ in olds]
            for item in node.items:
                items[self.owner(item, olds)].append(item)
            return [
                ArrayNode(old.source, old.start, old.end, mine)
                for old, mine in zip(olds, items, strict=True)
            ]
        if not isinstance(node, ObjectNode) or not all(isinstance(it, ObjectNode) for it in olds):
            return [*olds[:-1], node]
        values: list[dict[str, Node]] = [{} for _ in olds]
        for key, value in node.values.items():
            owners = [at for at, old in enumerate(olds) if key in self.keys(old)]
            if not owners:
                for at, part in self.sorted(value, olds):
                    values[at][key] = part
                continue
            if isinstance(value, ObjectNode) and not value.values:
                values[owners[-1]][key] = value
                continue
            inner = [nodes.child(olds[at], key) for at in owners]
            news: Sequence[Node | None] = [*inner[:-1], value]
            if len(inner) > 1 and not any(it is None or id(it) in self.of_node for it in inner):
                news = self.spread(value, [it for it in inner if it is not None])
            for at, new in zip(owners, news, strict=True):
                if new is not None and not (isinstance(new, ObjectNode) and not new.values):
                    values[at][key] = new
        return [_with(old, mine) for old, mine in zip(olds, values, strict=True)]

    def keys(self, old: Node) -> set[str]:
        """The keys of an object, and of the files that it stands for."""
        mount = self.of_node.get(id(old))
        found = {*old.values} if isinstance(old, ObjectNode) else set[str]()
        return found.union(*map(self.keys, mount.parts)) if mount is not None else found

    def owner(self, node: Node, olds: Sequence[Node]) -> int:
        """Which value has the text that a node came from; the last one when none has."""
        source = next((it.source for it in nodes_of(node) if it.end > it.start), None)
        return next((at for at, old in enumerate(olds) if self.holds(old, source)), len(olds) - 1)

    def holds(self, old: Node, source: Source | None) -> bool:
        """Whether a source is that of a value, or of a file that its own file includes."""
        inner = [mount.parts for mount in self.of_node.values() if mount.node.source is old.source]
        return old.source is source or any(
            self.holds(it, source) for parts in inner for it in parts
        )

    def sorted(self, value: Node, olds: Sequence[Node]) -> list[tuple[int, Node]]:
        """A new value, or its parts, with the value whose text each came from."""
        if not isinstance(value, ObjectNode):
            return [(self.owner(value, olds), value)]
        groups: dict[int, list[Member]] = defaultdict(list)
        for member in value.index.values():
            groups[self.owner(member.value, olds)].append(member)
        if len(groups) < 2:
            return [(next(iter(groups), len(olds) - 1), value)]
        return [
            (at, ObjectNode(value.source, value.start, value.start, members))
            for at, members in groups.items()
        ]

    # --- containers -------------------------------------------------------------------------------

    def changed(self, old: Container, new: Container) -> str:
        """The text of a container that an old one became."""
        source, text, parts = old.source, old.source.text, self.parts[_place(old)]
        matched, added = _matched(parts, new)
        start = end = _line_tail(text, old.start + 1)
        first = parts[0].key_start if parts else old.end
        is_root = old is self.roots[id(source)]
        many = "\n" in text[start:first] or (is_root and not parts)
        style, base = self.styles[id(source)], nodes.indentation(text, old.start)
        step = nodes.indentation(text, first) if many and parts else base + style.unit
        line = style.line
        late: dict[int, list[_Slot]] = defaultdict(list)
        for place, entry in added:
            origin = _origin(parts, entry[1]) if is_root else None
            number = place if origin is None else origin
            late[number].append(self.slot(entry, old, step, many))
        slots = late[-1]
        if slots and not many and not text[start:first].strip():
            slots[0] = slots[0]._replace(head=text[start:first] + slots[0].head.lstrip(" "))
        for number, part in enumerate(parts):
            end = part.end
            if number in matched:
                key, value = matched[number]
                lead = text[part.key_start : part.value.start]
                if key != part.key:
                    lead = self.label(key, old)
                stays = _place(value) == _place(part.value)
                at = part.value.start if stays else part.key_start
                inner = self.text(value, source, nodes.indentation(text, at))
                comma, rest = part.value.end, part.value.end
                if part.comma is not None:
                    comma, rest = part.comma, part.comma + 1
                before = text[part.start : part.key_start]
                if slots and not before and not number:
                    before = " "
                if number and not slots and not many and not text[start:first].strip():
                    before = text[start:first] + before.lstrip(" ")
                head = before + lead + inner + text[part.value.end : comma]
                slots.append(_Slot(head, True, text[rest:end]))
            elif loose := self.left(part):
                slots.append(_Slot(loose, False, ""))
            slots += late[number]
        slots += late[len(parts)]
        footer = text[end : old.end - 1]
        if slots and not parts:
            footer = line + base if many else " "
        trailing = bool(parts) and parts[-1].comma is not None
        slots.insert(0, _Slot(text[old.start + 1 : start], False, ""))
        content = _joined(slots, trailing, line + step, footer)
        opening, closing = _brackets(new)
        if not content.strip():
            return opening + closing if parts else text[old.start : old.end]
        return opening + content + closing

    def slot(self, entry: Entry, owner: Container, indent: str, many: bool) -> _Slot:
        """A new entry of a container, with the comments of the one that it was."""
        key, value = entry
        lead, tail = self.comments(value)
        line = self.styles[id(owner.source)].line + indent
        text = self.label(key, owner) + self.text(value, owner.source, indent)
        above = "".join(
            comment + (line if many or comment.startswith("//") else " ") for comment in lead
        )
        behind = "".join(f" {comment}" for comment in tail)
        if behind.startswith(" //") and not many:
            behind += line
        return _Slot((line if many else " ") + above + text, True, behind)

    def made(self, node: Container, source: Source, indent: str) -> str:
        """The text of a container that is new."""
        inner = indent + self.styles[id(source)].unit
        entries = children(node)
        opening, closing = _brackets(node)
        if not entries:
            return opening + closing
        line = self.styles[id(source)].line
        owner = ObjectNode(source, 0, 0, [])  # its parts are laid out as the file is
        if not any(islice(nodes_of(node), _LINE // 2, None)):  # each takes two characters at least
            outer, self.flat = self.flat, True
            flat = _joined([self.slot(it, owner, inner, False) for it in entries], False, line)[1:]
            self.flat = outer
            if "\n" not in flat and len(flat) < _LINE - 1 - len(indent):
                pad = "" if isinstance(node, ArrayNode) else " "
                return f"{opening}{pad}{flat}{pad}{closing}"
        if self.flat:
            return line  # what is around it does not fit on one line either
        slots = [self.slot(entry, owner, inner, True) for entry in entries]
        body = _joined(slots, self.styles[id(source)].trailing, line + inner)
        return f"{opening}{body}{line}{indent}{closing}"

    # --- what belongs to an entry -----------------------------------------------------------------

    def comments(self, value: Node) -> tuple[list[str], list[str]]:
        """The comments above a value's entry in the old text, and those behind it."""
        part = self.entries.get(_place(value))
        if part is None:
            return [], []
        text = value.source.text
        above = _comments(text[_lead(text, part) : value.start])
        return above, _comments(text[part.value.end : part.end])

    def left(self, part: _Part) -> str:
        """What stays of an entry that is gone: its comments, unless they went along."""
        text = part.value.source.text
        if _place(part.value) in self.taken:
            kept = text[part.start : _lead(text, part)]
            return kept.rstrip(" \t\r\n") if _comments(kept) else ""
        found = _comments(text[part.start : part.end])
        line = self.styles[id(part.value.source)].line + nodes.indentation(text, part.key_start)
        if "\n" in text[part.start : part.key_start]:
            return "".join(line + comment for comment in found)
        return "".join(f" {it}{line if it.startswith('//') else ''}" for it in found)

    def label(self, key: str | int, owner: Container) -> str:
        """A key and its colon, as the members of an object, or those of the whole file, have it."""
        if isinstance(key, int):
            return ""
        node = self.old.get(_place(owner))
        first = self.styles[id(owner.source)].first
        if isinstance(node, ObjectNode) and node.members:
            first = node.members[0]
        return f"{key_text(first, key)}: "


def _with(old: Node, values: Mapping[str, Node]) -> Node:
    """An object with other members, its old ones first; the very object when they are the same."""
    assert isinstance(old, ObjectNode)
    if {key: id(value) for key, value in old.values.items()} == {
        key: id(value) for key, value in values.items()
    }:
        return old
    order = [*(key for key in old.values if key in values), *values]
    members = [
        Member(values[key].source, key, values[key].start, values[key].start, values[key])
        for key in dict.fromkeys(order)
    ]
    return ObjectNode(old.source, old.start, old.end, members)


def _parts(node: Container) -> list[_Part]:
    """The parts of a container, one after the other without a gap."""
    text = node.source.text
    at = _line_tail(text, node.start + 1)
    found = []
    entries: list[tuple[str | int, int, Node]]
    if isinstance(node, ObjectNode):
        entries = [(member.key, member.key_start, member.value) for member in node.members]
    else:
        entries = [(number, item.start, item) for number, item in enumerate(node.items)]
    for key, key_start, value in entries:
        comma = comma_after(text, value.end)
        end = _line_tail(text, value.end if comma is None else comma + 1)
        found.append(_Part(key, value, at, key_start, comma, end))
        at = end
    return found


def _matched(
    parts: list[_Part], new: Container
) -> tuple[dict[int, Entry], list[tuple[int, Entry]]]:
    """What each old part became, and what is new: by key, or else by the value's own text.

    What is new comes with the number of the part that it goes behind: it stands before the old one
    that follows it, -1 being the start, or at the end.
    """
    by_key: dict[str | int, int] = {
        part.key: number for number, part in enumerate(parts) if isinstance(part.key, str)
    }
    by_place = {_place(part.value): number for number, part in enumerate(parts)}
    entries = children(new)
    keys = {key for key, _ in entries if isinstance(key, str)}
    matched: dict[int, Entry] = {}
    numbers: list[int | None] = []
    for key, value in entries:
        number = by_key.get(key)
        if number is None:
            number = by_place.get(_place(value))
            if number is not None and parts[number].key in keys:
                number = None
        numbers.append(None if number in matched else number)
        if numbers[-1] is not None:
            matched[numbers[-1]] = (key, value)
    if isinstance(new, ArrayNode) and [*matched] != sorted(matched):
        return {}, [(len(parts), entry) for entry in entries]
    added: list[tuple[int, Entry]] = []
    place = len(parts)
    for number, entry in zip(reversed(numbers), reversed(entries), strict=True):
        if number is None:
            added.append((place, entry))
        else:
            place = number - 1
    added.reverse()
    for number, part in enumerate(parts):
        # Of a repeated key the last one counts; the others stay as long as it does.
        if part.key in keys and by_key[part.key] != number:
            matched.setdefault(number, (part.key, part.value))
    return matched, added


def _origin(parts: list[_Part], value: Node) -> int | None:
    """Which part the first text of a new section came from, if any."""
    origin = next((node for node in nodes_of(value) if node.end > node.start), value)
    for number, part in enumerate(parts):
        if origin.source is part.value.source and part.value.start <= origin.start < min(
            part.value.end, origin.end
        ):
            return number
    return None


def _joined(slots: list[_Slot], trailing: bool, line: str, footer: str = "") -> str:
    """The slots and what stands behind them; what follows a comment of a line begins a ``line``."""
    last = max((number for number, slot in enumerate(slots) if slot.comma), default=-1)
    text = ""
    ended = True
    for number, slot in enumerate([*slots, _Slot(footer, False, "")]):
        if not ended and slot.head.lstrip(" \t")[:1] not in ("\n", "\r"):
            text += line if number < len(slots) else line[: len(line.rstrip(" \t"))]
            slot = slot._replace(head=slot.head.lstrip(" "))  # noqa: PLW2901
        comma = "," if slot.comma and (number != last or trailing) else ""
        text += slot.head + comma + slot.tail
        comments = _comments(slot.head)[-1:]
        ended = not slot.tail.strip() and not (
            comments and comments[0].startswith("//") and slot.head.endswith(comments[0])
        )
    return text


def _scalar(node: Node) -> str:
    text = json.dumps(nodes.to_value(node), ensure_ascii=False)
    single = text[0] == '"' and node.source.text[node.start : node.end][:1] == "'"
    if single and not set(text) & {"'", "\\"}:
        return f"'{text[1:-1]}'"
    return text


def _brackets(node: Container) -> tuple[str, str]:
    return ("{", "}") if isinstance(node, ObjectNode) else ("[", "]")


def _place(node: Node) -> Place:
    return id(node.source), node.start if node.end > node.start else -1


def _lead(text: str, part: _Part) -> int:
    """Where the comments start that belong to an entry: behind the last blank line above it."""
    blank = list(_BLANK_LINE.finditer(text, part.start, part.key_start))
    return blank[-1].end() - 1 if blank else part.start


def _line_tail(text: str, at: int) -> int:
    """The end of the comments that stand behind something on its line, ``at`` without any."""
    found = _LINE_TAIL.match(text, at)
    return found.end() if found else at


def _shifted(text: str, base: str, indent: str) -> str:
    """The text with another indentation of its lines; strings and comments keep every byte."""
    return "".join(
        token.group()
        if token.lastindex in (COMMENT, STRING)
        else token.group().replace(f"\n{base}", f"\n{indent}")
        for token in each_token(text)
    )


def _style(tree: Tree) -> _Style:
    text = tree.source.text
    objects = (node for node in nodes.containers(tree.root) if isinstance(node, ObjectNode))
    first = next((node.members[0] for node in objects if node.members), None)
    unit = re.search(r"^([ \t]+)\S", text, re.MULTILINE)
    step = unit.group(1) if unit and len(unit.group(1)) <= 8 else "  "
    return _Style(step, nodes.line_break(text), re.search(r",\s*[}\]]", text) is not None, first)
