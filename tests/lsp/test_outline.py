"""The symbols of a file, what can be folded, and what is shown beside and above the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from lsprotocol import types

from openclaw_config.diagnostics.model import Edit
from openclaw_config.lsp.complete import complete
from openclaw_config.lsp.hints import hints, lenses
from openclaw_config.lsp.navigate import folds, symbols
from openclaw_config.syntax.edits import apply
from openclaw_config.syntax.text import Span
from tests.lsp.cases import cases, offset_of, opened, span_of


def lines(found: Sequence[types.DocumentSymbol], indent: str = "") -> str:
    return "".join(
        f"{indent}{one.name}{' ' * bool(one.detail)}{one.detail or ''}\n"
        f"{lines(one.children or (), indent + '  ')}"
        for one in found
    )


@pytest.mark.parametrize("case", cases("outline"), ids=lambda case: case["it"])
def test_an_outline(case: dict[str, Any]) -> None:
    file = opened(case["text"])
    assert lines(symbols(file)) == case["symbols"]
    found = sorted((one.start_line + 1, one.end_line + 1) for one in folds(file))
    assert [f"{first}-{last}" for first, last in found] == case["folds"]


def test_a_symbol_holds_its_name_and_all_that_is_below_it() -> None:
    file = opened('{ a: { "b": [1, { c: 2 }] }, d')
    waiting = symbols(file)
    while waiting:
        one = waiting.pop()
        (start, end), name = (span_of(file.source, it) for it in (one.range, one.selection_range))
        assert start <= name.start <= name.end <= end
        waiting += one.children or ()


def test_an_outline_has_an_end() -> None:
    assert "[0]" in lines(symbols(opened("[" * 900 + "]" * 900)))


@pytest.mark.parametrize("case", cases("hints"), ids=lambda case: case["it"])
def test_what_is_shown_beside_and_above(case: dict[str, Any]) -> None:
    file = opened(re.sub("⟦.*?⟧", "", case["shows"]), str(case.get("target", "")))
    text = file.source.text
    beside = [(offset_of(file.source, one.position), one.label) for one in hints(file)]
    assert apply(text, [Edit(Span(at, at), f"⟦{it}⟧") for at, it in beside]) == case["shows"]
    above = [
        f"{text[slice(*span_of(file.source, one.range))]}: {one.command.title}"
        for one in lenses(file)
        if one.command
    ]
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
    offered = [f"{one.label} {one.detail}" for one in complete(file, text.rindex('f"')).items]
    shown = f"{[*hints(file)]}{[*lenses(file)]}{[one.detail for one in symbols(file)]}{offered}"
    assert key not in shown
