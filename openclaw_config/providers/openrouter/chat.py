"""Chat completions through OpenRouter (spec: CHAT rules)."""

from __future__ import annotations

from typing import NamedTuple

from openclaw_config.capabilities import lookup
from openclaw_config.plan.model import Candidate, Facts, Json, Origin, Retry, Route, Step
from openclaw_config.plan.urls import origin_of
from openclaw_config.providers.context import Built, Context
from openclaw_config.providers.headers import BEARER, JSON_CONTENT, HeaderSet
from openclaw_config.providers.openrouter.common import BLOCK, PROVIDER, add_attribution
from openclaw_config.providers.templates import literal
from openclaw_config.providers.transport import has_own_transport, with_transport
from openclaw_config.resolution import routes
from openclaw_config.resolution.chat import ChatCandidate, run_limit_ms
from openclaw_config.resolution.credentials import provider_chain
from openclaw_config.resolution.settings import Setting, default
from openclaw_config.syntax.nodes import Node, ObjectNode, child
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.view.refs import ModelRef
from openclaw_config.view.settings import items, mapping, number, text, truth

REQUEST_MS = 600_000
IDLE_MS = 120_000
MOST_TOKENS = 32_000
CATALOG_MS = 10_000
LEVELS = ("off", "minimal", "low", "medium", "high", "adaptive", "xhigh", "max")
_XHIGH = (
    "gpt-5.2", "gpt-5.3", "gpt-5.4", "gpt-5.5",
    "opus-4.6", "opus-4-6", "opus-4.7", "opus-4-7", "deepseek-v4-pro",
)  # fmt: skip
_AUTO = "openrouter/auto"
_NEAREST = {"adaptive": "medium", "xhigh": "high", "max": "high"}
"""Levels that OpenRouter is not offered, and the one that is taken when the config sets it."""


class _Model(NamedTuple):
    """What the plan needs to know of a model, from the config entry or the tables."""

    facts: Facts
    compat: Node | None
    headers: KeyPath
    base_url: routes.BaseUrl | None
    max_tokens_origin: Origin


def candidate(context: Context, choice: ChatCandidate) -> Built:
    """The plan of one chat model."""
    root = context.document.root
    model_id = choice.ref.model
    model = _model(root, model_id)
    base = model.base_url or routes.configured(root, PROVIDER)
    route, _ = routes.route(PROVIDER, base, canonical=True, private="allow")
    route = with_transport(context.document, route, (*BLOCK, "request"))
    headers = HeaderSet(BEARER)
    headers.add_configured(context.document, (*BLOCK, "headers"))
    if model.headers:
        headers.add_configured(context.document, model.headers)
    headers.add_configured(context.document, (*BLOCK, "request", "headers"), blank=False)
    headers.add_auth(context.document, (*BLOCK, "request", "auth"))
    headers.set(JSON_CONTENT)
    add_attribution(headers, route.verified)
    idle = _idle(root)
    complete = Step(
        name="complete",
        method="POST",
        url=f"{route.base_url}/chat/completions",
        origin=origin_of(route.base_url),
        headers=headers.headers(),
        body=_body(context, choice, model, route),
        timeout_ms=REQUEST_MS,
        idle_timeout_ms=int(idle.value),
        label="OpenRouter chat completion failed",
        retry=Retry((408, 409, 429), 500, (450, 900)),
        stream=True,
    )
    at = 1 if model.facts.lookup is not None else 0
    plan = Candidate(
        ref=choice.ref.key,
        provider=PROVIDER,
        model=model_id,
        origin=choice.origin,
        route=route,
        credential=provider_chain(context.document, context.agent, PROVIDER, choice.profile),
        facts=model.facts,
        steps=((_catalog_step(), complete) if at else (complete,)),
        result={"kind": "chat", "step": "complete"},
    )
    why: list[tuple[str, Origin]] = [
        ("/model", choice.origin),
        (f"/steps/{at}/body/model", choice.origin),
        ("/route/baseUrl", base.origin),
        (f"/steps/{at}/url", base.origin),
        (f"/steps/{at}/idleTimeoutMs", idle.origin),
        ("/facts/maxTokens", model.max_tokens_origin),
        *headers.why(f"/steps/{at}"),
    ]
    for name, field in _PARAM_FIELDS.items():
        setting = choice.params.get(name)
        if setting is not None and field in complete.body:
            why.append((f"/steps/{at}/body/{field}", setting.origin))
    if choice.thinking is not None and "reasoning" in complete.body:
        why.append((f"/steps/{at}/body/reasoning", choice.thinking.origin))
    return Built(plan, tuple(why))


_PARAM_FIELDS = {
    "temperature": "temperature",
    "maxTokens": "max_completion_tokens",
    "provider": "provider",
    "parallel_tool_calls": "parallel_tool_calls",
    "chat_template_kwargs": "chat_template_kwargs",
    "extra_body": "$merge",
}
"""Parameters that reach the body, and the field that each becomes (CHAT-30, CHAT-31)."""


def _model(root: Node | None, model_id: str) -> _Model:
    """The configured entry, else the built-in table, else what an unlisted id gets (CHAT-22)."""
    forced_off = lookup.reasoning_forced_off(PROVIDER, model_id)
    configured = _entry(root, model_id)
    if configured is not None:
        entry, here = configured
        window = _whole(entry.get("contextWindow")) or 200_000
        most = _whole(entry.get("maxTokens")) or min(8192, window)
        facts = Facts(
            reasoning=truth(entry.get("reasoning")) is True and not forced_off,
            images="image" in [text(kind) for kind in items(entry.get("input"))],
            max_tokens=min(most, window),
            context_window=window,
        )
        own = routes.base_url(entry.get("baseUrl"), (*here, "baseUrl"))
        headers = (*here, "headers") if mapping(entry.get("headers")) is not None else ()
        why = _origin(entry.get("maxTokens"), (*here, "maxTokens"))
        return _Model(facts, entry.get("compat"), headers, own, why)
    row = lookup.chat_model(PROVIDER, model_id)
    listed = row is not None
    if row is None:
        row = lookup.unlisted_chat_model(PROVIDER, model_id)
    if row is None:
        raise LookupError("the capability table of openrouter lacks its unlisted model")
    facts = Facts(
        reasoning=row.reasoning and not forced_off,
        images="image" in row.input,
        max_tokens=row.max_tokens,
        context_window=row.context_window,
        lookup=None if listed else _lookup(model_id, forced_off),
    )
    origin = Origin("default", rule="CHAT-50" if listed else "CHAT-51")
    return _Model(facts, None, (), None, origin)


def _entry(root: Node | None, model_id: str) -> tuple[ObjectNode, KeyPath] | None:
    path: KeyPath = (*BLOCK, "models")
    names = {model_id, model_id.removeprefix(f"{PROVIDER}/")}
    for index, item in enumerate(items(child(root, *path))):
        entry = mapping(item)
        if entry is not None and text(entry.get("id")) in names:
            return entry, (*path, index)
    return None


def _thinks(root: Node | None, ref: ModelRef) -> bool:
    """Whether a model thinks when nothing tells how much (MODEL-50).

    OpenClaw knows what a model can when it is configured, or else when ``agents.defaults.models``
    makes it read its list of models.
    """
    if lookup.reasoning_forced_off(PROVIDER, ref.model):
        return False
    configured = _entry(root, ref.model)
    if configured is not None:
        return truth(configured[0].get("reasoning")) is True
    row = lookup.chat_model(PROVIDER, ref.model)
    models = mapping(child(root, "agents", "defaults", "models"))
    return row is not None and row.reasoning and models is not None and bool(models.index)


def _origin(node: Node | None, path: KeyPath) -> Origin:
    from openclaw_config.resolution.origins import from_config, from_default

    return from_default("LOAD-44") if node is None else from_config(node, path)


def _whole(node: Node | None) -> int:
    value = number(node)
    return int(value) if value is not None and value > 0 else 0


def _idle(root: Node | None) -> Setting:
    """How long a stream may be silent, in ms (CHAT-55)."""
    path: KeyPath = (*BLOCK, "timeoutSeconds")
    node = child(root, *path)
    seconds = number(node)
    run = run_limit_ms(root).value
    if seconds is None or node is None:
        return default(min(IDLE_MS, run), "CHAT-55")
    return Setting(min(int(seconds * 1000), run), _origin(node, path))


def _catalog_step() -> Step:
    """The look-up of a model that the built-in table does not list (CHAT-51)."""
    usual = "https://openrouter.ai/api/v1"
    return Step(
        name="catalog",
        method="GET",
        url=f"{usual}/models",
        origin=origin_of(usual),
        timeout_ms=CATALOG_MS,
        label="OpenRouter model list failed",
        optional=True,
    )


def _lookup(model_id: str, reasoning_off: bool) -> Json:
    found: dict[str, Json] = {
        "step": "catalog",
        "items": "/data",
        "where": {"/id": model_id},
        "images": {"at": "/architecture/modality", "before": "->", "holds": "image"},
        "contextWindow": {"at": ["/context_length"], "default": 128_000},
        "maxTokens": {
            "at": [
                "/top_provider/max_completion_tokens",
                "/max_completion_tokens",
                "/max_output_tokens",
            ],
            "default": 8192,
        },
    }
    if not reasoning_off:
        found["reasoning"] = {"at": "/supported_parameters", "holds": "reasoning"}
    return found


def _body(context: Context, choice: ChatCandidate, model: _Model, route: Route) -> Json:
    """The body (CHAT-03), in the order in which OpenClaw writes it."""
    params, compat = choice.params, model.compat
    own_transport = has_own_transport(route)
    body: dict[str, Json] = {
        "model": choice.ref.model,
        "messages": _messages(context, choice, model, route),
        "stream": True,
    }
    if truth(child(compat, "supportsUsageInStreaming")):
        body["stream_options"] = {"include_usage": True}
    field = text(child(compat, "maxTokensField")) or "max_completion_tokens"
    body[field] = _slot(
        "maxTokens",
        params,
        "number",
        blank=0,
        otherwise={
            "$fact": "maxTokens",
            "most": MOST_TOKENS,
        },
    )
    body["temperature"] = _slot("temperature", params, "number")
    tools: dict[str, Json] = {"$tools": "tools", "cache": _marks_everything(choice, route)}
    if tools["cache"] and _keeps_long(context):
        tools["ttl"] = "1h"
    body["tools"] = tools
    reasoning = _reasoning(context, choice, own_transport)
    if reasoning is not None:
        body["reasoning"] = reasoning
    if route.verified and not own_transport:
        # DIV-4: routing is OpenRouter's metadata and goes to nobody else.
        body["provider"] = _slot("provider", params, "object")
    body["parallel_tool_calls"] = _slot("parallel_tool_calls", params, "flag")
    body["chat_template_kwargs"] = _slot("chat_template_kwargs", params, "object")
    if _keeps_long(context):
        body["prompt_cache_key"] = {"$slot": {"parameter": "sessionId"}}
        body["prompt_cache_retention"] = "24h"
    body["$merge"] = {**_slot("extra_body", params, "object"), "without": ["store"]}
    return body


def _slot(
    name: str,
    params: dict[str, Setting],
    kind: str,
    *,
    blank: Json = None,
    otherwise: Json = None,
) -> dict[str, Json]:
    """A slot that a call's own params fill before the config's, before a rule's default."""
    slot: dict[str, Json] = {"parameter": f"params/{name}", "type": kind}
    setting = params.get(name)
    if setting is not None and _is(setting.value, kind):
        slot["default"] = literal(setting.value)
    elif otherwise is not None:
        slot["default"] = otherwise
    if blank is not None:
        slot["omit"] = blank
    return {"$slot": slot}


def _is(value: Json, kind: str) -> bool:
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "flag":
        return isinstance(value, bool)
    return isinstance(value, dict)


def _marks_system(choice: ChatCandidate, route: Route) -> bool:
    """OpenClaw marks system prompts of Anthropic models on a verified route (CHAT-40, DIV-2)."""
    return route.verified and choice.ref.model.lower().startswith("anthropic/")


def _marks_everything(choice: ChatCandidate, route: Route) -> bool:
    """The runtime beneath also marks the last tool and message, by the exact case (CHAT-41)."""
    return route.verified and choice.ref.model.startswith("anthropic/")


def _keeps_long(context: Context) -> bool:
    """Whether what is marked shall stay in the cache for an hour (CHAT-43)."""
    return context.document.environment.get("PI_CACHE_RETENTION") == "long"


def _messages(context: Context, choice: ChatCandidate, model: _Model, route: Route) -> Json:
    developer = truth(child(model.compat, "supportsDeveloperRole")) and model.facts.reasoning
    found: dict[str, Json] = {
        "$messages": "messages",
        "systemRole": "developer" if developer else "system",
        "images": {"$fact": "images"},
    }
    if _marks_system(choice, route):
        marks: dict[str, Json] = {"system": True, "last": _marks_everything(choice, route)}
        if _keeps_long(context):
            marks["ttl"] = "1h"
        found["cache"] = marks
    if "gemini" in choice.ref.model.lower():
        found["signatures"] = "base64-only"
    return found


def _reasoning(context: Context, choice: ChatCandidate, own_transport: bool) -> Json:
    """The thinking level as OpenRouter's reasoning, by what the model can (CHAT-20, CHAT-21).

    ``openrouter/auto`` never gets it, as the page promises (DIV-3); nor does Hunter Alpha.
    """
    model_id = choice.ref.model
    if model_id == _AUTO or lookup.reasoning_forced_off(PROVIDER, model_id):
        return None
    tables = {"true": _levels(model_id, True), "false": _levels(model_id, False)}
    if choice.thinking is not None and choice.thinking.value in LEVELS:
        level = str(choice.thinking.value)
        defaults = dict.fromkeys(tables, _NEAREST.get(level, level))
    elif _thinks(context.document.root, _first(choice)):
        defaults = dict.fromkeys(tables, "medium")
    else:
        defaults = {"true": "high" if own_transport else "off", "false": "off"}
    return {"$choose": "thinking", "by": "reasoning", "tables": tables, "defaults": defaults}


def _first(choice: ChatCandidate) -> ModelRef:
    """The model that settles the level: the first, where that is known to be OpenRouter's."""
    return choice.first if choice.first.provider == PROVIDER else choice.ref


def _levels(model_id: str, reasons: bool) -> Json:
    if not reasons and (model_id == "auto" or model_id.startswith("x-ai/")):
        return {}
    top = "xhigh" if not reasons or any(part in model_id for part in _XHIGH) else "high"
    table: dict[str, Json] = {
        level: {"effort": level} for level in ("minimal", "low", "medium", "high")
    }
    table |= {"adaptive": {"effort": "medium"}, "xhigh": {"effort": top}, "max": {"effort": top}}
    return {"off": {"effort": "none"}, **table} if reasons else table
