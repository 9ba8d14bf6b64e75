"""What stands at a place of a config, and what may: keys, values, names, shapes.

In half-typed texts too: what is being typed is read from the text before the cursor alone, since
what recovery makes of a broken text depends on what follows.

Which names a place takes (an agent's, a chat model's, a plugin's …) is data: ``schema/names.json``,
whose patterns are those of key paths joined by dots, ``#`` being an index and ``*`` any keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import translate
from functools import lru_cache
from typing import NamedTuple

from openclaw_config.facts import read_json
from openclaw_config.syntax.nodes import Member, Node, ObjectNode, Tree, child, text_of
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import COMMENT, STRING, KeyPath, Source, Span, next_token
from openclaw_config.validation.schema import Shape, inner, openclaw_shape, tags_of

# --- kinds of names, and shapes -------------------------------------------------------------------

CHAT, AGENT, CHANNEL, TARGET, PLUGIN, TOOL = "chat", "agent", "channel", "target", "plugin", "tool"
PROVIDER, SPEECH, SEARCH, PROFILE = "provider", "speech", "search", "profile"
SECRET_PROVIDER, VARIABLE = "secretProvider", "variable"
MEDIA = ("image", "video", "music")
"""The kinds of names; a chat or media kind is that of its models' refs."""

DECLARED: dict[str, tuple[str, ...]] = {
    CHANNEL: ("channels",),
    TARGET: ("channels",),
    PLUGIN: ("plugins", "entries"),
    PROVIDER: ("models", "providers"),
    PROFILE: ("auth", "profiles"),
    SECRET_PROVIDER: ("secrets", "providers"),
}
"""The objects whose keys are the names that a config itself gives."""

_REFERENCE = {"source", "provider", "id"}


@lru_cache(maxsize=2)
def _patterns(part: str) -> tuple[re.Pattern[str], list[str]]:
    rows: dict[str, str] = read_json("names.json")[part]
    return re.compile("|".join(f"({translate(row)})" for row in rows)), [*rows.values()]


def kind_at(path: KeyPath, part: str = "values") -> str:
    """The kind of names that stand at a key path as ``values`` or ``keys``, "" for none."""
    pattern, kinds = _patterns(part)
    found = pattern.match(".".join("#" if isinstance(step, int) else step for step in path))
    return kinds[found.lastindex - 1] if found and found.lastindex else ""


def is_reference(path: KeyPath, shapes: list[Shape]) -> bool:
    """Whether a path names the secret provider of a SecretRef; ``shapes`` are those around it."""
    return path[-1:] == ("provider",) and any(set(one.keys) >= _REFERENCE for one in shapes)


def shapes_at(release: str, path: KeyPath, root: Node | None, mount: KeyPath = ()) -> list[Shape]:
    """The shapes that may hold at a key path; of a union, those that no tag excludes.

    ``root`` is the value at ``mount``, which has the tags.
    """
    found, skipped = [openclaw_shape(release)], len(mount)
    for depth in range(len(path) + 1):
        node = child(root, *path[skipped:depth]) if depth >= skipped else None
        found = [one for shape in found for one in _variants(shape, node)]
        if depth < len(path):
            found = [*filter(None, (inner(shape, path[depth]) for shape in found))]
    return found


def _variants(shape: Shape, node: Node | None) -> Iterator[Shape]:
    yield shape
    for branch in (*shape.any_of, *shape.all_of):
        tags = tags_of(branch)
        if "x-rule" in shape.schema and not tags.keys() <= {*branch.required}:
            continue  # It says when a rule does not hold: it is no form to be written.
        if not isinstance(node, ObjectNode) or all(
            _may_be(node.get(key), values) for key, values in tags.items()
        ):
            yield from _variants(branch, node)


def _may_be(tag: Node | None, values: tuple[object, ...]) -> bool:
    return text_of(tag) in (None, "", *values)


# --- what stands at an offset ---------------------------------------------------------------------


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
    if tree.root is None or (inside and kinds[token] == COMMENT):
        return None
    found = Spot(mount, tree.root)
    while inner := next((one for one in parts_of(found) if _covers(one, offset)), None):
        found, member = inner, inner.member
        if member is not None and member.key_start <= offset <= member.key_end:
            return found._replace(on_key=True)
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


# --- what may be written at a cursor --------------------------------------------------------------

KEY, VALUE, TEXT, NOTHING = "key", "value", "comment", ""
"""What may be written at a cursor: a key, a value, the words of a comment."""

_PIECE = re.compile(
    r"""(?P<comment>//[^\n\r\u2028\u2029]*+|\#[^\n\r]*+|/\*(?:(?!\*/)[\s\S])*+(?:\*/)?)
      | (?P<string>"(?:[^"\\\n\r]|\\(?:\r\n|[\s\S]))*+"|'(?:[^'\\\n\r]|\\(?:\r\n|[\s\S]))*+')
      | (?P<open>[{\[]) | (?P<close>[}\]]) | (?P<mark>[,:])
      | (?P<word>["'][^\n\r]*+|(?!\ufeff)[^\s,:{}\[\]"']++)""",
    re.VERBOSE,
)
"""What a text is made of that may break off anywhere: a word may be a string without its end."""
_REST = re.compile(r"[\w$.-]*")
_BROKEN = re.compile(r"[\s,{}\[\]]")
_HERE = "\ue000"
"""A word that stands in for what may be written."""


class Cursor(NamedTuple):
    """A cursor in a text.

    ``path`` leads to the value that is or may be written there; for a key, to the object around it.
    ``typed`` is what stands before the cursor of the word, ``span`` the word or what is in its
    quotes, ``quote`` the opening quote, and ``closed`` whether it has its closing one. ``after`` is
    where the value before ends that lacks its comma, else -1.
    """

    wants: str
    path: KeyPath = ()
    typed: str = ""
    span: Span = Span(0, 0)
    quote: str = ""
    closed: bool = False
    after: int = -1


def cursor(text: str, offset: int, mount: KeyPath = ()) -> Cursor:
    """What may be written at an offset; ``mount`` is the key path of the text's root."""
    word, brackets = offset, 0
    last = -1  # where the key or value before the word ends
    for piece in _PIECE.finditer(text, 0, offset):
        kind, end, word = piece.lastgroup, piece.end(), offset
        if kind == "comment":
            if end == offset and not piece[0].endswith("*/"):
                return Cursor(TEXT, typed=piece[0], span=Span(offset, offset))
        elif kind == "word" and end == offset:
            word = piece.start()
        elif kind == "open":
            brackets, last = brackets + 1, -1
        else:
            brackets = max(brackets - (kind == "close"), 0)
            last = -1 if kind == "mark" else end
    begun = word < offset
    wants, path = _wanted(text[:word], mount) if brackets and last != word else (NOTHING, ())
    if wants == VALUE and last >= 0 and isinstance(path[-1], str):
        # No colon stands between: what is begun behind a key without a value is another key.
        wants, path, last = KEY if begun else NOTHING, path[:-1], -1
    here = Cursor(wants, path, span=Span(offset, offset), after=last)
    return _within_word(here, text, word, offset) if begun else here


def _wanted(before: str, mount: KeyPath) -> tuple[str, KeyPath]:
    """What may be written at the end of a text, and the path there."""
    for colon in "", ": 0":
        tree = parse(Source(f'{before}"{_HERE}"{colon}'))
        here = spot(tree, len(before) + 1, mount)
        if here is not None and here.on_key and here.path[-1] == _HERE:
            return KEY, here.path[:-1]
        if here is not None and not colon and text_of(here.node) == _HERE:
            return VALUE, here.path
    return NOTHING, ()


def _within_word(here: Cursor, text: str, start: int, offset: int) -> Cursor:
    """The cursor within a word or a string that begins at ``start``, or at the word's end."""
    quote = text[start] if text[start] in "\"'" else ""
    end, closed = _REST.match(text, offset).end(), False  # type: ignore[union-attr]
    if quote:
        whole = next_token(text, start)
        last = whole.end() - 1
        closed = whole.lastindex == STRING and not _BROKEN.search(text, offset, last)
        end = last if closed else end
    inner = start + len(quote)
    span = Span(inner, end)
    return here._replace(typed=text[inner:offset], span=span, quote=quote, closed=closed)
