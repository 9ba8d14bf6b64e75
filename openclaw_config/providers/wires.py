"""Chat over a wire that any provider may speak (spec: COM, OCC, ORS, ANT, GGL, OTH, NAM rules).

What differs between wires, and their bodies, is in ``schema/requests/wires.json``, and of those of
OpenRouter (CHAT rules) in ``openrouter.json`` there. Here is what is known of a config, and decides
them.
"""

from __future__ import annotations

from typing import Any

from openclaw_config.plan.model import Credential, Json
from openclaw_config.plan.urls import host_of, is_local
from openclaw_config.plan.values import fitting, is_number
from openclaw_config.providers import chat_models, requests
from openclaw_config.providers.chat_models import PROVIDER, Asked, first_of, row_of, tables
from openclaw_config.resolution.settings import json_value, usual_url
from openclaw_config.syntax.nodes import Node, ObjectNode, child
from openclaw_config.view.refs import model_entry, sent_id
from openclaw_config.view.settings import items, text, truth


def _is_at(host: str, row: Json) -> bool:
    """Whether a host is one that a row names."""
    return host in row.get("hosts", ()) or host.endswith(tuple(row.get("suffixes", ())))


def _block_at(asked: Asked, *way: str) -> Node | None:
    """What stands in the provider's block, or the block itself."""
    return child(chat_models.block_at(asked.agent.document, asked.home), *way)


def _entry_of(asked: Asked) -> ObjectNode | None:
    """The model's entry in the provider's block."""
    ref = asked.choice.ref._replace(provider=asked.home)
    return model_entry(asked.agent.document.root, ref)[0]


def _as_openai(asked: Asked) -> bool:
    """Whether Ollama is configured as if it spoke OpenAI's wire (OTH-12)."""
    return chat_models.API in [
        text(child(at, "api")) for at in (_block_at(asked), _entry_of(asked))
    ]


# --- bodies -------------------------------------------------------------------------------------


def known(asked: Asked) -> requests.Known:
    """What decides a body over a wire: of the model, its host and its provider, and its settings.

    ``compat`` in the rows of the wire and the provider is what its API can: of all models, of those
    at a host, of some; the model's own entry has the last word. Their ``parts`` come of that.
    """
    wire, row, choice = asked.recipe.more, row_of(asked.provider), asked.choice
    document, ref, facts = asked.agent.document, choice.ref, asked.model.facts
    host, openai = host_of(asked.base.url), ref.provider == "openai" and asked.official
    by_host: Json = next((one for one in wire.get("hosts", ()) if _is_at(host, one)), {})
    params, search = child(_entry_of(asked), "params"), ("tools", "web", "search")
    entry = json_value(params) if params is not None else {}
    fast = row.get("fast", {}) if _value(asked, "fastMode") is True else {}
    threshold = _value(asked, "responsesCompactThreshold")
    threshold = threshold if is_number(threshold) else facts.context_window * 70 // 100
    inject = _block_at(asked, "injectNumCtxForOpenAICompat")
    values: requests.Known = {
        **wire.get("compat", {}),
        **by_host.get("compat", {}),
        **row.get("compat", {}),
        **first_of(row.get("byModel", ()), ref.model).get("compat", {}),
        "param": choice.param,
        "reasons": facts.reasoning,
        "contextWindow": facts.context_window,
        "own": asked.own,
        "openai": openai,
        "official": asked.official,
        "proxied": asked.own and not openai,
        "keepsLong": document.environment.get("PI_CACHE_RETENTION") == "long",
        "named": ref.model,
        "id": chat_models.renamed(ref),
        "sent": fast.get(ref.model, ref.model),
        "madeBy": {"provider": ref.provider, "api": asked.api, "model": ref.model},
        "noResult": tables()["noResult"],
        "levels": asked.levels,
        "order": tables()["levels"],
        "level": asked.level,
        "betas": _betas(asked) or None,
        "searches": truth(child(document.root, *search, "enabled")) is not False
        and not text(child(document.root, *search, "provider")),
        "compactThreshold": max(1000, int(threshold)),
        "asOpenai": _as_openai(asked),
        "injectsContext": truth(inject) is not False,
        **{f"entry/{name}": requests.literal(value) for name, value in entry.items()},
    }
    by_model = first_of(wire.get("byModel", ()), ref.model).get("compat", {})
    values |= {**requests.settled(by_model, values), **(asked.model.compat or {})}
    values["max_tokens"] = values.get("maxTokensField") == "max_tokens"
    values["efforts"] = values.get("words", {}) | (values.get("reasoningEffortMap") or {})
    if asked.ours:
        values |= _openrouter(asked, values)
    elif not asked.own:
        by_format = wire.get("formats", {}).get(values.get("thinkingFormat"), {})
        values |= requests.settled(by_format, values)
    for name, form in (*row.get("parts", {}).items(), *wire.get("parts", {}).items()):
        values[name] = requests.part(form, values)
    return values


def _value(asked: Asked, name: str) -> Any:
    """A parameter as the config has it."""
    found = asked.choice.param(name)
    return None if found is None else found.value


# --- OpenRouter ---------------------------------------------------------------------------------


def _openrouter(asked: Asked, values: requests.Known) -> dict[str, Json]:
    """What OpenRouter's form takes (CHAT-03).

    OpenClaw marks system prompts of Anthropic models on OpenRouter's routes (CHAT-40, DIV-2); the
    runtime beneath also the last tool and message, by the exact case (CHAT-41), unless OpenClaw's
    own transport takes its place. What is marked may stay in the cache for an hour (CHAT-43).
    """
    ref, route, model_id = asked.choice.ref, asked.route, sent_id(asked.choice.ref.model)
    is_named = ref.provider == PROVIDER
    usual = usual_url(asked.agent.document, PROVIDER)
    found: dict[str, Json] = {
        PROVIDER: is_named,
        "model": model_id,
        "verified": route.verified,
        "routed": route.verified or route.kind == PROVIDER,
        "canonical": is_named and route.base_url == usual,
        "local": route.kind == "local",
        "anthropic": ref.model.startswith("anthropic/"),
        "anthropicAnyCase": model_id.startswith("anthropic/"),
        "gemini": "gemini" in model_id,
        "deepseek": chat_models.is_deepseek(model_id, asked.recipe.more),
        "refused": asked.refused or None,
    }
    return found if asked.native else found | _openrouter_thinking(asked, values)


def _openrouter_thinking(asked: Asked, values: requests.Known) -> dict[str, Json]:
    """What decides how a level of thinking is sent (CHAT-20, CHAT-21, SL-01, SL-02).

    That is until 2026.7, when OpenClaw's embedded runtime sends it. ``reasoning`` comes from the
    form that the model takes, or else from OpenClaw's own addition for the provider ``openrouter``,
    which some ids do not get. ``openrouter/auto`` never has it, as the page promises (DIV-3); nor
    has Hunter Alpha. For ``openrouter`` OpenClaw takes the effort out of the body again.
    """
    ref, more, efforts = asked.choice.ref, asked.recipe.more["thinking"], _efforts(asked, values)
    off = ref.model == more["never"] or chat_models.reasoning_forced_off(asked.agent.document, ref)
    is_named, forms = ref.provider == PROVIDER, {} if asked.own else {"off": {"effort": "none"}}
    return {
        "off": is_named and off,
        "adds": is_named and ref.model != "auto" and not ref.model.lower().startswith("x-ai/"),
        f"format/{values.get('thinkingFormat') or PROVIDER}": True,
        "efforts": efforts,
        "effortForms": forms | {level: {"effort": effort} for level, effort in efforts.items()},
        "level": more["nearest"].get(asked.level, asked.level),
    }


def _efforts(asked: Asked, values: requests.Known) -> dict[str, Json]:
    """The effort of each level, through the model's own map.

    OpenClaw's own transport takes the nearest that the model supports.
    """
    more, model = asked.recipe.more["thinking"], asked.choice.ref.model
    words = values.get("reasoningEffortMap") or {}
    if not asked.own:
        most = {} if any(part in model for part in more["xhighIds"]) else {"xhigh": "high"}
        named = {level: most.get(effort, effort) for level, effort in more["efforts"].items()}
        return {level: words.get(effort, effort) for level, effort in named.items()}
    more, found = more["ownTransport"], {}
    supported = fitting(values.get("supportedReasoningEfforts"), {"type": "texts"})
    supported = [one.strip() for one in supported or more["supported"]]
    last = next((one for one in supported if one != "none"), None)
    for level, effort in more["efforts"].items():
        wanted = (words.get(effort, effort), *more["nearest"].get(effort, ()))
        found[level] = next((one for one in wanted if one in supported), last)
    return {level: effort for level, effort in found.items() if effort}


# --- headers and keys ---------------------------------------------------------------------------


def add_headers(asked: Asked, known: requests.Known, headers: requests.HeaderSet) -> None:
    """Add the headers of the wire and the provider (COM-11)."""
    document, row = asked.agent.document, row_of(asked.provider)
    fixed = {**asked.recipe.more.get("headers", {}), **row.get("headers", {})}
    for name, variable in row.get("headerVariables", {}).items():
        fixed[name] = (document.environment.get(variable) or "").strip() or fixed[name]
    headers.add_fixed(requests.settled(fixed, known), document.release)
    if truth(_block_at(asked, "authHeader")) is True:
        headers.set(requests.BEARER)


def marker(asked: Asked, credential: Credential) -> str:
    """The word that is sent in place of a key, "" for none.

    That is where none is set (OTH-12, OTH-14), and where an SDK signs OpenRouter's requests.
    """
    there = {"wins", "unknown", "shadowed"}
    if any(link.state in there for link in credential.chain if link.kind != "profiles"):
        return ""
    if text(_block_at(asked, "auth")) == "aws-sdk" and asked.ours:
        return asked.recipe.more["noKey"] or ""
    return str(row_of(asked.provider).get("markerAsOpenai" if _as_openai(asked) else "marker", ""))


def is_keyless(asked: Asked) -> bool:
    """Whether a custom provider on a local host does without a key (COM-10)."""
    listed = not row_of(asked.provider) and bool(items(_block_at(asked, "models")))
    return listed and not asked.ours and is_local(host_of(asked.base.url))


def _betas(asked: Asked) -> str:
    """The betas that the config asks for itself, with those that always go with them (ANT-30)."""
    more = asked.recipe.more.get("betas")
    if more is None or asked.provider != "anthropic":
        return ""
    wanted = fitting(_value(asked, "anthropicBeta"), {"type": "texts"})
    names = [one.strip() for one in wanted or ()]
    ids = tuple(more["context1m"]["ids"])
    if _value(asked, "context1m") is True and asked.choice.ref.model.startswith(ids):
        names.append(more["context1m"]["beta"])
    return ",".join(dict.fromkeys([*more["always"], *names])) if names else ""
