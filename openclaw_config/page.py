"""A page to look at: a plan beside the text that it stems from, or what changes between two.

The page is whole in itself: its style, its script and its data stand in it, and it fetches nothing.
``schema/pages`` has its parts. The data are those of ``compile --format json``, of ``check`` and of
``diff``, and the texts of the config with their secrets masked; the script makes text of all of it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from hashlib import sha256
from html import escape
from typing import Any, NamedTuple

from openclaw_config import facts
from openclaw_config.diagnostics.display import json_text
from openclaw_config.diagnostics.formats import rows
from openclaw_config.diagnostics.masking import MASK, hidden, secret_spans
from openclaw_config.diagnostics.model import Report
from openclaw_config.plan.diff import diff
from openclaw_config.plan.json_form import record_as_json, to_json
from openclaw_config.plan.model import Json, Plan
from openclaw_config.plan.values import objects_in
from openclaw_config.syntax.text import Position, Source, encodable

_TOKEN = re.compile(r""""(?:\\.|[^"\\\r\n])*"|'(?:\\.|[^'\\\r\n])*'|[^\s,:\[\]{}]+|.|""")
_IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


class Side(NamedTuple):
    """A config by its name for people, what was found in it, and the plans of its agents."""

    name: str
    report: Report
    plans: Sequence[Plan]


def render(side: Side, before: Side | None = None) -> str:
    """The page of a config, or of what changes in the requests since ``before``, as HTML."""
    sides = [_side(one) for one in (before, side) if one is not None]
    if before is not None:
        _mark_changed_lines(*(one["sources"] for one in sides))
    data = {
        "sides": sides,
        "rules": {
            rule: title
            for rule, title in facts.read_json("spec.json").items()
            if rule in {origin["rule"] for origin in _origins(sides) if "rule" in origin}
        },
        "changes": before and [*map(record_as_json, diff(before.plans, side.plans))],
    }
    style, script = (facts.read_text(f"pages/plan.{kind}") for kind in ("css", "js"))
    parts = {
        "style": style,
        "script": script,
        "style-hash": digest(style),
        "script-hash": digest(script),
        "title": escape(encodable(side.name)),
        "data": json_text(data, None).translate(_IN_SCRIPT),
    }
    page = facts.read_text("pages/plan.html")
    return re.sub(r"\{\{([a-z-]+)\}\}", lambda match: parts[match[1]], page)


def digest(text: str) -> str:
    """What a policy names a piece of the page by: nothing else may run in it."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _side(side: Side) -> dict[str, Any]:
    plans = [to_json(plan) for plan in side.plans]
    places: dict[str, set[Position]] = {}
    for origin in _origins(plans):
        if "line" in origin:
            place = Position(origin["line"], origin["column"])
            places.setdefault(origin["file"], set()).add(place)
    return {
        "name": side.name,
        "plans": plans,
        "findings": rows(side.report.diagnostics),
        "sources": [
            _source(source, sorted(places.get(source.name, ())))
            for source in side.report.sources
            if source.place is not None  # a file of variables holds nothing but these
        ],
    }


def _origins(value: Json) -> Iterator[dict[str, Any]]:
    """Every origin in plans' JSON form."""
    objects = (one for _, one in objects_in(value))
    return (one for one in objects if "kind" in one and ("line" in one or "rule" in one))


def _source(source: Source, places: Sequence[Position]) -> dict[str, Any]:
    """A text with its secrets masked, and where the fields of plans stem from it.

    A mark is a place as origins name it, then the columns of its token in the masked line, from 0.
    """
    secrets = secret_spans(source)
    shown = Source(hidden(source.text, secrets))
    marks = []
    for place in places:
        at = offset = source.offset(place)
        for start, end in secrets:
            if start < at:
                offset += len(MASK) - (min(end, at) - start) if end <= at else start - at
        token = _TOKEN.match(shown.text, offset)
        column = shown.position(offset).column - 1
        length = len(token.group()) if token else 0
        marks.append([f"{place.line}:{place.column}", column, column + length])
    lines = [shown.line(number + 1) for number in range(len(shown.line_starts))]
    return {"name": source.name, "lines": lines, "marks": marks, "changed": []}


def _mark_changed_lines(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    """Say which lines are not in the other text: of the main files, and of those of one name."""
    for at, source in enumerate(new):
        named = [one for one in old if one["name"] == source["name"]]
        other = old[0] if at == 0 and old else named[0] if named else {"lines": []}
        matcher = SequenceMatcher(None, other["lines"], source["lines"], autojunk=False)
        for kind, low, high, start, end in matcher.get_opcodes():
            if kind != "equal":
                other["changed"] = [*other.get("changed", []), *range(low + 1, high + 1)]
                source["changed"] += range(start + 1, end + 1)
