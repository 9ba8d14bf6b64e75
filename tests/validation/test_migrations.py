"""The rows of ``schema/migrations``: what they make of old keys, and what is said about them."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from openclaw_config.syntax.nodes import ObjectNode, to_value
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import KeyPath, Source
from openclaw_config.targets import releases, target
from openclaw_config.validation.migrations.engine import Changes, apply
from openclaw_config.validation.migrations.read import legacy
from openclaw_config.validation.migrations.rows import Row, every_row, has_old_keys
from openclaw_config.validation.migrations.versions import hint

NEWEST = "2026.9.6"
FILE = Path(__file__).parents[2] / "fixtures" / "migrations" / "examples.json"
EXAMPLES: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))


def tree(value: Any) -> ObjectNode:
    root = parse(Source(json.dumps(value))).root
    assert isinstance(root, ObjectNode)
    return root


def migrated(value: Any) -> Any:
    root = tree(value)
    return to_value(apply(root, NEWEST, Changes(root)))


def shuffled(value: Any, order: random.Random) -> Any:
    """The same value with the keys of its objects in another order."""
    if isinstance(value, list):
        return [shuffled(item, order) for item in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    order.shuffle(keys)
    return {key: shuffled(value[key], order) for key in keys}


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["of"] for example in EXAMPLES])
def test_old_keys_become_new_ones(example: dict[str, Any]) -> None:
    assert migrated(example["in"]) == example["out"]


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["of"] for example in EXAMPLES])
def test_a_second_run_changes_nothing(example: dict[str, Any]) -> None:
    root = tree(example["out"])  # MIG-6
    assert apply(root, NEWEST, Changes(root)) is root


def test_the_order_of_keys_means_nothing() -> None:
    order = random.Random(7)
    for example in EXAMPLES:  # MIG-7
        for _ in range(5):
            assert migrated(shuffled(example["in"], order)) == example["out"]


def test_each_change_is_reported_at_the_old_key() -> None:
    for example in EXAMPLES:
        root = tree(example["in"])
        changes = Changes(root)
        if apply(root, NEWEST, changes) is not root:
            assert changes.all, example["of"]
            assert all(found.key_path for found in legacy(changes))


def configs() -> list[Any]:
    """Each example, and its parts without one key."""
    whole = [example[side] for example in EXAMPLES for side in ("in", "out")]
    fewer = [{key: one[key] for key in one if key != gone} for one in whole for gone in one]
    return [*whole, *fewer]


@pytest.mark.parametrize("version", sorted({target(release).reads for release in releases()}))
def test_a_config_without_a_key_of_a_row_stays_as_it_is(version: str) -> None:
    roots = [*map(tree, configs())]
    assert {has_old_keys(root, version) for root in roots} == {True, False}
    for root in roots:
        changes = Changes(root)
        if not has_old_keys(root, version):
            assert apply(root, version, changes) is root
            assert changes.all == []


def test_rows_name_releases_and_take_effect() -> None:
    for row in every_row(NEWEST):
        assert row.at and (row.call or row.sets or (row.key and row.key != row.to)), row
        assert not row.since or row.since.startswith("2026."), row
        assert sensible(row), row


def sensible(row: Row) -> bool:
    """Whether a row has the fields that its op needs."""
    new = bool(row.map) or row.form is not None
    return (row.op == "move") <= bool(row.to) and (row.op == "value") <= new


@pytest.mark.parametrize(
    ("path", "target", "said"),
    [
        (
            ("tts",),
            "2026.4.29",
            "`tts` is a key since OpenClaw 2026.8.1; 2026.4.29 has messages.tts",
        ),
        (
            ("agents", "defaults", "mediaModels"),
            "2026.4.29",
            "`mediaModels` is a key since OpenClaw 2026.8.1; 2026.4.29 has"
            " agents.defaults.imageGenerationModel, agents.defaults.videoGenerationModel,"
            " agents.defaults.musicGenerationModel or skills.entries.nano-banana-pro",
        ),
        (
            ("agents", "list", 3, "memory"),
            "2026.4.29",
            "`memory` is a key since OpenClaw 2026.8.1; 2026.4.29 has agents.list[3].memorySearch",
        ),
        (("messages", "tts"), NEWEST, "moved in OpenClaw 2026.8.1: write tts"),
        (("env", "FOO"), NEWEST, "moved in OpenClaw 2026.8.1: write env.vars.FOO"),
        (
            ("memory", "search"),
            "2026.4.29",
            "`search` is a key since OpenClaw 2026.8.1; 2026.4.29 has agents.defaults.memorySearch",
        ),
        (("cli",), NEWEST, "OpenClaw 2026.8.1 took it away"),
        (("cli",), "2026.7.1", ""),
        (
            ("channels", "discord", "accounts", "x", "heartbeat"),
            NEWEST,
            "moved in OpenClaw 2026.8.1: write channels.discord.accounts.x.heartbeatVisibility",
        ),
        (("cloudWorkers",), "2026.4.29", "`cloudWorkers` is a key since OpenClaw 2026.8.1"),
        (("transcripts",), "2026.5.22", "`transcripts` is a key since OpenClaw 2026.5.28"),
        (("plugins", "entries", "brave", "config", "nonsense"), "2026.4.29", ""),
        (("nonsense",), NEWEST, ""),
        (("nonsense",), "2026.4.29", ""),
    ],
)
def test_hints_for_keys_of_another_version(path: KeyPath, target: str, said: str) -> None:
    assert hint(path, target) == said  # MIG-72
