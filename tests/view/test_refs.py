"""Model references: MODEL-01 to MODEL-05 and MODEL-30."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.view.refs import (
    ModelRef,
    parse_chat,
    split,
    without_profile,
)


@pytest.mark.parametrize(
    ("text", "provider", "model"),
    [
        (" OpenRouter / Anthropic/Claude ", "openrouter", "Anthropic/Claude"),
        ("openrouter/moonshotai/kimi-k2.6", "openrouter", "moonshotai/kimi-k2.6"),
        ("openrouter/deepseek/deepseek-r1:free", "openrouter", "deepseek/deepseek-r1:free"),
        ("z.ai/glm-5", "zai", "glm-5"),
        ("bedrock/claude", "amazon-bedrock", "claude"),
        ("OPENAI/GPT-5.5", "openai", "GPT-5.5"),
    ],
)
def test_a_chat_ref_is_split_at_its_first_slash(text: str, provider: str, model: str) -> None:
    assert parse_chat("2026.4.29", text) == ModelRef(provider, model)  # MODEL-01


@pytest.mark.parametrize("text", ["openrouter/", "/x", "", " / ", "veo-3.1-fast"])
def test_a_text_without_both_halves_is_no_ref(text: str) -> None:
    assert parse_chat("2026.4.29", text) is None  # MODEL-01
    assert split(text) is None  # MODEL-30


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("openrouter/auto", "openrouter/auto"),
        ("openrouter/free", "openrouter/free"),
        ("openrouter/openrouter/auto", "openrouter/auto"),
        ("openrouter/openai/gpt-5.5", "openai/gpt-5.5"),
    ],
)
def test_openrouter_gets_its_prefix_on_a_bare_id_only(text: str, sent: str) -> None:
    ref = parse_chat("2026.4.29", text)
    assert ref is not None
    assert ref.model == sent  # MODEL-02


def test_media_refs_keep_their_text_and_know_no_prefix() -> None:
    assert split("openrouter/auto") == ModelRef("openrouter", "auto")  # MODEL-30
    assert split("OpenRouter/google/x") == ModelRef("OpenRouter", "google/x")


@pytest.mark.parametrize(
    ("ref", "key", "legacy"),
    [
        (
            ModelRef("openrouter", "openrouter/auto"),
            "openrouter/auto",
            "openrouter/openrouter/auto",
        ),
        (
            ModelRef("openrouter", "moonshotai/kimi-k2.6"),
            "openrouter/moonshotai/kimi-k2.6",
            "openrouter/moonshotai/kimi-k2.6",
        ),
    ],
)
def test_keys_of_a_model(ref: ModelRef, key: str, legacy: str) -> None:
    assert (ref.key, ref.legacy_key) == (key, legacy)  # MODEL-03


@pytest.mark.parametrize(
    ("text", "base", "profile"),
    [
        ("openrouter/a/b@openrouter:work", "openrouter/a/b", "openrouter:work"),
        ("openai/gpt@20250514", "openai/gpt@20250514", ""),
        ("ollama/llama@q4_k", "ollama/llama@q4_k", ""),
        ("ollama/llama@8bit", "ollama/llama@8bit", ""),
        ("or@ob/x", "or@ob/x", ""),
        ("plain", "plain", ""),
    ],
)
def test_a_profile_suffix_is_cut_off_but_dates_and_tags_stay(
    text: str, base: str, profile: str
) -> None:
    assert without_profile(text) == (base, profile)  # MODEL-05


@given(st.text())
def test_no_text_breaks_the_parsers(text: str) -> None:
    for ref in (parse_chat("2026.4.29", text), split(text)):
        if ref is not None:
            assert ref.provider.strip() == ref.provider != ""
            assert ref.model.strip() == ref.model != ""
