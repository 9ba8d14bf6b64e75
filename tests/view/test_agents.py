"""Agent ids: one spelling for lints and plans (MODEL-10)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.loading.load import load
from openclaw_config.validation.validate import validate
from openclaw_config.view.settings import agent_folder, agent_id, choose_agent
from tests.support import document


@pytest.mark.parametrize(
    ("written", "agent"),
    [
        ("main", "main"),
        (" Main ", "main"),
        ("My Agent", "my-agent"),
        ("a.b/c", "a-b-c"),
        ("--x--", "x"),
        ("", "main"),
        ("é", "main"),
        ("x" * 70, "x" * 64),
    ],
)
def test_the_id_of_an_agent(written: str, agent: str) -> None:
    assert agent_id(written) == agent
    assert agent_id(agent) == agent


def test_an_agent_is_found_by_any_spelling_and_keeps_its_state_under_its_id() -> None:
    root = document('{ agents: { list: [{ id: "x" }, { id: "My Agent" }] } }')
    for written in ("My Agent", "my-agent", "MY AGENT"):
        agent = choose_agent(root, written)
        assert agent is not None
        assert agent_folder(agent) == "{stateDir}/agents/my-agent/agent"


NAMES = st.text(st.sampled_from("aA b.-é"), min_size=1, max_size=4).filter(str.strip)


@given(NAMES, NAMES)
def test_lint_and_plan_agree_on_which_agents_share_a_folder(one: str, other: str) -> None:
    """A binding's agent lives in the folder of its id, which another agent may have taken."""
    config = {
        "agents": {
            "list": [{"id": "z"}, {"id": one, "agentDir": f"/s/agents/{agent_id(other)}/agent"}]
        },
        "bindings": [{"agentId": other, "match": {"channel": "telegram"}}],
    }
    found = load(text=json.dumps(config), name="x", state_dir="/s", home="/h")
    shared = any(item.rule == "shared-agent-dir" for item in validate(found).diagnostics)
    assert shared == (agent_id(one) != agent_id(other))
