"""Which parts of a config are secret: in its text, and in what a message would quote of it.

A value is shown only where the schema declares, for the place where it stands, a value that is no
secret; and then without the parts that look like a key, and without a URL's user info, query and
fragment. So the value of an unknown key never is. Every secret place of the schema has a name that
says so; a test walks the schema to keep this true. When in doubt a name counts as secret: to hide a
harmless value costs nothing. A text that does not parse is masked too, so places are those of the
bare schema, not of a tree.

A snippet shows the author's own line. One linear scan finds what to hide in it. It needs no tree,
since a text that did not parse is the very one that we show: it follows keys and brackets as far
as it can, and hides every word that is neither a key nor a value at a declared place. A second
look, which knows nothing of brackets, hides what follows the name of a secret anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache, reduce
from itertools import chain
from sys import maxsize
from typing import Any, NamedTuple

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.facts import schema_part, section
from openclaw_config.syntax import nodes
from openclaw_config.syntax.text import KeyPath, Source, Span
from openclaw_config.targets import DEFAULT

# --- where a config may hold a secret ------------------------------------------------------------

_SECRET_WORDS = frozenset(
    (  # noqa: SIM905, one word a line would fill a page
        "apikey authorization bearer ca cert certificate cookie credential credentials dsn jwt key "
        "keys pass passphrase passwd password passwords pat pin pwd secret signature token tokens"
    ).split()
)
_SECRET_ENDINGS = (
    *("key", "token", "secret", "password", "webhook", "webhookurl", "proxyurl"),
    *("identitydata", "hostsdata", "serviceaccount", "serviceaccountref"),
)
SECRET_BLOCKS = frozenset({"env", "vars", "headers"})
"""Names whose object holds secrets under keys of the author's own, in lower case."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def is_secret_name(name: str) -> bool:
    """True when a key of this name may hold a secret: ``apiKey``, ``bot_token``, ``PASSWORD``."""
    joined = name.replace("_", "").replace("-", "").strip().lower()
    if joined == "secrets":  # the section that says where secrets are, not what they are
        return False
    if joined == "value" or joined in SECRET_BLOCKS or joined.endswith(_SECRET_ENDINGS):
        return True
    return any(word.lower() in _SECRET_WORDS for word in _WORD.findall(name))


_SCALARS = frozenset(("string", "number", "integer", "boolean"))


class Place:
    """A place in a config: all that the schema says may stand there, its unions laid open.

    ``shown`` is true where a text, a number or a boolean is declared that is no secret, ``text``
    where a text is declared.
    """

    __slots__ = ("_release", "_schemas", "_steps", "shown", "text")

    def __init__(self, schemas: Iterable[Any], release: str = DEFAULT) -> None:
        self._release = release
        self._schemas = tuple(schemas)
        self._steps: dict[str | int | None, Place] = {}
        kinds = {kind for schema in self._schemas for kind in _scalars(schema)}
        self.text = "string" in kinds
        self.shown = bool(kinds) and not any(schema.get("x-secret") for schema in self._schemas)

    def declares(self, key: str) -> bool:
        """Whether the schema names a key here."""
        return any(key in schema.get("properties", ()) for schema in self._schemas)

    def step(self, step: str | int) -> Place:
        """The place of a key's value, or that of any item of an array."""
        if self is ANYTHING:
            return self
        key: str | int | None = 0 if isinstance(step, int) else step
        if isinstance(key, str) and key != "$include" and not self.declares(key):
            key = None  # a key of the author's own: they all lead to one place
        if key not in self._steps:
            parts = [part for one in self._schemas for part in _inner(one, key)]
            self._steps[key] = _place([_PATHS] if key == "$include" else parts, self._release)
        return self._steps[key]


def place_at(path: KeyPath, release: str) -> Place:
    """The place at a key path of a whole config of a release, "" being the default one."""
    return reduce(Place.step, path, _root(release or DEFAULT))


@lru_cache(maxsize=4)
def _root(release: str) -> Place:
    return _place([section("openclaw", release, "root")], release)


def _place(parts: list[Any], release: str) -> Place:
    schemas = [schema for part in parts for schema in _laid_open(part, release)]
    return Place(schemas, release) if schemas else UNDECLARED


def _laid_open(part: Any, release: str) -> Iterator[dict[str, Any]]:
    """A sub-schema and all that its references and unions lead to; nothing where none is given."""
    if isinstance(part, dict) and part:
        yield part
        inner = [schema_part(release, part["$ref"])] if "$ref" in part else []
        for one in chain(inner, *(part.get(word, ()) for word in ("anyOf", "oneOf", "allOf"))):
            yield from _laid_open(one, release)


def _scalars(schema: dict[str, Any]) -> frozenset[str]:
    """The kinds of single values that a schema takes; that of listed values is said to be text."""
    kinds = schema.get("type", ["string"] * ("enum" in schema or "const" in schema))
    return _SCALARS.intersection([kinds] if isinstance(kinds, str) else kinds)


_PATHS = {"type": ["string", "array"], "items": {"type": "string"}}
# What an $include takes, anywhere.


def _inner(schema: dict[str, Any], key: str | int | None) -> list[Any]:
    """The schemas of a key's value, or of any item."""
    if key == 0:
        return [schema.get("items"), *schema.get("prefixItems", ())]
    return [schema.get("properties", {}).get(key, schema.get("additionalProperties"))]


UNDECLARED = Place(())
"""A place of which the schema says nothing."""

ANYTHING = Place(({"type": "string"},))
"""A place in a text that is no config, where only names and looks tell what is secret."""


# --- what is secret in a text ---------------------------------------------------------------------

MASK = "•••"
"""What stands for a secret, whatever its length."""

_POINTERS = re.compile(
    r"source:(?:env|file|exec)\Z|provider:[a-z][\w-]{0,63}\Z"
    r"|id:(?:[A-Z][A-Z0-9_]{0,63}|/[\w/.~-]*)\Z"
)
# What a SecretRef is made of says where a secret is, not what it is (AUTH-20).

VARIABLE = re.compile(r"\$\{[A-Z_][A-Z0-9_]*\}\Z")
_PIECE = re.compile(r"[^\s](?:[^\n\r\u2028\u2029]*[^\s])?")


# Repetitions are possessive wherever they can be: nothing is tried twice, or kept to be tried.
_LOOKS = re.compile(
    r"""
      \b(?:(?:sk|pk|rk|ak|xai|gsk|hf|r8|gh[oprsu]|github_pat|glpat|xox[a-z]|xapp|shpat|npm|sntrys
           |dop_v1|pplx|nvapi|tvly)[-_]|AIza|AKIA|ASIA|ya29\.|eyJ|SG\.)[-\w.]{6,}+
    | \b[0-9]{6,12}+:[-\w]{20,}+                      # a Telegram bot's token
    | (?i:\b(?:bearer|basic)\s++)[-\w.~+/=]{6,}+
    | (?i:(?<=[?&\#])[\w-]*(?:key|token|secret|sig|signature|password|auth)=)[^&\s"'\#]++
    | (?<=/)(?:services|webhooks)/[^\s"']{10,}+
    | -----BEGIN[\s\S]*+
    | (?<![-\w])(?=[-\w]{24})(?=[-\w]*[0-9])(?=[-\w]*[a-z])(?=[-\w]*[A-Z])[-\w]++
    | (?<!\w)[0-9A-Fa-f]{32,}+(?!\w)
    """,
    re.VERBOSE,
)
_KEYS = re.compile(
    r"""
      \b(?:sk-(?:or|ant|proj|svcacct|admin)-[-\w.]{6,}+
        | (?:sk|pk|rk|xai|gsk|hf|r8|gh[oprsu]|github_pat|glpat|xox[a-z]|npm|pplx|nvapi|tvly)[-_]
          (?=[-\w.]*?[0-9]) [-\w.]*?[A-Za-z0-9]{16} [-\w.]*+
        | AIza[-\w]{30,}+ )
    """,
    re.VERBOSE,
)
# No model has such a name, as one may have that only looks as if it were random.
_URL = re.compile(r"""://(?:(?P<user>[^\s/?#"']*)@)?[^\s?#"']*+(?:[?#](?P<asked>[^\s"'`()]++))?""")


def masked(text: str) -> str:
    """A sentence, or a piece of one, without what looks like a key in it."""
    found = looks(text, 0, len(text))
    return hidden(text, in_order(text, found)) if found else text


def without_keys(text: str) -> str:
    """A text that does something, without the keys that are certainly none of its words."""
    return _KEYS.sub(MASK, text)


def hidden(text: str, secrets: Iterable[tuple[int, int]]) -> str:
    """A text with a mask for each of some spans, which are in order."""
    shown, at = [], 0
    for start, end in secrets:
        shown += [text[at:start], MASK]
        at = end
    return "".join([*shown, text[at:]])


def may_show(node: nodes.Node, path: KeyPath) -> bool:
    """Whether a message may show a value: it cannot be a secret, and no variable put it there."""
    if isinstance(node, nodes.BooleanNode | nodes.NullNode):
        return True
    place = place_at(path, node.source.release)
    if not place.shown or not isinstance(node, nodes.StringNode | nodes.NumberNode):
        return False
    if isinstance(node, nodes.NumberNode) and not place.text:
        return True
    if isinstance(node, nodes.StringNode) and (node.variables or masked(node.value) != node.value):
        return False
    return not _is_named_secret(path)


def _is_named_secret(path: KeyPath) -> bool:
    return any(isinstance(step, str) and is_secret_name(step) for step in path)


def shown(node: nodes.Node, path: KeyPath) -> Any:
    """The plain value of a node, with a mask for each part that may be a secret.

    ``path`` is where it stands. References to secrets are shown.
    """
    if isinstance(node, nodes.ObjectNode):
        return {masked(key): shown(value, (*path, key)) for key, value in node.values.items()}
    if isinstance(node, nodes.ArrayNode):
        return [shown(item, (*path, at)) for at, item in enumerate(node.items)]
    if _points(node, path) or may_show(node, path):
        return getattr(node, "value", None)
    return MASK


def _points(node: nodes.Node, path: KeyPath) -> bool:
    """Whether a value says where a secret is, not what it is; or that there is none."""
    if not isinstance(node, nodes.StringNode):
        return False
    pointer = path and is_pointer(path[-1], node.value)
    return bool(not node.value or pointer or VARIABLE.match(node.value))


def is_pointer(name: str | int, text: str) -> bool:
    """Whether a text at a key is a part of a SecretRef that says where a secret is."""
    return bool(_POINTERS.match(f"{name}:{text}")) and masked(text) == text


def literal_secrets(node: nodes.Node, path: KeyPath) -> Iterator[KeyPath]:
    """Where a value that stands at a path has a secret itself: by its place, its name, its looks.

    What stands where the schema says nothing is none, unless its name or its looks say so.
    """
    for at, inner in nodes.paths_of(node, path):
        if not isinstance(inner, nodes.StringNode) or _points(inner, at):
            continue
        place = place_at(at, node.source.release)
        declared = place.text and not place.shown
        if declared or _is_named_secret(at) or masked(inner.value) != inner.value:
            yield at


def quote(node: nodes.Node, path: KeyPath, text: str | None = None) -> str:
    """The text of a value, or a part of it, as every message quotes it: in back ticks, or hidden.

    ``path`` is where the value stands.
    """
    shown = node.value if text is None and isinstance(node, nodes.StringNode) else text
    return f"`{shown if may_show(node, path) else MASK}`"


def in_order(text: str, found: list[tuple[int, int]]) -> list[Span]:
    """Spans in order, without overlaps, none empty and none over a line end."""
    merged: list[Span] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(end, merged[-1].end))
        elif start < end:
            merged.append(Span(start, end))
    pieces = (piece for span in merged for piece in _PIECE.finditer(text, *span))
    return [Span(*piece.span()) for piece in pieces]


def looks(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where a stretch of text looks like a key, or like the parts of a URL that may hold one."""
    found = [match.span() for match in _LOOKS.finditer(text, start, end)]
    for match in _URL.finditer(text, start, end):
        found += [match.span(part) for part in ("user", "asked") if match[part]]
    return found


# --- the secrets of a whole text ------------------------------------------------------------------

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
        place = ANYTHING if source.place is None else place_at(source.place, source.release)
        scan = _Scan(source.text, place)
        scan.run()
        source.hidden = tuple(in_order(source.text, scan.found))
    return source.hidden


def secret_spans_after(source: Source, before: Source) -> tuple[Span, ...]:
    """The secrets of a source that a change made of another: what was hidden there stays hidden.

    A fix may give the value of an unknown key to one that is known, and be mistaken in the key.
    """
    texts = _secret_texts(before)
    found: list[tuple[int, int]] = [*secret_spans(source)]
    for token in _TOKEN.finditer(source.text) if texts else ():
        if token.lastgroup not in ("string", "word"):
            continue  # A sign that was hidden once is no secret wherever it stands.
        inside = token.group().strip("\"'`“”„‘’‚")
        if inside in texts or ("\\" in inside and any(text in inside for text in texts)):
            at = token.start() + token.group().index(inside)
            found.append((at, at + len(inside)))
    return tuple(in_order(source.text, found))


def _secret_texts(source: Source) -> set[str]:
    return {source.text[start:end].strip() for start, end in secret_spans(source)}


def without_secrets(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Findings as they may be written out, for a program or another process.

    The secrets of their sources are found, so that these are written out without them. An edit
    may carry the very text that it moves; half of it would do harm, so a fix that would tell a
    secret has no edits.
    """
    texts = cache(lambda source: [text for text in _secret_texts(source) if len(text) > 3])
    for item in found:
        for location in (item.location, *(related.location for related in item.related)):
            if location is not None:
                secret_spans(location.source)
        fix, secrets = item.fix, texts(item.location.source) if item.fix and item.location else ()
        telling = fix and any(text in edit.text for edit in fix.edits for text in secrets)
        yield item._replace(fix=fix._replace(edits=())) if fix and telling else item


class _Open(NamedTuple):
    """An open bracket: of an array or an object, where it is, and what may be in it."""

    place: Place
    array: bool = False
    secret: bool = False
    block: bool = False


class _Scan:
    """One pass over a text, token by token, that knows under which names it is."""

    def __init__(self, text: str, root: Place) -> None:
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
                self.found += looks(self.text, start, end)
                self.name = token.group().strip("\"'`“”„‘’‚:= ")
                self.pending = (start, end)
                self._unclosed(start, end)
        self._no_key()
        self._look_at_names()

    def _look_at_names(self) -> None:
        """Hide what follows the name of a secret, whatever the brackets and quotes around say."""
        done = 0
        for match in _NAMED.finditer(self.text):
            name, sign, mark = match.groups()
            at = match.end()
            if match.start() < done or not is_secret_name(name):
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
                place = UNDECLARED if name is None else outer.place.step(name)
            block = name.lower() in SECRET_BLOCKS if name else mark == "[" and outer.block
            secret = outer.secret or self.flagged or (name is not None and is_secret_name(name))
            self.open.append(_Open(place, mark == "[", secret, block))
        elif mark in "}]" and len(self.open) > 1:
            self.open.pop()
        self.name, self.colon, self.tail, self.filled = None, False, False, False
        self.flagged = self.flagged and mark == ","

    def _no_key(self) -> None:
        """What stood where a key must was none: no colon came."""
        outer, name = self.open[-1].place, self.name or ""
        known = outer is ANYTHING or outer.declares(name) or name in _CODE
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
        return outer.secret or is_secret_name(name) or outer.place.declares(name)

    def _value(self, is_string: bool, start: int, end: int) -> int:
        """Hide a value if need be; gives the offset up to which the text is dealt with."""
        outer, name, flagged = self.open[-1], self.name or "", self.flagged
        if self.name is not None and not self.colon:
            self._no_key()
        self.name, self.colon, self.flagged = None, False, False
        self.filled = outer.array and outer.place is not ANYTHING
        content = self.text[start:end]
        place = outer.place.step(name or 0 if outer.array else name)
        named = flagged or is_secret_name(name)
        if not (named or outer.secret) and place.shown:
            self.found += looks(self.text, start, end)
            if is_string:
                self._assignments(start + 1, end - self._closed(start, end))
                flag = outer.array and content[1:2] == "-" and "=" not in content
                self.flagged = flag and is_secret_name(content[1:-1])
        elif is_string:
            inside = content[1 : -1 if self._closed(start, end) else None]
            pointer = outer.secret and not outer.block and is_pointer(name, inside)
            if pointer or VARIABLE.match(inside):
                self.found += looks(self.text, start, end)
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
        self.found += looks(self.text, start, end)
        secret = self.open[-1].secret
        for match in _ASSIGNMENT.finditer(self.text, start, end):
            sign, at = match["sign"].strip(), match.end()
            quoted = self.text[at : at + 1] in "\"'`"
            if sign and (secret or sign == "=" or quoted or is_secret_name(match["name"])):
                self.found.append((at, _end(_TO_LINE_END, self.text, at, end)))

    def _assignments(self, start: int, end: int) -> None:
        """Hide what a string itself sets: ``--token=x``, ``API_KEY=x run``, ``X-Key: x``."""
        for match in _ASSIGNMENT.finditer(self.text, start, end):
            name, sign, at = match["name"], match["sign"].strip(), match.end()
            if is_secret_name(name) and (sign or name.startswith("-")):
                last = _end(_TO_LINE_END if sign == ":" else _ARGUMENT, self.text, at, end)
                if not _is_harmless(name, self.text[at:last]):
                    self.found.append((at, last))


def _end(pattern: re.Pattern[str], text: str, at: int, last: int = maxsize) -> int:
    """Where what a pattern matches at an offset ends."""
    found = pattern.match(text, at, last)
    return found.end() if found else at


def _is_harmless(name: str, content: str) -> bool:
    """Whether a value is no secret whatever its name: a variable, a constant, a count of tokens."""
    if _CONSTANT.match(content) or VARIABLE.match(content) or not content:
        return True
    counts = not is_secret_name(name) or name.lower().endswith("tokens")
    return counts and _NUMBER.match(content) is not None
