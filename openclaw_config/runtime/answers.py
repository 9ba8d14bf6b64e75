"""What an event of a chat's stream says, by the form of its wire (docs/plan.md, "Results").

``schema/chat-forms.json`` has the events of each form, and at which pointers they say what.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from openclaw_config.plan.model import Json
from openclaw_config.plan.values import every_at, first_at, stringify
from openclaw_config.runtime.conversations import shapes_of

if TYPE_CHECKING:
    from openclaw_config.runtime.stream import ChatAccumulator

Event = Mapping[str, Any]


def as_text(value: Any) -> str:
    """A value that is a text, "" for any other."""
    return value if isinstance(value, str) else ""


def take_event(answer: ChatAccumulator, event: Event, result: Json) -> None:
    """Take an event in; ``result`` is the plan's."""
    rows = shapes_of(result)["events"]
    if isinstance(rows, dict):
        rows = rows.get(as_text(event.get("type")), ())
    _take(answer, event, rows, result)


def _take(answer: ChatAccumulator, value: Any, rows: list[Json], result: Json) -> None:
    """Take in what rows say of an event, or of objects in it."""
    for row in rows:
        when, unless = row.get("when", {}).items(), row.get("unless", {}).items()
        for one in every_at(value, row.get("each", "")):
            if not isinstance(one, dict) or any(first_at(one, at) in never for at, never in unless):
                continue
            if all(first_at(one, at) in wanted for at, wanted in when):
                _take_row(answer, one, row, result)


def _take_row(answer: ChatAccumulator, value: Event, row: Json, result: Json) -> None:
    """Take in what a row says of an object."""

    def at(member: str) -> Any:
        return first_at(value, row[member]) if member in row else None

    _take(answer, value, row.get("rows", ()), result)
    for kind in (one for one in ("text", "reasoning", "refusal") if one in row):
        answer.say(kind, as_text(at(kind)))
    if "thoughts" in row:
        places = (f"{row['thoughts']}/{name}" for name in result.get("reasoning", ()))
        texts = (as_text(first_at(value, place)) for place in places)
        answer.say("reasoning", next(filter(None, texts), ""))
    for name, place in row.get("keep", {}).items():
        answer.keep(name, [one for one in every_at(value, place) if isinstance(one, dict)])
    if "call" in row:
        _take_call(answer, value, row["call"])
    used = at("usage")
    if isinstance(used, dict):
        counted = {name: used[name] for name in row.get("counts", used) if name in used}
        answer.usage = {**(answer.usage or {}), **counted}
    answer.finish = as_text(at("finish")) or answer.finish
    answer.model = answer.model or as_text(at("model"))


def _take_call(answer: ChatAccumulator, value: Event, row: Json) -> None:
    """Take in a piece of a tool's call, or, where it comes so, the ``whole`` of it."""
    found = {
        name: first_at(value, row[name]) for name in ("number", "name", "arguments") if name in row
    }
    ids = (as_text(first_at(value, place)) for place in row.get("id", ()))
    identifier = "|".join(filter(None, ids))
    count, number = answer.calls(), found.get("number")
    given = found.get("arguments") or ({} if "whole" in row else "")
    answer.call(
        number if isinstance(number, int) else count,
        id=identifier or (f"call_{count + 1}" if "whole" in row else ""),
        name=as_text(found.get("name")),
        arguments=given if isinstance(given, str) else stringify(given),
    )


def failure_of(event: Event) -> Json:
    """The error that an event reports, None when it reports none."""
    if event.get("error"):
        return event["error"]
    kind = event.get("type")
    if kind == "error":
        return {"message": f"Error Code {event.get('code')}: {as_text(event.get('message'))}"}
    if kind == "response.failed":
        code, said = (first_at(event, f"/response/error/{name}") for name in ("code", "message"))
        if code or said:
            return {"message": f"{code or 'unknown'}: {said or 'no message'}"}
        reason = first_at(event, "/response/incomplete_details/reason")
        return {"message": f"incomplete: {reason or 'unknown'}"}
    return None
