"""Speech: layers, personas and the order of providers (TTS-01 to TTS-32)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openclaw_config.compiler.compile import compile_plan
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import load
from openclaw_config.plan.model import Candidate
from openclaw_config.resolution import speech
from openclaw_config.resolution.settings import Resolved
from openclaw_config.view.settings import choose_agent
from tests.support import document

ENV = {"OPENROUTER_API_KEY": "k"}


def resolved(config: object, env: dict[str, str] | None = None) -> Resolved[speech.SpeechProvider]:
    """The speech of the default agent."""
    doc = document(json.dumps(config), ENV if env is None else env)
    agent = choose_agent(doc)
    assert agent is not None
    return speech.resolve(agent)


def tts(provider: dict[str, object], **more: object) -> dict[str, object]:
    """A config whose speech is OpenRouter's, with its settings."""
    block = {"provider": "openrouter", "providers": {"openrouter": provider}, **more}
    return {"messages": {"tts": block}}


def spoken(config: object) -> Candidate:
    """The compiled OpenRouter candidate."""
    plan = compile_plan(document(json.dumps(config), ENV), surfaces=("speech",)).speech
    assert plan is not None
    return plan.candidates[0]


def fields(config: object) -> dict[str, object]:
    """The fields of the request's body that are settled beforehand."""
    body = spoken(config).steps[0].body
    slots = {name: value for name, value in body.items() if _is_slot(value)}
    settled = {name: slot["$slot"].get("default") for name, slot in slots.items()}
    found = {name: settled.get(name, value) for name, value in body.items() if name != "input"}
    return {name: value for name, value in found.items() if value is not None}


def _is_slot(value: object) -> bool:
    return isinstance(value, dict) and "$slot" in value


def test_defaults() -> None:
    assert fields(tts({})) == {  # TTS-11
        "model": "hexgrad/kokoro-82m",
        "voice": "af_alloy",
        "response_format": "mp3",
    }
    surface = resolved({})
    assert surface.settings["auto"].value == "off"  # TTS-02
    assert surface.candidates[0].timeout_ms.value == 30_000
    assert surface.settings["maxTextLength"].value == 4096


def test_the_agents_layer_is_merged_over_the_common_one() -> None:
    config = {
        **tts({"model": "a/a", "voice": "v"}, timeoutMs=5000),
        "agents": {"list": [{"id": "m", "tts": {"providers": {"openrouter": {"model": "b/b"}}}}]},
    }
    assert fields(config)["model"] == "b/b"  # TTS-01
    assert fields(config)["voice"] == "v"
    assert spoken(config).steps[0].timeout_ms == 5000  # TTS-23


def test_an_alias_counts_only_where_the_main_name_is_absent() -> None:
    assert fields(tts({"modelId": "c/d", "voiceId": "echo"}))["model"] == "c/d"  # TTS-11
    assert fields(tts({"model": "a/b", "modelId": "c/d"}))["model"] == "a/b"
    assert fields(tts({"model": "", "modelId": "c/d"}))["model"] == "hexgrad/kokoro-82m"
    assert fields(tts({"model": None, "modelId": "c/d"}))["model"] == "c/d"


def test_a_main_name_in_a_weaker_layer_beats_an_alias_in_a_stronger_one() -> None:
    config = {
        **tts({"voice": "main"}),
        "agents": {
            "list": [{"id": "m", "tts": {"providers": {"openrouter": {"voiceId": "alias"}}}}]
        },
    }
    assert fields(config)["voice"] == "main"  # TTS-01 before TTS-11


def test_format_speed_and_routing() -> None:
    config = tts({"responseFormat": "PCM", "speed": 1.25, "provider": {"order": ["x"]}})
    assert fields(config)["response_format"] == "pcm"  # TTS-11
    assert fields(config)["speed"] == 1.25
    assert fields(config)["provider"] == {"order": ["x"]}
    assert "speed" not in fields(tts({"speed": "1.25"}))
    assert "wav" in spoken(tts({"responseFormat": "wav"})).problem


def test_speech_always_goes_to_openrouter_itself() -> None:
    config = {
        **tts({"baseUrl": "https://proxy.test/v1"}),
        "models": {"providers": {"openrouter": {"baseUrl": "https://other.test", "models": []}}},
    }
    assert spoken(config).steps[0].url == "https://openrouter.ai/api/v1/audio/speech"  # TTS-10


def test_a_persona_binds_by_the_main_names_only() -> None:
    personas = {"p": {"providers": {"openrouter": {"voiceId": "x", "model": "p/p"}}}}
    config = tts({"voice": "base"}, persona="P", personas=personas)
    assert fields(config)["voice"] == "base"  # TTS-32
    assert fields(config)["model"] == "p/p"


def test_a_persona_lies_over_every_field() -> None:
    own = {"model": " ", "responseFormat": "pcm", "speed": 2, "provider": {"only": ["x"]}}
    personas = {"p": {"providers": {"openrouter": own}}}
    beneath = {"model": "base/base", "speed": 1.5, "provider": {"order": ["y"]}}
    assert fields(tts(beneath, persona="p", personas=personas)) == {
        "model": "hexgrad/kokoro-82m",  # TTS-32: a blank text hides what is beneath
        "voice": "af_alloy",
        "response_format": "pcm",
        "speed": 2,
        "provider": {"only": ["x"]},
    }


def order(config: object, env: dict[str, str] | None = None) -> list[str]:
    """The ids of the providers in the order in which they are tried."""
    return [provider.id for provider in resolved(config, env).candidates]


def test_the_chosen_provider_then_all_others() -> None:
    found = order(tts({}))
    assert found[:3] == ["openrouter", "openai", "elevenlabs"]  # TTS-30, TTS-31
    assert len(found) == len(set(found))
    assert order({"messages": {"tts": {"provider": "EDGE"}}})[0] == "microsoft"


def test_without_a_choice_the_first_configured_one() -> None:
    found = order({}, ENV)
    assert found.index("openrouter") < found.index("openai")  # TTS-30


def test_a_personas_provider_is_preferred_when_it_exists() -> None:
    personas = {"p": {"provider": "google"}, "q": {"provider": "nosuch"}}
    assert order(tts({}, persona="p", personas=personas))[0] == "google"  # TTS-30
    assert order(tts({}, persona="q", personas=personas))[0] == "openrouter"


# --- layers, personas and preferences as OpenClaw merges them -----------------------------------


def layered(base: dict[str, object], agent: dict[str, object]) -> dict[str, object]:
    """A config whose default agent has speech settings of its own."""
    listed = [{"id": "main", "tts": agent}]
    return {"messages": {"tts": {"provider": "openrouter", **base}}, "agents": {"list": listed}}


def test_layers_merge_deeply() -> None:
    config = layered(
        {
            "providers": {
                "openrouter": {"provider": {"order": ["a"], "sort": "price"}, "speed": 1.5}
            }
        },
        {"providers": {"openrouter": {"provider": {"only": ["b"], "sort": "latency"}}}},
    )
    found = fields(config)
    assert found["provider"] == {"order": ["a"], "sort": "latency", "only": ["b"]}  # SL-42
    assert found["speed"] == 1.5


def test_null_hides_the_value_of_a_weaker_layer() -> None:
    config = layered(
        {"providers": {"openrouter": {"voice": "v", "speed": 1.5}}},
        {"providers": {"openrouter": {"voice": None, "speed": None}}},
    )
    assert fields(config) == fields(tts({}))  # SL-42


def test_a_key_of_a_stronger_layer_takes_the_place_of_a_weaker_one() -> None:
    config = layered(
        {"providers": {"openrouter": {"apiKey": "k"}}},
        {"providers": {"openrouter": {"apiKey": ""}}},
    )
    credential = spoken(config).credential
    assert credential is not None
    assert [link.state for link in credential.chain] == ["empty", "absent", "wins"]


def test_personas_and_their_providers_have_any_case_and_merge() -> None:
    config = layered(
        {
            "persona": " CALM ",
            "personas": {"Calm": {"providers": {"OpenRouter": {"voice": "a", "speed": 0.8}}}},
        },
        {"personas": {"calm": {"providers": {"openrouter": {"voice": "b"}}}}},
    )
    assert fields(config) | {"model": ""} == {  # SL-41
        "model": "", "voice": "b", "speed": 0.8, "response_format": "mp3",
    }  # fmt: skip


def test_a_strict_persona_lets_only_its_own_providers_speak() -> None:
    persona = {"calm": {"fallbackPolicy": "fail", "providers": {}}}
    refused = spoken(tts({}, persona="calm", personas=persona))
    assert "calm" in refused.problem  # SL-41
    persona["calm"]["providers"] = {"openrouter": {}}
    assert not spoken(tts({}, persona="calm", personas=persona)).problem


def test_a_secret_reference_in_a_persona_is_never_resolved() -> None:
    ref = {"source": "env", "provider": "default", "id": "OTHER"}
    persona = {"calm": {"providers": {"openrouter": {"apiKey": ref}}}}
    credential = spoken(tts({"apiKey": "own"}, persona="calm", personas=persona)).credential
    assert credential is not None
    assert [link.state for link in credential.chain] == ["unusable", "absent", "wins"]  # SL-41


@pytest.mark.parametrize("by", ["folder", "prefsPath", "variable"])
def test_the_preference_file_chooses(by: str, tmp_path: Path) -> None:
    block: dict[str, object] = {"provider": "elevenlabs", "persona": "calm", "auto": "tagged"}
    file = tmp_path / ("settings/tts.json" if by == "folder" else "p.json")
    file.parent.mkdir(exist_ok=True)
    chosen = {"provider": " OpenRouter ", "persona": "", "enabled": True}
    file.write_text(json.dumps({"tts": chosen}), encoding="utf-8")
    if by == "prefsPath":
        block["prefsPath"] = str(file)
    env = {"OPENCLAW_TTS_PREFS": str(file)} if by == "variable" else {}
    (tmp_path / "openclaw.json").write_text(
        json.dumps({"messages": {"tts": block}}), encoding="utf-8"
    )

    def surface(environment: Environment) -> Resolved[speech.SpeechProvider]:
        found = load(str(tmp_path / "openclaw.json"), environment=environment)
        agent = choose_agent(found)
        assert agent is not None
        return speech.resolve(agent)

    here = surface(Environment.of(env))
    assert here.candidates[0].id == "openrouter"  # TTS-04, SL-40
    assert (here.persona, here.settings["auto"].value) == ("", "always")
    file.write_text("{", encoding="utf-8")
    assert surface(Environment.of(env)).candidates[0].id == "elevenlabs"
    file.write_text(json.dumps({"tts": chosen}), encoding="utf-8")
    elsewhere = surface(Environment.assumed())
    assert elsewhere.candidates[0].id == "elevenlabs"
    assert (elsewhere.persona, elsewhere.settings["auto"].value) == ("calm", "tagged")
