"""Text of values, in the style of a file."""

from __future__ import annotations

import json
import math
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.spans import Source
from openclaw_config.syntax.values import to_value
from openclaw_config.syntax.writer import PLAIN, Style, style_of, write

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False), st.text()
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=10,
)
STYLES = st.builds(
    Style,
    indent=st.sampled_from(["  ", "\t", ""]),
    quote=st.sampled_from("\"'"),
    bare_keys=st.booleans(),
    trailing_commas=st.booleans(),
    line_end=st.sampled_from(["\n", "\r\n"]),
)


def read(text: str) -> Any:
    tree = parse(Source(text))
    assert tree.errors == ()
    assert tree.root is not None
    return to_value(tree.root)


@given(VALUES, STYLES, st.booleans())
def test_what_is_written_is_read_as_the_same_value(
    value: Any, style: Style, one_line: bool
) -> None:
    text = write(value, style, one_line=one_line)
    assert read(text) == value
    if one_line:
        assert "\n" not in text


@given(VALUES)
def test_the_plain_style_is_json(value: Any) -> None:
    if "Infinity" not in (text := write(value)):
        assert json.loads(text) == value


@given(st.text(st.characters(), max_size=20))
def test_a_string_is_one_line_that_can_be_encoded_and_seen(value: str) -> None:
    text = write(value)
    assert text.encode().decode() == text
    assert len(text.splitlines()) == 1
    assert not {unicodedata.category(character) for character in text} & {"Cc", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (0.5, "0.5"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.nan, "NaN"),
        ("it's", '"it\'s"'),
        ('say "hi"\n', '"say \\"hi\\"\\n"'),
        ("\u2028\ud83e", '"\\u2028\\ud83e"'),
        ([], "[]"),
        ({}, "{}"),
        ([1, "a"], '[1, "a"]'),
        ({"a": 1}, '{\n  "a": 1\n}'),
        ([{"a": 1}], '[\n  {\n    "a": 1\n  }\n]'),
    ],
)
def test_values(value: Any, text: str) -> None:
    assert write(value) == text


def test_a_long_array_gets_a_line_for_each_item() -> None:
    assert write(["a" * 50, "b" * 50]) == f'[\n  "{"a" * 50}",\n  "{"b" * 50}"\n]'


def test_a_value_that_json5_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes"):
        write({"a": b""})


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("{}", PLAIN),
        ('{\n  "a": 1\n}', PLAIN),
        ("{\n\ta: 'x',\n}", Style("\t", "'", True, True)),
        ("{\r\n    'a': 1,\r\n    'b': { c: 1 }\r\n}", Style("    ", "'", False, False, "\r\n")),
        ("[\n  {\n    a: 1,\n  },\n]", Style("  ", '"', True, True)),
        ("{ a: 1 }", Style(bare_keys=True)),
    ],
)
def test_the_style_of_a_file(text: str, style: Style) -> None:
    assert style_of(parse(Source(text))) == style
