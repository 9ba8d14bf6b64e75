"""Candidates of image and video generation: MODEL-30 to MODEL-34 and AUTH-40."""

from __future__ import annotations

import json

import pytest

from openclaw_config.resolution import media
from openclaw_config.view.settings import all_agents
from tests.support import document

KEY = "OPENROUTER_API_KEY"
VEO = "openrouter/google/veo-3.1-fast"
GEMINI = "openrouter/google/gemini-3.1-flash-image-preview"


def refs(
    configured: object,
    surface: str = "video",
    env: dict[str, str] | None = None,
    **defaults: object,
) -> list[str]:
    """The refs that a surface tries, when its key holds ``configured``."""
    config = {"agents": {"defaults": {f"{surface}GenerationModel": configured, **defaults}}}
    doc = document(json.dumps(config), {} if env is None else env)
    found = media.resolve(all_agents(doc)[0], surface)
    return ["/".join(candidate.ref) for candidate in found.candidates]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (VEO, [VEO]),
        (f"  {VEO} ", [VEO]),
        ({"primary": VEO, "fallbacks": ["a/b", VEO, "a/b"]}, [VEO, "a/b"]),
        ({"fallbacks": ["a/b"]}, ["a/b"]),
        ("veo-3.1-fast", []),
        ({}, []),
    ],
)
def test_primary_then_fallbacks_each_once(model: object, expected: list[str]) -> None:
    assert refs(model) == expected  # MODEL-30, MODEL-31


def test_an_alias_is_not_understood() -> None:
    assert refs("fast", models={VEO: {"alias": "fast"}}) == []  # MODEL-30


def test_configured_providers_are_appended_even_behind_a_primary() -> None:
    other = "openrouter/bytedance/seedance-1.5-pro"
    assert refs(other, env={KEY: "k"}) == [other, VEO]  # MODEL-31
    assert refs("openrouter/a/b", "image", {KEY: "k"}) == ["openrouter/a/b", GEMINI]


def test_the_chat_models_provider_is_appended_first() -> None:
    env = {KEY: "k", "XAI_API_KEY": "x", "OPENAI_API_KEY": "o"}
    found = refs({}, env=env, model="xai/grok-4")
    assert found == ["xai/grok-imagine-video", "openai/sora-2", VEO]  # MODEL-31


def test_nothing_is_appended_when_that_is_switched_off() -> None:
    found = refs("openrouter/a/b", env={KEY: "k"}, mediaGenerationAutoProviderFallback=False)
    assert found == ["openrouter/a/b"]  # MODEL-31


def test_a_key_in_the_provider_block_does_not_make_it_configured() -> None:
    config = {
        "models": {"providers": {"openrouter": {"baseUrl": "x", "models": [], "apiKey": "k"}}}
    }
    doc = document(json.dumps(config), {})
    agent = all_agents(doc)[0]
    assert media.resolve(agent, "image").candidates == ()  # AUTH-40


def test_a_calls_own_model_is_the_only_one_when_it_is_a_ref() -> None:
    doc = document(json.dumps({"agents": {"defaults": {"videoGenerationModel": VEO}}}), {})
    agent = all_agents(doc)[0]
    chosen = media.resolve(agent, "video", "openrouter/minimax/hailuo-02").candidates
    assert ["/".join(c.ref) for c in chosen] == ["openrouter/minimax/hailuo-02"]  # MODEL-31
    ignored = media.resolve(agent, "video", "hailuo-02").candidates
    assert ["/".join(c.ref) for c in ignored] == [VEO]


def test_only_images_read_a_timeout_from_the_config() -> None:
    config = {
        "agents": {
            "defaults": {
                "imageGenerationModel": {"primary": GEMINI, "timeoutMs": 5000},
                "videoGenerationModel": {"primary": VEO, "timeoutMs": 5000},
            }
        }
    }
    doc = document(json.dumps(config), {})
    agent = all_agents(doc)[0]
    image = media.resolve(agent, "image").candidates[0].timeout_ms
    assert image is not None
    assert image.value == 5000  # MODEL-34
    assert media.resolve(agent, "video").candidates[0].timeout_ms is None  # VID-40
