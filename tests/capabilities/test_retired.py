"""What became of models: renamed, suppressed, retired (CHAT-21), and the refs of MODEL-01."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.registry import Retirement, retired

OLD = "2026.4.29"

CODING = ("coding.dashscope.aliyuncs.com", "coding-intl.dashscope.aliyuncs.com")


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("anthropic/opus-4.5", Retirement("anthropic/claude-opus-4-5", "renamed", "chat")),
        (" Anthropic / OPUS-4.5 ", Retirement("anthropic/claude-opus-4-5", "renamed", "chat")),
        ("xai/grok-4-fast-reasoning", Retirement("xai/grok-4-fast", "renamed", "chat")),
        ("kimi-code/k2p5", Retirement("kimi/kimi-code", "renamed", "chat")),
        (
            "google/gemini-3.1-flash-tts",
            Retirement("google/gemini-3.1-flash-tts-preview", "renamed", "speech"),
        ),
        ("openai/gpt-5.3-codex-spark", Retirement("openai/gpt-5.5", "suppressed", "chat")),
        ("openai-codex/gpt-5.4-mini", Retirement(None, "suppressed", "chat")),
        ("qwen/qwen3.6-plus", Retirement("qwen/qwen3.5-plus", "suppressed", "chat", CODING)),
        ("modelstudio/qwen3.6-plus", Retirement("qwen/qwen3.5-plus", "suppressed", "chat", CODING)),
        ("openrouter/hunter-alpha", Retirement(None, "retired", "chat")),
        ("openrouter/openrouter/hunter-alpha:free", Retirement(None, "retired", "chat")),
        ("openrouter/healer-alpha", Retirement(None, "retired", "chat")),
        ("qwen-portal/coder-model", Retirement("qwen/coder-model", "provider-removed")),
        ("claude-cli/opus", Retirement("anthropic/opus", "runtime")),
        ("codex/gpt-5.5", Retirement("openai/gpt-5.5", "runtime")),
        ("openai/gpt-3.5-turbo", Retirement(None, "legacy-family", "chat")),
        ("openrouter/anthropic/claude-2.1", Retirement(None, "legacy-family", "chat")),
        ("openai/GPT-4-0613", Retirement(None, "legacy-family", "chat")),
    ],
)
def test_what_became_of_it(ref: str, expected: Retirement) -> None:
    assert retired(OLD, ref) == expected


@pytest.mark.parametrize(
    "ref",
    [
        "openrouter/auto",
        "openrouter/anthropic/claude-opus-4.6",
        "openrouter/hunter-alpha-2",
        "openrouter/healer-alpha:free",
        "anthropic/claude-opus-4-7",
        "openai/gpt-4",
        "openai/xgpt-3.5",
        "google-antigravity/GEMINI-3-PRO",  # this provider compares exactly
        "opus-4.5",
        "",
        "/",
        "openai/",
    ],
)
def test_nothing_is_known_against_it(ref: str) -> None:
    assert retired(OLD, ref) is None


@given(st.text())
def test_any_text_is_a_question(ref: str) -> None:
    answer = retired(OLD, ref)
    assert answer is None or answer.ref is None or "/" in answer.ref


def test_no_model_is_replaced_by_one_that_is_gone() -> None:
    from openclaw_config.facts import section

    data = section("registry", OLD, "retired")
    for row in data["renamed"]:
        again = retired(OLD, f"{row['provider']}/{row['to']}")
        assert again is None, row
    for row in data["suppressed"]:
        assert row["to"] is None or retired(OLD, row["to"]) is None, row
