"""The supported value that OpenClaw takes: VID-30, VID-31, VID-33, IMG-12 to IMG-14.

The cases are in ``fixtures/capabilities/nearest.json``; below them stand the laws.
"""

from __future__ import annotations

import json
import math
import os
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from openclaw_config.capabilities import lookup
from openclaw_config.capabilities.nearest import (
    nearest_duration,
    nearest_ratio,
    nearest_ratio_of_size,
    nearest_resolution,
    rounded_duration,
)

CASES = os.path.join(os.path.dirname(__file__), "..", "..", "fixtures", "capabilities")


def cases(group: str) -> list[Any]:
    with open(os.path.join(CASES, "nearest.json"), encoding="utf-8") as file:
        rows = json.load(file)[group]
    return [
        pytest.param(row, id=f"{row['rule']}-{row['requested']}-{position}")
        for position, row in enumerate(rows)
    ]


@pytest.mark.parametrize("case", cases("durations"))
def test_duration(case: dict[str, Any]) -> None:
    assert nearest_duration(case["requested"], case["values"]) == case["nearest"]


@pytest.mark.parametrize("case", cases("ratios"))
def test_ratio(case: dict[str, Any]) -> None:
    assert nearest_ratio(case["requested"], case["values"]) == case["nearest"]


@pytest.mark.parametrize("case", cases("sizes"))
def test_ratio_of_a_size(case: dict[str, Any]) -> None:
    mode = lookup.image("openrouter", "google/gemini-3-pro-image-preview", "generate")
    assert mode is not None
    assert mode.aspect_ratios is not None
    assert nearest_ratio_of_size(case["requested"], mode.aspect_ratios) == case["nearest"]


@pytest.mark.parametrize("case", cases("resolutions"))
def test_resolution(case: dict[str, Any]) -> None:
    assert nearest_resolution(case["requested"], case["values"]) == case["nearest"]


# --- laws -------------------------------------------------------------------------------------

seconds = st.lists(st.integers(1, 300), min_size=1, max_size=8, unique=True)
requests = st.one_of(st.integers(-100, 1000), st.floats(-100, 1000))
parts = st.integers(1, 100)
ratios = st.builds("{}:{}".format, parts, parts)


def ratio(text: str) -> Fraction:
    width, height = text.split(":")
    return Fraction(width) / Fraction(height)


@given(requests, seconds)
def test_no_supported_duration_is_nearer(requested: float, values: list[int]) -> None:
    found = nearest_duration(requested, values)
    wanted = rounded_duration(requested)
    assert found in values
    assert wanted is not None
    assert all(abs(found - wanted) <= abs(value - wanted) for value in values)
    tied = [value for value in values if abs(value - wanted) == abs(found - wanted)]
    assert found == max(tied)


@given(seconds)
def test_a_supported_duration_is_kept(values: list[int]) -> None:
    assert all(nearest_duration(value, values) == value for value in values)


@given(requests, seconds, st.randoms())
def test_the_order_of_durations_does_not_matter(
    requested: float, values: list[int], random: Any
) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)
    assert nearest_duration(requested, shuffled) == nearest_duration(requested, values)


@given(st.floats(-100, 1000))
def test_rounding_is_half_upwards_and_at_least_one(requested: float) -> None:
    expected = max(1, math.floor(Fraction(requested) + Fraction(1, 2)))
    assert rounded_duration(requested) == expected


@pytest.mark.parametrize("requested", [math.nan, math.inf, -math.inf])
def test_a_duration_that_is_no_number_is_left_out(requested: float) -> None:
    assert nearest_duration(requested, [4, 6, 8]) is None


@given(ratios, st.lists(ratios, min_size=1, max_size=8))
def test_no_supported_ratio_is_nearer(requested: str, values: list[str]) -> None:
    found = nearest_ratio(requested, values)
    assert found in values

    def distance(text: str) -> Fraction:
        quotient = ratio(text) / ratio(requested)
        return max(quotient, 1 / quotient)

    assert all(distance(found) <= distance(value) for value in values)


@given(ratios, st.lists(ratios, min_size=1, max_size=8), st.randoms())
def test_the_order_of_ratios_does_not_matter(
    requested: str, values: list[str], random: Any
) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)
    assert nearest_ratio(requested, shuffled) == nearest_ratio(requested, values)


@given(parts, parts, st.lists(ratios, min_size=1, max_size=8))
def test_a_decimal_ratio_is_read_as_its_value(width: int, height: int, values: list[str]) -> None:
    whole, decimal = f"{width * 10}:{height * 10}", f"{width}.0:{height}.0"
    assume(whole not in values and decimal not in values)
    assert nearest_ratio(decimal, values) == nearest_ratio(whole, values)


@given(parts, parts, st.integers(1, 50))
def test_a_size_counts_by_its_proportions(width: int, height: int, factor: int) -> None:
    values = ["1:1", "16:9", "9:16", "4:3"]
    assert nearest_ratio_of_size(f"{width}x{height}", values) == nearest_ratio_of_size(
        f"{width * factor}x{height * factor}", values
    )


@given(st.text(), st.lists(st.text(), max_size=4))
def test_any_text_gives_a_supported_value_or_none(requested: str, values: list[str]) -> None:
    for nearest in (nearest_ratio, nearest_ratio_of_size, nearest_resolution):
        found = nearest(requested, values)
        assert found is None or found in values
