"""Rules about providers: where their requests go, and what speech and talk take of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from openclaw_config import registry
from openclaw_config.diagnostics.model import WARNING, Diagnostic, Related, key_path_text, rule
from openclaw_config.loading.environment import FOUND
from openclaw_config.plan.urls import host_of, is_local, loose
from openclaw_config.syntax.nodes import Node, StringNode, child
from openclaw_config.syntax.text import KeyPath, trim
from openclaw_config.validation.context import RuleContext, known_text, listed, texts
from openclaw_config.validation.suggest import nearest, rewording
from openclaw_config.view import settings
from openclaw_config.view.refs import split, written
from openclaw_config.view.settings import items, truth

_OLD = "https://openrouter.ai/v1"
_NEW = "https://openrouter.ai/api/v1"
_OPENROUTER = "openrouter"
"""Whose media requests are known to refuse private addresses, and whose speech knows one URL."""
_TELLING = 9
"""From this length on, a host's name is too long to stand in another one by chance."""


def _base_urls(context: RuleContext) -> Iterator[tuple[KeyPath, StringNode, str]]:
    """The base URLs of model providers, each with its text without outer spaces."""
    for path, node in texts(context.each("models", "providers", "*", "baseUrl")):
        if url := node.value.strip():
            yield path, node, url


def _is_old(path: KeyPath, url: str) -> bool:
    return path[2] == "openrouter" and url.rstrip("/") == _OLD


@rule("models", severity=WARNING, label="write https")
def insecure_base_url(context: RuleContext) -> Iterator[Diagnostic]:
    """A provider is reached over plain http.

    The key travels in a header of every request. Over http anybody on the way can read it; only a
    host on this machine or in a private network needs no https.

    bad: { models: { providers: { acme: { baseUrl: "http://api.acme.test/v1", models: [] } } } }
    good: { models: { providers: { acme: { baseUrl: "https://api.acme.test/v1", models: [] } } } }
    source: HTTP-01
    """
    for path, _, url in _base_urls(context):
        parsed = None if url[:6].lower() == "https:" else loose(url)
        if parsed is None or parsed.scheme != "http":
            continue
        if not _is_near(parsed.host) and not _imitated(context.target, url):
            yield context.at_value(path, "sends the key over plain http")


@rule("models", severity=WARNING, label="the key would go to this host")
def look_alike_host(context: RuleContext) -> Iterator[Diagnostic]:
    """A base URL that looks like a provider's host but is not.

    A host such as openrouter.ai.example.com belongs to example.com, which would get the key. If it
    is a proxy of your own, choose a name that cannot be mistaken.

    bad: { models: { providers: { openrouter: { baseUrl: "https://openrouter.ai.example.com/api/v1",
      models: [] } } } }
    good: { models: { providers: { openrouter: { baseUrl: "https://openrouter.ai/api/v1", models: []
      } } } }
    source: HTTP-02
    """
    for path, _, url in _base_urls(context):
        imitated = "" if _is_old(path, url) else _imitated(context.target, url)
        if imitated:
            yield context.at_value(path, f": this host is not {imitated}, though it looks like it")


@rule("models", severity=WARNING)
def legacy_base_url(context: RuleContext) -> Iterator[Diagnostic]:
    """OpenRouter's old base URL.

    Chat and speech rewrite https://openrouter.ai/v1 to https://openrouter.ai/api/v1. Image and
    video requests use it as it is and fail.

    bad: { models: { providers: { openrouter: { baseUrl: "https://openrouter.ai/v1", models: [] } }
      } }
    good: { models: { providers: { openrouter: { baseUrl: "https://openrouter.ai/api/v1", models: []
      } } } }
    source: LOAD-44, IMG-03, VID-03
    """
    for path, node, url in _base_urls(context):
        if _is_old(path, url):
            text = "is OpenRouter's old URL, which image and video do not correct"
            fix = rewording(node, _NEW, safe=True)
            yield context.at_value(path, text, label=f'write "{_NEW}"', fix=fix)


@rule("models", "tts", severity=WARNING, label="every such request is refused")
def refused_base_url(context: RuleContext) -> Iterator[Diagnostic]:
    """A base URL to which OpenClaw sends no image and video requests.

    Image and video requests to OpenRouter never go to a private address, whatever
    request.allowPrivateNetwork says, so each of them fails; nor do images of other providers, and
    since 2026.8.1 music and speech. Transcription goes there only with allowPrivateNetwork. Chat
    goes there. Reach the proxy by a public name, or choose media models of another provider.

    bad: { models: { providers: { openrouter: { baseUrl: "http://10.0.0.7:4000/v1", models: [] } }
      }, agents: { defaults: { videoGenerationModel: "openrouter/google/veo-3.1-fast" } } }
    good: { models: { providers: { openrouter: { baseUrl: "http://10.0.0.7:4000/v1", models: [] } }
      }, agents: { defaults: { model: "openrouter/auto" } } }
    source: HTTP-05, HTTP-06, HTTP-06'
    """
    seen: set[tuple[KeyPath, str]] = set()
    for node, place, block, name in _guarded(context):
        path = (*block, "baseUrl")
        url = context.text(*path)
        if url is None or not is_local(host_of(url)) or (path, name) in seen:
            continue
        seen.add((path, name))
        going = Related(node.location, f"{key_path_text(place)} would go there")
        text = f"is a private address, to which {name} sends nothing"
        yield context.at_value(path, text, related=(going,))


_LOCAL_IMAGES = "litellm"
"""The provider whose images may go to this machine, where its proxy is expected."""


def _guarded(context: RuleContext) -> Iterator[tuple[Node, KeyPath, KeyPath, str]]:
    """What chooses a provider whose requests are guarded: its place, the block, what it is called.

    The block is the one whose base URL counts.
    """
    for surface, way in context.keys.media_models.items():
        for ref, place in written(context.get(*way), way):
            halves = split(ref.value)
            owner = "" if halves is None else halves.provider.lower()
            if owner == _OPENROUTER or (surface == "image" and owner != _LOCAL_IMAGES):
                yield ref, place, ("models", "providers", owner), ".".join(way[2:])
    if not context.since("2026.8.1"):
        return
    block = ("models", "providers", _OPENROUTER)
    own = (*context.keys.speech, "providers", _OPENROUTER)
    speech = context.each(*context.keys.speech, "provider")
    media = context.each("tools.media.models.[].provider")
    for path, node in texts(chain(speech, media)):
        if node.value.strip().lower() != _OPENROUTER:
            continue
        if path[0] != "tools":
            yield node, path, own if context.text(*own, "baseUrl") else block, "speech"
        elif not truth(child(context.root, *block, "request", "allowPrivateNetwork")):
            can = items(child(context.root, *path[:-1], "capabilities"))
            if "audio" in map(known_text, can):
                yield node, path, block, "transcription"


def _is_near(host: str) -> bool:
    """Whether plain http to a host stays off the public network, as far as its name tells."""
    return is_local(host) or "." not in host or host.endswith(".ts.net")


@lru_cache(maxsize=1024)
def _imitated(release: str, text: str) -> str:
    """The provider's host that the one of a URL imitates, or ""."""
    url = loose(text)
    if url is None:
        return ""
    host, names = url.host, _names(release)
    if _is_near(host) or any(f".{host}".endswith(f".{name}") for name in names):
        return ""
    for name in names:
        if url.user.lower().startswith(name) or (len(name) >= _TELLING and name in host):
            return name
    alike = [name for name in names if len(name) >= _TELLING and abs(len(name) - len(host)) <= 1]
    return nearest(host, alike) or ""


@lru_cache(maxsize=32)
def _names(release: str) -> tuple[str, ...]:
    """The hosts of all providers."""
    found = (
        name.lstrip(".-")
        for endpoint in registry.endpoints(release)
        for name in (*endpoint.get("hosts", ()), *endpoint.get("hostSuffixes", ()))
    )
    return tuple(sorted(set(found)))


# --- speech and talk ------------------------------------------------------------------------------


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
    chosen = context.text(*tts, "provider") or ""
    name = registry.surface_provider(context.target, "speech", chosen)
    known = registry.provider(context.target, name)
    providers = context.each("auth.profiles.*.provider")
    profiles = [path[:-1] for path, node in providers if settings.text(node).lower() == name]
    if known is None or not known.keys or not profiles:
        return
    places = ((*tts, "providers", name), (*tts, name), ("models", "providers", name))
    given = any(context.get(*place, "apiKey") is not None for place in places)
    state = context.document.environment.state
    if given or any(state(variable) == FOUND for variable in known.keys):
        return
    place = context.key(profiles[-1])
    related = (Related(place, "the key is in this profile"),) if place else ()
    helps = (f"set {known.keys[0]}, or {'.'.join(tts)}.providers.{name}.apiKey",)
    text = f": speech does not look into the auth profile of {name} for the key"
    yield context.at_value((*tts, "provider"), text, related=related, helps=helps)


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
            yield context.at_value(path, text, label=written, fix=fix)


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
    if registry.surface_provider(context.target, "speech", chosen) != _OPENROUTER:
        return
    for place in ((*tts, "providers", _OPENROUTER), ("models", "providers", _OPENROUTER)):
        path = (*place, "baseUrl")
        url = context.text(*path) or ""
        if url.strip() and _OPENROUTER not in registry.owners(context.target, host_of(url)):
            yield context.at_key(path, "has no effect on speech, which goes to openrouter.ai")


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
        path = (*way, "provider")
        where = key_path_text((*way, "providers"))
        chosen = context.get(*path)
        if isinstance(chosen, StringNode) and (trim(chosen.value) or chosen.assumed):
            if not chosen.assumed and trim(chosen.value).lower() not in names:
                yield context.misnamed(path, f"is not one of {where}", names, "configured")
        elif len(names) > 1:
            text = f"has {listed(names)}, and {key_path_text(path)} must say which to use"
            yield context.at_key((*way, "providers"), text, reported=path)
