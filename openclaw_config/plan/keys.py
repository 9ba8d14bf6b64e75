"""The credential chains of a plan alone: which key each candidate uses, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from openclaw_config.diagnostics.display import printable
from openclaw_config.plan.json_form import to_json
from openclaw_config.plan.model import Json, Plan
from openclaw_config.plan.text import Line, aligned, chain_lines, place


def render(plans: Sequence[Plan]) -> str:
    """The chains as a person reads them: by surface and candidate, in the order of trying.

    Where there are several plans, each has its agent's name above it.
    """
    parts = (aligned(list(_lines(plan))) + "\n" for plan in plans)
    if len(plans) == 1:
        return next(parts)
    heads = (f"agent {printable(plan.agent)}\n" for plan in plans)
    return "\n".join(head + part for head, part in zip(heads, parts, strict=True))


def _lines(plan: Plan) -> Iterator[Line]:
    for surface in plan.surfaces:
        yield Line(surface.surface)
        for candidate in surface.candidates:
            if candidate.credential is None:
                continue
            yield Line(f"  {candidate.ref}", place(candidate.origin))
            for line in chain_lines(candidate.credential):
                yield Line(f"     {line.text}", line.place)


def as_data(plans: Iterable[Plan]) -> Json:
    """The same for programs; ``links`` are as in the plan's own JSON form."""
    return {"version": 1, "keys": [row for plan in plans for row in _rows(plan)]}


def _rows(plan: Plan) -> Iterator[Json]:
    form = to_json(plan)
    for surface in plan.surfaces:
        for candidate in form[surface.surface]["candidates"]:
            if "credential" in candidate:
                yield {
                    "agent": plan.agent,
                    "surface": surface.surface,
                    "candidate": candidate["ref"],
                    "links": candidate["credential"]["chain"],
                }
