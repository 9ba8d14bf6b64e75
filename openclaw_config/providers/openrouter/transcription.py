"""Transcription through OpenRouter's audio endpoint (spec: STT rules)."""

from __future__ import annotations

from openclaw_config.plan.model import TRANSCRIPTION, Candidate, Credential, Json
from openclaw_config.providers.openrouter.common import (
    BLOCK,
    PROVIDER,
    add_attribution,
    understander,
)
from openclaw_config.providers.requests import (
    BEARER,
    JSON_CONTENT,
    HeaderSet,
    addressed,
    recipe,
    with_default,
    with_transport,
)
from openclaw_config.providers.surface import Built, Context
from openclaw_config.resolution.credentials import config_link, ranked, variable_state
from openclaw_config.resolution.layers import Layers, find, first
from openclaw_config.resolution.settings import base_url, configured, route
from openclaw_config.resolution.understanding import Understander
from openclaw_config.syntax.nodes import child
from openclaw_config.view.settings import truth


def candidate(context: Context, choice: Understander) -> Built:
    """The plan of one model that transcribes."""
    document, layers = context.document, choice.layers
    root, more = document.root, recipe(PROVIDER, TRANSCRIPTION, document.target.requests).more
    model = choice.ref.model or more["model"]
    plan, why = understander(context, choice, TRANSCRIPTION, model)
    written = find(root, layers, "baseUrl")
    own = base_url(*written) if written is not None else None
    base = own or configured(root, PROVIDER)
    private = truth(child(root, *BLOCK, "request", "allowPrivateNetwork")) is True
    there = route(
        document.release, PROVIDER, base, canonical=False, private="allow" if private else "refuse"
    )
    requests = tuple((*layer, "request") for layer in (*layers, BLOCK))
    reached = find(root, requests, "proxy") or find(root, requests, "tls")
    there = with_transport(document, there, reached[1][:-1] if reached else requests[-1])
    headers = _headers(context, requests, layers)
    add_attribution(context, headers, there.verified)
    (step,) = plan.steps
    body = {**step.body, "model": model}
    language = first(root, layers, "language")
    temperature = first(root, layers, "providerOptions", PROVIDER, "temperature")
    if language is not None and language.value.strip():
        body["language"] = with_default(body["language"], language.value.strip())
        why += (("/steps/0/body/language", language.origin),)
    del body["temperature"]
    if temperature is not None and type(temperature.value) in {int, float}:
        body["temperature"] = temperature.value
        why += (("/steps/0/body/temperature", temperature.origin),)
    step = addressed(step._replace(body=body), there.base_url, headers.headers())
    plan = plan._replace(route=there, credential=_keys(context, plan, more["keys"]), steps=(step,))
    at_base = (("/route/baseUrl", base.origin), ("/steps/0/url", base.origin))
    return Built(plan, (*why, *at_base, *headers.why("/steps/0")))


def _headers(context: Context, requests: Layers, layers: Layers) -> HeaderSet:
    """The configured headers, of the provider, of all recordings, of the entry (STT-14)."""
    document, found = context.document, HeaderSet(BEARER, JSON_CONTENT)
    for request in reversed(requests):
        found.add_configured(document, (*request, "headers"), blank=False)
    auth = find(document.root, requests, "auth")
    if auth is not None:
        found.add_auth(document, auth[1])
    for layer in (BLOCK, *reversed(layers)):
        found.add_configured(document, (*layer, "headers"))
    return found


def _keys(context: Context, plan: Candidate, keys: Json) -> Credential:
    """The config's key as it stands, then the usual places; more keys follow (STT-20, STT-21)."""
    document, usual = context.document, plan.credential or Credential((), "")
    literal = config_link(document, (*BLOCK, "apiKey"), verbatim=True)
    others = [link for link in usual.chain if link.kind != "config"]
    names = [keys["only"]]
    if variable_state(document, keys["only"])[0] != "wins":
        numbered = [one for one in document.environment.names() if one.startswith(keys["prefix"])]
        names = [*keys["names"], *numbered]
    return Credential(
        ranked([literal, *others]), usual.missing, tuple(f"env:{name}" for name in names)
    )
