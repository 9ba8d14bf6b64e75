"""What OpenRouter's four surfaces share."""

from __future__ import annotations

from openclaw_config.plan.model import Candidate, Header, Origin, Route
from openclaw_config.providers.requests import HeaderSet
from openclaw_config.providers.surface import Context
from openclaw_config.resolution.credentials import provider_chain
from openclaw_config.resolution.media import MediaCandidate
from openclaw_config.resolution.routes import BaseUrl, configured, route
from openclaw_config.syntax.spans import KeyPath

PROVIDER = "openrouter"
BLOCK: KeyPath = ("models", "providers", PROVIDER)

ATTRIBUTION = (
    Header("HTTP-Referer", "https://openclaw.ai"),
    Header("X-OpenRouter-Title", "OpenClaw"),
    Header("X-OpenRouter-Categories", "cli-agent"),
)
"""The headers by which OpenRouter knows the application (HTTP-03)."""


def add_attribution(headers: HeaderSet, verified: bool) -> None:
    """Add the attribution headers on a verified route, where nothing may override them.

    On any other route there are none: HTTP-03, and DIV-1 where OpenClaw itself does otherwise.
    """
    if verified:
        for header in ATTRIBUTION:
            headers.set(header)


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
        route=route,
        credential=provider_chain(context.document, context.agent, PROVIDER),
    )


def media_reasons(choice: MediaCandidate, base: BaseUrl) -> list[tuple[str, Origin]]:
    """Why the fields have their values that image and video share."""
    return [
        ("/model", choice.origin),
        ("/steps/0/body/model", choice.origin),
        ("/route/baseUrl", base.origin),
        ("/steps/0/url", base.origin),
    ]
