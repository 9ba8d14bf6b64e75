"""Image understanding by OpenRouter's chat completions (spec: VIS rules)."""

from __future__ import annotations

from openclaw_config.plan.model import CHAT, VISION, Json
from openclaw_config.providers.openrouter import chat, native_chat
from openclaw_config.providers.openrouter.common import PROVIDER, understander
from openclaw_config.providers.requests import addressed, recipe
from openclaw_config.providers.surface import Built, Context, unusable
from openclaw_config.resolution import settings
from openclaw_config.resolution.layers import first
from openclaw_config.resolution.understanding import Understander


def candidate(context: Context, choice: Understander) -> Built:
    """The plan of one model that describes images: a bare chat completion (VIS-01)."""
    document, ref = context.document, choice.ref
    more = recipe(PROVIDER, VISION, document.target.requests).more
    asked = recipe(PROVIDER, CHAT, document.target.requests)
    base = settings.configured(document.root, PROVIDER)
    # Only OpenRouter's list, or the config's own entry, says what a model sees (VIS-01).
    model = native_chat.known(document, ref, base.url, {**asked.more, "starters": {}})
    facts, lookup = model.facts, dict(model.facts.lookup or {})
    plan, why = understander(context, choice, VISION, native_chat.sent_id(ref.model))
    problem = model.problem
    if "images" in lookup:
        lookup["images"] = {**lookup["images"], "least": True}
    elif not facts.images:
        problem = problem or f"Model does not support images: {plan.ref}"
    if problem:
        return unusable(plan._replace(steps=(), result=None, modes=()), problem)
    route = chat.route_of(document, ref, base, asked.more)
    headers = chat.configured_headers(document, ref.provider, model, asked.more)
    prompt = first(document.root, choice.layers, "prompt")
    text = prompt.value if prompt is not None and prompt.value.strip() else more["prompt"]
    text += more["atMost"].replace("{most}", str(plan.result["mostCharacters"]))
    messages = _messages(text, route.verified, plan.model)
    (step,) = plan.steps
    step = step._replace(body={**step.body, "model": plan.model, "messages": messages})
    step = addressed(step, route.base_url, headers.headers())
    steps = (*(asked.candidate.steps[:1] if lookup else ()), step)
    at = f"/steps/{len(steps) - 1}"
    reasons = [(field.replace("/steps/0", at), origin) for field, origin in why]
    reasons += [("/route/baseUrl", base.origin), (f"{at}/url", base.origin), *headers.why(at)]
    if prompt is not None:
        reasons.append((f"{at}/body/messages", prompt.origin))
    plan = plan._replace(route=route, facts=facts._replace(lookup=lookup or None), steps=steps)
    return Built(plan, tuple(reasons))


def _messages(text: str, verified: bool, model: str) -> Json:
    """The prompt and the image; on a route that is not verified the prompt is the system's."""
    prompt = {"$slot": {"parameter": "prompt", "default": text}}
    image = {"type": "image_url", "image_url": {"url": {"$item": "data"}}}
    images = {"$each": "images", "item": image}
    if not verified:
        system = {"role": "system", "content": prompt}
        return [system, {"role": "user", "content": [images]}]
    part: Json = {"type": "text", "text": prompt}
    if model.startswith("anthropic/"):
        part["cache_control"] = {"type": "ephemeral"}
    return [{"role": "user", "content": [part, images]}]
