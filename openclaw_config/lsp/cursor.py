"""Where a cursor stands: the key path, and what may be written there, in half-typed texts too.

What is being typed is read from the text before the cursor alone, by its marks: what recovery makes
of a broken text depends on what follows.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from openclaw_config.syntax import text as tokens
from openclaw_config.syntax.nodes import CONTAINERS, Member, Node, ObjectNode, Tree
from openclaw_config.syntax.text import KeyPath, Span, next_token, string_value

KEY, VALUE, TEXT, NOTHING = "key", "value", "comment", ""
"""What may be written at a cursor: a key, a value, the words of a comment."""
_COLON_DUE, _COMMA_DUE = "colon", "comma"

_BARE = re.compile(r"""[^\s,:{}\[\]"']+""")
_AFTER_WORD = tuple(",:{}[] \t\r\n")
_REST = re.compile(r"[\w$.-]*")
_BROKEN = re.compile(r"[\s,{}\[\]]")
_LINE = re.compile(r"[^\r\n]*")
_COMMENT = re.compile(r"//|#|/\*(?!.*\*/)", re.DOTALL)


class Cursor(NamedTuple):
    """A cursor in a text.

    ``path`` leads to the value that is or may be written there; for a key, to the object around it.
    ``opener`` is the offset of the innermost bracket, -1 outside of all. ``typed`` is what stands
    before the cursor of the word, ``span`` the word or what is in its quotes, ``quote`` the opening
    quote, and ``closed`` whether it has its closing one. ``after`` is where the value before ends
    that lacks its comma, else -1.
    """

    wants: str
    path: KeyPath = ()
    opener: int = -1
    typed: str = ""
    span: Span = Span(0, 0)
    quote: str = ""
    closed: bool = False
    after: int = -1


class _Frame:
    """An open bracket: what is expected next in it, and the key or index that it is about."""

    def __init__(self, opener: int, array: bool) -> None:
        self.opener = opener
        self.array = array
        self.state = VALUE if array else KEY
        self.step: str | int = 0 if array else ""
        self.last = ("", 0)
        """The last value's text, which a colon makes a key, and its end."""

    def key(self, name: str) -> None:
        self.step, self.state = name, _COLON_DUE

    def value(self, text: str, end: int) -> None:
        self.last, self.state = (text, end), _COMMA_DUE


def cursor(text: str, offset: int, mount: KeyPath = ()) -> Cursor:
    """What may be written at an offset; ``mount`` is the key path of the text's root."""
    frames = [_Frame(-1, False)]
    frames[0].state = NOTHING
    before, at = text[:offset], 0
    while at < offset:
        token = next_token(before, at)
        kind, start, at = token.lastindex, at, token.end()
        frame = frames[-1]
        if kind == tokens.SPACE or (kind == tokens.OTHER and before[start] in tokens.WHITE_SPACE):
            continue
        if kind == tokens.COMMENT or (kind == tokens.OTHER and _COMMENT.match(before, start)):
            at = at if kind == tokens.COMMENT else _end(_LINE, before, start)
            if before[start : start + 2] == "/*" and kind != tokens.COMMENT:
                at = offset
            if at == offset and not before.endswith("*/"):
                return Cursor(TEXT, typed=before[start:], span=Span(offset, offset))
        elif kind in tokens.OPENING:
            frames.append(_Frame(start, kind == tokens.OPEN_ARRAY))
        elif kind in tokens.CLOSING:
            array = kind == tokens.CLOSE_ARRAY
            if any(one.array == array for one in frames[1:]):
                while frames.pop().array != array:
                    pass
                frames[-1].value("", start + 1)
        elif kind == tokens.COLON:
            if frame.state == _COMMA_DUE and frame.last[0]:
                frame.key(frame.last[0])
            frame.state = VALUE
        elif kind == tokens.COMMA:
            frame.state = VALUE if frame.array else KEY
            if isinstance(frame.step, int):
                frame.step += 1
        else:
            plain = kind != tokens.STRING
            if plain and (kind == tokens.OTHER or before[at : at + 1] not in _AFTER_WORD):
                at = _end(_LINE if before[start] in "\"'" else _BARE, before, start)
            if plain and at == offset:
                return _in_word(text, frames, start, offset, mount)
            word = before[start:at].strip("\"'")
            if "\\" in word:
                word = string_value(word, 0, len(word))[0]
            if frame.array or frame.state == VALUE:
                frame.value(word, at)
            else:
                frame.key(word)
    return _standing(frames, offset, mount)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return max(found.end() if found else at, at + 1)


def _standing(frames: list[_Frame], offset: int, mount: KeyPath) -> Cursor:
    """The cursor where no word is begun."""
    frame, step, wants, after = frames[-1], frames[-1].step, frames[-1].state, -1
    if wants == _COMMA_DUE:
        wants, after = (VALUE if frame.array else KEY), frame.last[1]
        step = step + 1 if isinstance(step, int) else step
    if wants == _COLON_DUE or len(frames) == 1 or after == offset:
        wants = NOTHING
    path = (*mount, *(one.step for one in frames[1:-1]), *((step,) if wants != KEY else ()))
    span = Span(offset, offset)
    return Cursor(wants, path, frame.opener, span=span, after=after)


def _in_word(text: str, frames: list[_Frame], start: int, offset: int, mount: KeyPath) -> Cursor:
    """The cursor within a word or a string that begins at ``start``, or at the word's end."""
    if frames[-1].state == _COLON_DUE:
        frames[-1].state = KEY  # behind a key that has no value yet
    quote = text[start] if text[start] in "\"'" else ""
    end, closed = _REST.match(text, offset).end(), False  # type: ignore[union-attr]
    if quote:
        whole = next_token(text, start)
        last = whole.end() - 1
        closed = whole.lastindex == tokens.STRING and not _BROKEN.search(text, offset, last)
        end = last if closed else end
    inner = start + len(quote)
    place = _standing(frames, start, mount)
    return place._replace(
        typed=text[inner:offset], span=Span(inner, end), quote=quote, closed=closed
    )


class Spot(NamedTuple):
    """What stands at an offset: a value, its key path, the member that has it, if one does.

    ``on_key`` is true on the member's key.
    """

    path: KeyPath
    node: Node
    member: Member | None = None
    on_key: bool = False


def spot(tree: Tree, offset: int, mount: KeyPath = ()) -> Spot | None:
    """The innermost value or key at an offset; None outside of the root and in a comment."""
    kinds, starts = tree.tokens
    token = tree.tokens.from_offset(offset + 1) - 1
    inside = 0 <= token < len(kinds) and starts[token] < offset
    if tree.root is None or (inside and kinds[token] == tokens.COMMENT):
        return None
    found = Spot(mount, tree.root)
    while isinstance(found.node, CONTAINERS):
        inner = next((one for one in parts_of(found) if _covers(one, offset)), None)
        if inner is None:
            break
        member = inner.member
        if member is not None and member.key_start <= offset <= member.key_end:
            return inner._replace(on_key=True)
        found = inner
    return found if found.node.start <= offset <= found.node.end else None


def parts_of(holder: Spot) -> list[Spot]:
    """The members or items of an object or a list, in the order of the text."""
    node, path = holder.node, holder.path
    if isinstance(node, ObjectNode):
        return [Spot((*path, one.key), one.value, one) for one in node.members]
    return [Spot((*path, at), item) for at, item in enumerate(getattr(node, "items", ()))]


def _covers(one: Spot, offset: int) -> bool:
    start = one.node.start if one.member is None else one.member.key_start
    return start <= offset <= one.node.end
