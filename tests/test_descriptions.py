"""The descriptions of keys: every key of the sections that configs are made of has one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from openclaw_config import descriptions, explain
from openclaw_config.descriptions import Description, describe, in_words
from openclaw_config.targets import DEFAULT
from openclaw_config.validation.schema import Shape, openclaw_shape
from scripts import describe_schema
from tests.cli.program import run
from tests.support import OLDEST

Path_ = tuple[str | int, ...]

WITH_THEIR_OWN_KEYS = {"channels", "plugins"}
"""Sections whose keys are mostly those of single channels and plugins."""

SECTIONS = sorted(
    {name for release in (OLDEST, DEFAULT) for name in openclaw_shape(release).keys}
    - WITH_THEIR_OWN_KEYS
)
"""The sections of which every key is described, in the oldest and in the newest release."""


def keys_below(shape: Shape, path: Path_) -> Iterator[Path_]:
    """The way to every key that the schema names or that an author chooses, through unions."""
    for part in (*shape.any_of, *shape.all_of):
        yield from keys_below(part, path)
    named: list[tuple[str | int, Shape | None]] = [
        *((name, shape.of_key(name)) for name in shape.keys),
        ("*", shape.additional),
        *((0, item) for item in (shape.items, *shape.prefix_items)),
    ]
    for step, inner in named:
        if inner is not None:
            yield (*path, step)
            yield from keys_below(inner, (*path, step))


@cache
def all_keys(release: str) -> tuple[Path_, ...]:
    return tuple(dict.fromkeys(keys_below(openclaw_shape(release), ())))


@pytest.mark.parametrize("release", [OLDEST, DEFAULT])
@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_of_a_section_is_described(section: str, release: str) -> None:
    # An item of a list is described where it is an object; a scalar one by its list.
    keys = [path for path in all_keys(release) if path[0] == section and path[-1] != 0]
    assert [path for path in keys if describe(path, release) is None] == []


def in_channel(path: Path_) -> Path_:
    """The part of a key path that stands below a channel, or below one of its accounts."""
    below = path[2:]
    return below[2:] if below[:1] == ("accounts",) and len(below) > 2 else below


@pytest.mark.parametrize("release", [OLDEST, DEFAULT])
def test_what_channels_have_in_common_is_described(release: str) -> None:
    keys = [path for path in all_keys(release) if path[0] == "channels" and path[-1] != 0]
    having: dict[Path_, set[str | int]] = {}
    for path in keys:
        having.setdefault(in_channel(path), set()).add(path[1] if len(path) > 1 else "")
    common = [path for path in keys if len(having[in_channel(path)]) >= 4 or len(path) < 3]
    assert len(common) > 500
    assert [path for path in common if describe(path, release) is None] == []


def test_how_many_keys_are_described() -> None:
    described = [path for path in all_keys(DEFAULT) if describe(path, DEFAULT) is not None]
    assert len(described) >= 5000


CASES: list[tuple[Path_, str, Description]] = [
    (
        ("env", "shellEnv", "timeoutMs"),
        DEFAULT,
        Description(
            "How long the login shell may take before it is given up and its variables stay"
            " missing.",
            15000,
            "ms",
        ),
    ),
    (
        ("agents", "list", 0, "sandbox", "prune", "maxAgeDays"),
        OLDEST,
        Description("How old one may be; 0 never removes it for that.", None, "days"),
    ),
    # What a later release has otherwise.
    (
        ("agents", "defaults", "subagents", "archiveAfterMinutes"),
        OLDEST,
        Description(
            "How long the conversation of a helper is kept after it was done; 0 keeps it.",
            None,
            "min",
        ),
    ),
    (
        ("agents", "defaults", "subagents", "archiveAfterMinutes"),
        DEFAULT,
        Description(
            "How long the conversation of a helper is kept after it was done; 0 keeps it.",
            60,
            "min",
        ),
    ),
    # What a place says itself wins over what it is like.
    (
        ("agents", "entries", "main", "tts", "maxTextLength"),
        DEFAULT,
        Description(
            "The longest text that is spoken. With a longer one speech fails before any provider is"
            " asked.",
            4096,
            "characters",
        ),
    ),
    (
        ("agents", "entries", "main", "tts"),
        DEFAULT,
        Description(
            "How this agent speaks. What it says is laid over the settings for all.", None, ""
        ),
    ),
]


@pytest.mark.parametrize("path, release, expected", CASES)
def test_what_is_said_of_a_key(path: Path_, release: str, expected: Description) -> None:
    assert describe(path, release) == expected


@pytest.mark.parametrize(
    "path",
    [
        (),
        ("no", "such"),
        ("env", 0),
        ("session", "reset", "mode", "x"),
        ("secrets", "providers", 0),
    ],
)
def test_a_key_that_nobody_described(path: Path_) -> None:
    assert describe(path, DEFAULT) is None


def test_a_key_like_another_is_described_as_that_one() -> None:
    idle = describe(("session", "reset", "idleMinutes"), DEFAULT)
    assert idle is not None
    assert describe(("session", "resetByChannel", "discord", "idleMinutes"), DEFAULT) == idle
    assert describe(("session", "resetByType", "group"), DEFAULT) != idle


def test_explain_says_it() -> None:
    text = run("explain", "env.shellEnv.timeoutMs").out
    assert "How long the login shell may take" in text
    assert "default    15000" in text
    assert "unit       ms" in text
    answer = json.loads(run("explain", "env.shellEnv.timeoutMs", "--format", "json").out)
    assert (answer["default"], answer["unit"]) == (15000, "ms")
    assert explain.key(("env", "shellEnv", "enabled")) is not None


def test_the_schema_for_editors_says_it() -> None:
    schema = json.loads(run("schema", "openclaw").out)

    def described(part: Any) -> int:
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        own = isinstance(part, dict) and isinstance(part.get("description"), str)
        return own + sum(map(described, inner))

    assert schema["properties"]["env"]["description"].startswith("Variables for OpenClaw itself")
    assert described(schema) >= 1000


def test_a_definition_says_at_each_place_what_it_means_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two keys that take the same may mean different things."""

    def words(path: Path_, release: str) -> str:
        return f"{path[0]}." if path[-1] == "mode" else ""

    monkeypatch.setattr(descriptions, "in_words", words)
    schema = descriptions.schema_of(DEFAULT)
    found: dict[str, set[str]] = {}

    def visit(part: Any, top: str) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("description"), str):
                found.setdefault(top, set()).add(part["description"])
            if "$ref" in part:
                visit(schema["$defs"][part["$ref"].rpartition("/")[2]], top)
            for value in part.values():
                visit(value, top)
        elif isinstance(part, list):
            for value in part:
                visit(value, top)

    for name, part in schema["properties"].items():
        visit(part, name)
    assert len(found) > 5
    assert all(texts == {f"{name}."} for name, texts in found.items())


def test_in_words() -> None:
    assert in_words(("env", "shellEnv", "timeoutMs"), DEFAULT).endswith(" Default: 15000 ms.")
    assert in_words(("env", "shellEnv", "enabled"), DEFAULT).endswith(" Default: false.")
    assert in_words(("env", "vars"), DEFAULT).endswith(".")
    assert in_words(("no",), DEFAULT) == ""


WRONG = {
    "a key of no release": ("session:\n  nope: 'A text.'\n", "has the key session.nope"),
    "a text without an end": ("env:\n  vars: 'A text'\n", "no sentence"),
    "an empty text": ("env:\n  vars: ''\n", "no sentence"),
    "a unit of its own": ("env:\n  vars: {text: 'A.', unit: furlongs}\n", "furlongs is no unit"),
    "a foreign field": ("env:\n  vars: {text: 'A.', since: x}\n", "it has since"),
    "a foreign release": ("env:\n  vars: {text: 'A.', later: {'1.0': {}}}\n", "no release 1.0"),
    "one key twice": ("env:\n  vars: 'A.'\nenv.vars:\n  .: 'B.'\n", "described twice"),
    "a secret": ("env:\n  vars: 'Such as sk-or-v1-0123456789abcdef0123.'\n", "shows a secret"),
}


@pytest.mark.parametrize("text, why", WRONG.values(), ids=WRONG)
def test_what_the_script_refuses(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=why):
        describe_schema.built(str(tmp_path))
