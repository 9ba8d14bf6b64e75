"""Which parts of a config are secret: in its text, and in what a message would quote of it.

A value is shown only where the schema declares, for the place where it stands, a value that is no
secret; and then without the parts that look like a key, and without a URL's user info, query and
fragment. So the value of an unknown key never is. Every secret place of the schema has a name that
says so; a test walks the schema to keep this true. When in doubt a name counts as secret: to hide a
harmless value costs nothing. A text that does not parse is masked too, so places are those of the
bare schema, not of a tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from openclaw_config.facts import schema_part, section
from openclaw_config.syntax import nodes
from openclaw_config.syntax.text import KeyPath, Span
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
    place = _root(release or DEFAULT)
    for step in path:
        place = place.step(step)
    return place


@lru_cache(maxsize=4)
def _root(release: str) -> Place:
    return _place([section("openclaw", release, "root")], release)


def _place(parts: list[Any], release: str) -> Place:
    schemas = [schema for part in parts for schema in _laid_open(part, release)]
    return Place(schemas, release) if schemas else UNDECLARED


def _laid_open(part: Any, release: str) -> Iterator[dict[str, Any]]:
    """A sub-schema and all that its references and unions lead to; nothing where none is given."""
    if not isinstance(part, dict) or not part:
        return
    yield part
    if "$ref" in part:
        yield from _laid_open(schema_part(release, part["$ref"]), release)
    for keyword in ("anyOf", "oneOf", "allOf"):
        for branch in part.get(keyword, ()):
            yield from _laid_open(branch, release)


def _scalars(schema: dict[str, Any]) -> set[str]:
    """The kinds of single values that a schema takes."""
    kinds = schema.get("type", ())
    values = [*schema.get("enum", ()), schema.get("const")]
    named = {
        "string" if isinstance(value, str) else "number" for value in values if value is not None
    }
    return named | ({kinds} if isinstance(kinds, str) else {*kinds}) & _SCALARS


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
