"""Which word was probably meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.validation.suggest import nearest, plain

KEYS = ["primary", "fallbacks", "timeoutMs", "baseUrl", "apiKey", "enabled", "port", "bind"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("primry", "primary"),
        ("pirmary", "primary"),  # two letters swapped
        ("primaryy", "primary"),
        ("Primary", "primary"),
        ("base_url", "baseUrl"),
        ("base-URL", "baseUrl"),
        (" apiKey ", "apiKey"),
        ("fallback", "fallbacks"),
        ("timeout", "timeoutMs"),  # the beginning of one only
        ("enable", "enabled"),
        ("prot", "port"),
        ("pxyz", None),
        ("x", None),
        ("", None),
        ("completely-different", None),
        ("p" * 1000, None),
    ],
)
def test_nearest(written: str, meant: str | None) -> None:
    assert nearest(written, KEYS) == meant


def test_what_differs_in_case_only_comes_before_what_differs_in_a_letter() -> None:
    assert nearest("Bind", ["kind", "bind"]) == "bind"


def test_a_beginning_that_two_words_share_suggests_neither() -> None:
    assert nearest("time", ["timeoutMs", "timezone"]) is None


@given(st.text(max_size=12), st.lists(st.text(min_size=1, max_size=12), max_size=6))
def test_only_what_is_offered_is_suggested(word: str, options: list[str]) -> None:
    found = nearest(word, options)
    assert found is None or found in options


@given(st.text(min_size=1, max_size=12), st.lists(st.text(min_size=1, max_size=12), max_size=6))
def test_a_word_that_exists_is_found(word: str, others: list[str]) -> None:
    if plain(word):
        found = nearest(word, [*others, word])
        assert found is not None
        assert plain(found) == plain(word)


@given(st.sampled_from(KEYS), st.integers(0, 20), st.sampled_from("qzx"))
def test_one_letter_too_many_is_a_slip(word: str, at: int, letter: str) -> None:
    at %= len(word) + 1
    assert nearest(word[:at] + letter + word[at:], KEYS) == word


def test_of_very_many_options_only_the_first_are_looked_at() -> None:
    many = [f"name-{number}" for number in range(1000)]
    assert nearest("primry", ["primary", *many]) == "primary"
    assert nearest("primry", [*many, "primary"]) is None
