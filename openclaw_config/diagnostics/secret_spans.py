"""Which spans of a text are secret.

A snippet shows the author's own line. One linear scan finds what to hide in it. It needs no tree,
since a text that did not parse is the very one that we show: it follows keys and brackets as far
as it can, and hides every word that is neither a key nor a value at a declared place. A second
look, which knows nothing of brackets, hides what follows the name of a secret anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from sys import maxsize
from typing import NamedTuple

from openclaw_config.diagnostics import masking
from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.syntax.text import Source, Span

_CONSTANT = re.compile(r"(?:[Tt]rue|[Ff]alse|null|None|undefined|NaN|[-+]?Infinity)\Z")
_HARMLESS = re.compile(rf"{_CONSTANT.pattern}|\W{{0,8}}\Z")
_LETTER = re.compile(r"\w")
_KEY = re.compile(r"\s*+:")
_NUMBER = re.compile(r"[-+.]?[0-9][-+.\w]*\Z")
_CODE = frozenset(("module.exports", "export", "default", "return", "const", "let", "var", "use"))
# Words of JavaScript that people leave around a config.
_TO_LINE_END = re.compile(r"[^\n\r\u2028\u2029]*")

# Repetitions are possessive wherever they can be: nothing is tried twice, or kept to be tried.
_TOKEN = re.compile(
    r"""
      (?P<comment> //[^\n\r\u2028\u2029]*+ | /\*(?:[^*]++|\*(?!/))*+(?:\*/)? | \#[^\n\r]*+ )
    | (?P<string>  "(?:[^"\\\n\r]++|\\(?:\r\n|[\s\S]))*+"?
                 | '(?:[^'\\\n\r]++|\\(?:\r\n|[\s\S]))*+'?
                 | `[^`\n\r]*+`?
                 | [“”„‘’‚][^“”„‘’‚\n\r]*+[“”„‘’‚]? )
    | (?P<word>    (?:[^\s,:=/{}\[\]"'`“”„‘’‚#] | /(?![/*])) [^\s,:={}\[\]"'`“”„‘’‚]*+ )
    | (?P<mark>    [,:={}\[\]] )
    | (?P<line>    [\n\r\u2028\u2029] )
    """,
    re.VERBOSE,
)
_ASSIGNMENT = re.compile(
    r"(?<![\w.-])(?P<name>[\w.-]++)[\"'`]?(?P<sign>[ \t]*+[:=][ \t]*+|[ \t]++)"
)
_ARGUMENT = re.compile(r"[^\s&;]*")
_NAMED = re.compile(r"(?<![\w.-])([\w.-]++)[\"'`”’]?\s*+([:=,])\s*+([\"'`“„‘‚]?)")
_BARE = re.compile(r"[^,&{}\[\]\"'`\n\r\u2028\u2029]*")
_BARE_WORD = re.compile(r"[^\s,&{}\[\]\"'`]*")
_CLOSERS = {"“": "”", "„": "“", "‘": "’", "‚": "‘"}


def secret_spans(source: Source) -> tuple[Span, ...]:
    """The spans of a source that hold or may hold a secret, in order, without overlaps.

    Quotes are left out, so that a masked string still looks like one, and no span goes on over a
    line end. The text need not parse. Found once for each source.
    """
    if source.hidden is None:
        place = (
            masking.ANYTHING
            if source.place is None
            else masking.place_at(source.place, source.release)
        )
        scan = _Scan(source.text, place)
        scan.run()
        scan.look_at_names()
        source.hidden = tuple(masking.in_order(source.text, scan.found))
    return source.hidden


def secret_spans_after(source: Source, before: Source) -> tuple[Span, ...]:
    """The secrets of a source that a change made of another: what was hidden there stays hidden.

    A fix may give the value of an unknown key to one that is known, and be mistaken in the key.
    """
    texts = _secret_texts(before)
    if not texts:
        return secret_spans(source)
    found: list[tuple[int, int]] = [*secret_spans(source)]
    for token in _TOKEN.finditer(source.text):
        if token.lastgroup in ("string", "word"):
            inside = token.group().strip("\"'`“”„‘’‚")
            joined = "\\" in inside and any(text in inside for text in texts)
            if inside in texts or joined:
                at = token.start() + token.group().index(inside)
                found.append((at, at + len(inside)))
    return tuple(masking.in_order(source.text, found))


def _secret_texts(source: Source) -> set[str]:
    return {source.text[start:end].strip() for start, end in secret_spans(source)}


def without_secrets(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Findings as they may be written out, for a program or another process.

    The secrets of their sources are found, so that these are written out without them. An edit
    may carry the very text that it moves; half of it would do harm, so a fix that would tell a
    secret has no edits.
    """
    texts: dict[int, list[str]] = {}
    for item in found:
        fix = item.fix
        for location in (item.location, *(related.location for related in item.related)):
            if location is not None:
                secret_spans(location.source)
        if fix is None or item.location is None:
            yield item
            continue
        source = item.location.source
        if id(source) not in texts:
            texts[id(source)] = sorted(text for text in _secret_texts(source) if len(text) > 3)
        telling = any(text in edit.text for edit in fix.edits for text in texts[id(source)])
        yield item._replace(fix=fix._replace(edits=())) if telling else item


class _Open(NamedTuple):
    """An open bracket: of an array or an object, where it is, and what may be in it."""

    place: masking.Place
    array: bool = False
    secret: bool = False
    block: bool = False


class _Scan:
    """One pass over a text, token by token, that knows under which names it is."""

    def __init__(self, text: str, root: masking.Place) -> None:
        self.text = text
        self.found: list[tuple[int, int]] = []
        self.open = [_Open(root)]
        self.name: str | None = None  # the key whose value is awaited
        self.pending: tuple[int, int] | None = None  # that key, while no colon has come
        self.colon = False
        self.filled = False  # behind an array's item, with no comma yet
        self.flagged = False  # behind an item such as "--token"
        self.tail = False  # behind a hidden value and still on its line

    def run(self) -> None:
        done = 0
        for token in _TOKEN.finditer(self.text):
            start, end = token.span()
            kind = token.lastgroup
            if start < done:
                continue
            if kind == "comment":
                self._comment(start, end)
            elif kind == "mark":
                self._mark(token.group())
            elif kind == "line":
                self.tail = False
            elif self.tail or (self.filled and kind == "word"):
                self.found.append((start, end))
            elif self._is_value(end):
                done = self._value(kind == "string", start, end)
            else:
                self._no_key()
                self.found += masking.looks(self.text, start, end)
                self.name = token.group().strip("\"'`“”„‘’‚:= ")
                self.pending = (start, end)
                self._unclosed(start, end)
        self._no_key()

    def look_at_names(self) -> None:
        """Hide what follows the name of a secret, whatever the brackets and quotes around say."""
        done = 0
        for match in _NAMED.finditer(self.text):
            name, sign, mark = match.groups()
            at = match.end()
            if match.start() < done or not masking.is_secret_name(name):
                continue
            if sign == "," and not name.startswith("-"):
                continue
            bare = _BARE if sign == ":" else _BARE_WORD
            end = self._string_end(at - 1) if mark else _end(bare, self.text, at)
            content = self.text[at:end].rstrip()
            if not _is_harmless(name, content):
                self.found.append((at, at + len(content)))
                done = end

    def _mark(self, mark: str) -> None:
        if mark in ":=":
            self.colon = self.name is not None
            self.pending = None
            return
        colon = self.colon
        self._no_key()
        if mark in "{[":
            outer, name = self.open[-1], self.name
            if outer.array:
                place = outer.place.step(self.name or 0)
            elif len(self.open) == 1 and (not colon or name in _CODE):
                place = outer.place  # the root itself
            else:
                place = masking.UNDECLARED if name is None else outer.place.step(name)
            block = name.lower() in masking.SECRET_BLOCKS if name else mark == "[" and outer.block
            secret = (
                outer.secret or self.flagged or (name is not None and masking.is_secret_name(name))
            )
            self.open.append(_Open(place, mark == "[", secret, block))
        elif mark in "}]" and len(self.open) > 1:
            self.open.pop()
        self.name, self.colon, self.tail, self.filled = None, False, False, False
        self.flagged = self.flagged and mark == ","

    def _no_key(self) -> None:
        """What stood where a key must was none: no colon came."""
        outer, name = self.open[-1].place, self.name or ""
        known = outer is masking.ANYTHING or outer.declares(name) or name in _CODE
        if self.pending is not None and not known and not _HARMLESS.match(name):
            self.found.append(self.pending)
        self.pending = None

    def _is_value(self, end: int) -> bool:
        # In a text that does not parse, a colon may be missing, or an array have keys.
        outer, name = self.open[-1], self.name
        if outer.array and not outer.secret and not self.flagged and _KEY.match(self.text, end):
            return self.colon
        if self.colon or outer.array or name is None:
            return self.colon or outer.array
        return outer.secret or masking.is_secret_name(name) or outer.place.declares(name)

    def _value(self, is_string: bool, start: int, end: int) -> int:
        """Hide a value if need be; gives the offset up to which the text is dealt with."""
        outer, name, flagged = self.open[-1], self.name or "", self.flagged
        if self.name is not None and not self.colon:
            self._no_key()
        self.name, self.colon, self.flagged = None, False, False
        self.filled = outer.array and outer.place is not masking.ANYTHING
        content = self.text[start:end]
        place = outer.place.step(name or 0 if outer.array else name)
        named = flagged or masking.is_secret_name(name)
        if not (named or outer.secret) and place.shown:
            self.found += masking.looks(self.text, start, end)
            if is_string:
                self._assignments(start + 1, end - self._closed(start, end))
                self.flagged = outer.array and _is_flag(content[1:-1])
        elif is_string:
            inside = content[1 : -1 if self._closed(start, end) else None]
            pointer = outer.secret and not outer.block and masking.is_pointer(name, inside)
            if pointer or masking.VARIABLE.match(inside):
                self.found += masking.looks(self.text, start, end)
            else:
                self.found.append((start + 1, start + 1 + len(inside)))
                self.tail = True
        elif not _CONSTANT.match(content):
            number, harmless = _NUMBER.match(content), _is_harmless(name, content)
            if not number:
                # A secret without quotes: nothing but the line tells where it ends.
                line = self.text[start : _end(_TO_LINE_END, self.text, start)]
                end = max(end, start + len(line.rstrip(" \t,}])\"'")))
            if not (number and harmless and place.shown) or outer.block or flagged:
                self.found.append((start, end))
        self._unclosed(start, end)
        return end

    def _closed(self, start: int, end: int) -> bool:
        return end - start > 1 and (
            self.text[end - 1] == self.text[start] or self.text[end - 1] in "“„‘‚’”"
        )

    def _string_end(self, start: int) -> int:
        """Where the text of a string ends that begins with the quote at ``start``."""
        token = _TOKEN.match(self.text, start)
        end = token.end() if token else start + 1
        return end - 1 if self._closed(start, end) else end

    def _unclosed(self, start: int, end: int) -> None:
        """Of a string that its line does not close, hide what may be other keys and values.

        So everything from the first mark in it on, and beyond the line up to the next such quote.
        """
        sign = self.text[start]
        if sign in "\"'`“„‘‚" and not self._closed(start, end):
            first = _end(_BARE, self.text, start + 1)
            address = self.text.find("://", start, first)
            first = first if address < 0 else address + 3  # its user info may go on below
            after = self.text.find(_CLOSERS.get(sign, sign), end)
            if after > end or _LETTER.search(self.text, first, end):
                self.found.append((first, max(after, end)))

    def _comment(self, start: int, end: int) -> None:
        self.found += masking.looks(self.text, start, end)
        secret = self.open[-1].secret
        for match in _ASSIGNMENT.finditer(self.text, start, end):
            sign, at = match["sign"].strip(), match.end()
            quoted = self.text[at : at + 1] in "\"'`"
            if sign and (secret or sign == "=" or quoted or masking.is_secret_name(match["name"])):
                self.found.append((at, _end(_TO_LINE_END, self.text, at, end)))

    def _assignments(self, start: int, end: int) -> None:
        """Hide what a string itself sets: ``--token=x``, ``API_KEY=x run``, ``X-Key: x``."""
        for match in _ASSIGNMENT.finditer(self.text, start, end):
            name, sign, at = match["name"], match["sign"].strip(), match.end()
            if masking.is_secret_name(name) and (sign or name.startswith("-")):
                last = _end(_TO_LINE_END if sign == ":" else _ARGUMENT, self.text, at, end)
                if not _is_harmless(name, self.text[at:last]):
                    self.found.append((at, last))


def _end(pattern: re.Pattern[str], text: str, at: int, last: int = maxsize) -> int:
    """Where what a pattern matches at an offset ends."""
    found = pattern.match(text, at, last)
    return found.end() if found else at


def _is_flag(text: str) -> bool:
    """Whether an argument of a program says that the next one is a secret."""
    return text.startswith("-") and "=" not in text and masking.is_secret_name(text)


def _is_harmless(name: str, content: str) -> bool:
    """Whether a value is no secret whatever its name: a variable, a constant, a count of tokens."""
    if _CONSTANT.match(content) or masking.VARIABLE.match(content) or not content:
        return True
    counts = not masking.is_secret_name(name) or name.lower().endswith("tokens")
    return counts and _NUMBER.match(content) is not None
