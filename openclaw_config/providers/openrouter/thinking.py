"""How a chat's thinking level is sent to OpenRouter (CHAT-20, CHAT-21, SL-01, SL-02)."""

from __future__ import annotations

from openclaw_config.loading.document import Document
from openclaw_config.plan.model import Json
from openclaw_config.providers.openrouter.chat_models import reasoning_forced_off, thinks
from openclaw_config.providers.openrouter.common import PROVIDER
from openclaw_config.resolution.chat import ChatCandidate
from openclaw_config.syntax.nodes import Node, child
from openclaw_config.view.settings import items, members, text, truth

LEVELS = ("off", "minimal", "low", "medium", "high", "adaptive", "xhigh", "max")
_XHIGH = (
    "gpt-5.2", "gpt-5.3", "gpt-5.4", "gpt-5.5",
    "opus-4.6", "opus-4-6", "opus-4.7", "opus-4-7", "deepseek-v4-pro",
)  # fmt: skip
_AUTO = "openrouter/auto"
_NEAREST = {"adaptive": "medium", "xhigh": "high", "max": "high"}
"""Levels that OpenRouter is not offered, and the one that is taken when the config sets it."""
_OWN_EFFORTS = ("low", "medium", "high")
"""What OpenClaw's own transport asks of a model that does not name its efforts itself."""

Table = dict[str, Json]


def thinking_fields(
    document: Document, choice: ChatCandidate, compat: Node | None, own_transport: bool
) -> dict[str, Json]:
    """The members of the body that the thinking level decides.

    ``reasoning`` comes from the form that the model takes, or else from OpenClaw's own addition
    for the provider ``openrouter``, which some ids do not get. ``openrouter/auto`` never has it,
    as the page promises (DIV-3); nor has Hunter Alpha.
    """
    ref = choice.ref
    ours = ref.provider == PROVIDER
    if ours and (ref.model == _AUTO or reasoning_forced_off(document, ref)):
        return {}
    form = text(child(compat, "thinkingFormat")) or "openrouter"
    added = _added(ref.model) if ours else {}
    efforts = _own_efforts(compat) if own_transport else _efforts(ref.model, compat)
    fields: dict[str, tuple[Table, Table]] = {}
    if form == "openrouter":
        off: Table = {} if own_transport else {"off": {"effort": "none"}}
        asked = {level: {"effort": effort} for level, effort in efforts.items()}
        fields["reasoning"] = ({**off, **asked}, added)
    else:
        if not own_transport and form == "zai":
            enabled = {level: level != "off" for level in LEVELS}
            fields["enable_thinking"] = (enabled, {})
        if not own_transport and form == "deepseek":
            kinds = {
                level: {"type": "disabled" if level == "off" else "enabled"} for level in LEVELS
            }
            fields["thinking"] = (kinds, {})
        always = form == "deepseek" and not own_transport
        if not ours and (always or truth(child(compat, "supportsReasoningEffort"))):
            # For ``openrouter`` OpenClaw takes the effort out of the body again.
            fields["reasoning_effort"] = (efforts, {})
        fields["reasoning"] = (added, added)
    defaults = _defaults(document, choice)
    return {
        name: {
            "$choose": "thinking",
            "by": "reasoning",
            "tables": {"true": reasoning, "false": other},
            "defaults": defaults,
        }
        for name, (reasoning, other) in fields.items()
    }


def _defaults(document: Document, choice: ChatCandidate) -> Table:
    """The level that counts when the call gives none (MODEL-50), settled for the first model."""
    level = "off"
    if choice.thinking is not None and choice.thinking.value in LEVELS:
        level = str(choice.thinking.value)
        level = _NEAREST.get(level, level)
    elif thinks(document, choice.first):
        level = "medium"
    return {"true": level, "false": level}


def _added(model_id: str) -> Table:
    """OpenClaw's own addition, where the request does not say anything yet."""
    if model_id == "auto" or model_id.lower().startswith("x-ai/"):
        return {}
    return {level: {"effort": effort} for level, effort in _named("xhigh").items()}


def _named(top: str) -> Table:
    """The effort of each level, of which OpenClaw asks for none above ``top``."""
    named = {level: level for level in ("minimal", "low", "medium", "high")}
    return named | {"adaptive": "medium", "xhigh": top, "max": top}


def _efforts(model_id: str, compat: Node | None) -> Table:
    """The effort of each level as the embedded runtime tells it, through the model's own map."""
    top = "xhigh" if any(part in model_id for part in _XHIGH) else "high"
    words = _words(compat)
    return {level: words.get(effort, effort) for level, effort in _named(top).items()}


def _own_efforts(compat: Node | None) -> Table:
    """The effort of each level on OpenClaw's own transport: one that the model supports."""
    listed = [text(item) for item in items(child(compat, "supportedReasoningEfforts"))]
    supported = tuple(filter(None, listed)) or _OWN_EFFORTS
    words = _words(compat)
    asked = {level: level for level in ("minimal", "low", "medium", "high")}
    asked |= {"off": "high", "adaptive": "medium", "xhigh": "xhigh", "max": "xhigh"}
    found = {
        level: _supported(effort, words.get(effort, effort), supported)
        for level, effort in asked.items()
    }
    return {level: effort for level, effort in found.items() if effort}


def _supported(asked: str, named: str, supported: tuple[str, ...]) -> str:
    if named in supported:
        return named
    nearest = {"minimal": ("low", "medium"), "low": ("medium",), "xhigh": ("high",)}
    for effort in nearest.get(asked, ()):
        if effort in supported:
            return effort
    return next((effort for effort in supported if effort != "none"), "")


def _words(compat: Node | None) -> dict[str, str]:
    written = members(child(compat, "reasoningEffortMap"))
    return {level: word for level, value in written if (word := text(value))}
