"""What OpenRouter's surfaces share."""

from __future__ import annotations

from typing import Literal

from openclaw_config import registry
from openclaw_config.plan.model import Header
from openclaw_config.providers.media_modes import model_sent, modes
from openclaw_config.providers.requests import (
    BEARER,
    JSON_CONTENT,
    HeaderSet,
    addressed,
    recipe,
    with_transport,
)
from openclaw_config.providers.surface import Built, Context
from openclaw_config.resolution.credentials import provider_chain
from openclaw_config.resolution.layers import first
from openclaw_config.resolution.media import MediaCandidate, most_bytes
from openclaw_config.resolution.settings import at, configured, default, route
from openclaw_config.resolution.understanding import Understander
from openclaw_config.syntax.text import KeyPath

PROVIDER = "openrouter"
BLOCK: KeyPath = ("models", "providers", PROVIDER)


def add_attribution(context: Context, headers: HeaderSet, verified: bool) -> None:
    """Add the headers by which OpenRouter knows the application on a verified route (HTTP-03).

    Nothing may override them there; on any other route there are none: HTTP-03, and DIV-1 where
    OpenClaw itself does otherwise.
    """
    said = recipe(PROVIDER, "attribution", context.document.target.requests).more
    for name, value in said.items() if verified else ():
        headers.set(Header(name, value))


def single_step(
    context: Context, choice: MediaCandidate, surface: Literal["image", "music"]
) -> Built:
    """A candidate whose only request is bounded by what the surface's config says."""
    plan, why = media_candidate(context, choice, surface)
    more = recipe(PROVIDER, surface, context.document.target.requests).more
    (step,) = plan.steps
    time = default(step.timeout_ms, more["timeoutRule"])
    if choice.timeout_ms is not None and type(choice.timeout_ms.value) in {int, float}:
        time = choice.timeout_ms if choice.timeout_ms.value > 0 else time
    step = step._replace(timeout_ms=max(int(time.value), more.get("leastMs", 0)))
    plan = plan._replace(steps=(step,))
    return Built(plan, (*why, ("/steps/0/timeoutMs", time.origin)))


def understander(
    context: Context, choice: Understander, surface: Literal["transcription", "vision"], model: str
) -> Built:
    """What transcription and image understanding have in common: limits, and the usual keys.

    The URL and the headers of the step are still the recipe's.
    """
    document, layers = context.document, choice.layers
    found = recipe(PROVIDER, surface, document.target.requests)
    plan, why = found.candidate, [("/model", choice.origin)]
    (mode,), (step,) = plan.modes, plan.steps
    *rules, largest = mode.normalize
    names = ("maxBytes", "timeoutSeconds", "maxChars", "profile")
    most, seconds, characters, profile = (first(document.root, layers, name) for name in names)
    if most is not None:
        largest = largest._replace(values=(most.value,))
        why.append((f"/modes/0/normalize/{len(rules)}/values", most.origin))
    if choice.explicit:
        step = step._replace(timeout_ms=found.more.get("explicitTimeoutMs", step.timeout_ms))
    if seconds is not None:
        # An entry's goes before the call's own (STT-22).
        own = at(document.root, (*layers[0], "timeoutSeconds")) if len(layers) > 1 else None
        taken = "" if own is not None else step.timeout_parameter
        step = step._replace(timeout_ms=seconds.value * 1000, timeout_parameter=taken)
        why.append(("/steps/0/timeoutMs", seconds.origin))
    cut = characters.value if characters is not None else found.more["mostCharacters"]
    named = profile.value if profile is not None else ""
    plan = plan._replace(
        ref=f"{PROVIDER}/{model}",
        provider=PROVIDER,
        model=model,
        origin=choice.origin,
        automatic=choice.automatic,
        credential=provider_chain(document, context.agent, PROVIDER, named),
        modes=(mode._replace(normalize=(*rules, largest)),),
        steps=(step,),
        result={**plan.result, "mostCharacters": cut},
    )
    return Built(plan, tuple(why))


def media_candidate(
    context: Context, choice: MediaCandidate, surface: Literal["image", "video", "music"]
) -> Built:
    """What image, video and music have in common.

    The configured base URL counts as it stands (IMG-03, VID-03), and private addresses are refused
    whatever the config allows (HTTP-06). Where the recipe has an API of its own ``dedicated`` to
    the surface, that is asked at OpenRouter's own URL (IMG-40).
    """
    document, model = context.document, choice.ref.model
    release = document.target.requests
    found = recipe(PROVIDER, surface, release)
    base = configured(document.root, PROVIDER)
    there = route(document.release, PROVIDER, base, canonical=False, private="refuse")
    headers = HeaderSet(BEARER, JSON_CONTENT)
    if found.more["configured"]:
        # The headers and the transport of the provider's ``request`` (HTTP-05, HTTP-05').
        headers.add_configured(document, (*BLOCK, "request", "headers"), blank=False)
        headers.add_auth(document, (*BLOCK, "request", "auth"))
        there = with_transport(document, there, (*BLOCK, "request"))
    add_attribution(context, headers, there.verified)
    template, url = found.candidate, there.base_url
    known = registry.provider(document.release, PROVIDER)
    if "dedicated" in found.more and known is not None:
        usual = known.base_urls[0]
        if url in (usual, *known.former_base_urls):
            template, url = recipe(PROVIDER, found.more["dedicated"], release).candidate, usual
    taken = modes(surface, PROVIDER, model, document)
    sent = model_sent(model, taken)
    steps = tuple(
        addressed(
            step if step.body is None else step._replace(body={**step.body, "model": sent}),
            url,
            headers.headers(),
        )
        for step in template.steps
    )
    at = next(f"/steps/{index}" for index, step in enumerate(steps) if step.body is not None)
    result, most = template.result, most_bytes(document.root, found.more["mostBytes"])
    # What is saved of a video stands beside what is refused of its bytes.
    largest = {"bytes": {**result["bytes"], "most": most}} if "bytes" in result else {"most": most}
    plan = template._replace(
        ref=f"{choice.ref.provider}/{model}",
        provider=choice.ref.provider,
        model=model,
        origin=choice.origin,
        automatic=choice.automatic,
        entry=choice.entry,
        route=there,
        credential=provider_chain(document, context.agent, PROVIDER),
        modes=taken,
        steps=steps,
        result={**result, **largest},
    )
    why = (
        ("/model", choice.origin),
        (f"{at}/body/model", choice.origin),
        ("/route/baseUrl", base.origin),
        (f"{at}/url", base.origin),
        *headers.why(at),
    )
    return Built(plan, why)
