"""What OpenRouter's four surfaces share."""

from __future__ import annotations

from openclaw_config.plan.model import Candidate, Header, Origin, Route
from openclaw_config.providers.requests import BEARER, JSON_CONTENT, HeaderSet
from openclaw_config.providers.surface import Context
from openclaw_config.resolution.credentials import provider_chain
from openclaw_config.resolution.media import MediaCandidate
from openclaw_config.resolution.routes import BaseUrl, configured, route
from openclaw_config.syntax.spans import KeyPath

PROVIDER = "openrouter"
BLOCK: KeyPath = ("models", "providers", PROVIDER)

CATEGORIES = {
    "2026.4.29": "cli-agent",
    "2026.9.6": "cli-agent,cloud-agent,programming-app,creative-writing,writing-assistant,"
    "general-chat,personal-agent",
}
"""How OpenClaw calls itself, by the release whose requests are meant (HTTP-03, HTTP-03')."""


def add_attribution(context: Context, headers: HeaderSet, verified: bool) -> None:
    """Add the headers by which OpenRouter knows the application on a verified route (HTTP-03).

    Nothing may override them there; on any other route there are none: HTTP-03, and DIV-1 where
    OpenClaw itself does otherwise.
    """
    if verified:
        headers.set(Header("HTTP-Referer", "https://openclaw.ai"))
        headers.set(Header("X-OpenRouter-Title", "OpenClaw"))
        categories = CATEGORIES[context.document.target.requests]
        headers.set(Header("X-OpenRouter-Categories", categories))


def media_headers(context: Context, route: Route) -> HeaderSet:
    """The headers of generation: the key, JSON, the configured ones, attribution (HTTP-05)."""
    headers = HeaderSet(BEARER, JSON_CONTENT)
    headers.add_configured(context.document, (*BLOCK, "request", "headers"), blank=False)
    headers.add_auth(context.document, (*BLOCK, "request", "auth"))
    add_attribution(context, headers, route.verified)
    return headers


def media_route(context: Context) -> tuple[Route, BaseUrl]:
    """The route of image and video: the configured base URL as it stands (IMG-03, VID-03).

    Private addresses are refused whatever the config allows (HTTP-06).
    """
    base = configured(context.document.root, PROVIDER)
    release = context.document.release
    return route(release, PROVIDER, base, canonical=False, private="refuse")[0], base


def media_candidate(context: Context, choice: MediaCandidate, route: Route) -> Candidate:
    """What the plan says of any image or video model, before its modes and requests."""
    return Candidate(
        ref=f"{choice.ref.provider}/{choice.ref.model}",
        provider=choice.ref.provider,
        model=choice.ref.model,
        origin=choice.origin,
        automatic=choice.automatic,
        entry=choice.entry,
        route=route,
        credential=provider_chain(context.document, context.agent, PROVIDER),
    )


def media_reasons(choice: MediaCandidate, base: BaseUrl, step: int = 0) -> list[tuple[str, Origin]]:
    """Why the fields have their values that image and video share; ``step`` has the body."""
    return [
        ("/model", choice.origin),
        (f"/steps/{step}/body/model", choice.origin),
        ("/route/baseUrl", base.origin),
        (f"/steps/{step}/url", base.origin),
    ]
