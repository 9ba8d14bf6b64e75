"""Changes of a config's keys: what they make of the texts, and the laws that hold for any."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from openclaw_config import changes
from openclaw_config.changes import Append, Merge, Operation, Ref, Set, Unset, change
from openclaw_config.syntax.nodes import Node, children, paths_of, to_value
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import KeyPath, Source
from tests.syntax.json5_texts import documents

FOLDER = Path(__file__).parents[2] / "fixtures" / "changes"
TEXTS: list[dict[str, Any]] = YAML(typ="safe").load(FOLDER / "texts.yaml")


def asked(rows: list[list[Any]]) -> list[Operation]:
    found: list[Operation] = []
    for row in rows:
        match row:
            case ["set", key, value]:
                found.append(Set(key, value))
            case ["append", key, value]:
                found.append(Append(key, value))
            case ["merge", key, value]:
                found.append(Merge(key, value))
            case ["unset", key]:
                found.append(Unset(key))
            case ["ref", key, source, name]:
                found.append(Set(key, Ref(source, name)))
            case _:
                found += changes.operations(row)
    return found


@pytest.mark.parametrize("case", TEXTS, ids=[case["it"] for case in TEXTS])
def test_texts(case: dict[str, Any]) -> None:
    before = case["before"]
    target = case.get("target", "2026.9.6")

    def made() -> changes.Changed:
        return change(
            operations=asked(case["do"]), text=before, name="openclaw.json", target=target
        )

    if "error" in case:
        with pytest.raises(changes.ChangeError) as refused:
            made()
        assert case["error"] in str(refused.value)
        return
    found = made()
    assert found.text == case.get("after", before)
    assert bool(found.texts) == ("after" in case)


# --- laws -----------------------------------------------------------------------------------------

configs = documents.map(lambda spelt: f"{{ root: {spelt[0]}\n}}")
"""Configs in any layout, with comments anywhere; none of them loads."""

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def root_of(text: str) -> Node:
    root = parse(Source(text)).root
    assert root is not None
    return root


def comments_of(text: str) -> Counter[str]:
    source = Source(text)
    return Counter(text[start:end].strip() for start, end in parse(source).comments)


def as_json(text: str) -> str:
    return json.dumps(to_value(root_of(text)), sort_keys=True)


def without_blanks(text: str) -> str:
    """A text without what nobody sees: blanks before the end of a line."""
    return re.sub(r"[ \t]+(?=[\n\r])", "", text)


@st.composite
def places(draw: st.DrawFn, text: str) -> KeyPath:
    """A value of a config that is there, below its root."""
    return draw(st.sampled_from([path for path, _ in paths_of(root_of(text)) if path]))


@given(st.data(), configs, json_values)
def test_what_is_set_is_there_and_every_comment_stays(
    data: st.DataObject, text: str, value: Any
) -> None:
    path = data.draw(places(text))
    found = change(text=text, operations=[Set(path, value)])
    there = found.get(path)
    assert there is not None
    assert json.dumps(there.value, sort_keys=True) == as_json(json.dumps(value))
    assert comments_of(found.text) == comments_of(text)
    again = change(text=found.text, operations=[Set(path, value)])
    assert again.texts == {}


@given(st.data(), configs)
def test_to_set_what_is_there_changes_nothing(data: st.DataObject, text: str) -> None:
    path = data.draw(places(text))
    there = change(text=text).get(path)
    assert there is not None
    assert change(text=text, operations=[Set(path, there.value), Merge((), {})]).texts == {}


@given(st.data(), configs, json_values)
def test_a_new_key_that_is_removed_again_gives_the_old_text(
    data: st.DataObject, text: str, value: Any
) -> None:
    containers = [path for path, node in paths_of(root_of(text)) if children(node)]
    owner = data.draw(st.sampled_from(containers))
    node = change(text=text).get(owner)
    assert node is not None
    path = (*owner, len(node.value) if isinstance(node.value, list) else "\u2042")
    set_ = change(text=text, operations=[Set(path, value)])
    again = change(text=set_.text, operations=[Unset(path)]).text
    assert without_blanks(again) == without_blanks(text)


@given(st.data(), configs)
def test_what_is_removed_is_gone_and_every_comment_stays(data: st.DataObject, text: str) -> None:
    path = data.draw(places(text))
    found = change(text=text, operations=[Unset(path)])
    assert comments_of(found.text) == comments_of(text)
    expected = to_value(root_of(text))
    owner = expected
    for step in path[:-1]:
        owner = owner[step]
    del owner[path[-1]]
    assert as_json(found.text) == json.dumps(expected, sort_keys=True)


def merged_by_the_standard(target: Any, patch: Any) -> Any:
    """MergePatch of RFC 7396, word by word."""
    if not isinstance(patch, dict):
        return patch
    found = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = merged_by_the_standard(found.get(name), value)
    return found


@given(
    st.dictionaries(st.sampled_from("abc"), json_values, max_size=3),
    st.dictionaries(st.sampled_from("abc"), json_values, max_size=3),
)
def test_a_merge_is_that_of_the_standard(target: Any, patch: Any) -> None:
    found = change(text=json.dumps(target, indent=2), operations=[Merge((), patch)])
    expected = merged_by_the_standard(target, patch)
    assert as_json(found.text) == as_json(json.dumps(expected))


@pytest.mark.parametrize("depth", [30, 300])
def test_a_deep_value_takes_no_longer_than_a_wide_one(depth: int) -> None:
    value: Any = "x"
    for _ in range(depth):
        value = [{"a": value}]
    found = change(text="{}", operations=[Set("unknown", value)])
    there = found.get("unknown")
    assert there is not None
    assert there.value == value
