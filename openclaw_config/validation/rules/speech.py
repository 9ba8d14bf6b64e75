"""Lints about text-to-speech."""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config import registry
from openclaw_config.diagnostics.model import WARNING, Diagnostic, Fix, Related, key_path_text
from openclaw_config.diagnostics.rules import Rule
from openclaw_config.loading.environment import FOUND
from openclaw_config.plan.urls import host_of
from openclaw_config.syntax.nodes import StringNode, child, text_of
from openclaw_config.syntax.scanner import trim
from openclaw_config.validation.config import Config, check
from openclaw_config.validation.issues import LINT

SPEECH_WITHOUT_KEY = Rule(
    name="speech-without-key",
    severity=WARNING,
    summary="Text-to-speech has no key, because the key lives in a profile.",
    why=(
        "Onboarding puts a provider's key into an auth profile. Chat, images and video look there;"
        " text-to-speech does not. It takes its own apiKey, models.providers.<id>.apiKey or the"
        " provider's variable."
    ),
    bad=(
        '{ messages: { tts: { provider: "openrouter" } }, auth: { profiles:'
        ' { "openrouter:default": { provider: "openrouter", mode: "api_key" } } } }'
    ),
    good=(
        '{ messages: { tts: { provider: "openrouter", providers: { openrouter:'
        ' { apiKey: "${OPENROUTER_API_KEY}" } } } }, auth: { profiles:'
        ' { "openrouter:default": { provider: "openrouter", mode: "api_key" } } } }'
    ),
    source="AUTH-60, ONB-02",
)

NAME_AS_KEY = Rule(
    name="variable-name-as-key",
    severity=WARNING,
    summary="A variable's name stands where text-to-speech takes the key itself.",
    why=(
        "models.providers.<id>.apiKey may be the name of a variable, and OpenClaw reads that"
        " variable. Text-to-speech does not: it sends the name as the key. Write ${NAME}."
    ),
    bad=(
        '{ messages: { tts: { provider: "openrouter", providers: { openrouter:'
        ' { apiKey: "OPENROUTER_API_KEY" } } } } }'
    ),
    good=(
        '{ messages: { tts: { provider: "openrouter", providers: { openrouter:'
        ' { apiKey: "${OPENROUTER_API_KEY}" } } } } }'
    ),
    source="AUTH-20, AUTH-60",
)

SPEECH_BASE_URL = Rule(
    name="speech-ignores-base-url",
    severity=WARNING,
    summary="OpenRouter's speech does not go to the base URL that is configured.",
    why=(
        "Whatever the base URL says, text-to-speech by OpenRouter goes to openrouter.ai, with the"
        " key. A proxy sees chat, images and videos, but no speech; a key that only the proxy"
        " knows is shown to OpenRouter and refused."
    ),
    bad=(
        '{ messages: { tts: { provider: "openrouter" } }, models: { providers: { openrouter:'
        ' { baseUrl: "https://proxy.example.com/v1", models: [] } } } }'
    ),
    good=(
        '{ messages: { tts: { provider: "openrouter" } }, models: { providers: { openrouter:'
        ' { baseUrl: "https://openrouter.ai/api/v1", models: [] } } } }'
    ),
    source="TTS-10",
)

_TTS = ("messages", "tts")
_ONLY = "openrouter"
"""The provider whose speech knows one URL only."""


@check(LINT, "messages")
def speech_without_key(config: Config) -> Iterator[Diagnostic]:
    """speech-without-key, for the provider that the config chooses."""
    chosen = config.get(*_TTS, "provider")
    if not isinstance(chosen, StringNode) or chosen.assumed:
        return
    name = registry.surface_provider("speech", chosen.value)
    known = registry.provider(name)
    if known is None or not known.key_variables:
        return
    profiles = config.object("auth", "profiles")
    profile = None
    for member in profiles.index.values() if profiles is not None else ():
        if trim(text_of(child(member.value, "provider")) or "").lower() == name:
            profile = member
    if profile is None:
        return
    if any(
        config.get(*place, "apiKey") is not None
        for place in ((*_TTS, "providers", name), (*_TTS, name), ("models", "providers", name))
    ):
        return
    environment = config.document.environment
    if any(environment.state(variable) == FOUND for variable in known.key_variables):
        return
    yield SPEECH_WITHOUT_KEY.at(
        chosen.location,
        f"messages.tts uses {name}, but does not look into its auth profile for the key",
        (*_TTS, "provider"),
        label="no key unless a variable holds one",
        related=(Related(profile.key_location, "the key is in this profile"),),
        helps=(f"set {known.key_variables[0]}, or messages.tts.providers.{name}.apiKey",),
    )


@check(LINT, "messages")
def names_as_keys(config: Config) -> Iterator[Diagnostic]:
    """variable-name-as-key."""
    for path, node in config.each(*_TTS, "providers", "*", "apiKey"):
        if not isinstance(node, StringNode) or node.assumed or node.variables:
            continue
        name = trim(node.value)
        if name in registry.key_variable_names():
            from openclaw_config.validation import edits

            change = edits.reword(node, f"${{{name}}}")
            yield NAME_AS_KEY.at(
                node.location,
                f"{key_path_text(path)} is sent as the key, not read as a variable",
                path,
                label=f"write ${{{name}}}",
                fix=Fix(f"write ${{{name}}}", change) if change else None,
            )


@check(LINT, "messages")
def speech_base_url(config: Config) -> Iterator[Diagnostic]:
    """speech-ignores-base-url."""
    chosen = config.text(*_TTS, "provider") or ""
    if registry.surface_provider("speech", chosen) != _ONLY:
        return
    for place in ((*_TTS, "providers", _ONLY), ("models", "providers", _ONLY)):
        path = (*place, "baseUrl")
        url = config.text(*path)
        if url and url.strip() and not registry.is_own_host(_ONLY, host_of(url)):
            yield SPEECH_BASE_URL.at(
                config.key(path),
                f"{key_path_text(path)} has no effect on speech, which goes to openrouter.ai",
                path,
                label="speech and its key go past it",
            )
