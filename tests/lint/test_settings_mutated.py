"""Mutated settings files, in bounded time: every one is read, and what is wrong has a place."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from openclaw_config.lint.settings import parse_settings
from openclaw_config.syntax.text import Source

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "settings"
TEXTS = [path.read_text("utf-8") for path in sorted(FOLDER.glob("*.toml"))]
PIECES = [
    *"[]{}=,.\"'\\#*\n \0\ufeff\ud800",
    '"""',
    "[[",
    "a.b",
    "1e999",
    "nan",
    "per-path",
    "**/",
    "roots",
]


def mutated(choose: random.Random) -> str:
    text = choose.choice(TEXTS)
    for _ in range(choose.randrange(1, 6)):
        start = choose.randrange(len(text) + 1)
        end = min(len(text), start + choose.randrange(0, 9))
        piece = choose.choice([*PIECES, text[start:end]]) * choose.choice([0, 1, 1, 2, 200])
        text = text[:start] + piece + text[end:]
    return text


def check_mutant(seed: int) -> None:
    text = mutated(random.Random(seed))
    settings = parse_settings(Source(text, "s.toml", "/project/.openclaw-config.toml"))
    for found in settings.findings:
        assert found.location is not None, seed
        assert 0 <= found.location.span.start <= found.location.span.end <= len(text), seed
    settings.layers_for("/project/deploy/openclaw.json")


def test_a_few_mutants() -> None:
    for seed in range(200):
        check_mutant(seed)


@pytest.mark.slow
def test_many_mutants() -> None:
    end, seed = time.monotonic() + 30, 200
    while time.monotonic() < end:
        check_mutant(seed)
        seed += 1
