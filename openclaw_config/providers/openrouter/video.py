"""Video through OpenRouter's asynchronous API: submit, poll, download (spec: VID rules)."""

from __future__ import annotations

from typing import NamedTuple

from openclaw_config.capabilities import lookup
from openclaw_config.plan.model import (
    Header,
    Json,
    Place,
    Placing,
    Poll,
    Require,
    ResponseValue,
    Step,
    UrlFromResponse,
)
from openclaw_config.plan.urls import origin_of
from openclaw_config.providers.media_modes import model_sent, modes
from openclaw_config.providers.openrouter.common import (
    BLOCK,
    PROVIDER,
    media_candidate,
    media_headers,
    media_reasons,
    media_route,
)
from openclaw_config.providers.requests import with_transport
from openclaw_config.providers.surface import Built, Context
from openclaw_config.resolution.media import MediaCandidate, most_bytes

REQUEST_MS = 60_000
POLLING_MS = 600_000
LIST_MS = 5_000
POLL_INTERVAL_MS = 5_000
POLL_ATTEMPTS = 120
MAX_BYTES = 16 * 1024 * 1024


def candidate(context: Context, choice: MediaCandidate) -> Built:
    """The plan of one video model."""
    route, base = media_route(context)
    route = with_transport(context.document, route, (*BLOCK, "request"))
    headers = media_headers(context, route)
    release = _RELEASES[context.document.target.requests]
    model = (
        choice.ref.model or lookup.default_model(PROVIDER, "video", context.document.tables) or ""
    )
    found = modes("video", PROVIDER, choice.ref.model, context.document)
    most = most_bytes(context.document.root, MAX_BYTES)
    plan = media_candidate(context, choice, route)._replace(
        modes=found,
        options=_options(context, choice.ref.model),
        placing=_PLACING,
        steps=_steps(
            route.base_url, headers.headers(), _body(model_sent(model, found), release), release
        ),
        result={
            **_RESULT,
            "fileName": release.names,
            "bytes": {"step": "download", "most": most},
        },
        deadline_parameter="timeoutMs",
        timeout_message="OpenRouter video generation timed out after {ms}ms",
    )
    first = int(release.listed)
    why = [*media_reasons(choice, base, first), *headers.why(f"/steps/{first}")]
    if choice.timeout_ms is not None:
        plan = plan._replace(deadline_ms=int(choice.timeout_ms.value))
        why.append(("/deadlineMs", choice.timeout_ms.origin))
    if release.listed:
        # A query stays where it is, and so takes a part of the path along.
        beside = UrlFromResponse((), f"{route.base_url}/", "videos/models")
        listed = plan.steps[0]._replace(
            name="models",
            method="GET",
            url="" if route.base_url_ref else f"{route.base_url}/videos/models",
            url_from=beside if route.base_url_ref else None,
            headers=plan.steps[1].headers,
            body=None,
            timeout_ms=LIST_MS,
            label="OpenRouter's list of video models",
            require=None,
            optional=True,
        )
        plan = plan._replace(steps=(listed, *plan.steps), live={**_LIVE, "model": model})
    return Built(plan, tuple(why))


class _Release(NamedTuple):
    """What differs between releases; ``listed`` asks for the list of models (VID-61)."""

    seed: Json
    require: Require
    poll: Poll
    names: Json
    listed: bool


_PLACING = Placing(
    places=(Place("first_frame", 1), Place("last_frame", 1), Place("reference")),
    roles=(
        ("first_frame", "first_frame"),
        ("last_frame", "last_frame"),
        ("reference_image", "reference"),
    ),
    unnamed=("first_frame", "last_frame", "reference"),
    overflow="reference",
)


def _steps(
    base_url: str, sent: tuple[Header, ...], body: Json, release: _Release
) -> tuple[Step, ...]:
    """Submit, poll and download; the last two bring no body, so no type of one."""
    origin = origin_of(base_url)
    bare = tuple(header for header in sent if header.name.lower() != "content-type")
    submit = Step(
        name="submit",
        method="POST",
        url=f"{base_url}/videos",
        origin=origin,
        headers=sent,
        body=body,
        timeout_ms=REQUEST_MS,
        label="OpenRouter video generation failed",
        require=release.require,
    )
    poll = Step(
        name="poll",
        method="GET",
        url="",
        origin=origin,
        headers=bare,
        timeout_ms=REQUEST_MS,
        label="OpenRouter video status request failed",
        url_from=UrlFromResponse((ResponseValue("submit", "/polling_url"),), f"{base_url}/"),
        poll=release.poll,
        require=release.require._replace(pointers=()) if release.require.shapes else None,
    )
    ids = tuple(ResponseValue(step, "/id", "uri-component") for step in ("poll", "submit"))
    download = Step(
        name="download",
        method="GET",
        url="",
        origin=origin,
        headers=bare,
        timeout_ms=REQUEST_MS,
        label="OpenRouter generated video download failed",
        url_from=UrlFromResponse(
            (ResponseValue("poll", "/unsigned_urls/*"),),
            f"{base_url}/",
            f"{base_url}/videos/{{id}}/content?index=0",
            (("id", ids),),
        ),
    )
    return submit, poll, download


_POLL = Poll(
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
)


def _options(context: Context, model: str) -> tuple[tuple[str, str], ...]:
    row = lookup.mode(PROVIDER, "video", model, "generate", context.document.tables)
    return row.provider_options if row is not None else ()


def _slot(parameter: str, **form: Json) -> Json:
    return {"$slot": {"parameter": parameter, **form}}


def _image(place: bool) -> Json:
    item: dict[str, Json] = {"type": "image_url", "image_url": {"url": {"$item": "url"}}}
    if place:
        item["frame_type"] = {"$item": "place"}
    return item


def _body(model: Json, release: _Release) -> Json:
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
        "seed": _slot("providerOptions/seed", **release.seed),
        "callback_url": _slot("providerOptions/callback_url", trim=True),
    }


_RESULT: Json = {
    "kind": "video",
    "mime": {
        "header": "content-type",
        "default": "video/mp4",
        "refuse": ["text/html", "application/json", "application/problem+json"],
    },
    "fileName": [],
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


_MALFORMED = "OpenRouter video generation response malformed"
_REQUIRE = Require(
    ("/id", "/polling_url"), "OpenRouter video generation response missing job details"
)
_WAITING = ("queued", "pending", "in_progress", "processing", "running")


def _names(extensions: dict[str, str]) -> Json:
    named = ({"whenMimeContains": mime, "name": f"video-1.{e}"} for mime, e in extensions.items())
    return [*named, {"name": "video-1.mp4"}]


_RELEASES = {
    "2026.4.29": _Release({"truncate": True}, _REQUIRE, _POLL, _names({"webm": "webm"}), False),
    "2026.9.6": _Release(
        {"whole": "OpenRouter video seed must be an integer"},
        _REQUIRE._replace(
            shapes=(("", "object"), ("/unsigned_urls", "texts"), ("/usage", "object")),
            malformed=_MALFORMED,
        ),
        _POLL._replace(waiting=_WAITING, malformed=_MALFORMED),
        _names({"webm": "webm", "quicktime": "mov", "matroska": "mkv", "x-msvideo": "avi"}),
        True,
    ),
}
_LIVE: Json = {
    "step": "models",
    "keepMs": 30_000,
    "items": "/data",
    "id": "/id",
    "values": {
        "durationSeconds": {"at": "/supported_durations", "as": "numbers"},
        "aspectRatio": {"at": "/supported_aspect_ratios", "as": "texts"},
        "resolution": {"at": "/supported_resolutions", "as": "upper"},
        "size": {"at": "/supported_sizes", "as": "texts"},
    },
    "flags": {"audio": "/generate_audio"},
    "limits": {
        "imageToVideo": {
            "inputs": "images",
            "at": "/supported_frame_images",
            "words": ["first_frame", "last_frame"],
        }
    },
}
"""What the list of models says of a model (VID-61)."""
