"""Speech: a recipe whose fields the config fills (spec: TTS and SPK rules)."""

from __future__ import annotations

import re
from typing import Any

from openclaw_config import registry
from openclaw_config.capabilities import lookup
from openclaw_config.facts import camel_case
from openclaw_config.plan.model import Candidate, Json, Surface
from openclaw_config.plan.urls import host_of
from openclaw_config.providers import requests
from openclaw_config.resolution import settings, speech
from openclaw_config.resolution.speech import SpeechProvider
from openclaw_config.syntax.nodes import Node, child
from openclaw_config.syntax.text import KeyPath
from openclaw_config.view.settings import Agent, items, mapping, number, text, truth

Settings = dict[str, settings.Setting]


def candidate(agent: Agent, choice: SpeechProvider, surface: Surface) -> requests.Built:
    """The plan of a provider's speech."""
    document, name = agent.document, choice.id
    plan = Candidate(name, name, "", choice.origin, automatic=not choice.chosen)
    if not requests.is_compiled(name, surface):
        if choice.chosen:
            plan = plan._replace(credential=speech.chain(document, choice))
        if registry.provider(document.release, name) is None:
            return requests.unusable(plan, f"{name}: no provider registered")
        return requests.not_compiled(plan, name)
    found = requests.recipe(name, surface, document.target.requests)
    more, usual = found.more, lookup.speech(name, document.tables) or lookup.Speech()
    base = _base(agent, choice, more)
    official = base.url == more.get("baseUrl")
    values = _values(agent, choice, more, base.url)
    model, form = values.get("model"), str(values["format"].value)
    plan = plan._replace(
        credential=speech.chain(document, choice, block=bool(more.get("blockKey")))
    )
    if model is not None:
        plan = plan._replace(ref=f"{name}/{model.value}", model=str(model.value))
    problem = _problem(choice, values, usual, more if official else {**more, "listed": ()})
    if problem:
        return requests.unusable(plan, problem)
    there = requests.route_of(document, name, base, more)
    headers = requests.HeaderSet(requests.key_of(more), requests.JSON_CONTENT)
    if form.startswith(more.get("headersFor", "")):
        headers.add_fixed(more.get("headers", {}))
    at_home = host_of(base.url) == host_of(more.get("baseUrl", base.url))
    requests.add_attribution(agent, name, headers, there.verified and at_home)
    known = {field: _form(values.get(field), row) for field, row in more["fields"].items()}
    plan = requests.completed(requests.recipe_of(plan, found), more, there, headers, known)
    limit = int(choice.timeout_ms.value)
    plan = plan._replace(
        steps=tuple(step._replace(timeout_ms=limit) for step in plan.steps),
        result=_result(plan.result, form, more, usual),
    )
    why = [("/model", model.origin)] if model is not None else []
    why += (
        (f"/steps/0/body/{member}", values[field].origin)
        for member, field in more.get("traced", {}).items()
        if field in values
    )
    return requests.Built(plan, (*why, ("/steps/0/timeoutMs", choice.timeout_ms.origin)))


def _result(result: Json, form: str, more: Json, usual: lookup.Speech) -> Json:
    """A recipe's result with what is known of a format."""
    extension = f".{form.partition('_')[0]}"
    mime = more["mimes"].get(extension, "application/octet-stream")
    found = {
        "mime": {**result["mime"], "default": mime},
        "extension": extension,
        "outputFormat": form,
        "voiceNote": bool(more.get("voiceNotes")) and form in usual.voice_note_formats,
    }
    return {**result, **{name: value for name, value in found.items() if name in result}}


def _values(agent: Agent, choice: SpeechProvider, more: dict[str, Any], url: str) -> Settings:
    """The values of the fields of a request to a base URL."""
    host = host_of(url)
    values = {
        name: one
        for name, form in more["fields"].items()
        if (one := _value(agent, choice, name, form, host)) is not None
    }
    if "instructions" in more["fields"] and "instructions" not in values:
        values |= _persona(agent, choice)
    instructed = more.get("instructed", ())
    official = url == more.get("baseUrl")
    if official and instructed and not any(one in values["model"].value for one in instructed):
        values.pop("instructions", None)
    return values


def _value(
    agent: Agent, choice: SpeechProvider, name: str, form: Json, host: str
) -> settings.Setting | None:
    """A field's value: the config's, else a variable's, else the usual one, None without any."""
    at = (one for suffix, one in form.get("at", {}).items() if host.endswith(suffix))
    variable = agent.document.environment.get(form.get("variable", "")) or None
    ways = (
        _configured(agent, choice, form),
        choice.model if name == "model" else None,
        settings.default(variable, "SPK-41"),
        settings.default(next(at, form.get("default")), form.get("rule", "SPK-10")),
    )
    value, origin = next((one for one in ways if one and one.value is not None), (None, None))
    if isinstance(value, str):
        value = value.removeprefix(form.get("without", ""))
        value = value.lower() if form.get("case") == "lower" else value
    return None if origin is None else settings.Setting(value, origin)


def _configured(agent: Agent, choice: SpeechProvider, form: Json) -> settings.Setting | None:
    """What the first of a field's keys holds that is there; names in a list are read as one key."""
    root, keys = agent.document.root, form.get("keys", ())
    for names in [form["inside"]] if "inside" in form else keys:
        found = speech.field(
            agent.document, choice, *([names] if isinstance(names, str) else names)
        )
        node = found[0] if found is not None else None
        if found is not None and "inside" in form:
            node = next((one for key in keys if (one := child(found[0], key)) is not None), None)
        if node is not None and found is not None:
            is_merged = form.get("type") == "merged"
            value = _merged(root, choice, *found) if is_merged else _read(node, form)
            return settings.Setting(value, settings.from_config(node, found[1]))
    return None


def _merged(root: Node | None, choice: SpeechProvider, node: Node, path: KeyPath) -> Any:
    """An object of all layers merged; a persona's takes its place."""
    if mapping(node) is None:
        return None
    own = path[:-1] in choice.persona
    return settings.merged(root, choice.persona if own else choice.layers, str(path[-1]))


def _read(node: Node, form: Json) -> Any:
    kind = form.get("type", "text")
    if kind == "flag":
        return truth(node)
    if kind == "text":
        return text(node) or None
    value = number(node)
    return int(value) if value is not None and kind == "whole" else value


def _persona(agent: Agent, choice: SpeechProvider) -> Settings:
    """How the active persona wants to sound, in lines (SPK-13)."""
    root = agent.document.root
    for place in choice.described:
        persona = child(root, *place)
        prompt = child(persona, "prompt")
        said = [("Persona", text(child(persona, "label")))]
        for label in _LINES:
            key = camel_case(label.lower().replace(" ", "_"))
            said.append((label, text(child(prompt, key))))
        said += [("Constraint", text(one)) for one in items(child(prompt, "constraints"))]
        lines = [f"{label}: {words}" for label, words in said if words]
        if lines and persona is not None:
            origin = settings.from_config(persona, place)
            return {"instructions": settings.Setting("\n".join(lines), origin)}
    return {}


_LINES = ("Profile", "Scene", "Style", "Accent", "Pacing", "Sample context")


def _problem(choice: SpeechProvider, values: Settings, usual: lookup.Speech, more: Json) -> str:
    """Why nothing can be sent, "" when it can (SPK-11, SPK-12, SPK-22)."""
    if choice.refused:
        return f"the persona {choice.refused} lets only the providers speak that it names"
    known = {"model": usual.models, "voice": usual.voices, "format": usual.formats}
    for name in ("format", *more.get("listed", ())):
        said = str(values[name].value) if name in values else ""
        if known[name] and said not in known[name]:
            return f"{choice.id} has no {name} {said[:40]!r}, only {', '.join(known[name])}"
    for name, form in more["fields"].items():
        value = values[name].value if name in values else None
        low, high = form.get("range", (None, None))
        if value is not None and low is not None and not low <= value <= high:
            return f"{choice.id} takes {name} from {low:g} to {high:g}"
        pattern = form.get("pattern")
        if value is not None and pattern and not re.fullmatch(pattern, str(value)):
            return f"{choice.id} does not take this {name}"
    return ""


def _base(agent: Agent, choice: SpeechProvider, more: Json) -> settings.BaseUrl:
    """The base URL: of the config, of a variable, or the provider's own.

    A recipe may take that of ``models.providers`` too, or none but the provider's own (TTS-10).
    """
    document, places = agent.document, more.get("bases", ["own"])
    own = speech.field(document, choice, "baseUrl") if "own" in places else None
    base = settings.base_url(own)
    if base is None and "block" in places:
        base = settings.configured(document.root, choice.id)
    if base is None:
        variable = document.environment.get(more.get("baseVariable", "")) or ""
        base = settings.BaseUrl(variable.strip().rstrip("/"), settings.from_default("SPK-10"))
    url = base.url.removesuffix(more.get("cut", ""))
    return base._replace(url=url or more.get("baseUrl", ""))


def _form(setting: settings.Setting | None, form: Json) -> Json:
    """What stands for a field in a body: its value, or a slot that a call fills before it."""
    if "slot" in form:
        return {"$slot": form["slot"] | ({} if setting is None else {"default": setting.value})}
    return None if setting is None else requests.literal(setting.value)
