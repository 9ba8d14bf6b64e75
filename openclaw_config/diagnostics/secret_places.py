"""Where a config may hold a secret: by the keys' names, and by what the schema declares.

Every secret place of the schema has a name that says so; a test walks the schema to keep this
true. When in doubt a name counts as secret: to hide a harmless value costs nothing. Of other
places only what the schema declares, and does not mark as secret, may be shown. The masking of a
text that does not parse asks this too, so the question is put to the bare schema, not to a tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from openclaw_config.facts import schema_part, section
from openclaw_config.syntax.text import KeyPath
from openclaw_config.targets import DEFAULT

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
            if key == 0:
                parts = [part for one in self._schemas for part in _items(one)]
            elif key == "$include":
                parts = [_PATHS]
            else:
                parts = [_value(one, key) for one in self._schemas]
            self._steps[key] = _place(parts, self._release)
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


def _items(schema: dict[str, Any]) -> list[Any]:
    return [schema.get("items"), *schema.get("prefixItems", ())]


def _value(schema: dict[str, Any], key: str | int | None) -> Any:
    return schema.get("properties", {}).get(key, schema.get("additionalProperties"))


UNDECLARED = Place(())
"""A place of which the schema says nothing."""

ANYTHING = Place(({"type": "string"},))
"""A place in a text that is no config, where only names and looks tell what is secret."""
