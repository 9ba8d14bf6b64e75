"""Speech through OpenRouter's audio endpoint (spec: TTS rules)."""

from __future__ import annotations

from openclaw_config.capabilities import lookup
from openclaw_config.capabilities.lookup import Speech
from openclaw_config.plan.model import Candidate, Json, Origin, Route, Step
from openclaw_config.plan.urls import origin_of
from openclaw_config.providers.openrouter.common import PROVIDER, add_attribution
from openclaw_config.providers.requests import BEARER, JSON_CONTENT, HeaderSet, literal
from openclaw_config.providers.surface import Built, Context, unusable
from openclaw_config.resolution import speech
from openclaw_config.resolution.routes import BaseUrl, base_url, configured, route
from openclaw_config.resolution.settings import Setting, default, from_config, from_default
from openclaw_config.resolution.speech import SpeechProvider
from openclaw_config.view.settings import mapping, number, text

_BLANK = Speech()
_MIMES = {"mp3": "audio/mpeg", "pcm": "audio/pcm"}
_REPOINTS = {"2026.4.29": False, "2026.9.6": True}
"""Whether a configured base URL counts (TTS-10')."""
_BYTES = "application/octet-stream"
MOST_BYTES = 16 * 1024 * 1024
"""The largest speech that is taken, in bytes."""


def candidate(context: Context, choice: SpeechProvider) -> Built:
    """The plan of OpenRouter's speech.

    Whatever base URL is configured, the request goes to OpenRouter itself (TTS-10), until releases
    let it be another (TTS-10').
    """
    usual = lookup.speech(PROVIDER, context.document.tables) or _BLANK
    model = _model(context, choice, usual.default_model, usual.model_key, "modelId")
    voice = _text(context, choice, usual.default_voice, *context.document.target.keys.voice)
    form = _text(context, choice, usual.default_format, "responseFormat")
    audio = str(form.value).lower()
    ref = f"{PROVIDER}/{model.value}"
    credential = speech.chain(context.document, choice)
    problem = ""
    if audio not in usual.formats:
        formats = " and ".join(usual.formats)
        problem = f"OpenRouter speech has no response format {audio[:20]!r}, only {formats}"
    elif choice.refused:
        problem = f"the persona {choice.refused} lets only the providers speak that it names"
    if problem:
        return unusable(
            ref,
            PROVIDER,
            model.value,
            choice.origin,
            problem,
            credential=credential,
            automatic=not choice.chosen,
        )
    base = BaseUrl("", from_default("TTS-10"))
    if _REPOINTS[context.document.target.requests]:
        found = speech.field(context.document.root, choice, "baseUrl")
        own = base_url(*found) if found is not None else None
        base = own or configured(context.document.root, PROVIDER)
    there, _ = route(context.document.release, PROVIDER, base, canonical=True, private="refuse")
    body, why = _body(context, choice, model, voice)
    why += [("/response_format", form.origin)]
    plan = Candidate(
        ref=ref,
        provider=PROVIDER,
        model=model.value,
        origin=choice.origin,
        automatic=not choice.chosen,
        route=there,
        credential=credential,
        steps=(
            _step(context, there, {**body, "response_format": audio}, int(choice.timeout_ms.value)),
        ),
        result={
            "kind": "audio",
            "bytes": {"step": "speak", "most": MOST_BYTES},
            "mime": {
                "header": "content-type",
                "default": _MIMES.get(audio, _BYTES),
            },
            "extension": f".{audio}",
            "voiceNote": audio in usual.voice_note_formats,
        },
    )
    reasons = [(f"/steps/0/body{field}", origin) for field, origin in why]
    timeout = ("/steps/0/timeoutMs", choice.timeout_ms.origin)
    return Built(plan, (("/model", model.origin), *reasons, timeout))


def _step(context: Context, there: Route, body: Json, timeout_ms: int) -> Step:
    headers = HeaderSet(BEARER, JSON_CONTENT)
    add_attribution(context, headers, there.verified)
    return Step(
        name="speak",
        method="POST",
        url=f"{there.base_url}/audio/speech",
        origin=origin_of(there.base_url),
        headers=headers.headers(),
        body=body,
        timeout_ms=timeout_ms,
        timeout_parameter="timeoutMs",
        label="OpenRouter TTS API error",
    )


def _body(
    context: Context, choice: SpeechProvider, model: Setting, voice: Setting
) -> tuple[dict[str, Json], list[tuple[str, Origin]]]:
    """The body, and for its fields why they have their value."""
    speed = _speed(context, choice)
    routing = _routing(context, choice)
    said: dict[str, Json] = {"parameter": "speed", "type": "number"}
    if speed is not None:
        said["default"] = speed.value
    body: dict[str, Json] = {
        "model": {"$slot": {"parameter": "model", "trim": True, "default": model.value}},
        "input": {"$slot": {"parameter": "text", "required": True}},
        "voice": {"$slot": {"parameter": "voice", "trim": True, "default": voice.value}},
        "response_format": "",
        "speed": {"$slot": said},
    }
    if routing is not None:
        body["provider"] = literal(routing.value)
    settings = {"model": model, "voice": voice, "speed": speed, "provider": routing}
    return body, [(f"/{name}", one.origin) for name, one in settings.items() if one is not None]


def _text(context: Context, provider: SpeechProvider, usual: str | None, *names: str) -> Setting:
    """A text: the persona's, else the provider's, else the usual one (TTS-11).

    A blank one hides what is beneath it.
    """
    found = speech.field(context.document.root, provider, *names)
    if found is None or not text(found[0]):
        return default(usual or "", "TTS-11")
    return Setting(text(found[0]), from_config(*found))


def _model(context: Context, provider: SpeechProvider, usual: str | None, *names: str) -> Setting:
    """As ``_text``, of ``model`` and its alias: a blank one hides the alias (TTS-11')."""
    if not provider.laid_over:
        return _text(context, provider, usual, *names)
    found = (
        _text(context, provider, "", name) for name in names if _is_set(context, provider, name)
    )
    own = next(found, default("", "TTS-11"))
    return own if own.value else provider.model or default(usual or "", "TTS-11")


def _is_set(context: Context, provider: SpeechProvider, name: str) -> bool:
    return speech.field(context.document.root, provider, name) is not None


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
