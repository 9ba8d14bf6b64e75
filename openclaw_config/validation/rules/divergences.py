"""Where OpenClaw does otherwise than its documentation of OpenRouter promises.

Nothing is wrong with such a config, so these rules are off by default. The plans that we make do
what is promised.
"""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config import registry
from openclaw_config.diagnostics.model import INFO, Diagnostic, Related, rule
from openclaw_config.syntax.nodes import ObjectNode, StringNode
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation.context import RuleContext
from openclaw_config.view.refs import written

_OPENROUTER = "openrouter"
_BASE_URL = ("models", "providers", _OPENROUTER, "baseUrl")
_CHAT = ("agents", "defaults", "model")


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
    if context.proxy(_OPENROUTER):
        text = ": OpenClaw names itself to this host too, in headers meant for OpenRouter"
        yield context.at_key(_BASE_URL, text)


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
    if not context.proxy(_OPENROUTER):
        return
    for path, ref in _refs(context, _CHAT, (*context.keys.agent, "model")):
        if _model(ref).startswith("anthropic/"):
            yield context.at_value(path, ": OpenClaw sends cache markers to the proxy")


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
            yield context.at_value(path, text, related=related)


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
    if "openrouter.ai" not in context.proxy(_OPENROUTER):
        return
    for pattern in (
        ("agents", "defaults", "params", "provider"),
        ("agents", "defaults", "models", "*", "params", "provider"),
        (*context.keys.agent, "params", "provider"),
    ):
        for path, node in context.each(*pattern):
            if isinstance(node, ObjectNode):
                yield context.at_key(path, "is sent to a host that is not OpenRouter")


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
        yield context.at_value(path, ": OpenClaw sends the request as text/plain")
