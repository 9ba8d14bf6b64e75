"""A plan as a person reads it: as text, its keys alone, and as a flow chart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from openclaw_config.diagnostics.display import WIDTH, Line, aligned, printable
from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.facts import read_json
from openclaw_config.plan import model
from openclaw_config.plan.json_form import record_as_json
from openclaw_config.plan.values import path_of, plain, price

_LABEL = 10
_INDENT = "     "


def render(plan: model.Plan, columns: int = WIDTH) -> str:
    """The whole plan: its surfaces one after the other, then what it needs of the environment."""
    blocks = [aligned(list(surface_lines(surface)), columns) for surface in plan.surfaces]
    needs = [Line(f"  {_needs(one)}") for one in plan.environment if one.state != "set"]
    if needs:
        blocks.append(aligned([Line("needs"), *needs], columns))
    return "\n\n".join(blocks) + "\n"


def _needs(variable: model.Variable) -> str:
    state = "not set" if variable.state == "missing" else "from the environment"
    return f"{variable.name}  {state}, for {', '.join(variable.uses[:3])}"


def surface_lines(surface: model.SurfacePlan) -> Iterator[Line]:
    """The lines of one surface."""
    origin = surface.origin
    what = key_path_text(path_of(origin.path)) if origin.path else "not configured"
    yield Line(f"{surface.surface:<7} {what}", place(origin))
    if surface.settings:
        shown = [f"{key} {value}" for key, value in surface.settings.items() if value != ""]
        yield Line(f"  {' · '.join(shown)}")
    if surface.problem:
        yield Line(f"  {surface.problem}")
    for preflight in surface.preflight:
        if preflight.problem:
            yield Line(f"  {preflight.ref}: {preflight.problem}", place(preflight.origin))
    tried, folded = tried_of(surface)
    for number, candidate in enumerate(tried, 1):
        yield from candidate_lines(number, candidate)
    if folded:
        yield Line(f"  {folded}", hang=7)


def tried_of(surface: model.SurfacePlan) -> tuple[list[model.Candidate], str]:
    """The candidates that are worth showing, and a line about the others."""
    tried = [one for one in surface.candidates if one.steps or not one.automatic]
    others = ", ".join(one.ref for one in surface.candidates if one.automatic and not one.steps)
    return tried, f"then {others} (added by OpenClaw, not compiled here)" if others else ""


def candidate_lines(number: int, candidate: model.Candidate) -> Iterator[Line]:
    """The lines of one candidate."""
    note = "  (added by OpenClaw)" if candidate.automatic else ""
    yield Line(f"  {number}  {candidate.ref}{note}", place(candidate.origin))
    if candidate.problem:
        yield Line(f"{_INDENT}{candidate.problem}")
    if candidate.credential is not None:
        for index, line in enumerate(chain_lines(candidate.credential)):
            yield _labelled("" if index else "key", line.text, line.place)
    route = candidate.route
    if route is not None:
        about = route.problem, "" if route.verified else f"{route.kind} endpoint"
        yield from (_labelled("route", text) for text in about if text)
    for step in candidate.steps:
        yield step_line(step, route)
    cost = candidate.facts.price if candidate.facts is not None else None
    said = {"sends": _sent(candidate), "accepts": accepts(candidate), "price": cost and price(cost)}
    for label, text in said.items():
        if text:
            yield _labelled(label, text)


def _labelled(label: str, text: str, place: str = "") -> Line:
    return Line(_INDENT + f"{label} ".ljust(_LABEL) + text, place, len(_INDENT) + _LABEL)


_STATES = {
    "wins": ": used",
    "shadowed": ": shadowed",
    "absent": ": not set",
    "empty": ": set, but empty",
    "marker": ": not a key",
    "unusable": ": cannot be used",
    "unknown": ", if it is there",
}


def chain_lines(credential: model.Credential) -> Iterator[Line]:
    """The places of a credential chain, each with its state."""
    open_above = False
    for link in credential.chain:
        text = link.label + _STATES[link.state]
        if link.state == "wins" and open_above:
            text += " otherwise"
        if link.state == "unknown" and link.note:
            text = f"{link.label}: {link.note}"
        elif link.note:
            text += f" ({link.note})"
        open_above = open_above or link.state == "unknown"
        yield Line(text, place(link.origin) if link.origin else "")
    if credential.more:
        names = ", ".join(ref.removeprefix("env:") for ref in credential.more)
        yield Line(f"after a rate limit: each key of {names}")


def step_line(step: model.Step, route: model.Route | None) -> Line:
    """The line of one request: where it goes, and its time limit."""
    url = route.shown(step.url) if route is not None else step.url
    if step.url_from is not None:
        named = [f"<{_pointer(source.pointer)}>" for source in step.url_from.sources]
        if step.url_from.template:
            path = step.url_from.template.removeprefix(step.url_from.against.rstrip("/"))
            made = f"…{path.replace('{', '<').replace('}', '>')}"
            named = [f"{' or '.join(named)}, else {made}" if named else made]
        url = " or ".join(named)
    for name in step.fill or ():
        url = url.replace(f"{{{name}}}", f"<{name}>")
    text = f"{step.method:<4} {url}"
    if step.modes:
        text += f"  ({', '.join(step.modes)})"
    if step.poll is not None:
        poll = step.poll
        total = seconds(poll.total_ms)
        text += f"  every {seconds(poll.interval_ms)}, up to {poll.attempts} times, {total} in all"
        return _labelled(step.name, text)
    limit = seconds(step.timeout_ms) if step.timeout_ms else ""
    if step.idle_timeout_ms:
        limit += f"{', ' if limit else ''}silence {seconds(step.idle_timeout_ms)}"
    return _labelled(step.name, text, limit)


def _pointer(pointer: str) -> str:
    return pointer.strip("/").replace("/*", "[0]").replace("/", ".")


def seconds(milliseconds: int) -> str:
    """A time as people write it."""
    return f"{milliseconds / 1000:g} s"


_WORTH_SHOWING = frozenset(
    {"model", "voice", "response_format", "speed", "max_completion_tokens", "max_tokens",
     "temperature", "reasoning", "reasoning_effort", "output_config", "provider", "n"}
)  # fmt: skip


def _sent(candidate: model.Candidate) -> str:
    """The fields of the main request that are settled before any call."""
    body: model.Json = next((step.body for step in candidate.steps if step.body is not None), {})
    fields = {name: settled(body[name], candidate) for name in body if name in _WORTH_SHOWING}
    return " · ".join(f"{name} {settled}" for name, settled in fields.items() if settled)


def settled(value: model.Json, candidate: model.Candidate) -> str:
    """A field's value in words, "" when only a call can tell."""
    if isinstance(value, dict):
        if "$slot" in value:
            inner = value["$slot"].get("default", value["$slot"].get("otherwise"))
            return "" if inner is None else settled(inner, candidate)
        if "$fact" in value and candidate.facts is not None:
            return str(min(candidate.facts.max_tokens, value.get("most", 1 << 62)))
        if "$choose" in value:
            return _default_choice(value, candidate)
        if any(key.startswith("$") for key in value):
            return ""
        return "{" + ", ".join(value) + "}"
    return plain(value)


def _default_choice(value: model.Json, candidate: model.Candidate) -> str:
    facts = candidate.facts
    fact = "true" if facts is not None and facts.reasoning else "false"
    if facts is not None and facts.thinking:
        fact = facts.thinking
    level = value.get("defaults", {}).get(fact)
    sent = value["tables"].get(fact, {}).get(level)
    if isinstance(sent, dict) and any(key.startswith("$") for key in sent):
        return ""  # Another template has it.
    sent = sent.values() if isinstance(sent, dict) else [] if sent is None else [sent]
    what = ", ".join(map(str, sent)) or "nothing"
    if facts is not None and value["by"] in (facts.lookup or {}):
        what = "as the list of models has it,"
    elif facts is not None and facts.levels == ("off",):
        return what if sent else ""
    return f"{what} unless the call asks for {value['$choose']}"


def accepts(candidate: model.Candidate) -> str:
    """What the model takes, in one line: of all modes together."""
    enabled = [mode for mode in candidate.modes if mode.enabled and "audios" not in mode.inputs]
    if not enabled:
        return ""
    parts = [
        _choices(enabled, "durationSeconds", " s"),
        _choices(enabled, "resolution"),
        _choices(enabled, "aspectRatio"),
        _choices(enabled, "format"),
    ]
    most = max((dict(mode.limits).get("images", 0) for mode in enabled), default=0)
    images = "1 image" if most == 1 else f"{most} images"
    parts.append(f"up to {images}" if most else "no image input")
    known = {kind for mode in candidate.modes for kind in (*mode.inputs, *dict(mode.limits))}
    if "videos" in known and not any("videos" in mode.inputs for mode in enabled):
        parts.append("no video input")
    return " · ".join(part for part in parts if part)


def _choices(modes: list[model.Mode], parameter: str, unit: str = "") -> str:
    for mode in modes:
        for rule in mode.normalize:
            if rule.parameter == parameter and rule.to == "clamp":
                return "{} to {}".format(*rule.values) + unit
            if rule.parameter == parameter and rule.values:
                return "|".join(map(str, rule.values)) + unit
    return ""


def place(origin: model.Origin) -> str:
    """Where a value comes from, shortly."""
    if origin.file:
        return f"{origin.file}:{origin.line}:{origin.column}"
    if origin.kind != "default" or not origin.rule:
        return ""
    return f"default ({read_json('spec.json')[origin.rule]}, {origin.rule})"


# --- the credential chains alone: which key each candidate uses, and why ----------------------


def render_keys(plans: Sequence[model.Plan]) -> str:
    """The chains as a person reads them: by surface and candidate, in the order of trying.

    Where there are several plans, each has its agent's name above it.
    """
    several = len(plans) > 1
    return "\n".join(
        f"agent {printable(plan.agent)}\n" * several + aligned(list(_key_lines(plan))) + "\n"
        for plan in plans
    )


def _key_lines(plan: model.Plan) -> Iterator[Line]:
    for surface in plan.surfaces:
        yield Line(surface.surface)
        for candidate in surface.candidates:
            if candidate.credential is None:
                continue
            yield Line(f"  {candidate.ref}", place(candidate.origin))
            for line in chain_lines(candidate.credential):
                yield Line(f"     {line.text}", line.place)


def keys_as_data(plans: Iterable[model.Plan]) -> model.Json:
    """The same for programs; ``links`` are as in the plan's own JSON form."""
    rows = [
        {
            "agent": plan.agent,
            "surface": surface.surface,
            "candidate": candidate.ref,
            "links": record_as_json(candidate.credential)["chain"],
        }
        for plan in plans
        for surface in plan.surfaces
        for candidate in surface.candidates
        if candidate.credential is not None
    ]
    return {"version": 1, "keys": rows}


# --- a flow chart ---------------------------------------------------------------------------------

_NOT_PLAIN = re.compile(r"[^\w .,:/()…·+=-]")


def render_chart(plans: Sequence[model.Plan]) -> str:
    """A flow chart in Mermaid: which candidate is tried when, and where a call ends.

    One chart with a box for each agent and surface, one below the other.

    Nothing that a plan holds is read as a sign. Of a key only the places are named that may give
    one.
    """
    boxes = [
        line
        for number, plan in enumerate(plans)
        for surface in plan.surfaces
        for line in _box(f"a{number}{surface.surface}", plan.agent, surface)
    ]
    lines = (*boxes, "classDef bad stroke-dasharray:4")
    return "\n".join(["flowchart LR", *(f"  {line}" for line in lines)]) + "\n"


def _box(name: str, agent: str, surface: model.SurfacePlan) -> Iterator[str]:
    failover = surface.failover
    tried, folded = tried_of(surface)
    yield f'subgraph {name}["{_quoted(f"{agent} · {surface.surface}")}"]'
    if surface.problem or not tried:
        yield f'  {name}end["{_quoted(surface.problem or "no candidate")}"]:::bad'
        yield "end"
        return
    nodes = [(_lines(number, one), one.problem) for number, one in enumerate(tried, 1)]
    if folded:
        nodes.append((iter([folded]), folded))
    yield f'  {name}call(["a call:<br>the first answer counts"]) --> {name}0'
    for number, (lines, problem) in enumerate(nodes):
        yield f'  {name}{number}["{_quoted(*lines)}"]{":::bad" if problem else ""}'
        how, after = ("fails", "end") if number + 1 == len(nodes) else ("fails over", number + 1)
        yield f'  {name}{number} -- "{how}" --> {name}{after}'
    ends = [failover.all_failed or "the last failure, as it is"]
    if failover.limit_ms:
        ends.append(f"after {seconds(failover.limit_ms)} in any case")
    if failover.policy == "chat":
        ends.append("at once after a failure that belongs to no class")
    yield f'  {name}end(["{_quoted(*ends)}"])'
    yield "end"


def _lines(number: int, one: model.Candidate) -> Iterator[str]:
    """What a candidate's node says."""
    yield f"{number}. {one.ref}{' (added by OpenClaw)' if one.automatic else ''}"
    if one.problem:
        yield one.problem
    if one.credential is not None:
        places = [link.label for link in one.credential.chain if link.state in {"wins", "unknown"}]
        yield f"key: {', else '.join(places) or 'none'}"
    for step in one.steps:
        line = step_line(step, one.route)
        limit = f", {line.place}" if line.place else ""
        yield " ".join(f"{line.text}{limit}".split())


def _quoted(*lines: str) -> str:
    """Text between quotes: whatever Mermaid or HTML could read as a sign as its number."""
    shown = (_NOT_PLAIN.sub(lambda it: f"#{ord(it.group())};", printable(one)) for one in lines)
    return "<br>".join(shown)
