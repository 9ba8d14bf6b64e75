"""Chat's candidates: aliases, inference, agents and fallbacks (MODEL-03 to MODEL-22)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openclaw_config import api
from openclaw_config.compiler.compile import compile_plan
from openclaw_config.resolution import chat
from openclaw_config.runtime.bind import bind
from openclaw_config.view.settings import all_agents, choose_agent
from tests.support import document


def refs(config: object, agent: str = "", model: str = "") -> list[str]:
    """The keys of an agent's candidates."""
    doc = document(json.dumps(config), {})
    chosen = choose_agent(doc, agent)
    assert chosen is not None
    return [candidate.ref.key for candidate in chat.resolve(chosen, model).candidates]


def defaults(**keys: object) -> dict[str, object]:
    return {"agents": {"defaults": keys}}


A, B, C = "openrouter/a/a", "openrouter/b/b", "openrouter/c/c"


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (defaults(model=A), [A]),
        (defaults(model={"primary": A, "fallbacks": [B, A, C, B]}), [A, B, C]),
        (defaults(model="openrouter/auto"), ["openrouter/auto"]),
        (defaults(model="openrouter:AUTO"), ["openrouter/auto"]),
        ({}, ["openai/gpt-5.5"]),
        (defaults(model="  "), ["openai/gpt-5.5"]),
        (defaults(model="kimi-k2.6"), ["openai/kimi-k2.6"]),
        (
            {"models": {"providers": {"acme": {"models": [{"id": "m", "name": "M"}]}}}},
            ["acme/m"],
        ),
    ],
    ids=["text", "fallbacks", "auto", "special word", "nothing", "blank", "bare", "first provider"],
)
def test_the_default_agents_candidates(config: object, expected: list[str]) -> None:
    assert refs(config) == expected  # MODEL-04, MODEL-07, MODEL-20


def test_an_alias_is_looked_up_before_the_ref_is_split() -> None:
    models = {"openrouter/auto": {"alias": "OR"}, B: {"alias": "x/y"}}
    assert refs(defaults(model="or", models=models)) == ["openrouter/auto"]  # MODEL-06
    assert refs(defaults(model="X/Y", models=models)) == [B]


def test_a_model_without_an_alias_gets_the_usual_one() -> None:
    models: dict[str, object] = {"anthropic/claude-opus-4-7": {}}
    assert refs(defaults(model="opus", models=models)) == ["anthropic/claude-opus-4-7"]  # LOAD-43


def test_openrouter_free_takes_the_first_free_model() -> None:
    models: dict[str, object] = {A: {}, "openrouter/d/d:free": {}, "openrouter/e/e:free": {}}
    found = refs(defaults(model="openrouter:free", models=models))
    assert found == ["openrouter/d/d:free"]  # MODEL-04


def test_a_bare_name_finds_its_only_owner() -> None:
    assert refs(defaults(model="gpt-x", models={"acme/gpt-x": {}})) == ["acme/gpt-x"]  # MODEL-07
    two: dict[str, object] = {"acme/gpt-x": {}, "other/gpt-x": {}}
    assert refs(defaults(model="gpt-x", models=two)) == ["openai/gpt-x"]


def test_a_bare_fallback_takes_the_primarys_provider() -> None:
    config = defaults(model={"primary": A, "fallbacks": ["free"]})
    assert refs(config) == [A, "openrouter/free"]  # MODEL-20


AGENT_CASES = [
    ("text replaces all", "openrouter/x/x", ["openrouter/x/x"]),
    ("primary alone", {"primary": "openrouter/x/x"}, ["openrouter/x/x"]),
    ("own fallbacks", {"primary": "openrouter/x/x", "fallbacks": [C]}, ["openrouter/x/x", C]),
    ("no primary, own fallbacks", {"fallbacks": [C]}, [A, C]),
    ("empty fallbacks", {"fallbacks": []}, [A]),
    ("neither", {}, [A, B]),
]


@pytest.mark.parametrize(
    ("name", "model", "expected"), AGENT_CASES, ids=[c[0] for c in AGENT_CASES]
)
def test_an_agents_fallbacks_replace_those_of_the_defaults(
    name: str, model: object, expected: list[str]
) -> None:
    config = {
        "agents": {
            "defaults": {"model": {"primary": A, "fallbacks": [B]}},
            "list": [{"id": "Main"}, {"id": "Helper", "model": model}],
        }
    }
    assert refs(config, agent="helper") == expected  # MODEL-10


def test_the_default_agent_is_the_marked_one_else_the_first() -> None:
    listed = [{"id": "a", "model": A}, {"id": "b", "model": B, "default": True}]
    assert refs({"agents": {"list": listed}}) == [B]  # MODEL-10
    assert refs({"agents": {"list": listed[:1]}}) == [A]


def test_an_unknown_agent_is_none() -> None:
    assert choose_agent(document("{}"), "nobody") is None


def test_a_calls_own_model_is_strict_and_minds_the_allowlist() -> None:
    config = defaults(model={"primary": A, "fallbacks": [B]})
    assert refs(config, model=C) == [C]  # MODEL-20
    listed = defaults(model={"primary": A, "fallbacks": [B]}, models={A: {}})
    doc = document(json.dumps(listed))
    agent = all_agents(doc)[0]
    assert chat.resolve(agent, C).problem  # MODEL-22
    assert not chat.resolve(agent, B).problem


MIGRATED = {"migrations": {"modelPolicyAllowlist": True}}
AGENT = {"model": A, "modelPolicy": {"allow": [B]}}
ALIASED = {C: {"alias": "see"}, A: {}}


@pytest.mark.parametrize(
    ("config", "allowed", "refused"),
    [
        (defaults(model=A), [A, B], []),
        (defaults(model=A, modelPolicy={"allow": [B]}), [A, B], [C]),  # CHAT-58, MODEL-22'
        (defaults(model=A, modelPolicy={"allow": []}), [A, B, C], []),
        (defaults(model=A, modelPolicy={"allow": ["openrouter/*"]}), [A, B], ["openai/gpt-5.5"]),
        (defaults(model=C, modelPolicy={"allow": ["openrouter/openai/*"]}), [], [C]),
        (defaults(model=A, modelPolicy={"allow": ["openrouter:auto"]}), ["openrouter/auto"], [B]),
        (defaults(model=A, modelPolicy={"allow": ["see"]}, models=ALIASED), [A, C], [B]),
        (defaults(model={"primary": A, "fallbacks": [B]}, modelPolicy={"allow": [C]}), [C], [B]),
        (defaults(model=A, models={B: {}}), [A, B], [C]),
        (defaults(model=A, models={"openrouter/*": {}}), [A, B, C], ["openai/gpt-5.5"]),
        (defaults(model=A, models={B: {}}, modelPolicy={}), [C], []),
        ({**defaults(model=A, models={B: {}}), "meta": MIGRATED}, [C], []),
        (
            {"agents": {"defaults": {"modelPolicy": {"allow": [C]}}, "entries": {"x": AGENT}}},
            [B],
            [C],
        ),
    ],
)
def test_which_models_a_call_may_choose(
    config: Any, allowed: list[str], refused: list[str]
) -> None:
    doc = document(json.dumps(config), target="2026.9.6")
    agent = all_agents(doc)[0]
    for name in (*allowed, *refused):
        assert bool(chat.resolve(agent, name).problem) == (name in refused), name


def test_parameters_are_merged_layer_by_layer() -> None:
    config = {
        "agents": {
            "defaults": {
                "model": A,
                "params": {"temperature": 1, "provider": {"order": ["a"]}, "extraBody": {"x": 1}},
                "models": {A: {"params": {"provider": {"only": ["b"]}, "extra_body": {"y": 2}}}},
            },
            "list": [{"id": "main", "params": {"temperature": 0}}],
        }
    }
    doc = document(json.dumps(config))
    agent = choose_agent(doc)
    assert agent is not None
    (params,) = chat.resolve(agent).candidates[0].layers
    merged = {name: setting.value for name, setting in params.items()}
    assert merged == {  # CHAT-32
        "temperature": 0,
        "provider": {"only": ["b"]},
        "extraBody": {"x": 1},
        "extra_body": {"y": 2},
    }
    assert params["temperature"].origin.path == "/agents/list/0/params/temperature"
    found = compile_plan(doc).chat
    assert found is not None
    sent = bind(found, {"messages": [{"role": "user", "content": "U"}]}).requests[-1].body
    assert isinstance(sent, dict)
    assert (sent.get("x"), sent["y"]) == (None, 2)  # CHAT-31


def test_a_bare_name_in_a_call_is_one_of_the_primarys_provider() -> None:
    assert refs(defaults(model=A), model="auto") == ["openrouter/auto"]
    assert refs(defaults(model=A), model="x/y") == ["x/y"]


def test_caches_are_kept_for_an_hour_when_the_environment_says_so() -> None:
    env = {"OPENROUTER_API_KEY": "k", "PI_CACHE_RETENTION": "long"}
    config = json.dumps(defaults(model="openrouter/anthropic/claude-sonnet-4.6"))
    surface = compile_plan(document(config, env)).chat
    assert surface is not None
    turns = [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}]
    bound = bind(surface, {"messages": turns, "tools": [{"name": "t"}]})
    sent = bound.requests[-1].body
    assert isinstance(sent, dict)
    marked = [sent["tools"][0], *(turn["content"][0] for turn in sent["messages"])]
    tool, system, last = (one["cache_control"] for one in marked)
    assert tool == last == {"type": "ephemeral", "ttl": "1h"}
    assert system == {"type": "ephemeral"}  # SL-11


R, N = "openrouter/openai/gpt-5.5", "openrouter/openai/gpt-4o-mini"


@pytest.mark.parametrize(
    ("config", "efforts"),
    [
        (defaults(model=R), ["none"]),
        (defaults(model=R, models={A: {}}), ["medium"]),
        (defaults(model=N, models={N: {}}), [None]),
        (defaults(model={"primary": R, "fallbacks": [N]}, models={A: {}}), ["medium", "medium"]),
        (defaults(model={"primary": N, "fallbacks": [R]}, models={R: {}}), [None, "none"]),
        (defaults(model=R, thinkingDefault="xhigh"), ["high"]),
        (defaults(model=N, thinkingDefault="max"), ["high"]),
        (defaults(model=R, thinkingDefault="adaptive"), ["medium"]),
        (defaults(model=R, models={R: {"params": {"thinking": "minimal"}}}), ["minimal"]),
        (defaults(model=R, models={R: {"params": {"thinking": "bogus"}}}), ["medium"]),
        (
            defaults(
                model={"primary": N, "fallbacks": [R]}, models={R: {"params": {"thinking": "low"}}}
            ),
            [None, "none"],
        ),
    ],
)
def test_thinking_is_settled_for_the_first_model(config: object, efforts: list[str | None]) -> None:
    surface = compile_plan(document(json.dumps(config), {"OPENROUTER_API_KEY": "k"})).chat
    assert surface is not None
    found: list[str | None] = []
    for one in surface.candidates:
        alone = surface._replace(candidates=(one,))
        bound = bind(alone, {"messages": [{"role": "user", "content": "Hi"}]})
        sent = bound.requests[-1].body
        assert isinstance(sent, dict)
        found.append(sent.get("reasoning", {}).get("effort"))
    assert found == efforts  # MODEL-50, CHAT-20


def test_another_api_takes_the_first_name_of_a_parameter_whichever_layer_has_it() -> None:
    body = {"apiKey": "k", "baseUrl": "https://llm.test/v1", "api": "openai-completions"}
    models = [{"id": "foo", "name": "Foo", "contextWindow": 9000, "maxTokens": 900}]
    config = {
        "agents": {
            "defaults": {
                "model": "my/foo",
                "params": {"extra_body": {"user": "a"}},
                "models": {"my/foo": {"params": {"extraBody": {"seed": 1}}}},
            }
        },
        "models": {"providers": {"my": {**body, "models": models}}},
    }
    loaded = api.load(text=json.dumps(config), target="2026.9.6")
    assert loaded.plan.chat is not None
    bound = loaded.plan.chat.bind(messages=[{"role": "user", "content": "hi"}])
    sent = bound.requests[-1].body
    assert (sent["user"], "seed" in sent) == ("a", False)  # CHAT-31
