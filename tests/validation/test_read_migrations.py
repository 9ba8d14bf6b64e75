"""What a release converts when it reads a config: LOAD-40, and LOAD-50 to LOAD-52."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.loading.load import load
from openclaw_config.syntax.nodes import to_value
from openclaw_config.validation.migrations.versions import may_be_old
from openclaw_config.validation.validate import validate

OLD, NEW = "2026.4.29", "2026.9.6"


def read(config: dict[str, Any], release: str) -> Any:
    """The config as the release has it after reading."""
    found = validate(load(text=json.dumps(config), target=release))
    assert found.document.root is not None
    return to_value(found.document.root)


def agents(**roster: Any) -> dict[str, Any]:
    """A config with agents."""
    return {"agents": roster}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (
            agents(list=[{"id": "a", "default": True}, {"id": "b", "name": "B"}]),
            agents(entries={"a": {"default": True}, "b": {"name": "B"}}),
        ),
        (agents(list=[]), {"agents": {}}),
        *(
            (agents(list=kept), agents(list=kept))
            for kept in (
                [{"id": "A"}],
                [{"id": "a"}, {"id": "a"}],
                [{"id": "a", "default": 1}],
                [1],
            )
        ),
        (agents(list=[{"id": "a"}], entries={}), agents(list=[{"id": "a"}], entries={})),
        (
            agents(defaults={"contextTokens": "x", "workspace": "w"}),
            agents(defaults={"workspace": "w"}),
        ),
        (
            {
                "models": {
                    "providers": {
                        "p": {
                            "contextWindow": 9,
                            "models": [{"id": "m"}, {"id": "n", "contextWindow": 8}],
                        }
                    }
                }
            },
            {
                "models": {
                    "providers": {
                        "p": {
                            "models": [
                                {"contextWindow": 9, "id": "m"},
                                {"contextWindow": 8, "id": "n"},
                            ]
                        }
                    }
                }
            },
        ),
        (
            {"plugins": {"entries": {"github-copilot": {"config": {"discovery": {"enabled": 1}}}}}},
            {"plugins": {"entries": {"github-copilot": {"config": {}}}}},
        ),
        ({"messages": {"tts": {}}}, {"messages": {"tts": {}}}),
        (
            {"session": {"threadBindings": {"ttlHours": 1}}},
            {"session": {"threadBindings": {"ttlHours": 1}}},
        ),
    ],
)
def test_what_the_newest_release_converts(config: dict[str, Any], expected: Any) -> None:
    assert read(config, NEW) == expected


def test_the_oldest_release_converts_what_is_older_than_itself() -> None:
    config = {"session": {"threadBindings": {"ttlHours": 1}}}
    assert read(config, OLD) == {"session": {"threadBindings": {"idleHours": 1}}}
    kept = agents(list=[{"id": "a"}])
    assert read(kept, OLD) == kept


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("gatewy", False),
        ("agents.defaults.modle", False),
        ("agents.entries.a.nmae", False),
        ("cloudWorkers.profilez", False),  # the oldest does not know the section
        ("memorySearch", True),  # it converts this,
        ("heartbeat", True),
        ("agents.defaults.llm", True),
        ("channels.discord.anything", True),  # or may do so,
        ("channels.matrix.tokenFile", True),
        ("agents.defaults.imageGenerationModel", True),  # or has it.
        ("messages.tts", True),
    ],
)
def test_only_a_key_that_the_oldest_release_may_take_can_be_old(path: str, expected: bool) -> None:
    config: Any = {}
    for key in reversed(path.split(".")):
        config = {key: config}
    (found,) = errors(config, NEW)
    assert found.key_path == tuple(path.split("."))
    assert may_be_old(found) == expected
    assert expected or errors(config, OLD)


def errors(config: dict[str, Any], release: str) -> list[Diagnostic]:
    """What keeps a release from loading a config."""
    found = validate(load(text=json.dumps(config), target=release)).diagnostics
    return [item for item in found if item.blocks]
