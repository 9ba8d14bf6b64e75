"""The plan of a chat model over a wire API that any provider may speak (spec: COM rules)."""

from __future__ import annotations

from openclaw_config import registry
from openclaw_config.facts import read_json
from openclaw_config.loading.load import Document
from openclaw_config.plan.model import (
    BASE_URL,
    Candidate,
    Credential,
    Facts,
    Header,
    Json,
    Origin,
    Route,
    Step,
)
from openclaw_config.plan.urls import host_of, is_local
from openclaw_config.providers import requests
from openclaw_config.providers.chat import silence_of, with_refusal
from openclaw_config.providers.chat_models import PROVIDER, ChatModel, block_of
from openclaw_config.providers.wires import asked as parts
from openclaw_config.providers.wires.anthropic import anthropic, betas, by_key
from openclaw_config.providers.wires.asked import Asked
from openclaw_config.providers.wires.completions import completions
from openclaw_config.providers.wires.google import google
from openclaw_config.providers.wires.local import mistral, ollama
from openclaw_config.providers.wires.responses import responses
from openclaw_config.resolution import settings
from openclaw_config.resolution.chat import ChatCandidate
from openclaw_config.resolution.credentials import provider_chain
from openclaw_config.resolution.settings import BaseUrl, Setting, default, json_value
from openclaw_config.syntax.nodes import child
from openclaw_config.view.refs import ModelRef
from openclaw_config.view.settings import items, mapping, truth


def candidate(context: requests.Context, choice: ChatCandidate) -> requests.Built:
    """The plan of one chat model of any provider but OpenRouter."""
    document, ref = context.document, choice.ref
    home = parts.home_of(document, ref.provider)
    api, model = parts.api_of(document, ref), parts.model_of(document, ref)
    credential = provider_chain(document, context.agent, home, choice.profile)
    plan = Candidate(ref.key, home, ref.model, choice.origin, credential=credential)
    row = parts.row_of(ref.provider)
    problem = _problem(document, ref.provider, home, api) or model.problem
    if problem:
        return requests.unusable(plan, problem)
    found = requests.recipe(parts.WIRES, api, document.target.requests)
    base = _base(document, ref, home, found.more)
    asked = _asked(context, choice, home, model, api, base.url, found.more)
    route = _route(asked, base)
    body = {key: value for key, value in WIRE_BODIES[api](asked).items() if value is not None}
    headers = _headers(asked)
    if ref.provider == PROVIDER:
        requests.add_attribution(context, PROVIDER, headers, route.verified)
    (step,) = found.candidate.steps
    idle, timeout = _limits(asked, step)
    path = found.more["path"].replace("{id}", body.pop("{id}", ""))
    step = step._replace(
        url=f"{BASE_URL}{path}",
        body=body,
        timeout_ms=int(timeout.value),
        idle_timeout_ms=int(idle.value),
        by_key=by_key(asked, body, headers)
        or requests.json_key(asked.wire, body, headers.headers()),
    )
    marker = _marker(asked, credential)
    if marker:
        headers.set(Header("Authorization", f"Bearer {marker}"))
    elif _keyless(asked):
        credential = credential._replace(missing="")
    plan = found.candidate._replace(
        ref=ref.key,
        provider=home,
        model=str(body.get("model", row.get("renamed", {}).get(ref.model, ref.model))),
        origin=choice.origin,
        route=route,
        credential=None if marker else credential,
        facts=_facts(asked),
        steps=(requests.addressed(step, route.base_url, headers.headers()),),
    )
    why = _why(asked, body)
    return requests.Built(
        plan,
        (
            ("/model", choice.origin),
            ("/route/baseUrl", base.origin),
            ("/steps/0/url", base.origin),
            ("/steps/0/idleTimeoutMs", idle.origin),
            ("/steps/0/timeoutMs", timeout.origin),
            ("/facts/maxTokens", model.max_tokens_origin),
            *headers.why("/steps/0"),
            *((f"/steps/0/body/{field}", origin) for field, origin in why),
        ),
    )


def _facts(asked: Asked) -> Facts:
    """What the model can do, with the levels of thinking that it is offered."""
    choice, facts = asked.choice, asked.model.facts
    ref = choice.ref
    thinking = "usual" if facts.reasoning else "none"
    facts = facts._replace(thinking=thinking, levels=asked.levels)
    if ref == choice.first or choice.chosen:
        said = parts.first_of(parts.row_of(ref.provider).get("levels", ()), ref.model)
        facts = with_refusal(facts, ref.key, asked.levels, said.get("said", ""))
    return facts


def _problem(document: Document, provider: str, home: str, api: str) -> str:
    """Why no chat request of a provider can be compiled, or ""."""
    if api not in WIRE_BODIES:
        why = read_json("requests/compiled.json")["why"].get(api, "")
        said = f"requests over the API {api} are not compiled by this version"
        return f"{said}: {why}" if why else said
    listed = parts.row_of(provider).get("modelsListed")
    if listed and mapping(child(document.root, *block_of(home))) is None:
        return f"{provider} has to be asked which models it has, which is not compiled"
    return ""


def _asked(
    context: requests.Context,
    choice: ChatCandidate,
    home: str,
    model: ChatModel,
    api: str,
    base: str,
    wire: Json,
) -> Asked:
    document, ref, row = context.document, choice.ref, parts.row_of(choice.ref.provider)
    host = host_of(base)
    about_host: Json = next((one for one in wire.get("hosts", ()) if parts.is_at(host, one)), {})
    known = parts.known_of(ref.provider, ref.model)
    written = json_value(model.compat) if mapping(model.compat) is not None and model.compat else {}
    compat: dict[str, Json] = {
        **wire.get("compat", {}),
        **about_host.get("compat", {}),
        **row.get("compat", {}),
        **(known[4] if len(known) > 4 else {}),
        **written,
    }
    request = child(document.root, *block_of(home), "request")
    proxied = mapping(child(request, "proxy")) or mapping(child(request, "tls"))
    named = registry.provider(document.release, ref.provider)
    own_hosts = {host_of(url) for url in (named.base_urls if named is not None else ())}
    official = host in own_hosts
    levels = parts.first_of(row.get("levels", ()), ref.model).get("levels")
    if api == "google-generative-ai" and ref.provider == "google":
        levels = parts.first_of(wire["thinking"], ref.model).get("levels")
    return Asked(
        context,
        choice,
        home,
        model,
        api,
        base,
        wire,
        row,
        about_host,
        compat,
        bool(proxied) or (bool(row.get("own")) and (official or ref.provider == "google")),
        official,
        parts.usual_level(document, choice),
        tuple(levels or parts.tables()["usualLevels"]),
    )


def _base(document: Document, ref: ModelRef, home: str, wire: Json) -> BaseUrl:
    """The base URL, without what the wire's own path begins with (COM-02, COM-03, GGL-01)."""
    row = parts.row_of(ref.provider)
    found = settings.configured(document.root, home)
    named = registry.provider(document.release, ref.provider)
    usual = named.base_urls[0] if named is not None and named.base_urls else ""
    url = (found.url or row.get("baseUrl", "") or usual).strip().rstrip("/")
    cut = wire.get("cut", "")
    if cut and url.endswith(cut):
        url = url.removesuffix(cut)
    versioned = row.get("versioned", {})
    if versioned and host_of(url) == versioned["host"]:
        url = url.removesuffix("/openai")
        url = url if url.partition("://")[2].count("/") else url + versioned["version"]
    return found._replace(url=url)


def _route(asked: Asked, base: BaseUrl) -> Route:
    """Where the requests go: OpenClaw's own transport takes private hosts by leave (COM-22)."""
    document, request = asked.context.document, (*block_of(asked.home), "request")
    allowed = truth(parts.block_at(asked, "request", "allowPrivateNetwork")) is True
    route = settings.route(
        document.release,
        asked.choice.ref.provider,
        base,
        canonical=False,
        private="allow" if allowed or not asked.own else "refuse",
    )
    return requests.with_transport(document, route._replace(cut=asked.wire.get("cut", "")), request)


def _marker(asked: Asked, credential: Credential) -> str:
    """The word that is sent in place of a key where none is set, "" for none (OTH-12, OTH-14)."""
    known = {"wins", "unknown", "shadowed"}
    if any(link.state in known for link in credential.chain if link.kind != "profiles"):
        return ""
    return str(asked.row.get("markerAsOpenai" if parts.as_openai(asked) else "marker", ""))


def _keyless(asked: Asked) -> bool:
    """Whether a custom provider on a local host does without a key (COM-10)."""
    if asked.row:
        return False
    return bool(items(parts.block_at(asked, "models"))) and is_local(host_of(asked.base))


def _headers(asked: Asked) -> requests.HeaderSet:
    """The key, the wire's own headers, then what is configured (COM-11, COM-12)."""
    document, wire, block = asked.context.document, asked.wire, block_of(asked.home)
    headers = requests.HeaderSet(Header(**wire["key"]))
    fixed = {**wire.get("headers", {}), **asked.row.get("headers", {})}
    fixed |= wire.get("ownHeaders", {}) if asked.own else {}
    own = wire.get("own", {}) if parts.is_openai(asked) else {}
    for name, variable in asked.row.get("headerVariables", {}).items():
        fixed[name] = (document.environment.get(variable) or "").strip() or fixed[name]
    for name, value in {**fixed, **own.get("headers", {})}.items():
        headers.set(Header(name, value.replace("{release}", document.release)))
    for name in own.get("session", () if asked.own else wire.get("session", ())):
        headers.set(Header(name, fill=parts.SESSION))
    if own:
        headers.set(Header(own["turn"], fill=parts.TURN))
    if names := betas(asked)[0]:
        headers.set(Header("anthropic-beta", ",".join(names)))
    if truth(parts.block_at(asked, "authHeader")) is True:
        headers.set(requests.BEARER)
    headers.add_all(document, block, asked.model.headers)
    return headers


def _limits(asked: Asked, usual: Step) -> tuple[Setting, Setting]:
    """How long a stream may be silent, and a request take, in ms (COM-50)."""
    request = default(usual.timeout_ms, "COM-50")
    if not usual.idle_timeout_ms:
        return default(0, "COM-50"), request
    idle_ms = usual.idle_timeout_ms
    silence, limit = silence_of(asked.context.document, asked.home, idle_ms, "COM-50")
    return silence, limit if limit is not None and asked.own and usual.timeout_ms else request


def _why(asked: Asked, body: dict[str, Json]) -> list[tuple[str, Origin]]:
    """Why fields of the body have their values: the model's, and parameters of their names."""
    found = [("model", asked.choice.origin)] if "model" in body else []
    return found + [
        (field, setting.origin)
        for field, setting in asked.choice.params.items()
        if field in body and field != "model"
    ]


WIRE_BODIES = {
    "openai-completions": completions,
    "openai-responses": responses,
    "azure-openai-responses": responses,
    "anthropic-messages": anthropic,
    "google-generative-ai": google,
    "ollama": ollama,
    "mistral": mistral,
}
"""How each wire's body is made, by the name of its API."""
