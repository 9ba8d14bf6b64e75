"""The auth profiles of 2026.9.6, which are given, and a key that names one (AUTH-24, AUTH-30')."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openclaw_config.api import secrets_of
from openclaw_config.compiler.compile import compile_plan
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import load
from openclaw_config.runtime.errors import UnusableError
from tests.runtime.test_execute import Run

REFUSED = {"status": 401, "body": {"error": {"message": "No auth"}}}
ENV = {"OPENROUTER_API_KEY": "env"}


def row(key: str, **more: Any) -> dict[str, Any]:
    return {"type": "api_key", "provider": "openrouter", "key": key, **more}


def call(
    home: Path, surface: str, profiles: Any, replies: Any = None, env: Any = None, **block: Any
) -> Run:
    """A call with these profiles, where the provider's block has these keys."""
    chat = {"primary": "openrouter/openai/gpt-4o-mini", "fallbacks": ["openrouter/auto"]}
    config = {
        "agents": {"defaults": {"model": chat}},
        "models": {"providers": {"openrouter": {"baseUrl": "", "models": [], **block}}},
    }
    place = str(home)
    folders = {"OPENCLAW_HOME": place, "OPENCLAW_STATE_DIR": place}
    environment = Environment.process({**folders, **(env or {})}, cwd=place)
    if profiles is not None:
        environment = environment.with_profiles({"profiles": profiles})
    document = load(
        text=json.dumps(config),
        environment=environment,
        home=place,
        state_dir=place,
        target="2026.9.6",
    )
    plan = compile_plan(document)
    chosen = next(one for one in plan.surfaces if one.surface == surface)
    return Run(chosen, {"complete": replies} if replies else {}, secrets_of(document, plan))


def keys(run: Run) -> list[str]:
    headers = [one.headers for one in run.transport.sent]
    found = [one.get("authorization", "") for one in headers]
    return [one.removeprefix("Bearer ") for one in found if one]


@pytest.mark.parametrize(
    ("profiles", "more", "expected"),
    [
        (None, {}, ["env"]),
        ({}, {}, ["env"]),
        ({"a": row("1"), "b": row("2")}, {}, ["1"]),
        ({"a": row("1"), "b": row("2")}, {"replies": [REFUSED, {}]}, ["1", "2"]),  # SL-31
        ({"a": row("1"), "b": row("2")}, {"apiKey": "b"}, ["2"]),  # AUTH-24
        ({"a": row("1"), "b": row("2")}, {"apiKey": " b\n", "auth": "api-key"}, ["2"]),
        ({"a": row("1"), "b": row("2")}, {"apiKey": "c"}, ["1"]),
        ({"a": row("1"), "b": row("2")}, {"apiKey": "c", "auth": "api-key"}, ["c"]),
        ({"a": row("1"), "b": row("2")}, {"apiKey": "${B}", "env": {"B": "b"}}, ["1"]),
        ({"b": {"type": "token", "provider": "openrouter", "token": "t"}}, {"apiKey": "b"}, ["t"]),
    ],
)
def test_which_key_is_sent(tmp_path: Path, profiles: Any, more: Any, expected: list[str]) -> None:
    run = call(tmp_path, "chat", profiles, **{"env": ENV, **more})
    assert keys(run) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        row("2", provider="openai"),
        row("2", type="oauth"),
        row("2", type=["api_key"]),
        row(" "),
        {"type": "token", "provider": "openrouter", "token": "t", "expires": 1},
        "no profile",
    ],
)
def test_a_profile_that_is_named_and_gives_no_key_fails(tmp_path: Path, wrong: Any) -> None:
    run = call(tmp_path, "chat", {"a": row("1"), "b": wrong}, env=ENV, apiKey="b")
    assert keys(run) == []  # AUTH-24
    assert run.error is not None
    assert "the auth profile gives no key for the provider openrouter" in run.error.message


def test_a_named_profile_whose_key_is_refused_has_no_successor(tmp_path: Path) -> None:
    replies = [REFUSED, {}]
    run = call(tmp_path, "chat", {"a": row("1"), "b": row("2")}, replies, apiKey="b")
    assert keys(run) == ["2", "2"]  # The second is the next model's.


def test_speech_takes_the_name_of_a_profile_for_a_key(tmp_path: Path) -> None:
    assert keys(call(tmp_path, "speech", {"b": row("2")}, apiKey="b")) == ["b"]  # AUTH-60'


@pytest.mark.parametrize("surface", ["chat", "image", "video", "speech"])
@pytest.mark.parametrize("profiles", [None, {"a": row("1")}])
def test_the_file_of_an_older_release_stops_every_call(
    tmp_path: Path, surface: str, profiles: Any
) -> None:
    store = tmp_path / "agents" / "main" / "agent" / "auth-profiles.json"
    store.parent.mkdir(parents=True)
    store.write_text(json.dumps({"profiles": {"a": row("1")}}))
    run = call(tmp_path, surface, profiles, env=ENV)
    assert run.error is not None
    assert (run.error.stage, run.steps) == ("secrets", [])  # AUTH-30'
    assert "openclaw doctor --fix" in run.error.message


def test_without_a_key_the_message_names_the_database(tmp_path: Path) -> None:
    run = call(tmp_path, "chat", None)
    assert run.error is not None
    assert "agents/main/agent/openclaw-agent.sqlite (not read here" in run.error.message
    given = call(tmp_path, "chat", {})
    assert given.error is not None
    assert given.error.message.endswith("openclaw-agent.sqlite")  # AUTH-50'


@pytest.mark.parametrize(
    ("profiles", "block", "expected"),
    [
        (None, {}, 0),
        ({"a": row("1")}, {}, 1),
        ({"a": row(" ")}, {}, 0),
        ({"a": row("1", provider="acme")}, {}, 0),
        (None, {"apiKey": "k"}, 1),
    ],
)
def test_a_usable_profile_makes_a_provider_configured(
    tmp_path: Path, profiles: Any, block: Any, expected: int
) -> None:
    if expected:
        assert len(keys(call(tmp_path, "image", profiles, **block))) == 1  # AUTH-40'
    else:
        with pytest.raises(UnusableError, match="No image-generation model configured"):
            call(tmp_path, "image", profiles, **block)
