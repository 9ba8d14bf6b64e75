"""Plans as a flow chart in Mermaid: which candidate is tried when, and where a call ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from openclaw_config.diagnostics.display import printable
from openclaw_config.plan import text
from openclaw_config.plan.model import Candidate, Plan, SurfacePlan

_NOT_PLAIN = re.compile(r"[^\w .,:/()…·+=-]")


def render(plans: Sequence[Plan]) -> str:
    """One chart with a box for each agent and surface, one below the other.

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


def _box(name: str, agent: str, surface: SurfacePlan) -> Iterator[str]:
    failover = surface.failover
    tried = [one for one in surface.candidates if one.steps or not one.automatic]
    folded = [one.ref for one in surface.candidates if one not in tried]
    yield f'subgraph {name}["{_quoted(f"{agent} · {surface.surface}")}"]'
    if surface.problem or not tried:
        yield f'  {name}end["{_quoted(surface.problem or "no candidate")}"]:::bad'
        yield "end"
        return
    nodes = [(_lines(number, one), one.problem) for number, one in enumerate(tried, 1)]
    if folded:
        more = f"then {', '.join(folded)}: added by OpenClaw, not compiled here"
        nodes.append((iter([more]), "not compiled"))
    yield f'  {name}call(["a call:<br>the first answer counts"]) --> {name}0'
    for number, (lines, problem) in enumerate(nodes):
        yield f'  {name}{number}["{_quoted(*lines)}"]{":::bad" if problem else ""}'
        how, after = ("fails", "end") if number + 1 == len(nodes) else ("fails over", number + 1)
        yield f'  {name}{number} -- "{how}" --> {name}{after}'
    ends = [failover.all_failed or "the last failure, as it is"]
    if failover.limit_ms:
        ends.append(f"after {text.seconds(failover.limit_ms)} in any case")
    if failover.policy == "chat":
        ends.append("at once after a failure that belongs to no class")
    yield f'  {name}end(["{_quoted(*ends)}"])'
    yield "end"


def _lines(number: int, one: Candidate) -> Iterator[str]:
    """What a candidate's node says."""
    yield f"{number}. {one.ref}{' (added by OpenClaw)' if one.automatic else ''}"
    if one.problem:
        yield one.problem
    if one.credential is not None:
        places = [link.label for link in one.credential.chain if link.state in {"wins", "unknown"}]
        yield f"key: {', else '.join(places) or 'none'}"
    for step in one.steps:
        line = text.step_line(step, one.route)
        limit = f", {line.place}" if line.place else ""
        yield " ".join(f"{line.text}{limit}".split())


def _quoted(*lines: str) -> str:
    """Text between quotes: whatever Mermaid or HTML could read as a sign as its number."""
    shown = (_NOT_PLAIN.sub(lambda it: f"#{ord(it.group())};", printable(one)) for one in lines)
    return "<br>".join(shown)
