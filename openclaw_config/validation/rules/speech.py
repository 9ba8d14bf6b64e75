"""Rules about text-to-speech and talk."""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config import registry
from openclaw_config.diagnostics.model import WARNING, Diagnostic, Related, key_path_text, rule
from openclaw_config.loading.environment import FOUND
from openclaw_config.plan.urls import host_of
from openclaw_config.syntax.nodes import StringNode, child, text_of
from openclaw_config.syntax.text import trim
from openclaw_config.validation.context import RuleContext, texts
from openclaw_config.validation.suggest import rewording

_ONLY = "openrouter"
"""The provider whose speech knows one URL only."""


@rule("tts", "messages", severity=WARNING, label="no key unless a variable holds one")
def speech_without_key(context: RuleContext) -> Iterator[Diagnostic]:
    """Text-to-speech has no key, because the key lives in a profile.

    Onboarding puts a provider's key into an auth profile. Chat, images and video look there;
    text-to-speech does not. It takes its own apiKey, models.providers.<id>.apiKey or the provider's
    variable.

    bad: { messages: { tts: { provider: "openrouter" } }, auth: { profiles: { "openrouter:default":
      { provider: "openrouter", mode: "api_key" } } } }
    good: { messages: { tts: { provider: "openrouter", providers: { openrouter: { apiKey:
      "${OPENROUTER_API_KEY}" } } } }, auth: { profiles: { "openrouter:default": { provider:
      "openrouter", mode: "api_key" } } } }
    source: AUTH-60, ONB-02
    """
    tts = context.keys.speech
    shown = ".".join(tts)
    chosen = context.get(*tts, "provider")
    if not isinstance(chosen, StringNode) or chosen.assumed:
        return
    name = registry.surface_provider(context.target, "speech", chosen.value)
    known = registry.provider(context.target, name)
    profile = None
    for path, node in context.each("auth", "profiles", "*"):
        if trim(text_of(child(node, "provider")) or "").lower() == name:
            profile = context.key(path)
    if known is None or not known.keys or profile is None:
        return
    places = ((*tts, "providers", name), (*tts, name), ("models", "providers", name))
    state = context.document.environment.state
    if any(context.get(*place, "apiKey") is not None for place in places) or any(
        state(variable) == FOUND for variable in known.keys
    ):
        return
    yield speech_without_key.at(
        chosen.location,
        f"{shown} uses {name}, but does not look into its auth profile for the key",
        (*tts, "provider"),
        related=(Related(profile, "the key is in this profile"),),
        helps=(f"set {known.keys[0]}, or {shown}.providers.{name}.apiKey",),
    )


@rule("tts", "messages", severity=WARNING)
def variable_name_as_key(context: RuleContext) -> Iterator[Diagnostic]:
    """A variable's name stands where text-to-speech takes the key itself.

    models.providers.<id>.apiKey may be the name of a variable, and OpenClaw reads that variable.
    Text-to-speech does not: it sends the name as the key. Write ${NAME}.

    bad: { messages: { tts: { provider: "openrouter", providers: { openrouter: { apiKey:
      "OPENROUTER_API_KEY" } } } } }
    good: { messages: { tts: { provider: "openrouter", providers: { openrouter: { apiKey:
      "${OPENROUTER_API_KEY}" } } } } }
    source: AUTH-20, AUTH-60
    """
    for path, node in texts(context.each(*context.keys.speech, "providers", "*", "apiKey")):
        name = trim(node.value)
        if name in registry.key_variable_names(context.target) and not node.variables:
            text, written = "is sent as the key, not read as a variable", f"write ${{{name}}}"
            fix = rewording(node, f"${{{name}}}", safe=True, title=written)
            yield context.at_value(variable_name_as_key, path, text, label=written, fix=fix)


@rule("messages", severity=WARNING, until="2026.8.1", label="speech and its key go past it")
def speech_ignores_base_url(context: RuleContext) -> Iterator[Diagnostic]:
    """OpenRouter's speech does not go to the base URL that is configured.

    Whatever the base URL says, text-to-speech by OpenRouter goes to openrouter.ai, with the key. A
    proxy sees chat, images and videos, but no speech; a key that only the proxy knows is shown to
    OpenRouter and refused.

    bad: { messages: { tts: { provider: "openrouter" } }, models: { providers: { openrouter: {
      baseUrl: "https://proxy.example.com/v1", models: [] } } } }
    good: { messages: { tts: { provider: "openrouter" } }, models: { providers: { openrouter: {
      baseUrl: "https://openrouter.ai/api/v1", models: [] } } } }
    source: TTS-10
    """
    tts = context.keys.speech
    chosen = context.text(*tts, "provider") or ""
    if registry.surface_provider(context.target, "speech", chosen) != _ONLY:
        return
    for place in ((*tts, "providers", _ONLY), ("models", "providers", _ONLY)):
        path = (*place, "baseUrl")
        url = context.text(*path) or ""
        if url.strip() and not registry.is_own_host(context.target, _ONLY, host_of(url)):
            text = "has no effect on speech, which goes to openrouter.ai"
            yield context.at_key(speech_ignores_base_url, path, text)


@rule("talk")
def talk_provider(context: RuleContext) -> Iterator[Diagnostic]:
    """talk.provider does not choose one of talk.providers.

    When talk.providers configures providers, talk.provider has to name one of them, in lower case;
    with a single one it may be left out. The same holds for talk.realtime since 2026.5.12.

    bad: { talk: { provider: "openai", providers: { elevenlabs: { apiKey: "${ELEVENLABS_API_KEY}" }
      } } }
    good: { talk: { provider: "elevenlabs", providers: { elevenlabs: { apiKey:
      "${ELEVENLABS_API_KEY}" } } } }
    source: talk-provider-known, talk-provider-required
    """
    for way in ("talk",), ("talk", "realtime"):
        names = context.names_at(*way, "providers")
        known = way == ("talk",) or context.since("2026.5.12")
        if not (names and known and context.is_sound(("talk",))):
            continue
        helps = (f"configured: {', '.join(names)}",)
        path = (*way, "provider")
        where = key_path_text((*way, "providers"))
        chosen = context.get(*path)
        if isinstance(chosen, StringNode) and (trim(chosen.value) or chosen.assumed):
            if not chosen.assumed and trim(chosen.value).lower() not in names:
                text = f"is not one of {where}"
                yield context.misnamed(talk_provider, path, text, names, helps=helps)
        elif len(names) > 1:
            text = f"{key_path_text(path)} must say which of {where} to use"
            yield talk_provider.at(context.key((*way, "providers")), text, path, helps=helps)
