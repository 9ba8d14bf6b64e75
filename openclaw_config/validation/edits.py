"""Text edits that fixes are made of: removing, renaming and moving members of objects.

They touch nothing but what they change: comments and the author's layout stay. Each function
gives None where the text does not allow a plain edit, for instance where an object is put
together from several files.
"""

from __future__ import annotations

import json

from openclaw_config.diagnostics.model import Edit
from openclaw_config.syntax.nodes import ArrayNode, Member, Node, ObjectNode, StringNode, child
from openclaw_config.syntax.spans import KeyPath, Span
from openclaw_config.syntax.tree import line_start


def key_text(member: Member, key: str) -> str:
    """A key written as the author of ``member`` writes keys."""
    mark = member.source.text[member.key_start : member.key_start + 1]
    if mark in ("'", '"'):
        return f"{mark}{key}{mark}"
    return key if key.isidentifier() and key.isascii() else json.dumps(key)


def rename(member: Member, key: str) -> Edit:
    """Another key for a member."""
    return Edit(Span(member.key_start, member.key_end), key_text(member, key))


def replace(node: Node, text: str) -> Edit:
    """Another text for a value."""
    return Edit(Span(node.start, node.end), text)


def reword(node: StringNode, text: str) -> tuple[Edit, ...] | None:
    """Another text for a string that stands in the file as it is: no variable has made it."""
    mark = node.source.text[node.start : node.start + 1]
    if node.variables or mark not in ("'", '"') or mark in text or "\\" in text:
        return None
    return (replace(node, f"{mark}{text}{mark}"),)


def is_plain(owner: ObjectNode, member: Member) -> bool:
    """Whether a member stands in its object's own text, and once only."""
    return (
        member.source is owner.source
        and owner.start < member.key_start < member.key_end
        and member.value.source is owner.source
        and member.key_end <= member.value.start
        and member.value.end <= owner.end
        and sum(1 for other in owner.members if other.key == member.key) == 1
    )


def remove(owner: ObjectNode, member: Member) -> tuple[Edit, ...] | None:
    """Take a member out, with its comma, and with its lines where it has them to itself."""
    if not is_plain(owner, member):
        return None
    start, end = member.key_start, member.value.end
    before = [other for other in owner.members if other.value.end <= start]
    previous = before[-1].value.end if before and before[-1].source is owner.source else None
    return _removal(owner, Span(start, end), previous)


def remove_item(owner: ArrayNode, at: int) -> tuple[Edit, ...] | None:
    """Take an item out of an array, in the same way."""
    item = owner.items[at]
    previous = owner.items[at - 1] if at else None
    neighbours = [node for node in (item, previous) if node is not None]
    if any(node.source is not owner.source for node in neighbours) or not (
        owner.start < item.start <= item.end <= owner.end
    ):
        return None
    return _removal(owner, item.span, previous.end if previous is not None else None)


def _removal(owner: Node, span: Span, previous: int | None) -> tuple[Edit, ...]:
    """The edits that take a stretch out; ``previous`` is where the neighbour before it ends."""
    text = owner.source.text
    start, end = span
    comma = _comma(text, end, owner.end)
    edits: list[Edit] = []
    if comma is not None:
        if text[end:comma].strip():
            edits.append(Edit(Span(comma, comma + 1), ""))
        else:
            end = comma + 1
    elif previous is not None:
        last = _comma(text, previous, start)
        if last is not None and not text[last + 1 : start].strip(" \t"):
            return (Edit(Span(last, end), ""),)
        if last is not None:
            edits.append(Edit(Span(last, last + 1), ""))
    line = line_start(text, start)
    following = _line_end(text, end)
    if not text[line:start].strip() and following is not None and line > owner.start:
        start, end = line, following
    elif text[start - 1] in " \t{[":
        end = _past_blanks(text, end)
        if text[end] in "}]" and text[:start].rstrip(" \t").endswith(("{", "[")):
            start = len(text[:start].rstrip(" \t"))
    edits.append(Edit(Span(start, end), ""))
    return tuple(sorted(edits))


def move(
    root: ObjectNode, path: KeyPath, target: tuple[str, ...], text: str | None = None
) -> tuple[Edit, ...] | None:
    """Put the member at ``path`` to another path of keys, objects on the way included.

    ``text`` is written in the value's place when it is given. None when something stands at the
    target already.
    """
    owner = _owner(root, path)
    member = owner.member(str(path[-1])) if owner is not None else None
    if owner is None or member is None or not is_plain(owner, member):
        return None
    value = owner.source.text[member.value.start : member.value.end] if text is None else text
    place, missing = landing(root, target)
    if not missing or place.source is not owner.source or place.start >= place.end:
        return None
    head = "".join(f"{key_text(member, key)}: {{ " for key in missing[:-1])
    written = f"{head}{key_text(member, missing[-1])}: {value}{' }' * (len(missing) - 1)}"
    if place is owner:
        return (Edit(Span(member.key_start, member.value.end), written),)
    removal = remove(owner, member)
    if removal is None or place.source.text[place.start : place.start + 1] != "{":
        return None
    put = insertion(place, written)
    if any(edit.span.start <= put.span.start <= edit.span.end for edit in removal):
        return None
    return tuple(sorted((*removal, put)))


def merge(root: ObjectNode, path: KeyPath, target: tuple[str, ...]) -> tuple[Edit, ...] | None:
    """Put the members of the object at ``path`` into one that is there, and take the first away.

    What the other has already stays as it is. None where both have an object at the same key.
    """
    owner, other = _owner(root, path), child(root, *target)
    member = owner.member(str(path[-1])) if owner is not None else None
    if owner is None or member is None or not isinstance(other, ObjectNode):
        return None
    value = member.value
    text = other.source.text
    if (
        not isinstance(value, ObjectNode)
        or not is_plain(owner, member)
        or other.source is not value.source
        or text[other.start : other.start + 1] != "{"
        or not all(is_plain(value, inner) for inner in value.members)
    ):
        return None
    new = []
    for key, inner in value.index.items():
        mine = other.get(key)
        if mine is None:
            new.append(text[inner.key_start : inner.value.end])
        elif isinstance(mine, ObjectNode) and isinstance(inner.value, ObjectNode):
            return None
    removal = remove(owner, member)
    if removal is None or not new:
        return removal
    put = insertion(other, ", ".join(new))
    if any(edit.span.start <= put.span.start <= edit.span.end for edit in removal):
        return None
    return tuple(sorted((*removal, put)))


def insertion(owner: ObjectNode, text: str) -> Edit:
    """The text of a member put first into an object, laid out as the members it has."""
    source = owner.source.text
    at = owner.start + 1
    if not owner.members:
        blank = _past_blanks(source, at)
        return Edit(Span(at, blank if source[blank] == "}" else at), f" {text} ")
    first = owner.members[0].key_start
    line = line_start(source, first)
    if line <= at or source[line:first].strip():
        return Edit(Span(at, at), f" {text}," if source[at] in " \t\r\n" else f" {text}, ")
    end = "\r\n" if source[line - 2 : line] == "\r\n" else source[line - 1]
    return Edit(Span(at, at), f"{end}{source[line:first]}{text},")


def _owner(root: Node, path: KeyPath) -> ObjectNode | None:
    owner = child(root, *path[:-1])
    return owner if isinstance(owner, ObjectNode) else None


def landing(root: ObjectNode, path: tuple[str, ...]) -> tuple[ObjectNode, tuple[str, ...]]:
    """The deepest object that exists on the way to a path, and the keys that are missing.

    There are none when something else stands in the way.
    """
    at = 0
    while at < len(path):
        inner = root.get(path[at])
        if inner is None:
            break
        if not isinstance(inner, ObjectNode):
            return root, ()
        root = inner
        at += 1
    return root, path[at:]


def _comma(text: str, start: int, end: int) -> int | None:
    """The offset of the next comma, past white space and comments."""
    while start < end:
        if text[start] == ",":
            return start
        if text.startswith("//", start):
            stop = _line_end(text, start, anything=True)
            start = end if stop is None else stop
        elif text.startswith("/*", start):
            start = text.find("*/", start) + 2
            if start < 2:
                return None
        elif text[start].isspace() or text[start] == "\ufeff":
            start += 1
        else:
            return None
    return None


def _past_blanks(text: str, at: int) -> int:
    """The next offset where neither a space nor a tab stands."""
    while text[at] in " \t":
        at += 1
    return at


def _line_end(text: str, at: int, anything: bool = False) -> int | None:
    """The offset after the line's end; None when something but white space comes first."""
    while at < len(text):
        if text[at] == "\n":
            return at + 1
        if text[at] == "\r":
            return at + 2 if text.startswith("\r\n", at) else at + 1
        if not anything and text[at] not in " \t":
            return None
        at += 1
    return None
