"""Every form of a template (docs/plan.md, "Templates")."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.runtime.errors import CallError
from openclaw_config.runtime.inputs import Input
from openclaw_config.runtime.template import ABSENT, Filler

URL = Input(url="https://a/1", place="first")
BYTES = Input(data=b"\0", mime="image/webp", place="last")


def fill(
    template: Any, values: Any = None, images: tuple[Input, ...] = (), facts: Any = None
) -> Any:
    return Filler(values or {}, {"images": images}, facts or {}).fill(template)


def slot(**form: Any) -> dict[str, Any]:
    return {"$slot": {"parameter": "p", **form}}


@pytest.mark.parametrize(
    ("template", "values", "expected"),
    [
        (slot(), {"p": 1}, 1),
        (slot(), {}, ABSENT),
        (slot(default=2), {}, 2),
        (slot(default={"$fact": "most"}), {}, 10),
        (slot(type="number"), {"p": "1"}, ABSENT),
        (slot(type="number"), {"p": True}, ABSENT),
        (slot(type="number", default=3), {"p": "1"}, 3),
        (slot(type="flag"), {"p": False}, False),
        (slot(type="object"), {"p": {"a": 1}}, {"a": 1}),
        (slot(trim=True), {"p": " a "}, "a"),
        (slot(trim=True), {"p": "  "}, ABSENT),
        (slot(case="lower"), {"p": "720P"}, "720p"),
        (slot(case="upper"), {"p": "1k"}, "1K"),
        (slot(truncate=True), {"p": 42.9}, 42),
        (slot(truncate=True), {"p": -42.9}, -42),
        (slot(omit=0, default=5), {"p": 0}, ABSENT),
        (slot(omit=0, default=0), {}, ABSENT),
        (slot(omit=0, default=5), {}, 5),
        ({"$slot": {"parameter": "o/a"}}, {"o": {"a": 7}}, 7),
        ({"$slot": {"parameter": "o/a"}}, {"o": {}}, ABSENT),
        ({"$slot": {"parameter": "o/a"}}, {"o": 7}, ABSENT),
        ({"$fact": "most", "most": 3}, {}, 3),
        ({"$fact": "most", "most": 30}, {}, 10),
        ({"$fact": "nothing"}, {}, ABSENT),
        ({"$literal": {"$slot": {"parameter": "p"}}}, {"p": 1}, {"$slot": {"parameter": "p"}}),
        ({"$nonEmpty": {"a": slot()}}, {}, ABSENT),
        ({"$nonEmpty": {"a": slot()}}, {"p": 1}, {"a": 1}),
        ({"a": slot(), "b": [slot(), 2]}, {}, {"b": [2]}),
        ({"a": {"b": {}}}, {}, {"a": {"b": {}}}),
        ({"$if": "images", "then": 1, "else": 2}, {}, 2),
        ({"$if": "images", "then": 1}, {}, ABSENT),
        ({"$text": ["a", slot(), "b"], "between": "-"}, {}, "a-b"),
        ({"$text": ["a", ["about ", slot(), " s"]], "between": "-"}, {"p": 5}, "a-about 5 s"),
        ({"$text": ["a", ["about ", slot(), " s"]], "between": "-"}, {}, "a"),
    ],
)
def test_forms(template: Any, values: Any, expected: Any) -> None:
    assert fill(template, values, facts={"most": 10}) == expected


def test_a_required_slot_must_be_filled() -> None:
    assert fill(slot(required=True), {"p": ""}) == ""
    with pytest.raises(CallError) as caught:
        fill({"prompt": slot(required=True)})
    assert caught.value.argument == "p"


def test_each_input() -> None:
    each = {"$each": "images", "item": {"url": {"$item": "url"}, "at": {"$item": "place"}}}
    assert fill(each) is ABSENT
    assert fill(each, images=(URL, BYTES)) == [
        {"url": "https://a/1", "at": "first"},
        {"url": "data:image/webp;base64,AA==", "at": "last"},
    ]
    assert fill({**each, "places": ["last"]}, images=(URL,)) is ABSENT
    assert fill(["text", each], images=(URL,)) == ["text", {"url": "https://a/1", "at": "first"}]


def test_bytes_are_needed_where_data_is_asked_for() -> None:
    each = {"$each": "images", "item": {"$item": "data"}}
    assert fill(each, images=(BYTES,)) == ["data:image/webp;base64,AA=="]
    with pytest.raises(CallError):
        fill(each, images=(URL,))
    with pytest.raises(CallError):
        fill({"$item": "url"})


def test_choosing_by_a_fact() -> None:
    tables = {"true": {"low": {"effort": "low"}, "off": {"effort": "none"}}, "false": {}}
    choose = {"$choose": "thinking", "by": "reasoning", "tables": tables,
              "defaults": {"true": "off", "false": "off"}}  # fmt: skip
    assert fill(choose, {"thinking": "low"}, facts={"reasoning": True}) == {"effort": "low"}
    assert fill(choose, facts={"reasoning": True}) == {"effort": "none"}
    assert fill(choose, {"thinking": "low"}, facts={"reasoning": False}) is ABSENT


def test_merging_comes_last_and_leaves_out_what_it_must() -> None:
    merge = {"$slot": {"parameter": "p"}, "without": ["store"]}
    body = {"a": 1, "$merge": merge, "b": 2}
    assert fill(body, {"p": {"a": 9, "c": 3, "store": True}}) == {"a": 9, "b": 2, "c": 3}
    assert fill(body) == {"a": 1, "b": 2}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text().filter(lambda k: k[:1] != "$"), inner)
    ),
)


@given(JSON)
def test_what_holds_no_form_stands_for_itself(value: Any) -> None:
    assert fill(value) == value
    assert fill({"$literal": value}) == value
