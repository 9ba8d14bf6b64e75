"""Transcription (spec: STT rules), and image understanding by chat completions (VIS rules)."""

from __future__ import annotations

from openclaw_config.plan.model import CHAT, VISION, Candidate, Credential, Json, Origin, Surface
from openclaw_config.providers import requests
from openclaw_config.providers.chat_models import block_of, native_model, route_of
from openclaw_config.providers.requests import Built, Recipe
from openclaw_config.resolution import credentials
from openclaw_config.resolution.media import MediaCandidate
from openclaw_config.resolution.settings import CALL, Layers, at, base_url, configured, find, first
from openclaw_config.syntax.nodes import child
from openclaw_config.view.refs import sent_id
from openclaw_config.view.settings import Agent, truth

Why = list[tuple[str, Origin]]


def candidate(agent: Agent, choice: MediaCandidate, surface: Surface) -> Built:
    """The plan of one model."""
    provider, name = choice.ref
    written = choice.ref.key if name else provider
    plan = Candidate(written, provider, name, choice.origin, choice.automatic)
    if choice.program:
        return requests.unusable(plan, f"{provider} is a local program, which OpenClaw runs itself")
    if not requests.is_compiled(provider, surface):
        return requests.not_compiled(plan, provider)
    found = requests.recipe(provider, surface, agent.document.target.requests)
    return (_vision if surface == VISION else _transcription)(agent, choice, plan, found)


def _understander(
    agent: Agent, choice: MediaCandidate, plan: Candidate, found: Recipe
) -> tuple[Candidate, Why]:
    """What transcription and image understanding have in common: limits, and the usual keys."""
    document, layers = agent.document, choice.layers
    names = ("maxBytes", "timeoutSeconds", "maxChars", "profile")
    most, seconds, characters, profile = (first(document.root, layers, name) for name in names)
    (mode,), (*before, step), why = found.candidate.modes, found.candidate.steps, Why()
    *rules, largest = mode.normalize
    if most is not None:
        largest = largest._replace(values=(most.value,))
        why.append((f"/modes/0/normalize/{len(rules)}/values", most.origin))
    if choice.origin == CALL and not choice.automatic:
        step = step._replace(timeout_ms=found.more.get("explicitTimeoutMs", step.timeout_ms))
    if seconds is not None:
        # An entry's goes before the call's own (STT-22).
        own = at(document.root, (*layers[0], "timeoutSeconds")) if len(layers) > 1 else None
        taken = "" if own is not None else step.timeout_parameter
        step = step._replace(timeout_ms=seconds.value * 1000, timeout_parameter=taken)
        why.append((f"/steps/{len(before)}/timeoutMs", seconds.origin))
    cut = characters.value if characters is not None else found.more["mostCharacters"]
    named = profile.value if profile is not None else ""
    plan = requests.recipe_of(plan, found)._replace(
        credential=credentials.provider_chain(agent, plan.provider, named),
        modes=(mode._replace(normalize=(*rules, largest)),),
        steps=(*before, step),
        result={**found.candidate.result, "mostCharacters": cut},
    )
    return plan, [("/model", choice.origin), *why]


def _transcription(agent: Agent, choice: MediaCandidate, plan: Candidate, found: Recipe) -> Built:
    """The plan of one model that transcribes."""
    document, layers, provider = agent.document, choice.layers, choice.ref.provider
    root = document.root
    model, block = choice.ref.model or found.more["model"], ("models", "providers", provider)
    plan = plan._replace(ref=f"{provider}/{model}", model=model)
    plan, why = _understander(agent, choice, plan, found)
    base = base_url(find(root, layers, "baseUrl")) or configured(root, provider)
    private = truth(child(root, *block, "request", "allowPrivateNetwork")) is True
    there = requests.route_of(document, provider, base, found.more, private=private)
    blocks = tuple((*layer, "request") for layer in (*layers, block))
    reached = find(root, blocks, "proxy") or find(root, blocks, "tls")
    there = requests.with_transport(document, there, reached[1][:-1] if reached else blocks[-1])
    headers = _headers(agent, blocks, (*layers, block))
    requests.add_attribution(agent, provider, headers, there.verified)
    known: requests.Known = {"model": model}
    language = first(root, layers, "language")
    temperature = first(root, layers, "providerOptions", provider, "temperature")
    if language is not None and language.value.strip():
        known["language"] = language.value.strip()
        why.append(("/steps/0/body/language", language.origin))
    if temperature is not None and type(temperature.value) in {int, float}:
        known["temperature"] = temperature.value
        why.append(("/steps/0/body/temperature", temperature.origin))
    plan = plan._replace(credential=_keys(agent, plan, found.more["keys"]))
    plan = requests.completed(plan, found.more, there, headers, known)
    return Built(plan, (*why, *requests.reached(base, "/steps/0", headers)))


def _headers(agent: Agent, blocks: Layers, layers: Layers) -> requests.HeaderSet:
    """The configured headers, of the provider, of all recordings, of the entry (STT-14)."""
    document, found = agent.document, requests.HeaderSet(requests.BEARER, requests.JSON_CONTENT)
    for request in reversed(blocks):
        found.add_configured(document, (*request, "headers"), blank=False)
    auth = find(document.root, blocks, "auth")
    if auth is not None:
        found.add_auth(document, auth[1])
    for layer in reversed(layers):
        found.add_configured(document, (*layer, "headers"))
    return found


def _keys(agent: Agent, plan: Candidate, keys: Json) -> Credential:
    """The config's key as it stands, then the usual places; more keys follow (STT-20, STT-21)."""
    document, usual = agent.document, plan.credential or Credential((), "")
    literal = credentials.config_link(
        document, ("models", "providers", plan.provider, "apiKey"), verbatim=True
    )
    others = [link for link in usual.chain if link.kind != "config"]
    names = [keys["only"]]
    if credentials.variable_state(document, keys["only"])[0] != "wins":
        numbered = [one for one in document.environment.names() if one.startswith(keys["prefix"])]
        names = [*keys["names"], *numbered]
    return Credential(
        credentials.ranked([literal, *others]),
        usual.missing,
        tuple(f"env:{name}" for name in names),
    )


def _vision(agent: Agent, choice: MediaCandidate, plan: Candidate, found: Recipe) -> Built:
    """The plan of one model that describes images: a bare chat completion (VIS-01)."""
    document, ref = agent.document, choice.ref
    asked = requests.recipe(ref.provider, CHAT, document.target.requests)
    base = configured(document.root, ref.provider)
    # Only OpenRouter's list, or the config's own entry, says what a model sees (VIS-01).
    model = native_model(document, ref, base.url, {**asked.more, "starters": {}})
    facts, lookup, problem = model.facts, dict(model.facts.lookup or {}), model.problem
    sent = sent_id(ref.model)
    plan = plan._replace(ref=f"{ref.provider}/{sent}", model=sent)
    if lookup:
        steps = asked.candidate.steps[:1] + found.candidate.steps
        found = found._replace(candidate=found.candidate._replace(steps=steps))
    plan, why = _understander(agent, choice, plan, found)
    if "images" in lookup:
        lookup["images"] = {**lookup["images"], "least": True}
    elif not facts.images:
        problem = problem or f"Model does not support images: {plan.ref}"
    if problem:
        return requests.unusable(plan._replace(steps=(), result=None, modes=()), problem)
    route = route_of(document, ref, base, asked.more)
    headers, beside = requests.HeaderSet(requests.BEARER), asked.more["authBesideKey"]
    headers.add_all(document, block_of(ref.provider), model.headers, beside=beside)
    prompt = first(document.root, choice.layers, "prompt")
    text = prompt.value if prompt is not None and prompt.value.strip() else found.more["prompt"]
    text += found.more["atMost"].replace("{most}", str(plan.result["mostCharacters"]))
    known: requests.Known = {"model": sent, "prompt": text, "verified": route.verified}
    known["anthropic"] = sent.startswith("anthropic/")
    plan = requests.completed(plan, {"bare": ["catalog"]}, route, headers, known)
    at = f"/steps/{len(plan.steps) - 1}"
    why += requests.reached(base, at, headers)
    if prompt is not None:
        why.append((f"{at}/body/messages", prompt.origin))
    plan = plan._replace(facts=facts._replace(lookup=lookup or None))
    return Built(plan, tuple(why))
