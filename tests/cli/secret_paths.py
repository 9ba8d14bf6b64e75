"""Every place of the schema that holds a secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openclaw_config.descriptions import schema_of
from openclaw_config.syntax.text import KeyPath
from tests.support import OLDEST

ANY_KEY = "some-name"
"""Stands for a key of the author's own."""


def secret_paths() -> list[KeyPath]:
    """The key paths of all secrets, with ``ANY_KEY`` and 0 for names and places of any kind."""
    schema = schema_of(OLDEST, described=False)
    found = _walk(schema, schema, ())
    blocks: list[KeyPath] = [("env", ANY_KEY), ("env", "vars", ANY_KEY)]
    return sorted({*found, *blocks}, key=lambda path: [str(step) for step in path])


def config_with(path: KeyPath, value: Any) -> Any:
    """A config that has one value, at one path."""
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value


def _walk(part: Any, root: dict[str, Any], path: KeyPath) -> Iterator[KeyPath]:
    if not isinstance(part, dict):
        return
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        yield from _walk(root["$defs"][name], root, path)
        return
    if part.get("x-secret"):
        yield path
        return
    for branch in (*part.get("anyOf", ()), *part.get("allOf", ())):
        yield from _walk(branch, root, path)
    for key, value in (part.get("properties") or {}).items():
        yield from _walk(value, root, (*path, key))
    yield from _walk(part.get("additionalProperties"), root, (*path, ANY_KEY))
    yield from _walk(part.get("items"), root, (*path, 0))
