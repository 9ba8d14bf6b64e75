"""What OpenClaw's embedded runtime sends to OpenRouter for a chat, until 2026.7 (CHAT rules)."""

from __future__ import annotations

from openclaw_config.loading.load import Document
from openclaw_config.plan.model import Json, Route
from openclaw_config.plan.values import fitting
from openclaw_config.providers.chat_models import (
    API,
    PROVIDER,
    Asked,
    ChatModel,
    Request,
    chat_model,
    reasoning_forced_off,
    thinks,
)
from openclaw_config.providers.requests import Context, literal, with_default
from openclaw_config.resolution.chat import ChatCandidate
from openclaw_config.resolution.settings import Setting
from openclaw_config.syntax.nodes import Node, child
from openclaw_config.view.refs import ModelRef
from openclaw_config.view.settings import items, members, text, truth


def known(document: Document, ref: ModelRef, base: str, more: Json) -> ChatModel:
    """What is known of a model; one that is asked over another API cannot be used."""
    model = chat_model(document, ref)
    if model.api == API:
        return model
    problem = f"requests over the API {model.api} are not compiled by this version (SL-07)"
    return model._replace(problem=problem)


def request(asked: Asked, template: Json) -> Request:
    """The request of one chat model (CHAT-03), the body in OpenClaw's own order."""
    choice, route, compat = asked.choice, asked.route, asked.model.compat
    params, more = choice.params, asked.more
    slots = _slots(params, more)
    own_transport = route.transport is not None
    marks_all = _marks_everything(choice, route)
    keeps_long = _keeps_long(asked.context)
    body: dict[str, Json] = {
        "model": choice.ref.model,
        "messages": _messages(asked),
        "stream": True,
    }
    if own_transport:
        if truth(child(compat, "supportsPromptCacheKey")):
            body["prompt_cache_key"] = _SESSION
    elif keeps_long:
        body["prompt_cache_key"] = _SESSION
        body["prompt_cache_retention"] = "24h"
    if own_transport or truth(child(compat, "supportsUsageInStreaming")):
        body["stream_options"] = {"include_usage": True}
    field = text(child(compat, "maxTokensField")) or "max_completion_tokens"
    # OpenClaw's own transport leaves the limit to the provider (SL-01).
    usual = {} if own_transport else {"otherwise": more["usualTokens"]}
    body[field] = {"$slot": {**slots["maxTokens"]["$slot"], **usual, "omit": 0}}
    body["temperature"] = slots["temperature"]
    tools: dict[str, Json] = {"$tools": "tools", "cache": marks_all}
    if marks_all and keeps_long:
        tools["ttl"] = "1h"
    if truth(child(compat, "supportsStrictMode")) and not own_transport:
        tools["strict"] = False
    body["tools"] = tools
    if own_transport:
        tools["always"] = True
        body["tool_choice"] = {"$if": "tools", "then": "auto"}
    body |= _thinking(asked)
    if route.verified and not own_transport:
        # DIV-4: routing is OpenRouter's metadata and goes to nobody else.
        body["provider"] = slots["provider"]
    body["chat_template_kwargs"] = {"$nonEmpty": slots["chat_template_kwargs"]}
    # What stands after the merged members wins over them (SL-04).
    body["$merge"] = {
        **slots["extra_body"],
        "without": ["store", "__proto__", "prototype", "constructor"],
    }
    body["parallel_tool_calls"] = slots["parallel_tool_calls"]
    # The parameters of the config that decided a field, by the field (CHAT-30, CHAT-31).
    settings = {field: params.get(name) for name, field in more["parameterFields"].items()}
    settings["reasoning"] = choice.thinking
    why = ((field, one.origin) for field, one in settings.items() if one and field in body)
    return Request(body, tuple(why))


_SESSION: Json = {"$slot": {"parameter": "sessionId"}}


def _slots(params: dict[str, Setting], more: Json) -> dict[str, dict[str, Json]]:
    """Slots that a call's own params fill before the config's, before a rule's default.

    A call's value replaces the config's whatever it is, as a later layer does (CHAT-32).
    """
    found = {}
    for name, slot in more["slots"].items():
        setting = params.get(name)
        found[name] = {"$slot": slot}
        if setting is not None and fitting(setting.value, slot) is not None:
            found[name] = with_default(found[name], literal(setting.value))
    return found


def _marks_system(choice: ChatCandidate, route: Route) -> bool:
    """OpenClaw marks system prompts of Anthropic models on OpenRouter's routes (CHAT-40, DIV-2)."""
    there = route.verified or route.kind == PROVIDER
    return there and choice.ref.model.lower().startswith("anthropic/")


def _marks_everything(choice: ChatCandidate, route: Route) -> bool:
    """The runtime beneath also marks the last tool and message, by the exact case (CHAT-41).

    OpenClaw's own transport does not.
    """
    there = route.verified and route.transport is None
    return there and choice.ref.model.startswith("anthropic/")


def _keeps_long(context: Context) -> bool:
    """Whether what is marked shall stay in the cache for an hour (CHAT-43)."""
    return context.document.environment.get("PI_CACHE_RETENTION") == "long"


def _messages(asked: Asked) -> Json:
    ref, model, route, more = asked.choice.ref, asked.model, asked.route, asked.more
    developer = truth(child(model.compat, "supportsDeveloperRole")) and model.facts.reasoning
    found: dict[str, Json] = {
        "$messages": "messages",
        "systemRole": "developer" if developer else "system",
        "images": {"$fact": "images"},
        "model": {"provider": ref.provider, "api": API, "model": ref.model},
    }
    # Flags of a model's ``compat`` that shape the conversation, and their names there (SL-02).
    for flag, name in more["messageFlags"].items():
        if truth(child(model.compat, flag)):
            found[name] = True
    if ref.provider != PROVIDER:
        found |= {"toolCallIds": "alphanumeric", "noResult": more["noResult"]}
    if _marks_system(asked.choice, route):
        every = _marks_everything(asked.choice, route)
        marks: dict[str, Json] = {"system": True, "last": every}
        if every and _keeps_long(asked.context):
            marks["ttl"] = "1h"
        found["cache"] = marks
    if ref.provider == PROVIDER and "gemini" in ref.model.lower():
        found["signatures"] = "base64-only"
    return found


# --- the thinking level (CHAT-20, CHAT-21, SL-01, SL-02) ----------------------------------------

Table = dict[str, Json]


def _thinking(asked: Asked) -> dict[str, Json]:
    """The members of the body that the thinking level decides.

    ``reasoning`` comes from the form that the model takes, or else from OpenClaw's own addition
    for the provider ``openrouter``, which some ids do not get. ``openrouter/auto`` never has it,
    as the page promises (DIV-3); nor has Hunter Alpha.
    """
    document, ref, compat = asked.context.document, asked.choice.ref, asked.model.compat
    own_transport, more = asked.route.transport is not None, asked.more["thinking"]
    ours = ref.provider == PROVIDER
    if ours and (ref.model == more["never"] or reasoning_forced_off(document, ref)):
        return {}
    form = text(child(compat, "thinkingFormat")) or "openrouter"
    efforts = _own_efforts(compat, more["ownTransport"]) if own_transport else _efforts(asked)
    added: Table = {}
    if ours and ref.model != "auto" and not ref.model.lower().startswith("x-ai/"):
        # OpenClaw's own addition, where the request does not say anything yet.
        added = {level: {"effort": effort} for level, effort in more["efforts"].items()}
    fields: dict[str, tuple[Table, Table]] = {}
    if form == "openrouter":
        off: Table = {} if own_transport else {"off": {"effort": "none"}}
        wanted = {level: {"effort": effort} for level, effort in efforts.items()}
        fields["reasoning"] = ({**off, **wanted}, added)
    else:
        if not own_transport and form == "zai":
            enabled = {level: level != "off" for level in more["levels"]}
            fields["enable_thinking"] = (enabled, {})
        deepseek = not own_transport and form == "deepseek"
        if deepseek:
            kinds = {level: {"type": "enabled"} for level in more["levels"]}
            fields["thinking"] = ({**kinds, "off": {"type": "disabled"}}, {})
        if not ours and (deepseek or truth(child(compat, "supportsReasoningEffort"))):
            # For ``openrouter`` OpenClaw takes the effort out of the body again.
            fields["reasoning_effort"] = (efforts, {})
        fields["reasoning"] = (added, added)
    level = _level(asked)
    return {
        name: {
            "$choose": "thinking",
            "by": "reasoning",
            "tables": {"true": reasoning, "false": other},
            "defaults": {"true": level, "false": level},
        }
        for name, (reasoning, other) in fields.items()
    }


def _level(asked: Asked) -> str:
    """The level that counts when the call gives none (MODEL-50), settled for the first model."""
    configured, more = asked.choice.thinking, asked.more["thinking"]
    if configured is not None and configured.value in more["levels"]:
        return str(more["nearest"].get(configured.value, configured.value))
    return "medium" if thinks(asked.context.document, asked.choice.first) else "off"


def _efforts(asked: Asked) -> Table:
    """The effort of each level as the embedded runtime tells it, through the model's own map."""
    more, words = asked.more["thinking"], _words(asked.model.compat)
    most = any(part in asked.choice.ref.model for part in more["xhighIds"])
    return {
        level: words.get(name, name)
        for level, effort in more["efforts"].items()
        for name in ("high" if effort == "xhigh" and not most else effort,)
    }


def _own_efforts(compat: Node | None, more: Json) -> Table:
    """The effort of each level on OpenClaw's own transport: one that the model supports."""
    listed = [text(item) for item in items(child(compat, "supportedReasoningEfforts"))]
    supported = tuple(filter(None, listed)) or tuple(more["supported"])
    words = _words(compat)
    found = {}
    for level, effort in more["efforts"].items():
        wanted = (words.get(effort, effort), *more["nearest"].get(effort, ()))
        last = next((one for one in supported if one != "none"), "")
        found[level] = next((one for one in wanted if one in supported), last)
    return {level: effort for level, effort in found.items() if effort}


def _words(compat: Node | None) -> dict[str, str]:
    written = members(child(compat, "reasoningEffortMap"))
    return {level: word for level, value in written if (word := text(value))}
