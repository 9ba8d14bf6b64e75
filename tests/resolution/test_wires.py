"""Providers that work with a key alone: where they are asked, and with what (NAM rules)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openclaw_config.compiler.compile import compile_plan
from openclaw_config.facts import read_json
from openclaw_config.plan.model import Candidate, SurfacePlan
from openclaw_config.runtime.bind import bind
from tests.support import OLDEST, document

HELLO = [{"role": "user", "content": "Hello."}]


def surface(ref: str, env: dict[str, str], **more: Any) -> SurfacePlan:
    """The chat's plan of a config that names a model and nothing else."""
    config = {"agents": {"defaults": {"model": ref, **more}}}
    found = compile_plan(document(json.dumps(config), env), surfaces=("chat",)).chat
    assert found is not None
    return found


def candidate(ref: str, env: dict[str, str], **more: Any) -> Candidate:
    return surface(ref, env, **more).candidates[0]


def body(ref: str, env: dict[str, str], level: str = "low", **more: Any) -> Any:
    bound = bind(surface(ref, env, **more), {"messages": HELLO, "thinking": level})
    return bound.requests[-1].body


@pytest.mark.parametrize(
    ("ref", "variable", "url", "expected"),
    [
        (
            "cerebras/zai-glm-4.7",
            "CEREBRAS_API_KEY",
            "https://api.cerebras.ai/v1/chat/completions",
            {"max_completion_tokens": 32000, "reasoning_effort": "low"},
        ),
        (
            "venice/kimi-k2-5",
            "VENICE_API_KEY",
            "https://api.venice.ai/api/v1/chat/completions",
            {"max_completion_tokens": 32000, "reasoning_effort": "low"},
        ),
        (
            "qwen/qwen3.5-plus",
            "DASHSCOPE_API_KEY",
            "https://coding-intl.dashscope.aliyuncs.com/v1/chat/completions",
            {"max_completion_tokens": 32000, "stream_options": {"include_usage": True}},
        ),
        (
            "xiaomi/mimo-v2-flash",
            "XIAOMI_API_KEY",
            "https://api.xiaomimimo.com/v1/chat/completions",
            {"max_completion_tokens": 8192},
        ),
        (
            "volcengine-plan/ark-code-latest",
            "VOLCANO_ENGINE_API_KEY",
            "https://ark.cn-beijing.volces.com/api/coding/v3/chat/completions",
            {"max_completion_tokens": 4096},
        ),
        (
            "kilocode/kilo/auto",
            "KILOCODE_API_KEY",
            "https://api.kilo.ai/api/gateway/chat/completions",
            {"max_completion_tokens": 32000},
        ),
        (
            "kimi/kimi-code",
            "KIMICODE_API_KEY",
            "https://api.kimi.com/coding/v1/messages",
            {"max_tokens": 32768, "thinking": {"type": "enabled"}},
        ),
        (
            "fireworks/accounts/fireworks/models/kimi-k2p6",
            "FIREWORKS_API_KEY",
            "https://api.fireworks.ai/inference/v1/messages",
            {
                "max_tokens": 34048,
                "thinking": {"type": "enabled", "budget_tokens": 2048, "display": "summarized"},
            },
        ),
        (
            "opencode/claude-opus-4-6",
            "OPENCODE_ZEN_API_KEY",
            "https://opencode.ai/zen/v1/messages",
            {
                "max_tokens": 32000,
                "thinking": {"type": "adaptive", "display": "summarized"},
                "output_config": {"effort": "low"},
            },
        ),
    ],
)
def test_a_provider_by_its_key(ref: str, variable: str, url: str, expected: dict[str, Any]) -> None:
    env = {variable: "k"}
    found = candidate(ref, env)
    assert found.route is not None
    assert found.steps[-1].url.replace("{baseUrl}", found.route.base_url) == url
    sent = body(ref, env)
    about = {"max_tokens", "max_completion_tokens", "thinking", "output_config"}
    about |= {"reasoning", "reasoning_effort", "stream_options", "enable_thinking"}
    assert {name: value for name, value in sent.items() if name in about} == expected


def test_a_model_that_the_plugin_does_not_know() -> None:
    assert "knows the model MiniMax-M2.5" in candidate("minimax/MiniMax-M2.5", {}).problem


def test_a_plugin_may_know_whole_families_of_models() -> None:
    facts = candidate("xai/grok-4.20-beta-latest-non-reasoning", {"XAI_API_KEY": "k"}).facts
    assert facts is not None
    assert (facts.reasoning, facts.images, facts.max_tokens) == (False, True, 30000)


@pytest.mark.parametrize(
    ("feature", "sent"), [({}, "openclaw"), ({"KILOCODE_FEATURE": " mine "}, "mine")]
)
def test_the_name_that_kilocode_is_told(feature: dict[str, str], sent: str) -> None:
    found = candidate("kilocode/kilo/auto", {"KILOCODE_API_KEY": "k", **feature})
    headers = {one.name: one.value for one in found.steps[-1].headers}
    assert headers["x-kilocode-feature"] == sent


@pytest.mark.parametrize(
    ("provider", "model", "is_gpt_5"),
    [
        ("openai", "gpt-5", True), ("openai", "gpt-5-mini", True), ("openai", "gpt-5.9", True),
        ("openai", "gpt-50", False), ("openai", "my-gpt-5", False), ("openai", "gpt-4.1", False),
        ("acme", "gpt-5", False),
    ],
)  # fmt: skip
def test_what_gpt_5_gets_of_openai_is_by_how_its_id_begins(
    provider: str, model: str, is_gpt_5: bool
) -> None:
    block = {"baseUrl": "https://llm.test/v1", "apiKey": "sk-1", "api": "openai-responses"}
    config = {
        "agents": {"defaults": {"model": f"{provider}/{model}"}},
        "models": {"providers": {provider: {**block, "models": [{"id": model, "name": model}]}}},
    }
    found = compile_plan(document(json.dumps(config), {}), surfaces=("chat",)).chat
    assert found is not None
    body = bind(found, {"messages": HELLO}).requests[-1].body
    assert ("text" in body, "parallel_tool_calls" in body) == (is_gpt_5, is_gpt_5)  # ORS-14


def test_fast_mode_sends_another_id() -> None:
    sent = body("minimax/MiniMax-M2.7", {"MINIMAX_API_KEY": "k"}, params={"fastMode": True})
    assert sent["model"] == "MiniMax-M2.7-highspeed"


def image(ref: str, block: dict[str, Any] | None = None, **call: Any) -> Any:
    """The body, or the form by name, that an image is asked for with."""
    provider = ref.partition("/")[0]
    config: dict[str, Any] = {"agents": {"defaults": {"imageGenerationModel": ref}}}
    if block is not None:
        config["models"] = {"providers": {provider: {"models": [], **block}}}
    env = {"OPENAI_API_KEY": "k", "GEMINI_API_KEY": "k", "FAL_KEY": "k"}
    found = compile_plan(document(json.dumps(config), env), surfaces=("image",)).image
    assert found is not None
    return bind(found, {"prompt": "a lobster", **call}, entry="direct").requests[0].body


def test_a_size_becomes_the_nearest_that_the_provider_has() -> None:
    google = image("google/gemini-3.1-flash-image-preview", size="1920x1080")
    wanted = {"aspectRatio": "16:9", "imageSize": "2K"}
    assert google["generationConfig"]["imageConfig"] == wanted  # IMGP-04, IMGP-21
    fal = image("fal/fal-ai/flux/dev", size="1920x1080")
    assert fal["image_size"] == {"width": 1792, "height": 1024}


@pytest.mark.parametrize(
    ("block", "size", "model"),
    [
        (None, "1536x1024", "gpt-image-1.5"),
        ({"baseUrl": "https://img.example.test/v1"}, "2048x1152", "gpt-image-2"),
    ],
)
def test_what_holds_on_openais_own_host_only(block: Any, size: str, model: str) -> None:
    """IMGP-11, IMGP-12."""
    assert image("openai/gpt-image-1", block, size="2048x1152")["size"] == size
    assert image("openai/gpt-image-2", block, background="transparent")["model"] == model


def test_what_a_call_says_to_one_voice() -> None:
    """SPK-21: the words of ``providerOverrides`` for the provider, over the config's."""
    tts = {"provider": "elevenlabs", "providers": {"elevenlabs": {"seed": 1}}}
    doc = document(json.dumps({"messages": {"tts": tts}}), {"ELEVENLABS_API_KEY": "k"})
    found = compile_plan(doc, surfaces=("speech",)).speech
    assert found is not None
    given = {"seed": 7, "latencyTier": 2, "voiceSettings": {"stability": 0.9}}
    call = {"text": "Hello.", "providerOverrides": {"elevenlabs": given}}
    sent = bind(found, call, entry="direct").requests[0].body
    assert (sent["seed"], sent["latency_optimization_level"]) == (7, 2)
    assert sent["voice_settings"]["stability"] == 0.9
    assert sent["voice_settings"]["similarity_boost"] == 0.75


def test_the_apis_that_are_said_to_be_compiled() -> None:
    assert read_json("requests/compiled.json")["apis"] == list(
        read_json("requests/wires.json")[OLDEST]
    )


def test_what_is_not_compiled_says_which_api_it_would_need() -> None:
    problem = candidate("amazon-bedrock/x", {}).problem
    assert "the API bedrock-converse-stream" in problem
    assert "AWS credentials" in problem
