"""What the ``capabilities`` command prints: text for people, JSON with a stable shape.

The JSON is described in ``docs/capabilities.md``.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from openclaw_config.capabilities.answer import (
    ModelAnswer,
    ProviderAnswer,
    ProviderSurface,
    SurfaceAnswer,
    everything,
    of,
)
from openclaw_config.capabilities.lookup import (
    FIELDS,
    MODES,
    REFUSED,
    SENT,
    ChatModel,
    Choice,
    Constraint,
    Mode,
    Speech,
    Tables,
    camel_case,
)
from openclaw_config.capabilities.retired import (
    LEGACY_FAMILY,
    PROVIDER_REMOVED,
    RENAMED,
    RETIRED,
    RUNTIME,
    SUPPRESSED,
    Retirement,
)
from openclaw_config.diagnostics.display import printable, width, wrapped
from openclaw_config.targets import DEFAULT

WIDTH = 100
_MOST_MODELS = 40

Answer: TypeAlias = ModelAnswer | ProviderAnswer | tuple[ProviderAnswer, ...]

_UNLISTED = {SENT: "and any other id", REFUSED: "and no other id"}

_RETIRED = {
    RENAMED: "OpenClaw sends {ref} instead",
    SUPPRESSED: "OpenClaw refuses this model",
    RETIRED: "the provider took this model away",
    PROVIDER_REMOVED: "OpenClaw removed this provider",
    RUNTIME: "this names a runtime, not a provider",
    LEGACY_FAMILY: "OpenClaw's audit calls this family outdated",
}


def capabilities(asked: str | None = None, tables: Tables | None = None) -> Answer:
    """The answer that the command shows: for a ref, a provider, or (None) every provider."""
    return everything(tables) if asked is None else of(asked, tables)


def found(answer: Answer) -> bool:
    """Whether there is something to show: false for a model or provider that nobody lists."""
    return not isinstance(answer, ModelAnswer) or answer.known


# --- text -------------------------------------------------------------------------------------


def as_text(answer: Answer) -> str:
    """The answer for people, without colour, each line at most 100 columns where words allow."""
    if isinstance(answer, ModelAnswer):
        lines = _model_lines(answer)
    elif isinstance(answer, ProviderAnswer):
        lines = _provider_lines(answer)
    else:
        lines = _overview_lines(answer)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _overview_lines(answers: tuple[ProviderAnswer, ...]) -> list[str]:
    lines = [f"What the bundled providers of OpenClaw {DEFAULT} offer (default model)", ""]
    for answer in answers:
        lines += _row(answer.provider, [_offer(one) for one in answer.surfaces], 14, 0)
    return lines


def _offer(one: ProviderSurface) -> str:
    if one.default is not None:
        return f"{one.surface} ({one.default})"
    return f"{one.surface} ({len(one.models)} models)" if one.models else one.surface


def _provider_lines(answer: ProviderAnswer) -> list[str]:
    lines = [printable(answer.provider)]
    for one in answer.surfaces:
        facts = [f"default {one.default}"] if one.default else []
        facts += [f"{len(one.models)} models"] if len(one.models) > 1 else []
        note = _UNLISTED.get(one.unlisted)
        lines += _row(one.surface, facts, 8, 2)
        if len(one.models) <= _MOST_MODELS:
            lines += [f"            {printable(model)}" for model in one.models]
        if note:
            lines.append(f"            {note}")
    return lines


def _model_lines(answer: ModelAnswer) -> list[str]:
    lines = [printable(f"{answer.provider}/{answer.model}" if answer.model else answer.asked)]
    notes = [answer.problem]
    if answer.retirement is not None:
        notes.append(_retirement_text(answer.retirement))
    if answer.suggestions:
        notes.append(f"did you mean {' or '.join(answer.suggestions)}?")
    if answer.surfaces and not answer.known:
        notes.append("OpenClaw sends any id as it stands, and assumes:")
    for note in notes:
        if note:
            lines += ["  " + line for line in wrapped(printable(note), WIDTH - 2)]
    for one in answer.surfaces:
        lines += _surface_lines(one)
    return lines


def _retirement_text(retirement: Retirement) -> str:
    text = _RETIRED[retirement.kind].format(ref=retirement.ref)
    if retirement.hosts:
        text += f" at {' and '.join(retirement.hosts)}"
    if retirement.ref is not None and retirement.kind != RENAMED:
        text += f"; write {retirement.ref}"
    return text


def _surface_lines(one: SurfaceAnswer) -> list[str]:
    facts = ["the default model"] if one.default else []
    if one.chat is not None:
        facts += _chat_facts(one.chat)
    if one.speech is not None:
        facts += _speech_facts(one.speech)
    lines = _row(one.surface, facts, 8, 2)
    options: list[str] = []
    modes = {mode.mode: mode for mode in one.modes}
    for name in MODES.get(one.surface, ()):
        mode = modes.get(name)
        lines += _row(name, ["no"] if mode is None else _mode_facts(one.surface, mode), 14, 4)
        if mode is not None:
            lines += _constraint_lines(mode.constraints)
            options = [f"{option}: {kind}" for option, kind in mode.provider_options]
    return lines + (_row("options", options, 14, 4) if options else [])


def _constraint_lines(constraints: tuple[Constraint, ...]) -> list[str]:
    lines = []
    for rule in constraints:
        first, *rest = wrapped(printable(_constraint_text(rule)), WIDTH - 22)
        lines += [" " * 20 + first, *(" " * 22 + line for line in rest)]
    return lines


def _row(name: str, facts: list[str], name_width: int, indent: int) -> list[str]:
    """``name`` and the facts after it, joined by dots and broken where they get too long."""
    name = printable(name)
    start = " " * indent + name + " " * max(name_width - width(name), 0) + "  "
    lines, line = [], start
    for position, fact in enumerate(printable(fact) for fact in facts):
        separator = " · " if position else ""
        if position and width(line) + width(separator) + width(fact) > WIDTH:
            lines.append(line + " ·")
            line = " " * (indent + name_width + 2) + fact
        else:
            line += separator + fact
    return [*lines, line]


def _mode_facts(surface: str, mode: Mode) -> list[str]:
    noun = "image" if surface == "video" else "input image"
    facts = [
        *(name for name in ("lyrics", "instrumental", "duration") if getattr(mode, name)),
        _duration_text(mode),
        _choice_text(mode.resolutions, "any resolution"),
        _choice_text(mode.aspect_ratios, "any aspect ratio"),
        _choice_text(mode.sizes, "any size"),
        "|".join(mode.formats),
        "|".join(mode.qualities),
        f"{'|'.join(mode.backgrounds)} background" if mode.backgrounds else "",
        "audio on or off" if mode.audio else "",
        "watermark on or off" if mode.watermark else "",
        _up_to(mode.max_images, noun),
        _up_to(mode.max_videos, "video"),
        _up_to(mode.max_audios, "audio"),
        f"{mode.max_inputs} inputs in all" if mode.max_inputs else "",
        f"inputs as {mode.sources[0]} only" if mode.sources else "",
        f"up to {mode.outputs} results" if mode.outputs > 1 and surface != "music" else "",
        f"accepted but not sent: {', '.join(mode.unsent)}" if mode.unsent else "",
    ]
    return [fact for fact in facts if fact] or ["a prompt"]


def _duration_text(mode: Mode) -> str:
    if mode.durations:
        values = mode.durations
        if len(values) > 3 and values == tuple(range(values[0], values[-1] + 1)):
            return f"{values[0]} to {values[-1]} s"
        return "|".join(str(value) for value in values) + " s"
    if mode.max_duration is None:
        return ""
    low = f"{mode.min_duration} to " if mode.min_duration else "up to "
    return f"{low}{mode.max_duration} s"


def _choice_text(choice: Choice, anything: str) -> str:
    if choice is None:
        return ""
    return "|".join(choice) if choice else anything


def _up_to(count: int, noun: str) -> str:
    if not count:
        return ""
    return f"{count} {noun}" if count == 1 else f"up to {count} {noun}s"


def _constraint_text(rule: Constraint) -> str:
    def said(value: str | bool) -> str:
        return str(value).lower() if isinstance(value, bool) else value

    conditions = " and ".join(
        f"{name} is {' or '.join(said(value) for value in values)}" for name, values in rule.when
    )
    return f"when {conditions}: {rule.why}"


def _chat_facts(model: ChatModel) -> list[str]:
    facts = [
        f"{model.context_window:,} tokens of context",
        f"at most {model.max_tokens:,} out",
        "reasoning" if model.reasoning else "no reasoning",
        f"reads {' and '.join(model.input)}",
    ]
    if model.cost is None:
        facts.append("price depends on the route")
    elif model.cost.input or model.cost.output:
        facts.append(f"${model.cost.input:.6g} in, ${model.cost.output:.6g} out per million tokens")
    return facts


def _speech_facts(speech: Speech) -> list[str]:
    facts = [
        "|".join(speech.formats) or (speech.default_format or ""),
        f"voice {speech.default_voice} unless another is set" if speech.default_voice else "",
        "needs no key" if speech.keyless else "",
        "telephony" if speech.telephony else "",
    ]
    facts += [f"{name} {low:g} to {high:g}" for name, (low, high) in speech.ranges]
    return [fact for fact in facts if fact] or ["a text"]


# --- JSON -------------------------------------------------------------------------------------


def as_json(answer: Answer) -> str:
    """The answer as JSON text, the same bytes for the same answer."""
    import json

    return json.dumps(as_data(answer), indent=2) + "\n"


def as_data(answer: Answer) -> dict[str, Any]:
    """The answer as plain data for JSON, always with the same keys."""
    if isinstance(answer, ModelAnswer):
        return {
            "target": DEFAULT,
            "asked": answer.asked,
            "provider": answer.provider,
            "model": answer.model,
            "known": answer.known,
            "problem": answer.problem or None,
            "suggestions": list(answer.suggestions),
            "retired": None
            if answer.retirement is None
            else {
                "kind": answer.retirement.kind,
                "ref": answer.retirement.ref,
                "surface": answer.retirement.surface or None,
                "hosts": list(answer.retirement.hosts),
            },
            "surfaces": {one.surface: _surface_data(one) for one in answer.surfaces},
        }
    providers = [answer] if isinstance(answer, ProviderAnswer) else answer
    return {
        "target": DEFAULT,
        "providers": {
            one.provider: {
                surface.surface: {
                    "default": surface.default,
                    "unlisted": surface.unlisted,
                    "models": list(surface.models),
                }
                for surface in one.surfaces
            }
            for one in providers
        },
    }


def _surface_data(one: SurfaceAnswer) -> dict[str, Any]:
    data: dict[str, Any] = {
        "listed": one.listed,
        "default": one.default,
        "unlisted": one.unlisted,
    }
    if one.chat is not None:
        data |= _plain(one.chat)
    if one.speech is not None:
        data |= _plain(one.speech)
        data["ranges"] = {name: list(bounds) for name, bounds in one.speech.ranges}
    if one.modes:
        data["modes"] = {mode.mode: _mode_data(one.surface, mode) for mode in one.modes}
    return data


def _mode_data(surface: str, mode: Mode) -> dict[str, Any]:
    data = _plain(mode, FIELDS[surface])
    del data["mode"]
    if surface == "music":
        return data
    for key in ("aspectRatios", "resolutions", "sizes"):
        data[key] = "any" if data[key] == [] else data[key]
    data["providerOptions"] = dict(mode.provider_options)
    data["constraints"] = [
        {
            **{key: value for key, value in _plain(rule).items() if value not in (None, False)},
            "when": {name: list(values) for name, values in rule.when},
        }
        for rule in mode.constraints
    ]
    return data


def _plain(record: Any, fields: tuple[str, ...] = ()) -> dict[str, Any]:
    """A record's fields, or some of them, under their names in camelCase, tuples as lists."""
    return {camel_case(name): _value(getattr(record, name)) for name in fields or record._fields}


def _value(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return _plain(value)
    return list(value) if isinstance(value, tuple) else value
