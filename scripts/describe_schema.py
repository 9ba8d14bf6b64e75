"""The descriptions of keys, from ``schema/descriptions/*.yaml`` to one file that the tool reads.

A YAML file has groups by a key path, ``*`` any key and ``[]`` any item: ``.`` is the group's own
key, the others stand below it. What is said of a key is a text, or ``text`` with ``default``,
``unit``, and under ``later`` what a release and those after it have otherwise. ``like`` says of a
key path which other one describes all that stands at it and below, where it has no text of its own.
"""

from __future__ import annotations

import os
import re
from typing import Any

from ruamel.yaml import YAML

from openclaw_config.diagnostics.masking import masked
from openclaw_config.targets import releases
from openclaw_config.validation.schema import Shape, openclaw_shape

_UNITS = "ms s min h days bytes MB tokens characters lines pages pixels percent Hz"
UNITS = frozenset(_UNITS.split())
"""The units of numbers."""

REF = "<SecretRef>"
"""Where the keys of a SecretRef are described; every described place of a secret is like it."""

_FIELDS = {"text", "default", "unit", "later"}


def steps_of(path: str) -> tuple[str, ...]:
    """The steps of a key path as the YAML files write it; a step may be in quotes."""
    found = re.findall(r'"([^"]*)"|([^.\[\]"]+)|(\[\])', path)
    return tuple(quoted or name or item for quoted, name, item in found)


def inner(shape: Shape, step: str) -> list[Shape]:
    """The shapes that a step of a pattern leads to, through unions."""
    found: list[Shape | None] = []
    for part in (shape, *shape.any_of, *shape.all_of):
        if step == "[]":
            found += [part.items, *part.prefix_items]
        elif step == "*":
            found += [part.additional, *map(part.of_key, part.keys), *part.of_pattern("x")]
        else:
            found.append(part.of_key(step) or part.additional)
        if part is not shape:
            found += [one for deeper in (*part.any_of, *part.all_of) for one in inner(deeper, step)]
    return [one for one in found if one is not None]


def shapes_at(steps: tuple[str, ...], release: str) -> list[Shape]:
    """The shapes of a release at a pattern of key paths; none where it knows no such key."""
    shapes = [openclaw_shape(release)]
    for step in steps:
        shapes = list({id(one): one for shape in shapes for one in inner(shape, step)}.values())
    return shapes


def read(folder: str) -> tuple[dict[tuple[str, ...], dict[str, Any]], dict[tuple[str, ...], str]]:
    """What the YAML files say of keys, and which are like which others.

    Raises ValueError for a wrong or repeated entry.
    """
    yaml = YAML(typ="safe", pure=True)
    texts: dict[tuple[str, ...], dict[str, Any]] = {}
    likes: dict[tuple[str, ...], str] = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            groups = yaml.load(file)
        for path, other in groups.pop("like", {}).items():
            likes[steps_of(path)] = other
        for group, entries in groups.items():
            for below, said in entries.items():
                steps = (*steps_of(group), *(() if below == "." else steps_of(below)))
                entry = {"text": said} if isinstance(said, str) else said
                _hold(f"{name}: {group} {below}", entry)
                if steps in texts:
                    raise ValueError(f"{name}: {group} {below} is described twice")
                texts[steps] = entry
    return texts, likes


def _hold(where: str, entry: dict[str, Any]) -> None:
    later = entry.get("later", {})
    text = entry.get("text", "")
    wrong = [
        *(f"it has {key}" for key in entry.keys() - _FIELDS),
        *(f"there is no release {release}" for release in later if release not in releases()),
        *(["its text is no sentence"] * (not text.endswith(".") or text != text.strip())),
        *(["its text shows a secret"] * (masked(text) != text)),
    ]
    for one in (entry, *later.values()):
        if one.get("unit", "ms") not in UNITS:
            wrong.append(f"{one['unit']} is no unit")
    if wrong:
        raise ValueError(f"{where}: {', '.join(wrong)}")


def built(folder: str) -> dict[str, Any]:
    """The tree that ``openclaw_config.descriptions`` reads.

    Raises ValueError for a wrong entry, and for a key that no release has.
    """
    texts, likes = read(folder)
    tree: dict[str, Any] = {}

    def node(steps: tuple[str, ...]) -> dict[str, Any]:
        found = tree
        for step in steps:
            found = found.setdefault("keys", {}).setdefault(step, {})
        return found

    order = [releases()[-1], *releases()[:-1]]
    for steps, entry in (*texts.items(), *((steps, None) for steps in likes)):
        shapes = next(filter(None, (shapes_at(steps, release) for release in order)), [])
        if not shapes and steps[0] != REF:
            raise ValueError(f"no release has the key {'.'.join(steps)}")
        if entry is not None:
            node(steps)["is"] = entry
        if any(one.secret and inner(one, "source") for one in shapes):
            node(steps).setdefault("like", []).append([REF])
    for steps, other in likes.items():
        node(steps).setdefault("like", []).append(steps_of(other))
    return tree
