"""What OpenClaw's embedded runtime sends to OpenRouter for a chat, until 2026.7 (CHAT rules)."""

from __future__ import annotations

from openclaw_config.loading.load import Document
from openclaw_config.plan.model import Json
from openclaw_config.providers import chat_models
from openclaw_config.providers.requests import settled, with_settings
from openclaw_config.syntax.nodes import Node, child
from openclaw_config.view.refs import ModelRef
from openclaw_config.view.settings import items, members, text, truth


def known(document: Document, ref: ModelRef, base: str, more: Json) -> chat_models.ChatModel:
    """What is known of a model; one that is asked over another API cannot be used."""
    model = chat_models.chat_model(document, ref)
    if model.api == chat_models.API:
        return model
    problem = f"requests over the API {model.api} are not compiled by this version (SL-07)"
    return model._replace(problem=problem)


def request(asked: chat_models.Asked, template: Json) -> chat_models.Request:
    """The request of one chat model (CHAT-03), the body in OpenClaw's own order."""
    choice, route, compat = asked.choice, asked.route, asked.model.compat
    model, params = choice.ref.model, choice.params
    ours = choice.ref.provider == chat_models.PROVIDER
    own_transport = route.transport is not None
    # OpenClaw marks system prompts of Anthropic models on OpenRouter's routes (CHAT-40, DIV-2); the
    # runtime beneath also the last tool and message, by the exact case (CHAT-41), unless OpenClaw's
    # own transport takes its place. What is marked may stay in the cache for an hour (CHAT-43).
    marks_system = (
        route.verified or route.kind == chat_models.PROVIDER
    ) and model.lower().startswith(_ANTHROPIC)
    marks_all = route.verified and not own_transport and model.startswith(_ANTHROPIC)
    long = asked.context.document.environment.get("PI_CACHE_RETENTION") == "long"
    known = {
        chat_models.PROVIDER: ours,
        "reasons": asked.model.facts.reasoning,
        "ownTransport": own_transport,
        "verified": route.verified,
        "marksSystem": marks_system,
        "marksAll": marks_all,
        "keepsLong": long,
        "gemini": "gemini" in model.lower(),
        "max_tokens": text(child(compat, "maxTokensField")) == "max_tokens",
    }
    # What a model's ``compat`` says is known by the names that it has there (SL-02).
    words = {flag for flag, node in members(compat) if truth(node)}
    words |= {word for word, holds in known.items() if holds}
    values = {"model": model, "provider": choice.ref.provider, **_thinking(asked)}
    body, why = with_settings(
        settled(template, words, values), lambda _, names: params.get(names[0])
    )
    if choice.thinking is not None and "reasoning" in body:
        why.append(("reasoning", choice.thinking.origin))
    return chat_models.Request(body, tuple(why))


_ANTHROPIC = "anthropic/"


# --- the thinking level (CHAT-20, CHAT-21, SL-01, SL-02) ----------------------------------------

Table = dict[str, Json]


def _thinking(asked: chat_models.Asked) -> dict[str, Json]:
    """The members of the body that the thinking level decides.

    ``reasoning`` comes from the form that the model takes, or else from OpenClaw's own addition
    for the provider ``openrouter``, which some ids do not get. ``openrouter/auto`` never has it,
    as the page promises (DIV-3); nor has Hunter Alpha.
    """
    document, ref, compat = asked.context.document, asked.choice.ref, asked.model.compat
    own_transport, more = asked.route.transport is not None, asked.more["thinking"]
    ours = ref.provider == chat_models.PROVIDER
    if ours and (ref.model == more["never"] or chat_models.reasoning_forced_off(document, ref)):
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


def _level(asked: chat_models.Asked) -> str:
    """The level that counts when the call gives none (MODEL-50), settled for the first model."""
    configured, more = asked.choice.thinking, asked.more["thinking"]
    if configured is not None and configured.value in more["levels"]:
        return str(more["nearest"].get(configured.value, configured.value))
    return "medium" if chat_models.thinks(asked.context.document, asked.choice.first) else "off"


def _efforts(asked: chat_models.Asked) -> Table:
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
