"""Credential chains: which key is used, and what the others are (AUTH rules)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.loading.load import Document
from openclaw_config.plan.model import Credential
from openclaw_config.plan.values import cleaned
from openclaw_config.resolution import credentials, speech
from openclaw_config.view.settings import all_agents
from tests.support import document

KEY = "OPENROUTER_API_KEY"


def block(**keys: object) -> dict[str, object]:
    """A config whose OpenRouter block holds ``keys``."""
    provider = {"baseUrl": "https://openrouter.ai/api/v1", "models": [], **keys}
    return {"models": {"providers": {"openrouter": provider}}}


def states(chain: Credential) -> list[tuple[str, str]]:
    """Each link's kind and state."""
    return [(link.kind, link.state) for link in chain.chain]


def chat_chain(config: object, env: dict[str, str] | None) -> Credential:
    doc = document(json.dumps(config), env)
    return credentials.provider_chain(all_agents(doc)[0], "openrouter")


CASES: list[tuple[str, object, dict[str, str] | None, list[str]]] = [
    ("nothing", {}, {}, ["absent", "absent", "absent"]),
    ("environment", {}, {KEY: "k"}, ["absent", "wins", "absent"]),
    ("env block", {"env": {KEY: "k"}}, {}, ["absent", "wins", "absent"]),
    ("environment beats config", block(apiKey="c"), {KEY: "k"}, ["absent", "wins", "shadowed"]),
    ("config alone", block(apiKey="c"), {}, ["absent", "absent", "wins"]),
    ("blank config", block(apiKey=" \n"), {}, ["absent", "absent", "empty"]),
    ("blank variable", {}, {KEY: "  "}, ["absent", "empty", "absent"]),
    ("marker", block(apiKey="secretref-managed"), {}, ["absent", "absent", "marker"]),
    ("oauth marker", block(apiKey="oauth:x"), {}, ["absent", "absent", "marker"]),
    ("name of a variable", block(apiKey=KEY), {KEY: "k"}, ["absent", "wins", "shadowed"]),
    ("left-over template", block(apiKey="${MINE}"), {}, ["absent", "absent", "absent"]),
    ("assumed", block(apiKey="${MINE}"), None, ["unknown", "unknown", "unknown"]),
    (
        "env reference",
        block(apiKey={"source": "env", "provider": "default", "id": "MINE"}),
        {"MINE": "k"},
        ["absent", "absent", "wins"],
    ),
    (
        "reference of an undeclared provider",
        block(apiKey={"source": "env", "provider": "vault", "id": "MINE"}),
        {"MINE": "k"},
        ["absent", "absent", "unusable"],
    ),
    (
        "file reference",
        block(apiKey={"source": "file", "provider": "vault", "id": "/k"}),
        {},
        ["absent", "absent", "unknown"],
    ),
]


@pytest.mark.parametrize(("name", "config", "env", "expected"), CASES, ids=[c[0] for c in CASES])
def test_the_chain_of_chat_and_media(
    name: str, config: object, env: dict[str, str] | None, expected: list[str]
) -> None:
    chain = chat_chain(config, env)
    assert states(chain) == list(
        zip(["profiles", "env", "config"], expected, strict=True)
    )  # AUTH-10, AUTH-20 to 22


def test_auth_api_key_puts_the_config_first() -> None:
    chain = chat_chain(block(apiKey="c", auth="api-key"), {KEY: "k"})
    assert states(chain) == [
        ("config", "wins"),
        ("profiles", "absent"),
        ("env", "shadowed"),
    ]  # AUTH-11


def test_auth_aws_sdk_has_no_key() -> None:
    assert chat_chain(block(apiKey="c", auth="aws-sdk"), {KEY: "k"}).chain == ()  # AUTH-11


def test_profiles_are_named_and_ordered_by_the_config_but_hold_no_secret() -> None:
    config = {
        "auth": {
            "profiles": {
                "openrouter:work": {"provider": "openrouter", "mode": "api_key"},
                "openai:x": {"provider": "openai", "mode": "api_key"},
            }
        }
    }
    store = chat_chain(config, None).chain[0].profiles
    assert store is not None
    assert store.order == ()  # AUTH-30: only auth.order gives an order
    assert store.modes == (("openrouter:work", "api_key"),)
    assert store.path == "{stateDir}/agents/main/agent/auth-profiles.json"


def speech_chain(config: object, env: dict[str, str]) -> Credential:
    doc: Document = document(json.dumps(config), env)
    surface = speech.resolve(all_agents(doc)[0])
    provider = next(p for p in surface.candidates if p.id == "openrouter")
    return speech.chain(doc, provider)


def tts(**keys: object) -> dict[str, object]:
    return {"messages": {"tts": {"provider": "openrouter", "providers": {"openrouter": keys}}}}


SPEECH_CASES: list[tuple[str, object, dict[str, str], list[str]]] = [
    (
        "own key",
        {**tts(apiKey="t"), **block(apiKey="c")},
        {KEY: "k"},
        ["wins", "shadowed", "shadowed"],
    ),
    (
        "provider's key beats the variable",
        {**tts(), **block(apiKey="c")},
        {KEY: "k"},
        ["absent", "wins", "shadowed"],
    ),
    ("variable", tts(), {KEY: "k"}, ["absent", "absent", "wins"]),
    ("blank own key", tts(apiKey=" "), {KEY: "k"}, ["empty", "absent", "wins"]),
    ("a marker is taken for a key", tts(apiKey=KEY), {}, ["wins", "absent", "absent"]),
    ("so is a left-over template", tts(apiKey="${GONE}"), {}, ["wins", "absent", "absent"]),
]


@pytest.mark.parametrize(
    ("name", "config", "env", "expected"), SPEECH_CASES, ids=[c[0] for c in SPEECH_CASES]
)
def test_the_chain_of_speech(
    name: str, config: object, env: dict[str, str], expected: list[str]
) -> None:
    chain = speech_chain(config, env)
    assert [link.state for link in chain.chain] == expected  # AUTH-60
    assert "profiles" not in {link.kind for link in chain.chain}


@pytest.mark.parametrize(
    ("key", "used"),
    [(" sk-or-1\n", "sk-or-1"), ("   ", ""), ("a\u2028b\u0416c d", "abc d")],
)
def test_keys_are_cleaned(key: str, used: str) -> None:
    assert cleaned(key) == used  # AUTH-01


@given(st.text())
def test_cleaning_is_idempotent(key: str) -> None:
    assert cleaned(cleaned(key)) == cleaned(key)


@given(st.text(min_size=12))
def test_no_chain_shows_a_key(key: str) -> None:
    canary = f"canary{key}yranac"
    chain = chat_chain({"env": {"OTHER": canary}, **block(apiKey=canary)}, {KEY: canary})
    assert "canary" not in repr(chain)
