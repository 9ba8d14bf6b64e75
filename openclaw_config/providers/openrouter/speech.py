"""Speech through OpenRouter's audio endpoint (spec: TTS rules)."""

from __future__ import annotations

from openclaw_config.plan.model import Candidate, Json, Origin, Step
from openclaw_config.plan.urls import origin_of
from openclaw_config.providers.context import Built, Context, unusable
from openclaw_config.providers.headers import BEARER, JSON_CONTENT, HeaderSet
from openclaw_config.providers.openrouter.common import PROVIDER, add_attribution
from openclaw_config.providers.templates import literal
from openclaw_config.resolution import speech
from openclaw_config.resolution.origins import from_config, from_default
from openclaw_config.resolution.routes import BaseUrl, route
from openclaw_config.resolution.settings import Setting, default, json_value
from openclaw_config.resolution.speech import SpeechProvider, SpeechSurface
from openclaw_config.syntax.nodes import Node, NullNode, child
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.view.settings import mapping, number, text

DEFAULT_MODEL = "hexgrad/kokoro-82m"
DEFAULT_VOICE = "af_alloy"
FORMATS = ("mp3", "pcm")


def candidate(context: Context, surface: SpeechSurface, provider: SpeechProvider) -> Built:
    """The plan of OpenRouter's speech.

    Whatever base URL is configured, the request goes to OpenRouter itself (TTS-10).
    """
    model = _text(context, provider, DEFAULT_MODEL, "model", "modelId")
    voice = _text(context, provider, DEFAULT_VOICE, "voice", "voiceId")
    form = _text(context, provider, "mp3", "responseFormat")
    audio = str(form.value).lower()
    ref = f"{PROVIDER}/{model.value}"
    credential = speech.chain(context.document, provider)
    if audio not in FORMATS:
        problem = f"OpenRouter speech has no response format {audio[:20]!r}, only mp3 and pcm"
        return unusable(
            ref,
            PROVIDER,
            model.value,
            provider.origin,
            problem,
            credential=credential,
            automatic=not provider.chosen,
        )
    there, _ = route(
        PROVIDER, BaseUrl("", from_default("TTS-10")), canonical=True, private="refuse"
    )
    headers = HeaderSet(BEARER, JSON_CONTENT)
    add_attribution(headers, there.verified)
    speed = _speed(context, provider)
    routing = _routing(context, provider)
    body: dict[str, Json] = {
        "model": {"$slot": {"parameter": "model", "trim": True, "default": model.value}},
        "input": {"$slot": {"parameter": "text", "required": True}},
        "voice": {"$slot": {"parameter": "voice", "trim": True, "default": voice.value}},
        "response_format": audio,
    }
    why: list[tuple[str, Origin]] = [
        ("/model", model.origin),
        ("/steps/0/body/model", model.origin),
        ("/steps/0/body/voice", voice.origin),
        ("/steps/0/body/response_format", form.origin),
        ("/steps/0/timeoutMs", surface.timeout_ms.origin),
    ]
    said: dict[str, Json] = {"parameter": "speed", "type": "number"}
    if speed is not None:
        said["default"] = speed.value
        why.append(("/steps/0/body/speed", speed.origin))
    body["speed"] = {"$slot": said}
    if routing is not None:
        node, path = routing
        body["provider"] = literal(json_value(node))
        why.append(("/steps/0/body/provider", from_config(node, path)))
    step = Step(
        name="speak",
        method="POST",
        url=f"{there.base_url}/audio/speech",
        origin=origin_of(there.base_url),
        headers=headers.headers(),
        body=body,
        timeout_ms=int(surface.timeout_ms.value),
        timeout_parameter="timeoutMs",
        label="OpenRouter TTS API error",
    )
    plan = Candidate(
        ref=ref,
        provider=PROVIDER,
        model=model.value,
        origin=provider.origin,
        automatic=not provider.chosen,
        route=there,
        credential=credential,
        steps=(step,),
        result={
            "kind": "audio",
            "bytes": {"step": "speak"},
            "extension": f".{audio}",
            "voiceNote": audio == "mp3",
        },
    )
    return Built(plan, tuple(why))


def _overlay(context: Context, provider: SpeechProvider, name: str) -> tuple[Node, KeyPath] | None:
    """What the active persona puts over a field; it must use the main names (TTS-32)."""
    if not provider.persona:
        return None
    path = (*provider.persona, name)
    node = child(context.document.root, *path)
    return None if node is None or isinstance(node, NullNode) else (node, path)


def _text(context: Context, provider: SpeechProvider, usual: str, *names: str) -> Setting:
    """A text: the persona's, else the provider's, else the usual one (TTS-11).

    A blank one hides what is beneath it.
    """
    found = _overlay(context, provider, names[0])
    if found is None:
        found = speech.field(context.document.root, provider, *names)
    if found is None or not text(found[0]):
        return default(usual, "TTS-11")
    return Setting(text(found[0]), from_config(*found))


def _speed(context: Context, provider: SpeechProvider) -> Setting | None:
    found = _overlay(context, provider, "speed")
    if found is None:
        found = speech.field(context.document.root, provider, "speed")
    if found is None or number(found[0]) is None:
        return None
    return Setting(number(found[0]), from_config(*found))


def _routing(context: Context, provider: SpeechProvider) -> tuple[Node, KeyPath] | None:
    found = _overlay(context, provider, "provider")
    if found is None:
        found = speech.field(context.document.root, provider, "provider")
    return found if found is not None and mapping(found[0]) is not None else None
