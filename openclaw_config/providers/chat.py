"""The plan of a chat model: through OpenRouter (CHAT rules), or over a wire that any may speak.

What differs between wires, and their bodies, is in ``schema/requests/wires.json``, and of those of
OpenRouter in ``openrouter.json`` there (spec: COM, OCC, ORS, ANT, GGL, OTH, NAM rules). A custom
provider whose base URL is OpenRouter's is asked as OpenRouter is (SL-08): what OpenClaw does for
the provider ``openrouter`` alone is left out there.
"""

from __future__ import annotations

from typing import Any

from openclaw_config.plan.model import Candidate, Credential, Facts, Header, Json, Origin, Surface
from openclaw_config.plan.urls import host_of, is_local
from openclaw_config.plan.values import fitting, is_number
from openclaw_config.providers import chat_models, requests
from openclaw_config.providers.chat_models import PROVIDER, Asked, block_at, first_of, row_of
from openclaw_config.resolution.chat import ChatCandidate, run_limit_ms
from openclaw_config.resolution.credentials import provider_chain
from openclaw_config.resolution.settings import Setting, at, default, json_value, usual_url
from openclaw_config.syntax.nodes import child
from openclaw_config.view.refs import model_entry, sent_id
from openclaw_config.view.settings import Agent, items, text, truth

Why = dict[str, Origin]


def candidate(agent: Agent, choice: ChatCandidate, _: Surface) -> requests.Built:
    """The plan of one chat model."""
    ref, asked = choice.ref, chat_models.asked(agent, choice)
    model, more = asked.model, asked.recipe.more
    credential = provider_chain(agent, asked.home, choice.profile)
    plan = Candidate(ref.key, asked.home, ref.model, choice.origin, credential=credential)
    if model.problem:
        return requests.unusable(plan, model.problem)
    known, own = _known(asked), child(block_at(agent.document, asked.home), "models")
    if not asked.ours and not row_of(asked.provider) and items(own) and _is_local(asked):
        # A custom provider on a local host does without a key (COM-10).
        plan = plan._replace(credential=credential._replace(missing=""))
    marker = _marker(asked, known, credential)
    if marker:
        plan = plan._replace(credential=None)
    headers = _headers(asked, known, marker)
    body, reasons = _body(asked, known)
    sent = str(body.get("model", known.get("id")))
    idle, timeout = _limits(asked)
    *listed, step = asked.recipe.candidate.steps
    step = step._replace(
        url=step.url + more.get("path", "").replace("{id}", sent),
        body=body,
        timeout_ms=int(timeout.value),
        idle_timeout_ms=int(idle.value),
    )
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
    why += ((f"{at}/body/{field}", origin) for field, origin in reasons.items())
    plan = plan._replace(
        model=sent,
        route=asked.route,
        facts=facts,
        steps=(*steps, requests.addressed(step, more, asked.route.base_url, headers, known)),
        result=asked.recipe.candidate.result,
    )
    return requests.Built(plan, tuple(why))


def _body(asked: Asked, known: requests.Known) -> tuple[dict[str, Json], Why]:
    """The body of a model, and why its fields have their values (CHAT-03, COM-35).

    Its slots take the config's values where a call gives none.
    """
    choice, why = asked.choice, Why()

    def filled(form: Json, field: str) -> Json:
        if isinstance(form, list):
            return [filled(item, field) for item in form]
        if not isinstance(form, dict) or "$literal" in form:
            return form
        if "$slot" not in form:
            # The members of a form of the template's own are no fields.
            above = f"{field}/" if field else ""
            plain = not field or not any(one.startswith("$") for one in form)
            return {
                key: filled(item, above + key if plain else field) for key, item in form.items()
            }
        slot = form["$slot"]
        others = slot.get("or", ())
        ways = (slot["parameter"], *([others] if isinstance(others, str) else others))
        setting = choice.param(*(way.partition("/")[2] for way in ways))
        value: Json = None if setting is None else fitting(setting.value, slot)
        # A format that lacks its JSON schema is passed over (CHAT-31').
        lacks = field == "response_format" and value is not None and value["type"] == "json_schema"
        if lacks and not isinstance(value.get("json_schema"), dict):
            value = None
        if setting is not None and value is not None:
            slot = {**slot, "default": requests.literal(value)}
            why.setdefault(field, setting.origin)
        return {**form, "$slot": {key: one for key, one in slot.items() if one is not None}}

    body = filled(requests.settled(asked.recipe.candidate.steps[-1].body, known), "")
    if choice.thinking is not None and "reasoning" in body:
        why["reasoning"] = choice.thinking.origin
    return body, why


def _facts(asked: Asked) -> Facts:
    """What the model can do; a call's level that it does not take is refused (COM-30)."""
    facts, ref, said = asked.model.facts, asked.choice.ref, ", ".join(asked.levels)
    if asked.native:
        return facts
    if not asked.ours:
        said = first_of(row_of(ref.provider).get("levels", ()), ref.model).get("said", said)
        thinking = "usual" if facts.reasoning else "none"
        facts = facts._replace(thinking=thinking, levels=asked.levels)
    if not asked.refused:
        return facts
    return facts._replace(levels=asked.levels, refused=asked.refused.replace("{offered}", said))


def _is_local(asked: Asked) -> bool:
    return bool(asked.base.url) and is_local(host_of(asked.base.url))


def _limits(asked: Asked) -> tuple[Setting, Setting]:
    """How long a stream may be silent, and a request take, in ms.

    Rules CHAT-55, CHAT-56, SL-01 and COM-50.
    """
    more, usual = asked.recipe.more, asked.recipe.candidate.steps[-1]
    silence_rule, request_rule = more.get("timeoutRules", ("COM-50", "COM-50"))
    request = default(usual.timeout_ms, request_rule)
    silent_ms = usual.idle_timeout_ms
    if not silent_ms:
        return default(0, silence_rule), request
    if _is_local(asked):
        silent_ms = more.get("localIdleMs", silent_ms)
    root = asked.agent.document.root
    path = (*chat_models.block_of(asked.home), "timeoutSeconds")
    found, run_ms = at(root, path), run_limit_ms(root).value
    if found is None or type(found.value) not in {int, float}:
        return default(min(silent_ms, run_ms), silence_rule), request
    limit = found._replace(value=int(found.value * 1000))
    silence = limit._replace(value=min(limit.value, run_ms))
    if asked.native:
        return silence, silence
    return silence, limit if asked.own and usual.timeout_ms else request


# --- what decides a body ------------------------------------------------------------------------


def _known(asked: Asked) -> requests.Known:
    """What decides a body over a wire: of the model, its host and its provider, and its settings.

    ``compat`` in the rows of the wire and the provider is what its API can: of all models, of those
    at a host, of some; the model's own entry has the last word. Their ``parts`` come of that.
    """
    wire, row, choice = asked.recipe.more, row_of(asked.provider), asked.choice
    document, ref, facts = asked.agent.document, choice.ref, asked.model.facts
    host, openai = host_of(asked.base.url), ref.provider == "openai" and asked.official
    hosts: list[Json] = [
        one
        for one in wire.get("hosts", ())
        if host in one.get("hosts", ()) or host.endswith(tuple(one.get("suffixes", ())))
    ]
    at_home, search = ref._replace(provider=asked.home), ("tools", "web", "search")
    params = child(model_entry(document.root, at_home)[0], "params")
    entry = json_value(params) if params is not None else {}
    fast = row.get("fast", {}) if _value(asked, "fastMode") is True else {}
    threshold = _value(asked, "responsesCompactThreshold")
    threshold = threshold if is_number(threshold) else facts.context_window * 70 // 100
    inject = child(block_at(document, asked.home), "injectNumCtxForOpenAICompat")
    by_model = first_of(wire.get("byModel", ()), ref.model).get("compat", {})
    values: requests.Known = {
        **wire.get("compat", {}),
        **(hosts[0]["compat"] if hosts else {}),
        **row.get("compat", {}),
        **first_of(row.get("byModel", ()), ref.model).get("compat", {}),
        **requests.settled(by_model, {"own": asked.own, **row.get("compat", {})}),
        **(asked.model.compat or {}),
        "param": choice.param,
        "reasons": facts.reasoning,
        "contextWindow": facts.context_window,
        "own": asked.own,
        "openai": openai,
        "official": asked.official,
        "proxied": asked.own and not openai,
        "keepsLong": document.environment.get("PI_CACHE_RETENTION") == "long",
        "gpt5": ref.provider == "openai" and f"{ref.model}-".startswith(("gpt-5-", "gpt-5.")),
        "named": ref.model,
        "id": chat_models.renamed(ref),
        "sent": fast.get(ref.model, ref.model),
        "madeBy": {"provider": ref.provider, "api": asked.api, "model": ref.model},
        "noResult": chat_models.tables()["noResult"],
        "levels": asked.levels,
        "order": chat_models.tables()["levels"],
        "level": asked.level,
        "betas": _betas(asked) or None,
        "searches": truth(child(document.root, *search, "enabled")) is not False
        and not text(child(document.root, *search, "provider")),
        "compactThreshold": max(1000, int(threshold)),
        "asOpenai": chat_models.configured_api(document, at_home) == chat_models.API,
        "injectsContext": truth(inject) is not False,
        **{f"entry/{name}": requests.literal(value) for name, value in entry.items()},
    }
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


# --- OpenRouter ---------------------------------------------------------------------------------


def _openrouter(asked: Asked, values: requests.Known) -> dict[str, Json]:
    """What OpenRouter's form takes (CHAT-03).

    OpenClaw marks system prompts of Anthropic models on OpenRouter's routes (CHAT-40, DIV-2); the
    runtime beneath also the last tool and message, by the exact case (CHAT-41), unless OpenClaw's
    own transport takes its place. What is marked may stay in the cache for an hour (CHAT-43).
    """
    ref, route, model_id = asked.choice.ref, asked.route, sent_id(asked.choice.ref.model)
    is_named = ref.provider == PROVIDER
    found: dict[str, Json] = {
        PROVIDER: is_named,
        "model": model_id,
        "verified": route.verified,
        "routed": route.verified or route.kind == PROVIDER,
        "canonical": is_named and route.base_url == usual_url(asked.agent.document, PROVIDER),
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


def _headers(asked: Asked, known: requests.Known, marker: str) -> requests.HeaderSet:
    """The key or its marker, and the headers of the wire and the provider (COM-11).

    Then what is configured (CHAT-04), and what OpenClaw says of itself.
    """
    document, more, row = asked.agent.document, asked.recipe.more, row_of(asked.provider)
    headers, block = requests.HeaderSet(requests.key_of(more)), chat_models.block_of(asked.home)
    fixed = {**more.get("headers", {}), **row.get("headers", {})}
    for name, variable in row.get("headerVariables", {}).items():
        fixed[name] = (document.environment.get(variable) or "").strip() or fixed[name]
    headers.add_fixed(requests.settled(fixed, known), document.release)
    if truth(child(document.root, *block, "authHeader")) is True:
        headers.set(requests.BEARER)
    if marker:
        headers.set(Header("Authorization", f"Bearer {marker}"))
    beside = more.get("authBesideKey", True)
    headers.add_all(document, block, asked.model.headers, beside=beside)
    if asked.provider == PROVIDER:
        requests.add_attribution(asked.agent, PROVIDER, headers, asked.route.verified)
    else:
        # What OpenClaw's embedded runtime says of itself for a custom provider (CHAT-11).
        headers.add_fixed(more.get("embedded", {}))
    headers.add_fixed(requests.settled(more.get("settingHeaders", {}), known))
    return headers


def _marker(asked: Asked, known: requests.Known, credential: Credential) -> str:
    """The word that is sent in place of a key, "" for none.

    That is where none is set (OTH-12, OTH-14), and where an SDK signs OpenRouter's requests.
    """
    there = {"wins", "unknown", "shadowed"}
    if any(link.state in there for link in credential.chain if link.kind != "profiles"):
        return ""
    auth = text(child(block_at(asked.agent.document, asked.home), "auth"))
    if auth == "aws-sdk" and asked.ours:
        return asked.recipe.more["noKey"] or ""
    return str(row_of(asked.provider).get("markerAsOpenai" if known["asOpenai"] else "marker", ""))
