"""Answers to "what can this model do?": for a ref, a provider, or everything.

An answer is data with a stable shape, described in ``docs/capabilities.md``; the text for people is
made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from openclaw_config import registry
from openclaw_config.capabilities import lookup
from openclaw_config.capabilities.lookup import MODES, SURFACES, Mode, Tables
from openclaw_config.diagnostics.display import Line, aligned
from openclaw_config.plan.json_form import record_as_json
from openclaw_config.plan.values import plain, price
from openclaw_config.targets import DEFAULT

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

_NO_FACTS = frozenset(
    (  # noqa: SIM905, one word a line would fill a page
        "listed default unlisted modes id name cost compat constraints providerOptions "
        "defaultDuration order ranges models modelKey defaultModel voices voiceKey voiceNoteFormats"
    ).split()
)
"""What is said of a model in other words, or only to programs."""
_GLUE = "\N{OPEN BOX}"
"""Stands for the spaces within a fact, which no line end parts."""


def as_text(answer: Answer) -> str:
    """The answer for people, without colour, each line at most 100 columns where words allow."""
    providers = answer.get("providers")
    if providers is None:
        lines = [*_model_lines(answer)]
    elif len(providers) == 1:
        lines = [line for one in providers.items() for line in _provider_lines(*one)]
    else:
        title = f"What the bundled providers of OpenClaw {answer['target']} offer (default model)"
        lines = [Line(title), Line("")]
        for name, surfaces in providers.items():
            lines.append(_row(0, 14, name, [_offer(*one) for one in surfaces.items()]))
    return aligned(lines).replace(_GLUE, " ") + "\n"


def _offer(surface: str, one: Answer) -> str:
    known = one["default"] or f"{len(one['models'])} models" * bool(one["models"])
    return f"{surface} ({known})" if known else surface


def _provider_lines(provider: str, surfaces: dict[str, Answer]) -> Iterator[Line]:
    yield Line(provider)
    for surface, one in surfaces.items():
        models = one["models"]
        facts = [f"default {one['default']}"] if one["default"] else []
        facts += [f"{len(models)} models"] if len(models) > 1 else []
        yield _row(2, 8, surface, facts)
        names = list(models) if len(models) <= _MOST_MODELS else []
        names += [_UNLISTED[one["unlisted"]]] if one["unlisted"] in _UNLISTED else []
        yield from (_row(2, 8, "", [name]) for name in names)


def _model_lines(answer: Answer) -> Iterator[Line]:
    yield Line(f"{answer['provider']}/{answer['model']}" if answer["model"] else answer["asked"])
    notes = [answer["problem"], _retirement_text(answer["retired"])]
    if answer["suggestions"]:
        notes.append(f"did you mean {' or '.join(answer['suggestions'])}?")
    if answer["surfaces"] and not answer["known"]:
        notes.append("OpenClaw sends any id as it stands, and assumes:")
    yield from (Line(f"  {note}", hang=2) for note in notes if note)
    for surface, one in answer["surfaces"].items():
        yield from _surface_lines(surface, one)


def _retirement_text(gone: Answer | None) -> str:
    if gone is None:
        return ""
    text = f"this model {registry.FATES[gone['kind']]}"
    if gone["hosts"]:
        text += f" at {' and '.join(gone['hosts'])}"
    return f"{text}; write {gone['ref']}" if gone["ref"] is not None else text


def _surface_lines(surface: str, one: Answer) -> Iterator[Line]:
    facts = ["the default model"] * one["default"] + _facts(one)
    facts += [f"{name} {low:g} to {high:g}" for name, (low, high) in one.get("ranges", {}).items()]
    cost = one.get("cost") or {}
    facts += [price(cost)] if any(cost.values()) else []
    yield _row(2, 8, surface, facts)
    options: Answer = {}
    for name in MODES.get(surface, ()):
        mode = one.get("modes", {}).get(name)
        yield _row(4, 14, name, ["no"] if mode is None else _facts(mode) or ["a prompt"])
        for rule in mode["constraints"] if mode else ():
            when = [f"{key} is {' or '.join(map(plain, it))}" for key, it in rule["when"].items()]
            yield Line(f"{' ' * 20}when {' and '.join(when)}: {rule['why']}")
        options |= mode["providerOptions"] if mode else {}
    if options:
        yield _row(4, 14, "options", [f"{key}: {kind}" for key, kind in options.items()])


def _row(indent: int, room: int, name: str, facts: list[str]) -> Line:
    """A name, and facts in a column of their own."""
    lead = f"{' ' * indent}{name:<{room}}  "
    whole = (fact.replace(" ", _GLUE) for fact in facts)
    return Line(lead + ", ".join(whole), hang=len(lead))


def _facts(row: Answer) -> list[str]:
    """What a row says, each part by its name in tables; what is not so is left out."""
    facts = []
    for key, value in row.items():
        if value and key not in _NO_FACTS and (key, value) != ("outputs", 1):
            name = "max outputs" if key == "outputs" else re.sub("(?=[A-Z])", " ", key).lower()
            values = value if isinstance(value, list) else [value]
            shown = "|".join(f"{one:,}" if isinstance(one, int) else one for one in values)
            shown += " s" * name.endswith(("duration", "durations"))
            facts.append(name if value is True else f"{name} {shown}")
    return facts
