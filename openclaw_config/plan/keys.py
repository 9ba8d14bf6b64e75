"""The credential chains of a plan alone: which key each candidate uses, and why."""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config.plan.json_form import to_json
from openclaw_config.plan.model import Json, Plan
from openclaw_config.plan.text import Line, aligned, chain_lines, place


def render(plan: Plan) -> str:
    """The chains as a person reads them: by surface and candidate, in the order of trying."""
    return aligned(list(_lines(plan))) + "\n"


def _lines(plan: Plan) -> Iterator[Line]:
    for surface in plan.surfaces:
        yield Line(surface.surface)
        for candidate in surface.candidates:
            if candidate.credential is None:
                continue
            yield Line(f"  {candidate.ref}", place(candidate.origin))
            for line in chain_lines(candidate.credential):
                yield Line(f"     {line.text}", line.place)


def as_data(plan: Plan) -> Json:
    """The same for programs; ``links`` are as in the plan's own JSON form."""
    form = to_json(plan)
    return {
        "version": 1,
        "keys": [
            {
                "surface": surface.surface,
                "candidate": candidate["ref"],
                "links": candidate["credential"]["chain"],
            }
            for surface in plan.surfaces
            for candidate in form[surface.surface]["candidates"]
            if "credential" in candidate
        ],
    }
