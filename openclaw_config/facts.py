"""The way to the data files of ``schema/``.

In a wheel they lie inside the package, in a clone or an editable install beside it. They are read
by path and not through ``importlib.resources``, whose import alone costs more than twice a bare
interpreter's start (measured: 24 ms against 11 ms), which a hook would pay on every commit.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

Record = TypeVar("Record")

_HERE = os.path.dirname(os.path.abspath(__file__))


@lru_cache(maxsize=1)
def folder() -> str:
    """The absolute path of the data files.

    Raises FileNotFoundError when the installation lacks them.
    """
    for place in (_HERE, os.path.dirname(_HERE)):
        candidate = os.path.join(place, "schema")
        if os.path.isdir(candidate):
            return candidate
    raise FileNotFoundError("this installation of openclaw-config lacks its schema/ folder")


def read_text(name: str) -> str:
    """The text of one data file; ``name`` is relative to ``schema/``."""
    with open(os.path.join(folder(), *name.split("/")), encoding="utf-8") as file:
        return file.read()


@lru_cache(maxsize=256)
def read_json(name: str) -> Any:
    """The value of one JSON data file. Shared between callers: never change it."""
    return json.loads(read_text(name))


@lru_cache(maxsize=256)
def section(where: str, release: str, name: str) -> Any:
    """One section of a release's data, as the folder ``schema/<where>`` has it.

    A section has a file for each release that changed it. The value is shared: never change it.
    Raises FileNotFoundError for a release without data, KeyError for a section that there is not.
    """
    order: list[str] = read_json("openclaw/index.json")["releases"]
    if release not in order:
        raise FileNotFoundError(f"there are no data of OpenClaw {release}")
    until = set(order[: order.index(release) + 1])
    form = [own for own in read_json(f"{where}/index.json")["sections"][name] if own in until][-1]
    return read_json(f"{where}/{name}/{form}.json")


def camel_case(name: str) -> str:
    """A field's name as data files, plans and answers write it."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def record(kind: type[Record], row: Mapping[str, Any], **more: Any) -> Record:
    """A row as a NamedTuple: its lists as tuples, its objects as pairs, what it lacks as usual."""
    keys = {name: camel_case(name) for name in kind._fields}  # type: ignore[attr-defined]
    given = {name: _frozen(row[key]) for name, key in keys.items() if key in row}
    return kind(**{**given, **more})


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((key, _frozen(item)) for key, item in value.items())
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def schema_part(release: str, reference: str) -> dict[str, Any]:
    """What a ``$ref`` of a release's schema leads to: a section, or a definition of one."""
    name, _, pointer = reference.partition("#")
    whole = section("openclaw", release, name)
    part: dict[str, Any] = whole["$defs"][pointer.rpartition("/")[2]] if pointer else whole
    return part
