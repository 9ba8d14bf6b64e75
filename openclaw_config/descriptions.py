"""What keys mean: a description each with default and unit, from ``schema/descriptions``.

``schema/descriptions.json`` is a tree of the steps of key paths, ``*`` any key and ``[]`` any item.
A node has what is said of its key (``is``), the nodes below it (``keys``), and the paths of keys
that are described elsewhere as all that it does not describe itself (``like``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, count
from typing import Any, NamedTuple

from openclaw_config.diagnostics.model import version
from openclaw_config.facts import read_json, schema_part, section


class Description(NamedTuple):
    """What a key does, in sentences.

    ``default`` is what holds where it is absent, None where no source says it; ``unit`` is that of
    its number, as ``scripts.describe_schema.UNITS`` writes them, "" for none.
    """

    text: str
    default: Any = None
    unit: str = ""


def describe(path: tuple[str | int, ...], release: str) -> Description | None:
    """What a key means to a release, or None for one that nobody described."""
    found = next(_found(read_json("descriptions.json"), path), None)
    if found is None:
        return None
    known = {**found}
    later = known.pop("later", {})
    for first in sorted(later, key=version):
        if version(first) <= version(release):
            known |= later[first]
    return Description(**known)


def in_words(path: tuple[str | int, ...], release: str) -> str:
    """The same in one text, for a schema; "" for None."""
    found = describe(path, release)
    if found is None or found.default is None:
        return "" if found is None else found.text
    default = found.default if isinstance(found.default, str) else json.dumps(found.default)
    return f"{found.text} Default: {default}{f' {found.unit}' * bool(found.unit)}."


def _found(node: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[dict[str, Any]]:
    """What is said of a key below a node, the most particular first."""
    keys = node.get("keys", {})
    if not path:
        yield from (node["is"],) if "is" in node else ()
    else:
        step = "[]" if isinstance(path[0], int) else path[0]
        yield from _found(keys.get(step, {}), path[1:])
    for other in node.get("like", ()):
        there = (*(0 if step == "[]" else step for step in other), *path)
        yield from _found(read_json("descriptions.json"), there)
    if path and isinstance(path[0], str):
        yield from _found(keys.get("*", {}), path[1:])


def schema_of(release: str, described: bool = True) -> dict[str, Any]:
    """The whole schema of an OpenClaw release, 2020-12, for other programs.

    Where it is ``described``, each key has its description; a definition whose keys mean different
    things at different places comes once for each. Raises FileNotFoundError for a release without
    a schema.
    """
    definitions: dict[str, Any] = {}

    def whole(part: Any, path: tuple[str | int, ...], is_key: bool = False) -> Any:
        if isinstance(part, list):
            return [whole(item, path) for item in part]
        if not isinstance(part, dict):
            return part
        out: dict[str, Any] = {}
        for key, value in part.items():
            if key in ("properties", "patternProperties"):
                names = ((name, name if key == "properties" else "*") for name in value)
                out[key] = {name: whole(value[name], (*path, step), True) for name, step in names}
            elif key in ("items", "additionalProperties"):
                out[key] = whole(value, (*path, 0 if key == "items" else "*"), True)
            elif key == "$ref":
                out[key] = f"#/$defs/{defined(value, path)}"
            elif key != "$defs":
                out[key] = whole(value, path)
        if is_key and described and (text := in_words(path, release)):
            out["description"] = text
        return out

    def defined(reference: str, path: tuple[str | int, ...]) -> str:
        name = reference.replace("#/$defs/", ".").replace("/", ".")
        if not described and name in definitions:
            return name
        body = whole(schema_part(release, reference), path)
        names = chain((name,), (f"{name}.{number}" for number in count(2)))
        free = next(one for one in names if definitions.get(one, body) == body)
        definitions[free] = body
        return free

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"openclaw-{release}",
        **whole(section("openclaw", release, "root"), ()),
        "$defs": dict(sorted(definitions.items())),
    }
