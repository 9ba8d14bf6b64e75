"""What of the config reaches a chat's request (SL-01 to SL-13)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from openclaw_config.compiler.compile import compile_plan
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import load
from openclaw_config.plan.model import Candidate
from openclaw_config.runtime.bind import bind
from tests.support import OLDEST, document

ENTRY = {"id": "acme/c", "name": "C", "reasoning": True, "contextWindow": 32000, "maxTokens": 2048}
SAY = [{"role": "user", "content": "hi"}]
PROXY = {"proxy": {"mode": "env-proxy"}}


def config(
    entry: dict[str, Any] | None = None, params: Any = None, model: str = "", **block: Any
) -> str:
    """A config with one provider block, of an entry that has more keys than usual."""
    models = [] if entry is None else [{**ENTRY, **entry}]
    ref = model or f"openrouter/{models[0]['id'] if models else 'openai/gpt-5.5'}"
    name = ref.partition("/")[0]
    base = "https://openrouter.ai/api/v1"
    return json.dumps(
        {
            "agents": {"defaults": {"model": ref, "params": params or {}}},
            "models": {"providers": {name: {"baseUrl": base, "models": models, **block}}},
        }
    )


def sent(text: str, **call: Any) -> Any:
    """The body of the chat's own request."""
    surface = compile_plan(document(text, {"OPENROUTER_API_KEY": "k"}), surfaces=("chat",)).chat
    assert surface is not None
    return bind(surface, {"messages": SAY, **call}).requests[-1].body


def first(text: str) -> Candidate:
    surface = compile_plan(document(text, {"OPENROUTER_API_KEY": "k"}), surfaces=("chat",)).chat
    assert surface is not None
    return surface.candidates[0]


LOW: dict[str, Any] = {"effort": "low"}


@pytest.mark.parametrize(
    ("compat", "level", "expected"),
    [
        ({}, "low", {"reasoning": LOW}),
        ({}, "off", {"reasoning": {"effort": "none"}}),
        ({"thinkingFormat": "openrouter"}, "low", {"reasoning": LOW}),
        ({"thinkingFormat": "openai"}, "low", {"reasoning": LOW}),
        ({"thinkingFormat": "openai"}, "off", {}),
        ({"thinkingFormat": "zai"}, "low", {"reasoning": LOW, "enable_thinking": True}),
        ({"thinkingFormat": "zai"}, "off", {"enable_thinking": False}),
        (
            {"thinkingFormat": "deepseek"},
            "low",
            {"reasoning": LOW, "thinking": {"type": "enabled"}},
        ),
        ({"thinkingFormat": "deepseek"}, "off", {"thinking": {"type": "disabled"}}),
        ({"reasoningEffortMap": {"low": "tiny"}}, "low", {"reasoning": {"effort": "tiny"}}),
        ({"reasoningEffortMap": {"low": "tiny"}}, "high", {"reasoning": {"effort": "high"}}),
        (
            {"thinkingFormat": "openai", "reasoningEffortMap": {"low": "tiny"}},
            "low",
            {"reasoning": LOW},
        ),
    ],
)
def test_how_thinking_is_asked_for(compat: Any, level: str, expected: Any) -> None:
    body = sent(config({"compat": compat}), thinking=level)  # SL-02
    names = ("reasoning", "enable_thinking", "thinking", "reasoning_effort")
    assert {name: body[name] for name in names if name in body} == expected


@pytest.mark.parametrize(
    ("block", "entry", "level", "expected"),
    [
        ({}, {}, "off", "high"),
        ({}, {}, "minimal", "low"),
        ({}, {}, "high", "high"),
        ({}, {"compat": {"supportedReasoningEfforts": ["none", "medium"]}}, "low", "medium"),
        ({}, {"compat": {"supportedReasoningEfforts": ["xtra"]}}, "low", "xtra"),
        ({}, {"compat": {"reasoningEffortMap": {"low": "high"}}}, "low", "high"),
        ({"tls": {"serverName": "x"}}, {}, "medium", "medium"),
    ],
)
def test_thinking_on_openclaws_own_transport(
    block: Any, entry: Any, level: str, expected: str
) -> None:
    body = sent(config(entry, request=block or PROXY), thinking=level)  # SL-01
    assert body["reasoning"] == {"effort": expected}


def test_openclaws_own_transport() -> None:
    text = config({}, {"provider": {"sort": "price"}}, request=PROXY, timeoutSeconds=7)
    body = sent(text)  # SL-01
    assert list(body) == ["model", "messages", "stream", "stream_options", "tools", "reasoning"]
    assert body["tools"] == []
    assert "tool_choice" not in body
    assert sent(text, tools=[{"name": "t"}])["tool_choice"] == "auto"
    assert sent(config({}, {"maxTokens": 9}, request=PROXY))["max_completion_tokens"] == 9
    step = first(text).steps[-1]
    assert (step.timeout_ms, step.idle_timeout_ms) == (7000, 7000)
    usual = first(config({}, timeoutSeconds=7)).steps[-1]
    assert (usual.timeout_ms, usual.idle_timeout_ms) == (600_000, 7000)


def test_on_openclaws_own_transport_only_the_prompt_is_marked() -> None:
    text = config(model="openrouter/anthropic/claude-sonnet-4.6", request=PROXY)
    talk = [{"role": "system", "content": "S"}, *SAY]
    body = sent(text, messages=talk, tools=[{"name": "t"}])
    assert "cache_control" in body["messages"][0]["content"][0]
    assert "cache_control" not in body["messages"][1]["content"][0]
    assert "cache_control" not in body["tools"][0]


@pytest.mark.parametrize(
    ("params", "call", "expected"),
    [
        ({"chat_template_kwargs": {}}, {}, {}),
        ({"extraBody": {"a": 1}}, {}, {"a": 1}),
        ({"extra_body": {"a": 1}, "extraBody": {"b": 1}}, {}, {"a": 1}),
        ({"extra_body": {"a": 1}}, {"extraBody": {"b": 1}}, {"b": 1}),
        ({"extra_body": {"a": 1}}, {"extra_body": None}, {}),
        ({"extra_body": {"a": 1, "store": True}}, {}, {"a": 1}),
        ({"extra_body": {"parallel_tool_calls": True}}, {}, {"parallel_tool_calls": True}),
        (
            {"extra_body": {"parallel_tool_calls": True}, "parallelToolCalls": False},
            {},
            {"parallel_tool_calls": False},
        ),
        ({"provider": ["a"]}, {}, {"provider": ["a"]}),
        ({"provider": "a"}, {}, {}),
        ({"provider": {"only": ["a"]}}, {"provider": None}, {}),
        ({"temperature": 0.3}, {"temperature": "hot"}, {}),
        ({"maxTokens": 7}, {"maxTokens": "many"}, {"max_completion_tokens": 2048}),
        ({"maxTokens": 7}, {"maxTokens": 0}, {"max_completion_tokens": None}),
    ],
)
def test_parameters(params: Any, call: Any, expected: Any) -> None:
    usual = sent(config({}))
    body = sent(config({}, params), params=call)
    changed = {
        name: body.get(name) for name in {*body, *usual} if body.get(name) != usual.get(name)
    }
    expected = {name: value for name, value in expected.items() if usual.get(name) != value}
    assert changed == expected  # SL-04


def test_spellings_compete_across_the_layers() -> None:
    text = json.loads(config({}, {"extra_body": {"a": 1}, "parallel_tool_calls": True}))
    own = {"extraBody": {"b": 1}, "parallelToolCalls": False}
    text["agents"]["defaults"]["models"] = {"openrouter/acme/c": {"params": own}}
    body = sent(json.dumps(text))
    assert (body.get("a"), body.get("b"), body["parallel_tool_calls"]) == (1, None, False)


@pytest.mark.parametrize("written", ["bot", "Bot"])
def test_an_agents_parameters_need_its_exact_id(written: str) -> None:
    text = json.loads(config({}))
    text["agents"]["list"] = [{"id": written, "params": {"temperature": 1}}]
    assert ("temperature" in sent(json.dumps(text))) == (written == "bot")  # SL-13


@pytest.mark.parametrize(
    ("entry", "block", "defaults", "usable"),
    [
        ({"contextWindow": 3999}, {}, {}, False),
        ({"contextWindow": 4000}, {}, {}, True),
        ({"contextWindow": 32000, "contextTokens": 3000}, {}, {}, False),
        ({"contextWindow": 1000, "contextTokens": 5000}, {}, {}, True),
        (None, {"contextWindow": 3000}, {}, False),
        (None, {"contextTokens": 3000}, {}, False),
        ({}, {}, {"contextTokens": 3000}, False),
        ({}, {}, {"contextTokens": 4001}, True),
    ],
)
def test_small_context_windows(entry: Any, block: Any, defaults: Any, usable: bool) -> None:
    text = json.loads(config(entry, **block))
    text["agents"]["defaults"] |= defaults
    assert (first(json.dumps(text)).problem == "") is usable  # SL-05


def test_a_providers_limits() -> None:
    """SL-06: over the tables' and the list's, not over an entry's own."""
    facts = first(config(maxTokens=500, contextWindow=8000)).facts
    assert facts is not None
    assert (facts.max_tokens, facts.context_window) == (500, 8000)
    capped = first(config(contextWindow=8000)).facts
    assert capped is not None
    assert capped.max_tokens == 8000
    entry = first(config({}, maxTokens=500)).facts
    assert entry is not None
    assert entry.max_tokens == 2048
    listed = first(config(model="openrouter/acme/new", maxTokens=500)).facts
    assert listed is not None
    assert listed.max_tokens == 500
    assert "maxTokens" not in listed.lookup
    assert "contextWindow" in listed.lookup


@pytest.mark.parametrize(
    ("entry", "block", "path"),
    [
        ({"api": "openai-completions"}, {}, "/api/v1/chat/completions"),
        ({"api": "anthropic-messages"}, {}, "/api/v1/messages"),
        ({}, {"api": "openai-responses"}, "/api/v1/responses"),
        ({"api": "openai-completions"}, {"api": "openai-responses"}, "/api/v1/chat/completions"),
    ],
)
def test_another_wire_is_never_taken_for_chat_completions(
    entry: Any, block: Any, path: str
) -> None:
    url = first(config(entry, **block)).steps[-1].url
    assert url == f"https://openrouter.ai{path}"  # SL-07


def test_a_custom_provider_at_openrouter() -> None:
    """SL-08."""
    found = first(config({"baseUrl": "https://else.example/v1"}, model="my/acme/c", apiKey="k"))
    assert (found.provider, found.model, found.problem) == ("my", "acme/c", "")
    step = found.steps[-1]
    assert step.url == "https://openrouter.ai/api/v1/chat/completions"  # SL-13
    assert {one.name: one.value for one in step.headers}["HTTP-Referer"] == "https://pi.dev"
    assert found.credential is not None
    assert {link.kind for link in found.credential.chain} == {"profiles", "config"}
    text = config({}, {"provider": {"sort": "price"}}, model="my/acme/c")
    body = sent(text, thinking="low")
    assert body["reasoning"] == LOW
    assert "provider" not in body
    elsewhere = first(config({}, model="my/acme/c", baseUrl="https://a.example/v1"))
    assert elsewhere.steps[-1].url == "https://a.example/v1/chat/completions"
    assert "reasoning" not in sent(config({"reasoning": False}, model="my/acme/c"), thinking="low")


def test_entries_are_found_by_their_id() -> None:
    assert (
        sent(config({"id": "openrouter/acme/c"}, model="openrouter/acme/c"))[
            "max_completion_tokens"
        ]
        == 2048
    )
    bare = sent(config({"id": "brand-new"}, model="openrouter/brand-new"))
    assert (bare["model"], bare["max_completion_tokens"]) == ("openrouter/brand-new", 8192)


def test_openclaws_copy_of_the_model_list_is_read(tmp_path: Path) -> None:
    """SL-12."""
    row = {"name": "N", "input": ["text", "image"], "reasoning": True, "contextWindow": 9000}
    known = {"acme/new": {**row, "maxTokens": 77}, "acme/broken": row}
    os.makedirs(tmp_path / "cache")
    (tmp_path / "cache" / "openrouter-models.json").write_text(json.dumps({"models": known}))
    for name, expected in (("acme/new", 77), ("acme/broken", 8192), ("acme/else", 8192)):
        found = load(
            text=config(model=f"openrouter/{name}"),
            name="openclaw.json",
            environment=Environment.of({}),
            state_dir=str(tmp_path),
            target=OLDEST,
        )
        chat = compile_plan(found, surfaces=("chat",)).chat
        assert chat is not None
        facts = chat.candidates[0].facts
        assert facts is not None
        assert (facts.max_tokens, facts.lookup is None) == (expected, expected == 77)


@pytest.mark.parametrize("stop", [5, True, {}, [], [5, ""], ""])
def test_a_stop_that_is_no_text_is_left_out(stop: Any) -> None:
    assert "stop" not in sent(config(params={"stop": stop}))
    assert "stop" not in sent(config(), params={"stop": stop})


def test_prices_come_from_the_entry_or_the_table() -> None:
    cost = {"input": 1, "output": 2.5, "cacheRead": 0.1, "cacheWrite": 0}
    assert first(config({"cost": cost})).facts.price == cost  # type: ignore[union-attr]
    unknown = first(config({"cost": dict.fromkeys(cost, 0)})).facts
    assert unknown is not None
    assert unknown.price is None
    listed = first(config(model="openrouter/openai/gpt-5.5")).facts
    assert listed is not None
    assert listed.price["output"] == 30


@pytest.mark.parametrize(
    ("wanted", "told"),
    [(True, "true"), ("Yes", "true"), ("1", "true"), (" off ", "false"), (False, "false"),
     (1, None), (0, None), ("2", None)],
)  # fmt: skip
def test_which_values_ask_openrouter_to_keep_answers(wanted: Any, told: str | None) -> None:
    text = config(params={"responseCache": wanted})
    read = document(text, {"OPENROUTER_API_KEY": "k"}, "2026.9.6")
    surface = compile_plan(read, surfaces=("chat",)).chat
    assert surface is not None
    headers = {one.name: one.value for one in surface.candidates[0].steps[-1].headers}
    assert headers.get("X-OpenRouter-Cache") == told  # CHAT-34
