"""Lints about where requests go: the base URLs of model providers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from openclaw_config import registry
from openclaw_config.diagnostics.model import (
    INFO,
    WARNING,
    Diagnostic,
    Related,
    key_path_text,
    rule,
)
from openclaw_config.plan.urls import Url, host_of, is_local, loose
from openclaw_config.syntax.nodes import Node, ObjectNode, StringNode, child
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation.context import RuleContext, known_text, texts
from openclaw_config.validation.suggest import nearest, rewording
from openclaw_config.view.refs import split, written
from openclaw_config.view.settings import items, truth

_OLD = "https://openrouter.ai/v1"
_NEW = "https://openrouter.ai/api/v1"
_OPENROUTER = "openrouter"
"""Also the provider whose media requests are known to refuse private addresses."""
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
        if not _is_near(parsed.host) and not _imitated(context.target, parsed):
            yield context.at_value(insecure_base_url, path, "sends the key over plain http")


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
        parsed = None if _is_old(path, url) else loose(url)
        imitated = "" if parsed is None else _imitated(context.target, parsed)
        if imitated:
            text = f": this host is not {imitated}, though it looks like it"
            yield context.at_value(look_alike_host, path, text)


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
            yield context.at_value(legacy_base_url, path, text, label=f'write "{_NEW}"', fix=fix)


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
        yield context.at_value(refused_base_url, path, text, related=(going,))


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
    for path, node in texts(
        chain(speech, context.each("tools", "media", "models", "[]", "provider"))
    ):
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


def _imitated(release: str, url: Url) -> str:
    """The provider's host that another one imitates, or ""."""
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
        for name in (*endpoint.hosts, *endpoint.host_suffixes)
    )
    return tuple(sorted(set(found)))


# --- where OpenClaw does otherwise than its documentation of OpenRouter promises -

# Nothing is wrong with such a config, so these rules are off by default. The plans that we make do
# what is promised.


_BASE_URL = ("models", "providers", _OPENROUTER, "baseUrl")
_CHAT = ("agents", "defaults", "model")


def _proxy(context: RuleContext) -> str:
    """The base URL that takes OpenRouter's place, or ""."""
    url = context.text(*_BASE_URL) or ""
    own = registry.is_own_host(context.target, _OPENROUTER, host_of(url))
    return url if url.strip() and not own else ""


def _refs(context: RuleContext, *patterns: tuple[str, ...]) -> Iterator[tuple[KeyPath, StringNode]]:
    """The refs of models at OpenRouter, primary and fallbacks."""
    for pattern in patterns:
        for path, node in context.each(*pattern):
            for ref, where in written(node, path):
                provider = registry.canonical_provider(context.target, ref.value.partition("/")[0])
                if provider == _OPENROUTER and not ref.assumed:
                    yield where, ref


def _model(ref: StringNode) -> str:
    return ref.value.partition("/")[2].strip().lower()


@rule("models", severity=INFO, default=False)
def proxy_attribution(context: RuleContext) -> Iterator[Diagnostic]:
    """OpenClaw names itself to a proxy too.

    The headers that name the application are promised for OpenRouter's own URL only. With another
    base URL OpenClaw still sends HTTP-Referer and X-OpenRouter-Title with images and videos, and
    values of its runtime with chat. Our plans leave them out there.

    bad: { models: { providers: { openrouter: { baseUrl: "https://proxy.example.com/v1", models: []
      } } } }
    good: { models: { providers: {} } }
    source: DIV-1, HTTP-04
    """
    if _proxy(context):
        text = "OpenClaw names itself to this host too, in headers meant for OpenRouter"
        yield proxy_attribution.at(context.key(_BASE_URL), text, _BASE_URL)


@rule("agents", severity=INFO, default=False)
def proxy_cache_markers(context: RuleContext) -> Iterator[Diagnostic]:
    """OpenClaw sends Anthropic's cache markers to a proxy too.

    Cache markers for Anthropic models are promised for OpenRouter's own URL only. With another base
    URL OpenClaw keeps them; a proxy that does not know cache_control may refuse the request. Our
    plans leave them out there.

    bad: { models: { providers: { openrouter: { baseUrl: "https://proxy.example.com/v1", models: []
      } } }, agents: { defaults: { model: "openrouter/anthropic/claude-sonnet-4.6" } } }
    good: { agents: { defaults: { model: "openrouter/anthropic/claude-sonnet-4.6" } } }
    source: DIV-2, CHAT-41
    """
    if not _proxy(context):
        return
    for path, ref in _refs(context, _CHAT, (*context.keys.agent, "model")):
        if _model(ref).startswith("anthropic/"):
            text = ": OpenClaw sends cache markers to the proxy"
            yield context.at_value(proxy_cache_markers, path, text)


@rule("agents", severity=INFO, default=False)
def auto_reasoning(context: RuleContext) -> Iterator[Diagnostic]:
    """OpenClaw sends openrouter/auto a reasoning setting.

    openrouter/auto picks a model by itself, and the documentation says that it gets no reasoning
    setting. OpenClaw sends one, effort none where no thinking level is set. Our plans do not.

    bad: { agents: { defaults: { model: "openrouter/auto", thinkingDefault: "high" } } }
    good: { agents: { defaults: { model: "openrouter/moonshotai/kimi-k2.6" } } }
    source: DIV-3, CHAT-21
    """
    level = context.get("agents", "defaults", "thinkingDefault")
    related = () if level is None else (Related(level.location, "the level is set here"),)
    for path, ref in _refs(context, _CHAT, (*context.keys.agent, "model")):
        if _model(ref) == "auto":
            text = ": OpenClaw sends this model a reasoning setting"
            yield context.at_value(auto_reasoning, path, text, related=related)


@rule("models", severity=INFO, default=False)
def look_alike_routing(context: RuleContext) -> Iterator[Diagnostic]:
    """Provider routing goes to a host that only contains OpenRouter's name.

    params.provider is meant for OpenRouter. OpenClaw sends it to every base URL with the text
    openrouter.ai in it. Our plans send it to OpenRouter's own host only.

    bad: { models: { providers: { openrouter: { baseUrl: "https://proxy.test/openrouter.ai/v1",
      models: [] } } }, agents: { defaults: { params: { provider: { sort: "price" } } } } }
    good: { agents: { defaults: { params: { provider: { sort: "price" } } } } }
    source: DIV-4, CHAT-30
    """
    if "openrouter.ai" not in _proxy(context):
        return
    for pattern in (
        ("agents", "defaults", "params", "provider"),
        ("agents", "defaults", "models", "*", "params", "provider"),
        (*context.keys.agent, "params", "provider"),
    ):
        for path, node in context.each(*pattern):
            if isinstance(node, ObjectNode):
                text = "is sent to a host that is not OpenRouter"
                yield context.at_key(look_alike_routing, path, text)


@rule("agents", severity=INFO, default=False)
def image_content_type(context: RuleContext) -> Iterator[Diagnostic]:
    """OpenClaw sends OpenRouter's image requests as plain text.

    The request has a JSON body but declares no content type, so it goes out as text/plain.
    OpenRouter accepts that; a strict proxy may not. Our plans say application/json.

    bad: { agents: { defaults: { imageGenerationModel:
      "openrouter/google/gemini-3.1-flash-image-preview" } } }
    good: { agents: { defaults: { model: "openrouter/auto" } } }
    source: DIV-5
    """
    for path, _ in _refs(context, context.keys.media_models["image"]):
        text = ": OpenClaw sends the request as text/plain"
        yield context.at_value(image_content_type, path, text)
