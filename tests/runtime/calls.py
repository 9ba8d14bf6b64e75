"""Plans and calls for the tests of binding."""

from __future__ import annotations

from typing import Any

from openclaw_config.compiler.compile import compile_plan
from openclaw_config.plan.model import SurfacePlan
from openclaw_config.runtime.bind import TOOL, Bound, bind
from tests.support import OLDEST, document

DIRECT = "direct"
VEO = "openrouter/google/veo-3.1-fast"
GEMINI = "openrouter/google/gemini-3-pro-image-preview"
GPT_IMAGE = "openrouter/openai/gpt-5.4-image-2"


def surface(name: str, text: str | None = None, target: str = OLDEST) -> SurfacePlan:
    """A surface of a config; by default of one that names a model for each."""
    plan = compile_plan(document(text or CONFIG, {"OPENROUTER_API_KEY": "sk-or-canary"}, target))
    return next(one for one in plan.surfaces if one.surface == name)


CONFIG = f"""{{
  agents: {{ defaults: {{
    model: "openrouter/openai/gpt-5.5",
    videoGenerationModel: "{VEO}",
    imageGenerationModel: "{GEMINI}",
    mediaGenerationAutoProviderFallback: false,
  }} }},
  messages: {{ tts: {{ provider: "openrouter" }} }},
}}"""

PLANS = {name: surface(name) for name in ("video", "image", "speech", "chat")}


def video(entry: str = TOOL, **call: Any) -> Bound:
    """A video call."""
    return bind(PLANS["video"], {"prompt": "p", **call}, entry=entry)


def image(entry: str = TOOL, **call: Any) -> Bound:
    """An image call."""
    return bind(PLANS["image"], {"prompt": "p", **call}, entry=entry)


def music_plan(model: str = '"openrouter/google/lyria"') -> SurfacePlan:
    """The music of a config that names a model, or an object in JSON5."""
    text = f"{{agents: {{defaults: {{mediaModels: {{music: {model}}}}}}}}}"
    return surface("music", text, "2026.9.6")


MUSIC = music_plan()


def music(entry: str = TOOL, **call: Any) -> Bound:
    """A music call."""
    return bind(MUSIC, {"prompt": "p", **call}, entry=entry)


def body(bound: Bound) -> dict[str, Any]:
    """The first body of a call."""
    found = next(request.body for request in bound.requests if request.body is not None)
    assert isinstance(found, dict)
    return found
