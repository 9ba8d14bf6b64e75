"""Answers to "what can this model do?": for a ref, a provider, or everything.

An answer is data with a stable shape, described in ``docs/capabilities.md``; the text for people is
made of it.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from openclaw_config import registry
from openclaw_config.capabilities import lookup
from openclaw_config.capabilities.lookup import MODES, SURFACES, Mode, Tables
from openclaw_config.diagnostics.display import printable, width, wrapped
from openclaw_config.plan.json_form import record_as_json
from openclaw_config.targets import DEFAULT

WIDTH = 100
_MOST_MODELS = 40
_MOST_SUGGESTIONS = 3

Answer: TypeAlias = dict[str, Any]


def capabilities(
    asked: str | None = None, tables: Tables | None = None, release: str = "2026.4.29"
) -> Answer:
    """What is known of a ref, of a provider, or (None) of every provider, always with its keys.

    A model is ``known`` when some surface lists its id; only these surfaces are then given, else
    those that send any id. ``problem`` is one line that says what is missing.
    """
    tables = lookup.built_in() if tables is None else tables
    provider, slash, model = (part.strip() for part in (asked or "").partition("/"))
    provider = provider.lower()
    names = sorted(tables) if asked is None else [] if slash else [provider]
    providers = {name: _surfaces(name, tables) for name in names}
    if asked is None or providers.get(provider):
        return {"target": release, "providers": providers}
    model = model if slash else ""
    answers = {
        surface: answer
        for surface in SURFACES
        if model and lookup.section(provider, surface, tables)
        for answer in [_surface(provider, surface, model, tables)]
        if answer is not None
    }
    listed = {surface: answer for surface, answer in answers.items() if answer["listed"]}
    sent = {name: one for name, one in answers.items() if one["unlisted"] == lookup.SENT}
    gone = registry.retired(release, f"{provider}/{model}")
    return {
        "target": release,
        "asked": asked,
        "provider": provider,
        "model": model,
        "known": bool(listed),
        "problem": None if listed else _problem(provider, model, answers, tables),
        "suggestions": [] if listed else _suggestions(asked, tables),
        "retired": gone and record_as_json(gone, whole=True) | {"surface": gone.surface or None},
        "surfaces": listed or sent,
    }


def found(answer: Answer) -> bool:
    """Whether there is something to show: false for a model or provider that nobody lists."""
    return bool(answer.get("known", True))


def _surfaces(provider: str, tables: Tables) -> dict[str, Answer]:
    return {
        surface: {
            "default": lookup.default_model(provider, surface, tables),
            "unlisted": lookup.unlisted(provider, surface, tables),
            "models": list(lookup.models(provider, surface, tables)),
        }
        for surface in SURFACES
        if lookup.section(provider, surface, tables)
    }


def _surface(provider: str, surface: str, model: str, tables: Tables) -> Answer | None:
    unlisted = lookup.unlisted(provider, surface, tables)
    answer: Answer = {
        "listed": lookup.listed(provider, surface, model, tables),
        "default": lookup.default_model(provider, surface, tables) == model,
        "unlisted": unlisted,
    }
    if surface == "chat":
        # A chat id of one segment goes upstream with the provider's name before it (MODEL-02).
        names = (model,) if "/" in model else (f"{provider}/{model}", model)
        entries = (lookup.chat_model(provider, name, tables) for name in names)
        entry = next((one for one in entries if one is not None), None)
        answer["listed"] = entry is not None
        entry = entry or lookup.unlisted_chat_model(provider, names[0], tables)
        return None if entry is None else answer | record_as_json(entry, whole=True)
    if unlisted == lookup.REFUSED and not answer["listed"]:
        return None
    if surface == "speech":
        speech = lookup.speech(provider, tables) or lookup.Speech()
        return answer | record_as_json(speech, whole=True)
    modes = {
        name: _mode(row)
        for name in MODES[surface]
        if (row := lookup.mode(provider, surface, model, name, tables)) is not None
    }
    return answer | ({"modes": modes} if modes else {})


def _mode(mode: Mode) -> Answer:
    data = record_as_json(mode, whole=True)
    for key in ("aspectRatios", "resolutions", "sizes"):
        data[key] = "any" if data[key] == [] else data[key]
    return data


def _problem(provider: str, model: str, answers: dict[str, Answer], tables: Tables) -> str:
    if answers:
        sent = any(answer["unlisted"] == lookup.SENT for answer in answers.values())
        unknown = "" if sent else ", and whether it takes it is not known"
        return f"{provider} does not list {model}{unknown}"
    if _surfaces(provider, tables):
        return f"{provider} has no model {model}" if model else f"no model follows {provider}/"
    if registry.provider(DEFAULT, provider) is not None:
        return f"{provider} is known, but there is no table of what its models can do"
    return f"there is no provider {provider!r}"


def _suggestions(asked: str, tables: Tables) -> list[str]:
    """Up to three refs or providers that may be meant: the same id elsewhere, then close names."""
    from difflib import get_close_matches

    refs = sorted(
        {
            model if surface == "chat" and model.startswith(name + "/") else f"{name}/{model}"
            for name in tables
            for surface in SURFACES
            for model in lookup.models(name, surface, tables)
        }
    )
    asked = asked.strip().lower()
    provider, _, model = asked.partition("/")
    tail = model or asked
    close = [ref for ref in refs if tail and ref.lower().endswith("/" + tail)]
    known = {*tables, *registry.provider_ids(DEFAULT)}
    close += get_close_matches(asked, sorted({*refs, *known}), 2, 0.85)
    if provider not in known and not close:
        close = get_close_matches(provider, sorted(known), 1)
    return [*dict.fromkeys(close)][:_MOST_SUGGESTIONS]


# --- text -------------------------------------------------------------------------------------

_UNLISTED = {lookup.SENT: "and any other id", lookup.REFUSED: "and no other id"}

_RETIRED = {
    "renamed": "OpenClaw sends {ref} instead",
    "suppressed": "OpenClaw refuses this model",
    "retired": "the provider took this model away",
    "provider-removed": "OpenClaw removed this provider",
    "runtime": "this names a runtime, not a provider",
    "legacy-family": "OpenClaw's audit calls this family outdated",
}


def as_text(answer: Answer) -> str:
    """The answer for people, without colour, each line at most 100 columns where words allow."""
    if "providers" not in answer:
        lines = _model_lines(answer)
    elif len(answer["providers"]) == 1:
        ((name, surfaces),) = answer["providers"].items()
        lines = _provider_lines(name, surfaces)
    else:
        lines = [
            f"What the bundled providers of OpenClaw {answer['target']} offer (default model)",
            "",
        ]
        for name, surfaces in answer["providers"].items():
            lines += _row(name, [_offer(*one) for one in surfaces.items()], 14, 0)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _offer(surface: str, one: Answer) -> str:
    if one["default"] is not None:
        return f"{surface} ({one['default']})"
    return f"{surface} ({len(one['models'])} models)" if one["models"] else surface


def _provider_lines(provider: str, surfaces: dict[str, Answer]) -> list[str]:
    lines = [printable(provider)]
    for surface, one in surfaces.items():
        models = one["models"]
        facts = [f"default {one['default']}"] if one["default"] else []
        facts += [f"{len(models)} models"] if len(models) > 1 else []
        lines += _row(surface, facts, 8, 2)
        if len(models) <= _MOST_MODELS:
            lines += [f"            {printable(model)}" for model in models]
        if one["unlisted"] in _UNLISTED:
            lines.append(f"            {_UNLISTED[one['unlisted']]}")
    return lines


def _model_lines(answer: Answer) -> list[str]:
    ref = f"{answer['provider']}/{answer['model']}" if answer["model"] else answer["asked"]
    notes = [answer["problem"], _retirement_text(answer["retired"])]
    if answer["suggestions"]:
        notes.append(f"did you mean {' or '.join(answer['suggestions'])}?")
    if answer["surfaces"] and not answer["known"]:
        notes.append("OpenClaw sends any id as it stands, and assumes:")
    lines = [printable(ref)]
    for note in filter(None, notes):
        lines += ["  " + line for line in wrapped(printable(note), WIDTH - 2)]
    for surface, one in answer["surfaces"].items():
        lines += _surface_lines(surface, one)
    return lines


def _retirement_text(gone: Answer | None) -> str:
    if gone is None:
        return ""
    text = _RETIRED[gone["kind"]].format(ref=gone["ref"])
    if gone["hosts"]:
        text += f" at {' and '.join(gone['hosts'])}"
    if gone["ref"] is not None and gone["kind"] != "renamed":
        text += f"; write {gone['ref']}"
    return text


def _surface_lines(surface: str, one: Answer) -> list[str]:
    facts = ["the default model"] if one["default"] else []
    if surface == "chat":
        facts += _chat_facts(one)
    if surface == "speech":
        facts += _speech_facts(one)
    lines = _row(surface, facts, 8, 2)
    options: list[str] = []
    modes = one.get("modes", {})
    for name in MODES.get(surface, ()):
        mode = modes.get(name)
        lines += _row(name, ["no"] if mode is None else _mode_facts(surface, mode), 14, 4)
        if mode is not None:
            for rule in mode.get("constraints", ()):
                first, *rest = wrapped(printable(_constraint_text(rule)), WIDTH - 22)
                lines += [" " * 20 + first, *(" " * 22 + line for line in rest)]
            options = [f"{key}: {kind}" for key, kind in mode.get("providerOptions", {}).items()]
    return lines + (_row("options", options, 14, 4) if options else [])


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


def _mode_facts(surface: str, mode: Answer) -> list[str]:
    def choice(key: str, anything: str = "") -> str:
        values = mode.get(key) or ()
        return anything if values == "any" else "|".join(values)

    def up_to(key: str, noun: str) -> str:
        count = mode.get(key, 0)
        if not count:
            return ""
        return f"{count} {noun}" if count == 1 else f"up to {count} {noun}s"

    has = {key for key, value in mode.items() if value}
    facts = [
        *(name for name in ("lyrics", "instrumental", "duration") if name in has),
        _duration_text(mode) if "maxDuration" in mode else "",
        choice("resolutions", "any resolution"),
        choice("aspectRatios", "any aspect ratio"),
        choice("sizes", "any size"),
        choice("formats"),
        choice("qualities"),
        f"{choice('backgrounds')} background" if "backgrounds" in has else "",
        "audio on or off" if "audio" in has else "",
        "watermark on or off" if "watermark" in has else "",
        up_to("maxImages", "image" if surface == "video" else "input image"),
        up_to("maxVideos", "video"),
        up_to("maxAudios", "audio"),
        f"{mode['maxInputs']} inputs in all" if "maxInputs" in has else "",
        f"inputs as {mode['sources'][0]} only" if "sources" in has else "",
        f"up to {mode['outputs']} results" if mode["outputs"] > 1 and surface != "music" else "",
        f"accepted but not sent: {', '.join(mode['unsent'])}" if "unsent" in has else "",
    ]
    return [fact for fact in facts if fact] or ["a prompt"]


def _duration_text(mode: Answer) -> str:
    values = mode.get("durations", [])
    if len(values) > 3 and values == [*range(values[0], values[-1] + 1)]:
        return f"{values[0]} to {values[-1]} s"
    if values:
        return "|".join(map(str, values)) + " s"
    if mode["maxDuration"] is None:
        return ""
    low = f"{mode['minDuration']} to " if mode.get("minDuration") else "up to "
    return f"{low}{mode['maxDuration']} s"


def _constraint_text(rule: Answer) -> str:
    def said(value: str | bool) -> str:
        return str(value).lower() if isinstance(value, bool) else value

    conditions = " and ".join(
        f"{name} is {' or '.join(map(said, values))}" for name, values in rule["when"].items()
    )
    return f"when {conditions}: {rule['why']}"


def _chat_facts(model: Answer) -> list[str]:
    facts = [
        f"{model['contextWindow']:,} tokens of context",
        f"at most {model['maxTokens']:,} out",
        "reasoning" if model["reasoning"] else "no reasoning",
        f"reads {' and '.join(model['input'])}",
    ]
    cost = model["cost"]
    if cost is None:
        facts.append("price depends on the route")
    elif cost["input"] or cost["output"]:
        facts.append(f"${cost['input']:.6g} in, ${cost['output']:.6g} out per million tokens")
    return facts


def _speech_facts(speech: Answer) -> list[str]:
    voice = speech["defaultVoice"]
    facts = [
        "|".join(speech["formats"]) or (speech["defaultFormat"] or ""),
        f"voice {voice} unless another is set" if voice else "",
        "needs no key" if speech["keyless"] else "",
        "telephony" if speech["telephony"] else "",
        *(f"{name} {low:g} to {high:g}" for name, (low, high) in speech["ranges"].items()),
    ]
    return [fact for fact in facts if fact] or ["a text"]
