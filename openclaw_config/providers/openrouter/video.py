"""Video through OpenRouter's asynchronous API: submit, poll, download (spec: VID rules)."""

from __future__ import annotations

from openclaw_config.capabilities import lookup
from openclaw_config.plan.model import (
    Json,
    Mode,
    Place,
    Placing,
    Poll,
    Require,
    ResponseValue,
    Step,
    UrlFromResponse,
)
from openclaw_config.plan.urls import origin_of
from openclaw_config.providers.context import Built, Context
from openclaw_config.providers.headers import BEARER, JSON_CONTENT, HeaderSet
from openclaw_config.providers.media_modes import fitting
from openclaw_config.providers.openrouter.common import (
    BLOCK,
    PROVIDER,
    add_attribution,
    media_candidate,
    media_reasons,
    media_route,
)
from openclaw_config.providers.transport import with_transport
from openclaw_config.resolution.media import MediaCandidate, most_bytes

REQUEST_MS = 60_000
POLLING_MS = 600_000
POLL_INTERVAL_MS = 5_000
POLL_ATTEMPTS = 120
DEFAULT_MODEL = "google/veo-3.1-fast"
MAX_BYTES = 16 * 1024 * 1024


def candidate(context: Context, choice: MediaCandidate) -> Built:
    """The plan of one video model."""
    route, base = media_route(context)
    route = with_transport(context.document, route, (*BLOCK, "request"))
    headers = HeaderSet(BEARER, JSON_CONTENT)
    headers.add_configured(context.document, (*BLOCK, "request", "headers"), blank=False)
    headers.add_auth(context.document, (*BLOCK, "request", "auth"))
    add_attribution(headers, route.verified)
    sent = headers.headers()
    origin = origin_of(route.base_url)
    steps = (
        Step(
            name="submit",
            method="POST",
            url=f"{route.base_url}/videos",
            origin=origin,
            headers=sent,
            body=_body(choice.ref.model or DEFAULT_MODEL),
            timeout_ms=REQUEST_MS,
            label="OpenRouter video generation failed",
            require=Require(
                ("/id", "/polling_url"),
                "OpenRouter video generation response missing job details",
            ),
        ),
        Step(
            name="poll",
            method="GET",
            url="",
            origin=origin,
            headers=tuple(header for header in sent if header.name.lower() != "content-type"),
            timeout_ms=REQUEST_MS,
            label="OpenRouter video status request failed",
            url_from=UrlFromResponse(
                (ResponseValue("submit", "/polling_url"),), f"{route.base_url}/"
            ),
            poll=Poll(
                interval_ms=POLL_INTERVAL_MS,
                attempts=POLL_ATTEMPTS,
                total_ms=POLLING_MS,
                status="/status",
                done=("completed",),
                failed=("failed", "cancelled", "expired"),
                error="/error",
                failed_message="OpenRouter video generation {status}",
                exhausted_message="OpenRouter video generation did not finish in time",
                skip_if_done="submit",
            ),
        ),
        Step(
            name="download",
            method="GET",
            url="",
            origin=origin,
            headers=tuple(header for header in sent if header.name.lower() != "content-type"),
            timeout_ms=REQUEST_MS,
            label="OpenRouter generated video download failed",
            url_from=UrlFromResponse(
                (ResponseValue("poll", "/unsigned_urls/*"),),
                f"{route.base_url}/",
                f"{route.base_url}/videos/{{id}}/content?index=0",
                (
                    (
                        "id",
                        (
                            ResponseValue("poll", "/id", "uri-component"),
                            ResponseValue("submit", "/id", "uri-component"),
                        ),
                    ),
                ),
            ),
        ),
    )
    plan = media_candidate(context, choice, route)._replace(
        modes=modes(choice.ref.model),
        options=_options(choice.ref.model),
        placing=Placing(
            places=(Place("first_frame", 1), Place("last_frame", 1), Place("reference")),
            roles=(
                ("first_frame", "first_frame"),
                ("last_frame", "last_frame"),
                ("reference_image", "reference"),
            ),
            unnamed=("first_frame", "last_frame", "reference"),
            overflow="reference",
        ),
        steps=steps,
        result={
            **_RESULT,
            "bytes": {
                "step": "download",
                "most": most_bytes(context.document.root, MAX_BYTES),
            },
        },
        deadline_parameter="timeoutMs",
        timeout_message="OpenRouter video generation timed out after {ms}ms",
    )
    why = media_reasons(choice, base)
    why += headers.why("/steps/0")
    return Built(plan, tuple(why))


def _options(model: str) -> tuple[tuple[str, str], ...]:
    row = lookup.video(PROVIDER, model, "generate")
    return row.provider_options if row is not None else ()


def modes(model: str) -> tuple[Mode, ...]:
    """What the capability table says that a model takes, as normalisations (VID-01, VID-30 ff)."""
    found = []
    for name, inputs in (("generate", ()), ("imageToVideo", ("images",))):
        row = lookup.video(PROVIDER, model, name)
        if row is None:
            continue
        found.append(
            Mode(
                name,
                inputs,
                limits=(
                    ("images", row.max_images),
                    ("videos", row.max_videos),
                    ("audios", row.max_audios),
                ),
                normalize=fitting(row),
            )
        )
    found.append(Mode("videoToVideo", ("videos",), enabled=False))
    return tuple(found)


def _slot(parameter: str, **form: Json) -> Json:
    return {"$slot": {"parameter": parameter, **form}}


def _image(place: bool) -> Json:
    item: dict[str, Json] = {"type": "image_url", "image_url": {"url": {"$item": "url"}}}
    if place:
        item["frame_type"] = {"$item": "place"}
    return item


def _body(model: str) -> Json:
    """The body, in the order of VID-04."""
    frames, references = ["first_frame", "last_frame"], ["reference"]
    return {
        "model": model,
        "prompt": _slot("prompt", required=True),
        "duration": _slot("durationSeconds"),
        "resolution": _slot("resolution", case="lower"),
        "aspect_ratio": _slot("aspectRatio", trim=True),
        "size": _slot("size", trim=True),
        "generate_audio": _slot("audio"),
        "frame_images": {"$each": "images", "places": frames, "item": _image(True)},
        "input_references": {"$each": "images", "places": references, "item": _image(False)},
        "seed": _slot("providerOptions/seed", truncate=True),
        "callback_url": _slot("providerOptions/callback_url", trim=True),
    }


_RESULT: Json = {
    "kind": "video",
    "mime": {"header": "content-type", "default": "video/mp4"},
    "fileName": [
        {"whenMimeContains": "webm", "name": "video-1.webm"},
        {"name": "video-1.mp4"},
    ],
    "model": [{"step": "poll", "pointer": "/model"}],
    "metadata": {
        "jobId": [{"step": "submit", "pointer": "/id"}],
        "status": [{"step": "poll", "pointer": "/status", "encode": "verbatim"}],
        "generationId": [{"step": "poll", "pointer": "/generation_id"}],
        "usage": [{"step": "poll", "pointer": "/usage"}],
    },
}
"""How the video is taken out (VID-56 to VID-58). Where polling was not needed, the submit step's
response stands for the poll's."""
