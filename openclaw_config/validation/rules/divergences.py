"""Where OpenClaw does otherwise than its documentation of OpenRouter promises.

Nothing is wrong with such a config, so these rules are off by default. The plans that we make do
what is promised.
"""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config import registry
from openclaw_config.diagnostics.model import INFO, Diagnostic, Related, key_path_text
from openclaw_config.diagnostics.rules import Rule
from openclaw_config.plan.urls import host_of
from openclaw_config.syntax.nodes import ObjectNode, StringNode
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.config import Config, check
from openclaw_config.validation.issues import LINT
from openclaw_config.view.refs import written

_OPENROUTER = "openrouter"
_BASE_URL = ("models", "providers", _OPENROUTER, "baseUrl")
_CHAT = (("agents", "defaults", "model"), ("agents", "list", "[]", "model"))
_IMAGE = ("agents", "defaults", "imageGenerationModel")
_PROXY = '{ models: { providers: { openrouter: { baseUrl: "https://proxy.example.com/v1",'

PROXY_ATTRIBUTION = Rule(
    name="proxy-attribution",
    severity=INFO,
    summary="OpenClaw names itself to a proxy too.",
    why=(
        "The headers that name the application are promised for OpenRouter's own URL only. With"
        " another base URL OpenClaw still sends HTTP-Referer and X-OpenRouter-Title with images"
        " and videos, and values of its runtime with chat. Our plans leave them out there."
    ),
    bad=f"{_PROXY} models: [] }} }} }} }}",
    good="{ models: { providers: {} } }",
    source="DIV-1, HTTP-04",
    default=False,
)

PROXY_CACHE_MARKERS = Rule(
    name="proxy-cache-markers",
    severity=INFO,
    summary="OpenClaw sends Anthropic's cache markers to a proxy too.",
    why=(
        "Cache markers for Anthropic models are promised for OpenRouter's own URL only. With"
        " another base URL OpenClaw keeps them; a proxy that does not know cache_control may"
        " refuse the request. Our plans leave them out there."
    ),
    bad=(
        f"{_PROXY} models: [] }} }} }},"
        ' agents: { defaults: { model: "openrouter/anthropic/claude-sonnet-4.6" } } }'
    ),
    good='{ agents: { defaults: { model: "openrouter/anthropic/claude-sonnet-4.6" } } }',
    source="DIV-2, CHAT-41",
    default=False,
)

AUTO_REASONING = Rule(
    name="auto-reasoning",
    severity=INFO,
    summary="OpenClaw sends openrouter/auto a reasoning setting.",
    why=(
        "openrouter/auto picks a model by itself, and the documentation says that it gets no"
        " reasoning setting. OpenClaw sends one, effort none where no thinking level is set. Our"
        " plans do not."
    ),
    bad='{ agents: { defaults: { model: "openrouter/auto", thinkingDefault: "high" } } }',
    good='{ agents: { defaults: { model: "openrouter/moonshotai/kimi-k2.6" } } }',
    source="DIV-3, CHAT-21",
    default=False,
)

LOOK_ALIKE_ROUTING = Rule(
    name="look-alike-routing",
    severity=INFO,
    summary="Provider routing goes to a host that only contains OpenRouter's name.",
    why=(
        "params.provider is meant for OpenRouter. OpenClaw sends it to every base URL with the text"
        " openrouter.ai in it. Our plans send it to OpenRouter's own host only."
    ),
    bad=(
        '{ models: { providers: { openrouter: { baseUrl: "https://proxy.test/openrouter.ai/v1",'
        " models: [] } } },"
        ' agents: { defaults: { params: { provider: { sort: "price" } } } } }'
    ),
    good='{ agents: { defaults: { params: { provider: { sort: "price" } } } } }',
    source="DIV-4, CHAT-30",
    default=False,
)

IMAGE_CONTENT_TYPE = Rule(
    name="image-content-type",
    severity=INFO,
    summary="OpenClaw sends OpenRouter's image requests as plain text.",
    why=(
        "The request has a JSON body but declares no content type, so it goes out as text/plain."
        " OpenRouter accepts that; a strict proxy may not. Our plans say application/json."
    ),
    bad=(
        "{ agents: { defaults: { imageGenerationModel:"
        ' "openrouter/google/gemini-3.1-flash-image-preview" } } }'
    ),
    good='{ agents: { defaults: { model: "openrouter/auto" } } }',
    source="DIV-5",
    default=False,
)


def _proxy(config: Config) -> str:
    """The base URL that takes OpenRouter's place, or ""."""
    url = config.text(*_BASE_URL) or ""
    return url if url.strip() and not registry.is_own_host(_OPENROUTER, host_of(url)) else ""


def _refs(config: Config, *patterns: tuple[str, ...]) -> Iterator[tuple[KeyPath, StringNode]]:
    """The refs of models at OpenRouter, primary and fallbacks."""
    for pattern in patterns:
        for path, node in config.each(*pattern):
            for ref, where in written(node, path):
                provider = ref.value.partition("/")[0]
                if not ref.assumed and registry.canonical_provider(provider) == _OPENROUTER:
                    yield where, ref


def _model(ref: StringNode) -> str:
    return ref.value.partition("/")[2].strip().lower()


@check(LINT, "models")
def proxy_attribution(config: Config) -> Iterator[Diagnostic]:
    """proxy-attribution (DIV-1)."""
    if _proxy(config):
        yield PROXY_ATTRIBUTION.at(
            config.key(_BASE_URL),
            "OpenClaw names itself to this host too, in headers meant for OpenRouter",
            _BASE_URL,
        )


@check(LINT, "agents")
def proxy_cache_markers(config: Config) -> Iterator[Diagnostic]:
    """proxy-cache-markers (DIV-2)."""
    if not _proxy(config):
        return
    for path, ref in _refs(config, *_CHAT):
        if _model(ref).startswith("anthropic/"):
            yield PROXY_CACHE_MARKERS.at(
                ref.location,
                f"{key_path_text(path)}: OpenClaw sends cache markers to the proxy",
                path,
            )


@check(LINT, "agents")
def auto_reasoning(config: Config) -> Iterator[Diagnostic]:
    """auto-reasoning (DIV-3)."""
    level = config.get("agents", "defaults", "thinkingDefault")
    related = () if level is None else (Related(level.location, "the level is set here"),)
    for where, ref in _refs(config, *_CHAT):
        if _model(ref) == "auto":
            yield AUTO_REASONING.at(
                ref.location,
                f"{key_path_text(where)}: OpenClaw sends this model a reasoning setting",
                where,
                related=related,
            )


@check(LINT, "models")
def look_alike_routing(config: Config) -> Iterator[Diagnostic]:
    """look-alike-routing (DIV-4)."""
    if "openrouter.ai" not in _proxy(config):
        return
    for pattern in (
        ("agents", "defaults", "params", "provider"),
        ("agents", "defaults", "models", "*", "params", "provider"),
        ("agents", "list", "[]", "params", "provider"),
    ):
        for path, node in config.each(*pattern):
            if isinstance(node, ObjectNode):
                yield LOOK_ALIKE_ROUTING.at(
                    config.key(path),
                    f"{key_path_text(path)} is sent to a host that is not OpenRouter",
                    path,
                )


@check(LINT, "agents")
def image_content_type(config: Config) -> Iterator[Diagnostic]:
    """image-content-type (DIV-5)."""
    for path, ref in _refs(config, _IMAGE):
        yield IMAGE_CONTENT_TYPE.at(
            ref.location, f"{key_path_text(path)}: OpenClaw sends the request as text/plain", path
        )
