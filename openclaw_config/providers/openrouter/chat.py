"""Chat completions through OpenRouter (spec: CHAT rules).

Also those of a custom provider whose base URL is OpenRouter's (SL-08): what OpenClaw does for the
provider ``openrouter`` alone is left out there.
"""

from __future__ import annotations

from openclaw_config.plan.model import CHAT, Candidate, Header, Json, Origin, Route, Step
from openclaw_config.providers.openrouter.chat_models import (
    ChatModel,
    block_of,
    chat_model,
)
from openclaw_config.providers.openrouter.common import PROVIDER, add_attribution
from openclaw_config.providers.openrouter.thinking import thinking_fields
from openclaw_config.providers.requests import (
    BEARER,
    JSON_CONTENT,
    HeaderSet,
    Recipe,
    addressed,
    literal,
    recipe,
    with_transport,
)
from openclaw_config.providers.surface import Built, Context, unusable
from openclaw_config.resolution import routes
from openclaw_config.resolution.chat import TWO_SPELLINGS, ChatCandidate, run_limit_ms
from openclaw_config.resolution.credentials import provider_chain
from openclaw_config.resolution.settings import Setting, default, from_config
from openclaw_config.syntax.nodes import Node, child
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.view.settings import number, text, truth

API = "openai-completions"


def candidate(context: Context, choice: ChatCandidate) -> Built:
    """The plan of one chat model."""
    if context.document.target.native_chat:
        from openclaw_config.providers.openrouter import native_chat

        return native_chat.candidate(context, choice)
    root, ref = context.document.root, choice.ref
    block = block_of(ref.provider)
    model = chat_model(context.document, ref)
    credential = provider_chain(context.document, context.agent, ref.provider, choice.profile)
    problem = model.problem
    if model.api != API:
        problem = f"requests over the API {model.api} are not compiled by this version (SL-07)"
    if problem:
        plan = Candidate(ref.key, *ref, choice.origin, credential=credential)
        return unusable(plan, problem)
    base = routes.configured(root, ref.provider)
    route, _ = routes.route(
        context.document.release, PROVIDER, base, canonical=True, private="allow"
    )
    route = route._replace(verified=route.verified and ref.provider == PROVIDER)
    route = with_transport(context.document, route, (*block, "request"))
    signed = text(child(root, *block, "auth")) == "aws-sdk"
    found = _recipe(context)
    headers = _headers(context, choice, model, route, signed)
    catalog, complete = found.candidate.steps
    idle, request = _limits(root, block, route.transport is not None, complete)
    complete = complete._replace(
        body=_body(context, choice, model, route, found.more["mostTokens"]),
        timeout_ms=int(request.value),
        idle_timeout_ms=int(idle.value),
    )
    complete = addressed(complete, route.base_url, headers.headers())
    plan = found.candidate._replace(
        ref=ref.key,
        provider=ref.provider,
        model=ref.model,
        origin=choice.origin,
        route=route,
        credential=None if signed else credential,
        facts=model.facts,
        steps=(complete,) if model.facts.lookup is None else (catalog, complete),
    )
    at = f"/steps/{len(plan.steps) - 1}"
    why = [
        ("/model", choice.origin),
        (f"{at}/body/model", choice.origin),
        ("/route/baseUrl", base.origin),
        (f"{at}/url", base.origin),
        (f"{at}/idleTimeoutMs", idle.origin),
        ("/facts/maxTokens", model.max_tokens_origin),
        *headers.why(at),
    ]
    if route.transport is not None:
        why.append((f"{at}/timeoutMs", request.origin))
    return Built(
        plan, (*why, *_reasons(choice, found.more["parameterFields"], complete.body, f"{at}/body"))
    )


def _recipe(context: Context) -> Recipe:
    return recipe(PROVIDER, CHAT, context.document.target.requests)


def _headers(
    context: Context, choice: ChatCandidate, model: ChatModel, route: Route, signed: bool
) -> HeaderSet:
    """The headers; ``signed`` says that an SDK signs requests, so that no key is asked for."""
    document, block = context.document, block_of(choice.ref.provider)
    more = _recipe(context).more
    signs = Header("Authorization", f"Bearer {more['noKey']}")
    headers = HeaderSet(signs if signed else BEARER)
    headers.add_configured(document, (*block, "headers"))
    if model.headers:
        headers.add_configured(document, model.headers)
    headers.add_configured(document, (*block, "request", "headers"), blank=False)
    headers.add_auth(document, (*block, "request", "auth"), beside=True)
    headers.set(JSON_CONTENT)
    add_attribution(context, headers, route.verified)
    if choice.ref.provider != PROVIDER:
        # What OpenClaw's embedded runtime says of itself for a custom provider (CHAT-11).
        for name, value in more["embedded"].items():
            headers.set(Header(name, value))
    return headers


def _reasons(
    choice: ChatCandidate, fields: dict[str, str], body: Json, at: str
) -> list[tuple[str, Origin]]:
    """Why fields of the body have their values, where the config's parameters decided.

    ``fields`` gives for a parameter the field that it becomes (CHAT-30, CHAT-31).
    """
    settings = {field: choice.params.get(name) for name, field in fields.items()}
    settings["reasoning"] = choice.thinking
    return [
        (f"{at}/{field}", setting.origin)
        for field, setting in settings.items()
        if setting is not None and field in body
    ]


def _limits(
    root: Node | None, block: KeyPath, own_transport: bool, usual: Step
) -> tuple[Setting, Setting]:
    """How long a stream may be silent, and a request take, in ms (CHAT-55, CHAT-56, SL-01)."""
    request = default(usual.timeout_ms, "CHAT-56")
    path: KeyPath = (*block, "timeoutSeconds")
    node = child(root, *path)
    seconds = number(node)
    run = run_limit_ms(root).value
    if seconds is None or node is None:
        return default(min(usual.idle_timeout_ms, run), "CHAT-55"), request
    limit = Setting(int(seconds * 1000), from_config(node, path))
    return limit._replace(value=min(limit.value, run)), limit if own_transport else request


def _body(
    context: Context, choice: ChatCandidate, model: ChatModel, route: Route, most_tokens: int
) -> Json:
    """The body (CHAT-03), in the order in which OpenClaw writes it."""
    params, compat = choice.params, model.compat
    own_transport = route.transport is not None
    marks_all = _marks_everything(choice, route) and not own_transport
    body: dict[str, Json] = {
        "model": choice.ref.model,
        "messages": _messages(context, choice, model, route),
        "stream": True,
    }
    if own_transport:
        if truth(child(compat, "supportsPromptCacheKey")):
            body["prompt_cache_key"] = _SESSION
    elif _keeps_long(context):
        body["prompt_cache_key"] = _SESSION
        body["prompt_cache_retention"] = "24h"
    if own_transport or truth(child(compat, "supportsUsageInStreaming")):
        body["stream_options"] = {"include_usage": True}
    field = text(child(compat, "maxTokensField")) or "max_completion_tokens"
    # OpenClaw's own transport leaves the limit to the provider (SL-01).
    usual = None if own_transport else {"$fact": "maxTokens", "most": most_tokens}
    body[field] = _slot("maxTokens", params, "number", blank=0, otherwise=usual)
    body["temperature"] = _slot("temperature", params, "number")
    tools: dict[str, Json] = {"$tools": "tools", "cache": marks_all}
    if marks_all and _keeps_long(context):
        tools["ttl"] = "1h"
    if truth(child(compat, "supportsStrictMode")) and not own_transport:
        tools["strict"] = False
    body["tools"] = tools
    if own_transport:
        tools["always"] = True
        body["tool_choice"] = {"$if": "tools", "then": "auto"}
    body |= thinking_fields(context.document, choice, compat, own_transport)
    if route.verified and not own_transport:
        # DIV-4: routing is OpenRouter's metadata and goes to nobody else.
        body["provider"] = _slot("provider", params, "structure")
    body["chat_template_kwargs"] = {"$nonEmpty": _slot("chat_template_kwargs", params, "object")}
    # What stands after the merged members wins over them (SL-04).
    body["$merge"] = {
        **_slot("extra_body", params, "object"),
        "without": ["store", "__proto__", "prototype", "constructor"],
    }
    body["parallel_tool_calls"] = _slot("parallel_tool_calls", params, "flag")
    return body


_SESSION: Json = {"$slot": {"parameter": "sessionId"}}


def _slot(
    name: str,
    params: dict[str, Setting],
    kind: str,
    *,
    blank: Json = None,
    otherwise: Json = None,
) -> dict[str, Json]:
    """A slot that a call's own params fill before the config's, before a rule's default.

    A call's value replaces the config's whatever it is, as a later layer does (CHAT-32).
    """
    slot: dict[str, Json] = {"parameter": f"params/{name}", "type": kind}
    if name in TWO_SPELLINGS:
        slot["or"] = f"params/{TWO_SPELLINGS[name]}"
    setting = params.get(name)
    if setting is not None and _is(setting.value, kind):
        slot["default"] = literal(setting.value)
    if otherwise is not None:
        slot["otherwise"] = otherwise
    if blank is not None:
        slot["omit"] = blank
    return {"$slot": slot}


def _is(value: Json, kind: str) -> bool:
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "flag":
        return isinstance(value, bool)
    return isinstance(value, dict) or (kind == "structure" and isinstance(value, list))


def _marks_system(choice: ChatCandidate, route: Route) -> bool:
    """OpenClaw marks system prompts of Anthropic models on OpenRouter's routes (CHAT-40, DIV-2)."""
    there = route.verified or route.kind == PROVIDER
    return there and choice.ref.model.lower().startswith("anthropic/")


def _marks_everything(choice: ChatCandidate, route: Route) -> bool:
    """The runtime beneath also marks the last tool and message, by the exact case (CHAT-41)."""
    return route.verified and choice.ref.model.startswith("anthropic/")


def _keeps_long(context: Context) -> bool:
    """Whether what is marked shall stay in the cache for an hour (CHAT-43)."""
    return context.document.environment.get("PI_CACHE_RETENTION") == "long"


def _messages(context: Context, choice: ChatCandidate, model: ChatModel, route: Route) -> Json:
    developer = truth(child(model.compat, "supportsDeveloperRole")) and model.facts.reasoning
    ref = choice.ref
    found: dict[str, Json] = {
        "$messages": "messages",
        "systemRole": "developer" if developer else "system",
        "images": {"$fact": "images"},
        "model": {"provider": ref.provider, "api": API, "model": ref.model},
    }
    more = _recipe(context).more
    # Flags of a model's ``compat`` that shape the conversation, and their names there (SL-02).
    for flag, name in more["messageFlags"].items():
        if truth(child(model.compat, flag)):
            found[name] = True
    if ref.provider != PROVIDER:
        found |= {"toolCallIds": "alphanumeric", "noResult": more["noResult"]}
    if _marks_system(choice, route):
        every = _marks_everything(choice, route) and not route.transport is not None
        marks: dict[str, Json] = {"system": True, "last": every}
        if every and _keeps_long(context):
            marks["ttl"] = "1h"
        found["cache"] = marks
    if ref.provider == PROVIDER and "gemini" in ref.model.lower():
        found["signatures"] = "base64-only"
    return found
