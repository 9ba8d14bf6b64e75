"""What a release converts when it reads a config: LOAD-40, and LOAD-50 to LOAD-52."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openclaw_config.loading.load import load
from openclaw_config.syntax.nodes import to_value
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
