"""At every place of the schema: what may be a secret there shows up nowhere, in whatever form.

By default a sample of the places, all of them in the slow tests.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from openclaw_config import api
from openclaw_config.descriptions import schema_of
from openclaw_config.diagnostics import text
from openclaw_config.diagnostics.formats import as_json, concise, github, gitlab, junit, sarif
from openclaw_config.diagnostics.masking import place_at
from openclaw_config.diagnostics.model import Report, key_path_text
from openclaw_config.loading.environment import Environment
from openclaw_config.syntax.edits import apply
from openclaw_config.syntax.text import KeyPath, Source
from tests.cli.program import run
from tests.cli.secret_paths import ANY_KEY, config_with
from tests.support import OLDEST, sampled

CANARY = "Zq7canary4Zq"
"""Looks like nothing in particular."""
KEY = f"sk-or-v1-{CANARY}"
"""Looks like a key."""


def all_paths() -> list[KeyPath]:
    """The way to every place of the schema."""
    schema = schema_of(OLDEST, described=False)
    found: set[KeyPath] = set()

    def walk(part: Any, path: KeyPath) -> None:
        if not isinstance(part, dict):
            return
        found.add(path)
        if "$ref" in part:
            walk(schema["$defs"][part["$ref"].rpartition("/")[2]], path)
        for branch in (*part.get("anyOf", ()), *part.get("allOf", ())):
            walk(branch, path)
        for key, value in (part.get("properties") or {}).items():
            walk(value, (*path, key))
        walk(part.get("additionalProperties"), (*path, ANY_KEY))
        walk(part.get("items"), (*path, 0))

    walk(schema, ())
    return sorted(found - {()}, key=key_path_text)


PATHS = all_paths()


def misspelt(path: KeyPath) -> KeyPath:
    """The path with its last key spelt wrongly."""
    last = max(at for at, step in enumerate(path) if isinstance(step, str))
    key = str(path[last])
    return (*path[:last], f"{key[:-2]}q{key[-2:]}", *path[last + 1 :])


def of_unknown_keys(path: KeyPath) -> Iterator[str]:
    """A key misspelt, and in the wrong place: no value of it may be shown."""
    for wrong in (misspelt(path), ("logging", "x", *path), ("nonsense", path[-1])):
        # A misspelt key of the author's own is as good as the right one.
        values: list[tuple[Any, KeyPath]] = [
            (CANARY, wrong),
            ([CANARY], (*wrong, 0)),
            ({"a": CANARY}, (*wrong, "a")),
        ]
        for value, place in values:
            if not place_at(place, OLDEST).shown:
                yield json.dumps(config_with(wrong, value))


def of_another_type(path: KeyPath) -> Iterator[str]:
    """A text where none is declared."""
    if not place_at(path, OLDEST).shown:
        yield json.dumps(config_with(path, CANARY))
        yield json.dumps(config_with(path, [{"a": CANARY}]))


def of_keys(path: KeyPath) -> Iterator[str]:
    """What looks like a key, or a URL with one, at a place where any text may be shown."""
    yield json.dumps(config_with(path, KEY))
    yield json.dumps(config_with(path, f"Bearer {CANARY}"))
    yield json.dumps(config_with(path, f"https://me:{CANARY}@a.test/v1?x={CANARY}#y={CANARY}"))
    yield json.dumps(config_with((*path, KEY), 1))


def beside_errors(path: KeyPath) -> Iterator[str]:
    """The same in texts that do not parse."""
    for sound in (*of_unknown_keys(path), *of_another_type(path), *of_keys(path)):
        yield sound[:-1]
        yield sound.replace('": ', '" ', 1)
        yield sound.replace('"', "'", 1)
        yield sound.replace("{", "{ a: 1 b: 2 ", 1)
        yield sound.replace(CANARY, f"{CANARY}\n{CANARY}", 1)


FORMS: dict[str, Callable[[KeyPath], Iterator[str]]] = {
    "an unknown key": of_unknown_keys,
    "another type": of_another_type,
    "the look of a key": of_keys,
    "beside a syntax error": beside_errors,
}


def shown(report: Report, written: str) -> str:
    """The findings of a report in every format, and what their fixes would change."""
    formats = [concise, github, gitlab, sarif, junit, as_json]
    blocks = ["\n".join(text.render(report.diagnostics)), repr(report.diagnostics)]
    blocks += [form([report]) for form in formats]
    for found in report.diagnostics:
        if found.fix is not None:
            blocks.append(text.render_change(Source(written, "x"), apply(written, found.fix.edits)))
    return "\n".join(blocks)


def check_places(paths: list[KeyPath], form: Callable[[KeyPath], Iterator[str]]) -> None:
    for path in paths:
        for written in form(path):
            report = api.check(text=written)
            output = shown(report, written)
            if CANARY not in output:
                continue
            # An old key is read as another, which the schema declares to be no secret.
            assert form is not of_keys, written
            assert any(
                place_at(found.key_path, OLDEST).shown and CANARY in found.message
                for found in report.diagnostics
            ), written


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_no_format_shows_it(form: Callable[[KeyPath], Iterator[str]]) -> None:
    check_places(PATHS[:: 2400 if form is beside_errors else 600], form)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_no_format_shows_it_anywhere(form: Callable[[KeyPath], Iterator[str]]) -> None:
    check_places(PATHS[:: 40 if form is beside_errors else 4], form)


@pytest.mark.parametrize("start", sampled(range(0, 240, 80), 3))
@pytest.mark.parametrize("value", ["${CAN_ARY}", "${CAN_ARY}/a/b", "a/${CAN_ARY}"])
def test_no_message_shows_what_a_variable_put_there(value: str, start: int) -> None:
    environment = Environment.of({"CAN_ARY": CANARY})
    for path in PATHS[start::240]:
        written = json.dumps(config_with(path, value))
        report = api.check(text=written, environment=environment)
        assert CANARY not in shown(report, written), path


@pytest.mark.parametrize(
    "agents",
    [
        '{ id: "${CAN_ARY}", agentDir: "~/x" }, { id: "b", agentDir: "~/x" }',
        '{ id: "b", agentDir: "~/x" }, { id: "${CAN_ARY}", agentDir: "~/x" }',
    ],
)
def test_an_agent_id_from_a_variable_is_not_quoted(agents: str) -> None:
    written = f"{{ agents: {{ list: [{agents}] }} }}"
    report = api.check(text=written, environment=Environment.of({"CAN_ARY": "zq7canary"}))
    (found,) = [item for item in report.diagnostics if item.rule == "shared-agent-dir"]
    assert "shares its folder with" in found.message
    assert "zq7canary" not in shown(report, written)


COMMANDS = (
    ("check", "--diff"),
    ("check", "--diff", "--unsafe-fixes"),
    ("compile", "--format", "json"),
    ("keys",),
    ("env",),
    ("fmt", "--diff"),
)


@pytest.mark.parametrize("start", sampled(range(0, 3600, 1200), 3))
def test_no_command_shows_it(tmp_path: Path, start: int) -> None:
    file = tmp_path / "openclaw.json"
    for path in PATHS[start::3600]:
        for form in (of_unknown_keys, of_another_type):
            for written in form(path):
                file.write_text(written, "utf-8")
                keys = [misspelt(path), path, ("logging", "x", *path)]
                explain = [("explain", str(file), key_path_text(key)) for key in keys]
                for command in (*((*one, str(file)) for one in COMMANDS), *explain):
                    result = run(*command)
                    assert result.code in {0, 1, 2}, result.err
                    assert CANARY not in result.out + result.err, command
