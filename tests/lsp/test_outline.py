"""The symbols of a file, what can be folded, and what is shown beside and above the text."""

from __future__ import annotations

import re
from typing import Any

import pytest

from openclaw_config.diagnostics.model import Edit
from openclaw_config.lsp.complete import complete
from openclaw_config.lsp.hints import hints, lenses
from openclaw_config.lsp.navigate import Symbol, folds, symbols
from openclaw_config.syntax.edits import apply
from openclaw_config.syntax.text import Span
from tests.lsp.cases import cases, opened


def lines(found: tuple[Symbol, ...], indent: str = "") -> str:
    return "".join(
        f"{indent}{one.name}{' ' * bool(one.detail)}{one.detail}\n"
        f"{lines(one.children, indent + '  ')}"
        for one in found
    )


@pytest.mark.parametrize("case", cases("outline"), ids=lambda case: case["it"])
def test_an_outline(case: dict[str, Any]) -> None:
    file = opened(case["text"])
    assert lines(symbols(file)) == case["symbols"]
    found = sorted(tuple(file.source.position(at).line for at in one.span) for one in folds(file))
    assert [f"{first}-{last}" for first, last in found] == case["folds"]


def test_a_symbol_holds_its_name_and_all_that_is_below_it() -> None:
    waiting = [*symbols(opened('{ a: { "b": [1, { c: 2 }] }, d'))]
    while waiting:
        one = waiting.pop()
        assert one.span.start <= one.name_span.start <= one.name_span.end <= one.span.end
        waiting += one.children


def test_an_outline_has_an_end() -> None:
    assert "[0]" in lines(symbols(opened("[" * 900 + "]" * 900)))


@pytest.mark.parametrize("case", cases("hints"), ids=lambda case: case["it"])
def test_what_is_shown_beside_and_above(case: dict[str, Any]) -> None:
    file = opened(re.sub("⟦.*?⟧", "", case["shows"]), str(case.get("target", "")))
    text = file.source.text
    shown = [Edit(Span(one.offset, one.offset), f"⟦{one.text}⟧") for one in hints(file)]
    assert apply(text, shown) == case["shows"]
    above = [f"{text[slice(*one.span)]}: {one.text}" for one in lenses(file)]
    cut = [
        line[: len(want) - 1] + "…" if want.endswith("…") else line
        for line, want in zip(above, case["lenses"], strict=True)
    ]
    assert cut == case["lenses"]


def test_what_looks_like_a_key_is_not_shown() -> None:
    key = "sk-or-v1-0123456789abcdef0123456789abcdef"
    for model in f'"{key}"', f'{{ primary: "openrouter/auto", fallbacks: ["x/{key}"] }}':
        file = opened(f"{{ agents: {{ defaults: {{ model: {model} }} }} }}")
        assert key not in f"{[*hints(file)]}{[*lenses(file)]}{symbols(file)}"


def test_a_key_that_an_alias_stands_for_is_not_shown() -> None:
    key = "sk-or-v1-0123456789abcdef0123456789abcdef"
    entries = f'models: {{ "openrouter/{key}": {{ alias: "f" }} }}'
    text = f'{{ agents: {{ defaults: {{ {entries}, model: "f" }} }} }}'
    file = opened(text)
    offered = [f"{one.label} {one.detail}" for one in complete(file, text.rindex('f"'))]
    shown = f"{[*hints(file)]}{[*lenses(file)]}{[one.detail for one in symbols(file)]}{offered}"
    assert key not in shown
