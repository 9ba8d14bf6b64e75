"""Values to judge: drawn from the schema, nearly right ones, and wrong ones."""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import strategies as st

from openclaw_config.validation.schema import Shape, openclaw_shape
from tests.conformance import loads
from tests.support import OLDEST

_DEPTH = 7
_WORDS = (
    "",
    "x",
    "auto",
    "openrouter/auto",
    "30m",
    "10mb",
    "#0066cc",
    "/a",
    "https://a.test",
    "A_B",
)
_FOLDER = os.path.join(os.path.dirname(__file__), "..", "..", "fixtures", "conformance")

# Signs that UTF-16 keeps in one unit: JavaScript counts the others twice.
texts = st.text(st.characters(max_codepoint=0xD7FF), max_size=6)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-2, 200_000)
    | st.floats(-10, 10, allow_nan=False)
    | st.sampled_from(_WORDS)
    | texts
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def of_shape(draw: st.DrawFn, shape: Shape | None = None, depth: int = 0) -> Any:
    """A value that has a shape more often than not; now and then a part of it is something else."""
    if shape is None:
        shape = openclaw_shape(OLDEST)
    if depth > _DEPTH or draw(st.integers(0, 30)) == 0:
        return draw(anything)
    if shape.values:
        return draw(st.sampled_from(shape.values))
    if shape.any_of:
        return draw(of_shape(draw(st.sampled_from(shape.any_of)), depth + 1))
    kind = draw(st.sampled_from(sorted(shape.kinds))) if shape.kinds else "object"
    if kind == "object":
        return draw(_objects(shape, depth))
    if kind == "array":
        inner = shape.items
        least = shape.sizes["array"][0]
        size = draw(st.integers(least, least + 2))
        return [draw(of_shape(inner, depth + 1)) if inner else draw(anything) for _ in range(size)]
    if kind == "number":
        return draw(st.integers(0, 130_000) if shape.integer else st.floats(0, 1000))
    if kind == "string":
        return draw(st.sampled_from(_WORDS) | texts)
    return draw(st.booleans()) if kind == "boolean" else None


@st.composite
def _objects(draw: st.DrawFn, shape: Shape, depth: int) -> dict[str, Any]:
    names = list(shape.required)
    parts = [shape, *shape.all_of]
    known = [name for part in parts for name in part.keys if name not in names]
    if known:
        names += draw(st.lists(st.sampled_from(known), max_size=4 if depth else 3, unique=True))
    made: dict[str, Any] = {}
    for name in names:
        inner = next((found for part in parts if (found := part.of_key(name))), None)
        made[name] = draw(of_shape(inner, depth + 1)) if inner else draw(anything)
    if shape.additional is not None:
        for name in draw(
            st.lists(st.sampled_from(("a", "b-1", "C 2", "openrouter")), max_size=2, unique=True)
        ):
            made[name] = draw(of_shape(shape.additional, depth + 1))
    elif draw(st.integers(0, 20)) == 0:
        made[draw(texts)] = draw(anything)
    return made


def recorded() -> list[Any]:
    """The values of recorded configs that are plain JSON."""
    found = []
    for case in loads.cases(os.path.join(_FOLDER, "generated.ndjson")):
        try:
            found.append(json.loads(case["text"]))
        except ValueError:
            continue
    return found


RECORDED = recorded()


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A recorded config with a few of its values, keys or items changed."""
    value = json.loads(json.dumps(draw(st.sampled_from(RECORDED))))
    for _ in range(draw(st.integers(1, 4))):
        places = [item for item in _containers(value) if item]
        if not places:
            break
        place = draw(st.sampled_from(places))
        if isinstance(place, list):
            place[draw(st.integers(0, len(place) - 1))] = draw(anything)
            continue
        key = draw(st.sampled_from(sorted(place)))
        change = draw(st.integers(0, 3))
        if change == 0:
            place[key] = draw(anything)
        elif change == 1:
            del place[key]
        elif change == 2:
            place[key + draw(st.sampled_from(("s", "X", " ")))] = place.pop(key)
        else:
            place[draw(st.sampled_from(("enabled", "model", "id", "apiKey", "type")))] = draw(
                scalars
            )
    return value


def _containers(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value, *(inner for item in value.values() for inner in _containers(item))]
    if isinstance(value, list):
        return [value, *(inner for item in value for inner in _containers(item))]
    return []
