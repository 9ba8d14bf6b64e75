"""``schema/names.json``: which names stand where."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest

from openclaw_config.facts import read_json
from openclaw_config.lsp import places
from openclaw_config.targets import releases
from openclaw_config.validation.schema import Shape, openclaw_shape

APART = ("channels", "plugins")
"""Sections whose keys are of channels and plugins: far too many to walk here."""


def ways(shape: Shape, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The places of a schema, ``x`` being a key of the author's own."""
    if path[:1] in {(name,) for name in APART} and len(path) > 4:
        return
    yield ".".join(path)
    for key in shape.keys:
        inner = shape.of_key(key)
        if inner is not None and not inner.old:
            yield from ways(inner, (*path, key))
    for step, part in ("x", shape.additional), ("#", shape.items):
        if part is not None:
            yield from ways(part, (*path, step))
    for branch in (*shape.any_of, *shape.all_of):
        yield from ways(branch, path)


@pytest.fixture(scope="module")
def known() -> set[str]:
    return {way for name in (releases()[0], releases()[-1]) for way in ways(openclaw_shape(name))}


@pytest.mark.parametrize("part", ["values", "keys"])
def test_every_pattern_leads_somewhere(known: set[str], part: str) -> None:
    rows = read_json("names.json")[part]
    assert [row for row in rows if not any(fnmatchcase(way, row) for way in known)] == []


def test_every_kind_is_one() -> None:
    kinds = {
        value for name, value in vars(places).items() if name.isupper() and isinstance(value, str)
    }
    for part in "values", "keys":
        assert set(read_json("names.json")[part].values()) <= kinds | {*places.MEDIA, ""}


def test_the_first_pattern_counts() -> None:
    assert places.kind_at(("agents", "defaults", "model", "fallbacks", 3)) == places.CHAT
    assert places.kind_at(("tools", "agentToAgent", "allow", 0)) == places.AGENT
    assert places.kind_at(("tools", "allow", 0)) == places.TOOL
    assert places.kind_at(("gateway", "port")) == ""
    assert places.kind_at(("plugins", "entries"), "keys") == places.PLUGIN
