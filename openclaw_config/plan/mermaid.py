"""Plans as a flow chart in Mermaid: which candidate is tried when, and where a call ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from openclaw_config.diagnostics.display import printable
from openclaw_config.plan import text
from openclaw_config.plan.model import Candidate, Failover, Plan, SurfacePlan

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
    yield f'  {name}call(["a call:<br>the first answer counts"]) --> {name}0'
    for number, one in enumerate(tried):
        here, last = f"{name}{number}", number + 1 == len(tried)
        lines = map(_quoted, _lines(number + 1, one))
        yield f'  {here}["{"<br>".join(lines)}"]{":::bad" if one.problem else ""}'
        if again := _again(failover, one):
            yield f'  {here} -. "{_quoted(again)}" .-> {here}'
        after = (
            f"{name}more" if last and folded else f"{name}end" if last else f"{name}{number + 1}"
        )
        yield f'  {here} -- "{"fails" if last and not folded else "fails over"}" --> {after}'
    if folded:
        more = f"then {', '.join(folded)}: added by OpenClaw, not compiled here"
        yield f'  {name}more["{_quoted(more)}"]:::bad --> {name}end'
    ends = [failover.all_failed or "the last failure, as it is"]
    if failover.limit_ms:
        ends.append(f"after {text.seconds(failover.limit_ms)} in any case")
    if failover.policy == "chat":
        ends.append("at once after a failure that belongs to no class")
    yield f'  {name}end(["{"<br>".join(map(_quoted, ends))}"])'
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


def _again(failover: Failover, one: Candidate) -> str:
    """When the same candidate is asked again, "" when never."""
    if one.problem:
        return ""
    parts = []
    if failover.backoff is not None:
        parts.append(f"up to {failover.backoff.times} times after a failure that may pass")
    elif failover.rerun_delays_ms:
        waits = ", ".join(map(text.seconds, failover.rerun_delays_ms))
        parts.append(f"after {waits} where a failure may pass")
    retries = {len(step.retry.delays_ms) for step in one.steps if step.retry is not None}
    if retries:
        parts.append(f"each request up to {max(retries)} times more")
    if one.credential is not None and failover.rotates_on:
        parts.append("with its next key")
    return f"again: {'; '.join(parts)}" if parts else ""


def _quoted(label: str) -> str:
    """Text between quotes: whatever Mermaid or HTML could read as a sign as its number."""
    return _NOT_PLAIN.sub(lambda match: f"#{ord(match.group())};", printable(label))
