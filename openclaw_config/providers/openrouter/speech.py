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
from openclaw_config.resolution.settings import Setting, default
from openclaw_config.resolution.speech import SpeechProvider, SpeechSurface
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
    problem = ""
    if audio not in FORMATS:
        problem = f"OpenRouter speech has no response format {audio[:20]!r}, only mp3 and pcm"
    elif provider.refused:
        problem = f"the persona {surface.persona} lets only the providers speak that it names"
    if problem:
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
        body["provider"] = literal(routing.value)
        why.append(("/steps/0/body/provider", routing.origin))
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


def _text(context: Context, provider: SpeechProvider, usual: str, *names: str) -> Setting:
    """A text: the persona's, else the provider's, else the usual one (TTS-11).

    A blank one hides what is beneath it.
    """
    found = speech.field(context.document.root, provider, *names)
    if found is None or not text(found[0]):
        return default(usual, "TTS-11")
    return Setting(text(found[0]), from_config(*found))


def _speed(context: Context, provider: SpeechProvider) -> Setting | None:
    found = speech.field(context.document.root, provider, "speed")
    if found is None or number(found[0]) is None:
        return None
    return Setting(number(found[0]), from_config(*found))


def _routing(context: Context, provider: SpeechProvider) -> Setting | None:
    """The routing object, that of all layers merged; a persona's takes its place."""
    root = context.document.root
    found = speech.field(root, provider, "provider")
    if found is None or mapping(found[0]) is None:
        return None
    layers = provider.persona if found[1][:-1] in provider.persona else provider.layers
    return Setting(speech.merged(root, layers, "provider"), from_config(*found))
