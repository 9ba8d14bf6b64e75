"""Plain values, as JavaScript would hold them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.syntax.nodes import is_index, key_order, to_value
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source


@pytest.mark.parametrize("key", ["0", "1", "10", "4294967294"])
def test_array_indexes(key: str) -> None:
    assert is_index(key)


@pytest.mark.parametrize("key", ["", "00", "01", "-1", "1.0", " 1", "4294967295", "९", "a"])
def test_other_keys(key: str) -> None:
    assert not is_index(key)


def test_indexes_come_first_and_rise() -> None:
    root = parse(Source("{ b: 1, '10': 2, a: 3, '9': 4, '01': 5, '10': 6 }")).root
    assert root is not None
    assert list(to_value(root).items()) == [("9", 4), ("10", 6), ("b", 1), ("a", 3), ("01", 5)]


@given(st.lists(st.one_of(st.integers(0, 30).map(str), st.text(max_size=3)), unique=True))
def test_the_order_of_keys(keys: list[str]) -> None:
    ordered = key_order(keys)
    indexes = [int(key) for key in ordered if is_index(key)]
    assert sorted(ordered) == sorted(keys)
    assert indexes == sorted(indexes)
    assert all(is_index(key) for key in ordered[: len(indexes)])
    assert ordered[len(indexes) :] == [key for key in keys if not is_index(key)]
