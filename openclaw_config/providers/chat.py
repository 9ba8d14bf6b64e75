"""The plan of a chat model: through OpenRouter (CHAT rules), or over any wire (COM rules).

A custom provider whose base URL is OpenRouter's is asked as OpenRouter is (SL-08): what OpenClaw
does for the provider ``openrouter`` alone is left out there.
"""

from __future__ import annotations

from openclaw_config.loading.load import Document
from openclaw_config.plan.model import (
    CHAT,
    Candidate,
    Facts,
    Header,
    Json,
    Route,
    Surface,
)
from openclaw_config.plan.urls import host_of, is_local
from openclaw_config.providers import chat_models, requests
from openclaw_config.providers.chat_bodies import body_of, embedded, native, response_cache
from openclaw_config.resolution import settings
from openclaw_config.resolution.chat import ChatCandidate, run_limit_ms
from openclaw_config.resolution.credentials import provider_chain
from openclaw_config.resolution.settings import BaseUrl, Setting, default, from_config
from openclaw_config.syntax.nodes import child
from openclaw_config.view.refs import ModelRef
from openclaw_config.view.settings import number, text, truth


def candidate(
    context: requests.Context, choice: ChatCandidate, surface: Surface = CHAT
) -> requests.Built:
    """The plan of one chat model."""
    ref, asked = choice.ref, _asked(context, choice)
    model, more = asked.model, asked.recipe.more
    credential = provider_chain(context.document, context.agent, asked.home, choice.profile)
    plan = Candidate(ref.key, asked.home, ref.model, choice.origin, credential=credential)
    if model.problem:
        return requests.unusable(plan, model.problem)
    headers = requests.HeaderSet(requests.key_of(more))
    if asked.ours:
        known, marker = native(asked) if asked.native else embedded(asked), _signature(asked)
    else:
        from openclaw_config.providers import wires

        known, marker = wires.known(asked), wires.marker(asked, credential)
        wires.add_headers(asked, headers)
        if wires.is_keyless(asked):
            plan = plan._replace(credential=credential._replace(missing=""))
    if marker:
        headers.set(Header("Authorization", f"Bearer {marker}"))
        plan = plan._replace(credential=None)
    _add_configured(asked, headers)
    body, reasons = body_of(asked, known)
    sent = str(body.get("model", known.get("id")))
    idle, timeout = _limits(asked)
    *listed, step = asked.recipe.candidate.steps
    step = step._replace(
        url=step.url + more.get("path", "").replace("{id}", sent),
        body=body,
        timeout_ms=int(timeout.value),
        idle_timeout_ms=int(idle.value),
    )
    if not asked.ours:
        step = step._replace(by_key=wires.by_key(asked, body, headers))
    facts = _facts(asked)
    steps = listed if facts.lookup is not None else []
    at = f"/steps/{len(steps)}"
    why = [
        ("/model", choice.origin),
        ("/route/baseUrl", asked.base.origin),
        (f"{at}/url", asked.base.origin),
        (f"{at}/idleTimeoutMs", idle.origin),
        (f"{at}/timeoutMs", timeout.origin),
        ("/facts/maxTokens", model.max_tokens_origin),
        *headers.why(at),
    ]
    if "model" in body:
        why.insert(1 if asked.ours else len(why), (f"{at}/body/model", choice.origin))
    why += ((f"{at}/body/{field}", origin) for field, origin in reasons)
    plan = plan._replace(
        model=sent,
        route=asked.route,
        facts=facts,
        steps=(*steps, requests.addressed(step, asked.route.base_url, headers.headers())),
        result=asked.recipe.candidate.result,
    )
    return requests.Built(plan, tuple(why))


def _asked(context: requests.Context, choice: ChatCandidate) -> chat_models.Asked:
    """What is known of a model, and how it is asked."""
    document, ref = context.document, choice.ref
    api, owner = chat_models.configured_api(document, ref), settings.owner(document, ref.provider)
    if api not in ("", chat_models.API) or chat_models.PROVIDER not in (ref.provider, owner):
        from openclaw_config.providers import wires

        return wires.asked(context, choice)
    found = requests.recipe(chat_models.PROVIDER, CHAT, document.target.requests)
    base = settings.configured(document.root, ref.provider)
    if document.target.native_chat:
        model, level = chat_models.native_model(document, ref, base.url, found.more), ""
    else:
        model = chat_models.chat_model(document, ref)
        level = chat_models.level_of(document, choice, found.more["thinking"]["levels"])
        if not level:
            from openclaw_config.providers.wires import usual_level

            level = usual_level(document, choice.first)
    route = route_of(document, ref, base, found.more)
    return chat_models.Asked(
        context,
        choice,
        ours=True,
        home=ref.provider,
        api=chat_models.API,
        model=model,
        recipe=found,
        base=base,
        route=route,
        own=route.transport is not None,
        levels=tuple(found.more["usualLevels"]),
        level=level,
    )


def _facts(asked: chat_models.Asked) -> Facts:
    """What the model can do; a call's level that it does not take is refused (COM-30)."""
    facts, ref, said = asked.model.facts, asked.choice.ref, ""
    if asked.native:
        return facts
    if not asked.ours:
        from openclaw_config.providers.wires import said_levels

        said = said_levels(ref)
        thinking = "usual" if facts.reasoning else "none"
        facts = facts._replace(thinking=thinking, levels=asked.levels)
    if ref != asked.choice.first and not asked.choice.chosen:
        return facts
    refused = f'Thinking level "{{value}}" is not supported for {ref.key}. Use one of: '
    refused += f"{said or ', '.join(asked.levels)}."
    return facts._replace(levels=asked.levels, refused=refused)


def route_of(document: Document, ref: ModelRef, base: BaseUrl, more: Json) -> Route:
    """Where a model's requests go; the base URL may be private unless that is refused (HTTP-06)."""
    request = (*chat_models.block_of(ref.provider), "request")
    may_refuse = more["privateNetwork"] == "setting"
    refused = may_refuse and truth(child(document.root, *request, "allowPrivateNetwork")) is False
    route = settings.route(
        document, chat_models.PROVIDER, base, canonical=True, private=not refused
    )
    route = route._replace(verified=route.verified and ref.provider == chat_models.PROVIDER)
    return requests.with_transport(document, route, request)


def _signature(asked: chat_models.Asked) -> str:
    """What is sent to OpenRouter in place of a key where an SDK signs the requests, else ""."""
    auth = child(asked.context.document.root, *chat_models.block_of(asked.home), "auth")
    return asked.recipe.more["noKey"] or "" if text(auth) == "aws-sdk" else ""


def _add_configured(asked: chat_models.Asked, headers: requests.HeaderSet) -> None:
    """Add what is configured (CHAT-04), what OpenClaw says of itself, and caches (CHAT-34)."""
    document, more = asked.context.document, asked.recipe.more
    beside = more.get("authBesideKey", True)
    headers.add_all(document, chat_models.block_of(asked.home), asked.model.headers, beside=beside)
    if asked.provider == chat_models.PROVIDER:
        requests.add_attribution(asked.context, chat_models.PROVIDER, headers, asked.route.verified)
    else:
        # What OpenClaw's embedded runtime says of itself for a custom provider (CHAT-11).
        headers.add_fixed(more.get("embedded", {}))
    for header in response_cache(asked) if asked.native and asked.route.verified else ():
        headers.set(header)


def _limits(asked: chat_models.Asked) -> tuple[Setting, Setting]:
    """How long a stream may be silent, and a request take, in ms.

    Rules CHAT-55, CHAT-56, SL-01 and COM-50.
    """
    more, usual = asked.recipe.more, asked.recipe.candidate.steps[-1]
    silence_rule, request_rule = more.get("timeoutRules", ("COM-50", "COM-50"))
    request = default(usual.timeout_ms, request_rule)
    silent_ms = usual.idle_timeout_ms
    if not silent_ms:
        return default(0, silence_rule), request
    if asked.base.url and is_local(host_of(asked.base.url)):
        silent_ms = more.get("localIdleMs", silent_ms)
    root = asked.context.document.root
    path = (*chat_models.block_of(asked.home), "timeoutSeconds")
    node, run_ms = child(root, *path), run_limit_ms(root).value
    seconds = number(node)
    if seconds is None or node is None:
        return default(min(silent_ms, run_ms), silence_rule), request
    limit = Setting(int(seconds * 1000), from_config(node, path))
    silence = limit._replace(value=min(limit.value, run_ms))
    if asked.native:
        return silence, silence
    return silence, limit if asked.own and usual.timeout_ms else request
