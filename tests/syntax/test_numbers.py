"""Numbers are the doubles of JavaScript, whatever their spelling (LOAD-10)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.syntax.nodes import NumberNode
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source


def number(text: str) -> int | float:
    tree = parse(Source(text))
    assert tree.errors == ()
    assert isinstance(tree.root, NumberNode)
    return tree.root.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("180000", 180000),
        ("+1", 1),
        ("-1", -1),
        (".5", 0.5),
        ("5.", 5),
        ("-5.", -5),
        ("5.e3", 5000),
        ("1E+2", 100),
        ("5e-3", 0.005),
        ("0x1F", 31),
        ("-0XfF", -255),
        ("1e3", 1000),
        ("9007199254740992", 2**53),
        ("9007199254740993", 2**53),
        ("0x20000000000001", 2**53),
        ("1e400", math.inf),
        ("-1e400", -math.inf),
        ("1e-400", 0),
        ("4.9e-324", 5e-324),
        ("+Infinity", math.inf),
        ("-Infinity", -math.inf),
        ("0x" + "f" * 300, math.inf),
        ("9" * 400, math.inf),
        ("1e" + "9" * 1000, math.inf),
    ],
)
def test_values(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["NaN", "+NaN", "-NaN"])
def test_not_a_number(text: str) -> None:
    assert math.isnan(number(text))


@pytest.mark.parametrize("text", ["-0", "-0.0", "-0x0", "-.0e5", "-1e-400"])
def test_minus_zero_is_kept(text: str) -> None:
    value = number(text)
    assert isinstance(value, float)
    assert (value, math.copysign(1, value)) == (0, -1)


@given(st.integers())
def test_whole_numbers_are_ints_as_far_as_doubles_hold_them(value: int) -> None:
    read = number(str(value))
    assert read == float(value)
    assert isinstance(read, int) == (abs(read) <= 2**53)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_is_read_back_from_its_own_spelling(value: float) -> None:
    assert number(repr(value)) == value
    assert math.copysign(1, number(repr(value))) == math.copysign(1, value)


@given(st.integers(0, 2**80))
def test_hexadecimal_numbers_are_rounded_like_others(value: int) -> None:
    assert number(hex(value)) == float(value)
