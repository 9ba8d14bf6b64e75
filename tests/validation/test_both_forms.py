"""A rule about a key that moved finds the same in either form, each in its release."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.loading.load import load
from openclaw_config.validation.validate import validate

KEY = {"baseUrl": "http://10.0.0.7:4000/v1", "models": []}
PROFILES = {"openrouter:default": {"provider": "openrouter", "mode": "api_key"}}
VIDEO = "openrouter/google/veo-3.1-fast"

CASES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    (
        "unknown-heartbeat-target",
        {"agents": {"list": [{"id": "a", "heartbeat": {"target": "telegrm"}}]}},
        {"agents": {"entries": {"a": {"heartbeat": {"target": "telegrm"}}}}},
        "agents.entries.a.heartbeat.target",
    ),
    (
        "shared-agent-dir",
        {"agents": {"list": [{"id": "a", "agentDir": "~/x"}, {"id": "b", "agentDir": "~/x"}]}},
        {"agents": {"entries": {"a": {"agentDir": "~/x"}, "b": {"agentDir": "~/x"}}}},
        "agents.entries.b.agentDir",
    ),
    (
        "avatar-path",
        {"agents": {"list": [{"id": "a", "identity": {"avatar": "~/me.png"}}]}},
        {"agents": {"entries": {"a": {"identity": {"avatar": "~/me.png"}}}}},
        "agents.entries.a.identity.avatar",
    ),
    (
        "bare-model",
        {"agents": {"defaults": {"videoGenerationModel": "veo-3.1-fast"}}},
        {"agents": {"defaults": {"mediaModels": {"video": "veo-3.1-fast"}}}},
        "agents.defaults.mediaModels.video",
    ),
    (
        "no-such-surface",
        {"agents": {"defaults": {"videoGenerationModel": "elevenlabs/eleven-v3"}}},
        {"agents": {"defaults": {"mediaModels": {"video": "elevenlabs/eleven-v3"}}}},
        "agents.defaults.mediaModels.video",
    ),
    (
        "refused-base-url",
        {
            "models": {"providers": {"openrouter": KEY}},
            "agents": {"defaults": {"videoGenerationModel": VIDEO}},
        },
        {
            "models": {"providers": {"openrouter": KEY}},
            "agents": {"defaults": {"mediaModels": {"video": VIDEO}}},
        },
        "models.providers.openrouter.baseUrl",
    ),
    (
        "speech-without-key",
        {"messages": {"tts": {"provider": "openrouter"}}, "auth": {"profiles": PROFILES}},
        {"tts": {"provider": "openrouter"}, "auth": {"profiles": PROFILES}},
        "tts.provider",
    ),
    (
        "unknown-broadcast-agent",
        {"agents": {"list": [{"id": "main"}]}, "broadcast": {"x": ["mian"]}},
        {"agents": {"entries": {"main": {}}}, "broadcast": {"x": ["mian"]}},
        "broadcast.x[0]",
    ),
]


def found(config: dict[str, Any], release: str) -> dict[str, str]:
    """Where each rule found something."""
    checked = validate(load(text=json.dumps(config), target=release))
    return {item.rule: key_path_text(item.key_path) for item in checked.diagnostics}


@pytest.mark.parametrize(("rule", "old", "new", "place"), CASES, ids=[case[0] for case in CASES])
def test_a_rule_in_both_forms(
    rule: str, old: dict[str, Any], new: dict[str, Any], place: str
) -> None:
    assert rule in found(old, "2026.4.29")
    assert found(new, "2026.9.6").get(rule) == place
