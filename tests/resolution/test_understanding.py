"""Which models transcribe and describe, and with which settings (STT-01 ff, VIS-01 ff)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openclaw_config.compiler.compile import compile_plan
from openclaw_config.plan.model import Candidate, SurfacePlan
from tests.support import document

KEY = {"OPENROUTER_API_KEY": "sk-or-canary"}
WHISPER = "openrouter/openai/whisper-large-v3-turbo"
GEMINI = "google/gemini-2.5-flash"


def plan(
    surface: str, media: Any = None, env: Any = None, asked: Any = None, **config: Any
) -> SurfacePlan:
    text = json.dumps({"tools": {"media": media or {}}, **config})
    read = document(text, KEY if env is None else env, "2026.9.6")
    found = compile_plan(read, models=asked)
    return next(one for one in found.surfaces if one.surface == surface)


def entry(**more: Any) -> dict[str, Any]:
    return {"provider": "openrouter", **more}


def audio(own: Any = None, shared: Any = None, **config: Any) -> Candidate:
    """The only model of a config with one entry for recordings."""
    media = {"models": [entry(**(own or {}))], "audio": shared or {}}
    (found,) = plan("transcription", media, **config).candidates
    return found


def refs(surface: str, *args: Any, **more: Any) -> list[str]:
    return [one.ref for one in plan(surface, *args, **more).candidates]


@pytest.mark.parametrize(
    ("entries", "shared", "expected"),
    [
        ([entry(model="a/b"), entry(model="c/d")], {}, ["openrouter/a/b", "openrouter/c/d"]),
        ([entry(model="a/b"), entry()], {"preferredModel": "openrouter/a/b"}, None),
        (
            [entry(model="a/b"), entry(model="c/d")],
            {"preferredModel": "openrouter/c/d"},
            ["openrouter/c/d", "openrouter/a/b"],
        ),
        ([entry(model="a/b", capabilities=["image"])], {}, [WHISPER]),  # none: automatic
        ([entry(model=" ", provider="OpenRouter")], {}, [WHISPER]),
        ([{"provider": "anthropic", "model": "x"}, entry()], {}, [WHISPER]),  # it hears nothing
        ([{"provider": "deepgram", "model": "nova-3"}], {}, ["deepgram/nova-3"]),
        ([{"command": "whisper", "capabilities": ["audio"]}], {}, ["whisper"]),
    ],
)
def test_entries_for_the_kind_of_media_are_tried_in_order(
    entries: Any, shared: Any, expected: Any
) -> None:
    found = refs("transcription", {"models": entries, "audio": shared})
    assert found == (expected or ["openrouter/a/b", WHISPER])  # STT-01


@pytest.mark.parametrize(
    ("env", "config", "models", "expected"),
    [
        (KEY, {}, {}, [WHISPER]),
        ({}, {}, {}, []),
        ({**KEY, "OPENAI_API_KEY": "sk-canary"}, {}, {}, ["openai"]),  # by priority
        ({**KEY, "GEMINI_API_KEY": "canary"}, {}, {}, [WHISPER]),
        ({**KEY, "OPENAI_API_KEY": "sk-canary"}, {}, {"chat": "openrouter/a/b"}, [WHISPER]),
        (
            {**KEY, "OPENAI_API_KEY": "sk-canary"},
            {"models": {"providers": {"openrouter": {"baseUrl": "", "models": []}}}},
            {},
            [WHISPER],
        ),
    ],
)
def test_without_an_entry_the_first_provider_with_a_key_is_the_only_one(
    env: Any, config: Any, models: Any, expected: list[str]
) -> None:
    found = plan("transcription", env=env, asked=models, **config)
    assert [one.ref for one in found.candidates] == expected  # STT-02
    assert bool(found.problem) == (not expected)


@pytest.mark.parametrize(
    ("shared", "says"), [({"enabled": False}, "enabled"), ({"scope": {"default": "deny"}}, "scope")]
)
def test_it_can_be_switched_off(shared: Any, says: str) -> None:
    found = plan("transcription", {"models": [entry()], "audio": shared})
    assert not found.candidates
    assert says in found.problem  # STT-03


def test_an_entry_goes_before_the_section_and_the_section_before_the_provider() -> None:
    """STT-10, STT-12, STT-13."""
    provider = {"openrouter": {"baseUrl": "https://p.example.com/v1", "models": []}}
    config: dict[str, Any] = {"models": {"providers": provider}}
    options = {"providerOptions": {"openrouter": {"temperature": 0.7}}}
    shared = {"baseUrl": "https://a.example.com/v1/", "language": "it", **options}
    for own, url, language, temperature in (
        ({}, "https://a.example.com/v1", "it", 0.7),
        (
            {
                "baseUrl": "https://e.example.com",
                "language": " de ",
                "providerOptions": {"openrouter": {"temperature": 0}},
            },
            "https://e.example.com", "de", 0,
        ),
    ):  # fmt: skip
        (step,) = audio(own, shared, **config).steps
        assert step.url == f"{url}/audio/transcriptions"
        assert step.body["language"]["$slot"]["default"] == language
        assert step.body["temperature"] == temperature
    (step,) = audio({"language": " ", **options}, {}, **config).steps
    assert step.url.startswith("https://p.example.com/v1/")
    assert "default" not in step.body["language"]["$slot"]
    text = {"providerOptions": {"openrouter": {"temperature": "0.2"}}}
    assert "temperature" not in audio(text, options).steps[0].body


@pytest.mark.parametrize(
    ("own", "shared", "limit", "parameter"),
    [
        ({}, {}, 60_000, "timeoutMs"),
        ({}, {"timeoutSeconds": 11}, 11_000, "timeoutMs"),
        ({"timeoutSeconds": 9}, {"timeoutSeconds": 11}, 9_000, ""),
    ],
)
def test_an_entry_s_time_limit_goes_before_the_call_s(
    own: Any, shared: Any, limit: int, parameter: str
) -> None:
    (step,) = audio(own, shared).steps
    assert (step.timeout_ms, step.timeout_parameter) == (limit, parameter)  # STT-22


def test_headers_go_from_the_provider_to_the_entry_and_never_over_the_attribution() -> None:
    """STT-14."""
    request = {"headers": {"X-A": "pr", "X-R": "pr"}, "auth": {"mode": "header", "headerName": "K"}}
    block = {"baseUrl": "", "models": [], "headers": {"X-A": "p", "X-P": "p"}, "request": request}
    found = audio(
        {"headers": {"X-A": "e", "HTTP-Referer": "e"}},
        {"headers": {"X-A": "a", "X-Q": "a"}},
        models={"providers": {"openrouter": block}},
    )
    headers = {one.name: one.ref or one.value for one in found.steps[0].headers}
    provider = "config:/models/providers/openrouter"
    assert headers["X-R"] == f"{provider}/request/headers/X-R"
    assert headers["X-P"] == f"{provider}/headers/X-P"
    assert headers["X-Q"] == "config:/tools/media/audio/headers/X-Q"
    assert headers["X-A"] == "config:/tools/media/models/0/headers/X-A"
    assert headers["HTTP-Referer"] == "https://openclaw.ai"


def test_the_config_s_key_goes_first_and_as_it_stands() -> None:
    """STT-20, STT-21."""
    block = {"baseUrl": "", "models": [], "apiKey": "OPENROUTER_API_KEY"}
    env = {**KEY, "OPENROUTER_API_KEY_2": "sk-or-canary-2"}
    credential = audio(env=env, models={"providers": {"openrouter": block}}).credential
    assert credential is not None
    first, *others = credential.chain
    assert (first.ref, first.state) == ("config:/models/providers/openrouter/apiKey", "wins")
    assert [one.kind for one in others] == ["profiles", "env"]
    names = ("OPENROUTER_API_KEYS", "OPENROUTER_API_KEY", "OPENROUTER_API_KEY_2")
    assert credential.more == tuple(f"env:{name}" for name in names)
    forced = audio(env={**env, "OPENCLAW_LIVE_OPENROUTER_KEY": "sk-or-canary-3"}).credential
    assert forced is not None
    assert forced.more == ("env:OPENCLAW_LIVE_OPENROUTER_KEY",)


@pytest.mark.parametrize(
    ("media", "config", "models", "expected"),
    [
        ({}, {}, {}, []),  # a key alone does not do
        ({"models": [entry(model=GEMINI)]}, {}, {}, [GEMINI]),
        (
            {},
            {"agents": {"defaults": {"imageModel": {
                "primary": "openrouter/a/b", "fallbacks": [f"openrouter/{GEMINI}"],
            }}}},
            {},
            ["a/b", GEMINI],
        ),
        ({}, {"agents": {"defaults": {"model": f"openrouter/{GEMINI}"}}}, {}, []),
        ({}, {}, {"chat": f"openrouter/{GEMINI}"}, [GEMINI]),
        ({"models": [entry(model="x/y")]}, {}, {"vision": f"openrouter/{GEMINI}"}, [GEMINI]),
    ],
)  # fmt: skip
def test_images_are_described_by_an_entry_or_the_image_model(
    media: Any, config: Any, models: Any, expected: list[str]
) -> None:
    found = plan("vision", media, asked=models, **config)
    assert [one.model for one in found.candidates] == expected  # VIS-03
    assert bool(found.problem) == (not expected)


def test_a_configured_model_that_sees_no_images_is_refused() -> None:
    rows = [{"id": "a/b", "name": "b", "input": ["text"]}]
    block = {"openrouter": {"baseUrl": "", "models": rows}}
    media = {"models": [entry(model="a/b")]}
    (found,) = plan("vision", media, models={"providers": block}).candidates
    assert "does not support images" in found.problem  # VIS-01


def test_the_prompt_is_the_system_s_on_another_route() -> None:
    """VIS-02, VIS-04."""
    own = {"model": "anthropic/x", "prompt": "What is it?", "maxChars": 40}
    media = {"models": [entry(**own)]}
    (found,) = plan("vision", media).candidates
    text, image = found.steps[1].body["messages"][0]["content"]
    prompt = text["text"]["$slot"]["default"]
    assert prompt == "What is it? Respond in at most 40 characters."
    assert text["cache_control"] == {"type": "ephemeral"}
    assert image["$each"] == "images"
    block = {"openrouter": {"baseUrl": "https://p.example.com/v1", "models": []}}
    (found,) = plan("vision", media, models={"providers": block}).candidates
    system, user = found.steps[1].body["messages"]
    assert (system["role"], system["content"]) == ("system", text["text"])
    assert user["content"] == [image]
    assert [one.name for one in found.steps[1].headers] == ["Authorization", "Content-Type"]
