"""What changes between two plans: in the requests, not in the text of the configs.

Where a value stands and why it has it does not count; what is sent, to whom, with which key and in
which order does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from openclaw_config.diagnostics.display import code, escaped, printable
from openclaw_config.plan.json_form import to_json
from openclaw_config.plan.model import SURFACES, Json, Plan
from openclaw_config.plan.values import plain

ADDED, REMOVED, MOVED, CHANGED = "added", "removed", "moved", "changed"

_NOT_SENT = frozenset({"origin", "label", "note", "provenance", "uses", "rule"})
"""Fields that say where a value comes from. A step's ``origin`` is kept: it is a host."""


class Change(NamedTuple):
    """One difference.

    ``where`` names the surface, ``environment``, or ``agent`` where a whole plan was added or
    removed; ``candidate`` the model, "" when the change is of the whole surface. ``field`` is the
    path of a changed field, "" when the candidate itself was added, removed or moved. ``old`` and
    ``new`` are None where there is nothing. ``agent`` is named where plans of several are compared.
    """

    where: str
    kind: str
    candidate: str = ""
    field: str = ""
    old: Json = None
    new: Json = None
    agent: str = ""

    @property
    def changes_requests(self) -> bool:
        """Whether something else is sent, or to somebody else, or with another key."""
        return self.where != "environment"


def diff(old: Sequence[Plan], new: Sequence[Plan]) -> tuple[Change, ...]:
    """All differences of the plans of some agents, agent by agent, in a fixed order."""
    alone = len(old) == len(new) == 1
    before, after = (
        {"" if alone else plan.agent: to_json(plan) for plan in plans} for plans in (old, new)
    )
    found: list[Change] = []
    for agent in dict.fromkeys((*before, *after)):
        if agent in before and agent in after:
            changes = _changes(before[agent], after[agent])
            found += (change._replace(agent=agent) for change in changes)
        else:
            found.append(Change("agent", REMOVED if agent in before else ADDED, agent=agent))
    return tuple(found)


def _changes(old: Json, new: Json) -> Iterator[Change]:
    for surface in SURFACES:
        yield from _surface(surface, old.get(surface), new.get(surface))
    yield from _environment(old.get("environment", []), new.get("environment", []))


def _surface(surface: str, old: Json, new: Json) -> Iterator[Change]:
    if old is None or new is None:
        if old != new:
            yield Change(surface, REMOVED if new is None else ADDED)
        return
    before = {row["ref"]: row for row in old["candidates"]}
    after = {row["ref"]: row for row in new["candidates"]}
    places = {ref: place for place, ref in enumerate(before, 1)}
    for ref, place in places.items():
        if ref not in after:
            yield Change(surface, REMOVED, ref, "", place)
    kept = [ref for ref in before if ref in after]
    order = [ref for ref in after if ref in before]
    for place, ref in enumerate(after, 1):
        was = places.get(ref)
        if was is None:
            yield Change(surface, ADDED, ref, "", None, place)
        elif kept.index(ref) != order.index(ref) and was != place:
            # Where two change their order, at least one of them changes its place.
            yield Change(surface, MOVED, ref, "", was, place)
    for ref in order:
        for field, was, now in _fields(_sent(before[ref]), _sent(after[ref])):
            yield Change(surface, CHANGED, ref, field, was, now)
    rest = ({k: v for k, v in side.items() if k != "candidates"} for side in (old, new))
    for field, was, now in _fields(*(_sent(side) for side in rest)):
        yield Change(surface, CHANGED, "", field, was, now)


def _sent(value: Json) -> Json:
    """A value without what only says where things come from."""
    if isinstance(value, dict):
        return {
            name: _sent(item)
            for name, item in value.items()
            if name not in _NOT_SENT or (name == "origin" and isinstance(item, str))
        }
    if isinstance(value, list):
        return [_sent(item) for item in value]
    return value


def _fields(old: Json, new: Json, path: str = "") -> Iterator[tuple[str, Json, Json]]:
    """The leaves in which two values differ, with their paths."""
    if old == new and type(old) is type(new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _fields(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (was, now) in enumerate(zip(old, new, strict=True)):
            yield from _fields(was, now, f"{path}[{_name(was, now, index)}]")
    else:
        yield path, old, new


def _name(old: Json, new: Json, index: int) -> str:
    """How an item is called: by its name where both sides have the same, else by its place."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in ("name", "ref", "parameter"):
            if isinstance(old.get(key), str) and old.get(key) == new.get(key):
                return str(old[key])
    return str(index)


def _environment(old: Json, new: Json) -> Iterator[Change]:
    before = {row["name"]: row["state"] for row in old}
    after = {row["name"]: row["state"] for row in new}
    for name in sorted({*before, *after}):
        was, now = before.get(name), after.get(name)
        if was != now:
            kind = REMOVED if now is None else ADDED if was is None else CHANGED
            yield Change("environment", kind, name, "", was, now)


def render(changes: tuple[Change, ...], *, as_markdown: bool = False) -> str:
    """The differences as a person reads them, as text or as Markdown; "" when there are none."""
    lines: list[str] = []
    heading, shown = "", escaped if as_markdown else printable
    for change in changes:
        where = " ".join(part for part in (change.agent, change.where) if part)
        sign = code(_SIGNS[change.kind]) if as_markdown else _SIGNS[change.kind]
        if change.where == "agent":
            lines.append(f"{'- ' * as_markdown}{sign} agent {shown(change.agent)}")
            continue
        if where != heading:
            heading = where
            lines.append(f"\n**{shown(heading)}**\n" if as_markdown else shown(heading))
        lines.append(f"{'- ' if as_markdown else '  '}{sign} {shown(_line(change))}")
    return "\n".join(lines) + "\n" if lines else ""


_SIGNS = {ADDED: "+", REMOVED: "-", MOVED: "~", CHANGED: "~"}


def _line(change: Change) -> str:
    if change.kind == CHANGED:
        subject = " ".join(part for part in (change.candidate, change.field) if part)
        return f"{subject}: {_shown(change.old)} -> {_shown(change.new)}"
    if change.kind == MOVED:
        return f"{change.candidate}: from place {change.old} to place {change.new}"
    if change.where == "environment":
        verb = "is needed" if change.kind == ADDED else "is not needed any more"
        return f"{change.candidate} {verb}"
    return f"{change.candidate or 'the surface'}"


def _shown(value: Json) -> str:
    if value is None:
        return "nothing"
    return json.dumps(value) if isinstance(value, dict | list) else plain(value)
