"""Chat completions through OpenRouter (spec: CHAT rules): what any release does.

What is sent depends on what sends it: ``embedded_chat`` until 2026.7, ``native_chat`` since 2026.8.
Also those of a custom provider whose base URL is OpenRouter's (SL-08): what OpenClaw does for the
provider ``openrouter`` alone is left out there.
"""

from __future__ import annotations

from collections.abc import Iterable

from openclaw_config.loading.load import Document
from openclaw_config.plan.model import CHAT, Candidate, Facts, Header, Json, Route, Step
from openclaw_config.plan.urls import host_of, is_local
from openclaw_config.providers import requests
from openclaw_config.providers.chat_models import PROVIDER, Asked, ChatModel, block_of
from openclaw_config.resolution import settings
from openclaw_config.resolution.chat import ChatCandidate, run_limit_ms
from openclaw_config.resolution.credentials import provider_chain
from openclaw_config.resolution.settings import BaseUrl, Setting, default, from_config
from openclaw_config.syntax.nodes import child
from openclaw_config.view.refs import ModelRef
from openclaw_config.view.settings import number, text, truth


def candidate(context: requests.Context, choice: ChatCandidate) -> requests.Built:
    """The plan of one chat model."""
    document, ref = context.document, choice.ref
    if document.target.native_chat:
        from openclaw_config.providers.native_chat import known, request
    else:
        from openclaw_config.providers.embedded_chat import known, request
    root, block = document.root, block_of(ref.provider)
    found = requests.recipe(PROVIDER, CHAT, document.target.requests)
    base = settings.configured(root, ref.provider)
    model = known(document, ref, base.url, found.more)
    credential = provider_chain(document, context.agent, ref.provider, choice.profile)
    if model.problem:
        plan = Candidate(ref.key, *ref, choice.origin, credential=credential)
        return requests.unusable(plan, model.problem)
    route = route_of(document, ref, base, found.more)
    # Where an SDK signs the requests, no key is asked for.
    signed = bool(found.more["noKey"]) and text(child(root, *block, "auth")) == "aws-sdk"
    if not document.target.native_chat and (choice.ref == choice.first or choice.chosen):
        model = model._replace(facts=with_refusal(model.facts, ref.key, found.more["usualLevels"]))
    asked = Asked(context, choice, model, route, found.more)
    catalog, complete = found.candidate.steps
    sent = request(asked, complete.body)
    idle, timeout = _limits(asked, base.url, complete)
    headers = _headers(asked, signed)
    for header in sent.headers:
        headers.set(header)
    complete = complete._replace(
        body=sent.body, timeout_ms=int(timeout.value), idle_timeout_ms=int(idle.value)
    )
    plan = found.candidate._replace(
        ref=ref.key,
        provider=ref.provider,
        model=sent.body["model"],
        origin=choice.origin,
        route=route,
        credential=None if signed else credential,
        facts=model.facts,
        steps=(
            *((catalog,) if model.facts.lookup is not None else ()),
            requests.addressed(complete, route.base_url, headers.headers()),
        ),
    )
    at = f"/steps/{len(plan.steps) - 1}"
    return requests.Built(
        plan,
        (
            ("/model", choice.origin),
            (f"{at}/body/model", choice.origin),
            ("/route/baseUrl", base.origin),
            (f"{at}/url", base.origin),
            (f"{at}/idleTimeoutMs", idle.origin),
            (f"{at}/timeoutMs", timeout.origin),
            ("/facts/maxTokens", model.max_tokens_origin),
            *headers.why(at),
            *((f"{at}/body/{field}", origin) for field, origin in sent.why),
        ),
    )


def with_refusal(facts: Facts, key: str, levels: Iterable[str], said: str = "") -> Facts:
    """The facts of a model that refuses a call's level where it does not take that (COM-30)."""
    taken = tuple(levels)
    text = f'Thinking level "{{value}}" is not supported for {key}. Use one of: '
    return facts._replace(levels=taken, refused=f"{text}{said or ', '.join(taken)}.")


def route_of(document: Document, ref: ModelRef, base: BaseUrl, more: Json) -> Route:
    """Where a model's requests go; the base URL may be private unless that is refused (HTTP-06)."""
    request = (*block_of(ref.provider), "request")
    may_refuse = more["privateNetwork"] == "setting"
    refused = may_refuse and truth(child(document.root, *request, "allowPrivateNetwork")) is False
    route = settings.route(
        document.release, PROVIDER, base, canonical=True, private="refuse" if refused else "allow"
    )
    route = route._replace(verified=route.verified and ref.provider == PROVIDER)
    return requests.with_transport(document, route, request)


def configured_headers(
    document: Document, provider: str, model: ChatModel, more: Json, key: Header = requests.BEARER
) -> requests.HeaderSet:
    """The key, and what the config has for the provider and the model (CHAT-04)."""
    headers = requests.HeaderSet(key)
    beside = more["authBesideKey"]
    headers.add_all(document, block_of(provider), model.headers, beside=beside)
    return headers


def _headers(asked: Asked, signed: bool) -> requests.HeaderSet:
    document, more = asked.context.document, asked.more
    provider = asked.choice.ref.provider
    key = Header("Authorization", f"Bearer {more['noKey']}") if signed else requests.BEARER
    headers = configured_headers(document, provider, asked.model, more, key)
    requests.add_attribution(asked.context, PROVIDER, headers, asked.route.verified)
    if provider != PROVIDER:
        # What OpenClaw's embedded runtime says of itself for a custom provider (CHAT-11).
        for name, value in more["embedded"].items():
            headers.set(Header(name, value))
    return headers


def silence_of(
    document: Document, provider: str, usual_ms: int, rule: str
) -> tuple[Setting, Setting | None]:
    """How long a stream may be silent, in ms, and the provider's own limit, None without one."""
    path = (*block_of(provider), "timeoutSeconds")
    node, run = child(document.root, *path), run_limit_ms(document.root).value
    seconds = number(node)
    if seconds is None or node is None:
        return default(min(usual_ms, run), rule), None
    limit = Setting(int(seconds * 1000), from_config(node, path))
    return limit._replace(value=min(limit.value, run)), limit


def _limits(asked: Asked, base: str, usual: Step) -> tuple[Setting, Setting]:
    """How long a stream may be silent, and a request take, in ms (CHAT-55, CHAT-56, SL-01)."""
    document, more = asked.context.document, asked.more
    silence_rule, request_rule = more["timeoutRules"]
    request = default(usual.timeout_ms, request_rule)
    local = base and is_local(host_of(base))
    silent_ms = more["localIdleMs"] if local else usual.idle_timeout_ms
    silence, limit = silence_of(document, asked.choice.ref.provider, silent_ms, silence_rule)
    if limit is None:
        return silence, request
    if document.target.native_chat:
        return silence, silence
    return silence, limit if asked.route.transport is not None else request
