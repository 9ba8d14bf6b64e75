"""Lints about text-to-speech."""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config import registry
from openclaw_config.diagnostics.model import WARNING, Diagnostic, Related
from openclaw_config.diagnostics.rules import Rule
from openclaw_config.loading.environment import FOUND
from openclaw_config.syntax.nodes import StringNode, child, text_of
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

_TTS = ("messages", "tts")


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
        if (text_of(child(member.value, "provider")) or "").strip().lower() == name:
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
