"""A plan's JSON form: the same plan gives the same bytes.

Every record becomes an object whose keys are its fields' names in camelCase; a field that has its
default value is left out. Pairs of a name and something become one object. Templates and settings
are JSON already and stay as they are.
"""

from __future__ import annotations

import json
import typing
from typing import Any

from openclaw_config.errors import OpenClawConfigError
from openclaw_config.plan.model import PLAN_VERSION, Json, Plan, fields_by_key, fields_of


def to_json(*plans: Plan) -> dict[str, Json]:
    """A plan as a JSON value; those of several agents as ``{"plans": [...]}``."""
    found = [{"planVersion": plan.version, **record_as_json(plan)} for plan in plans]
    return found[0] if len(found) == 1 else {"plans": found}


def dumps(*plans: Plan) -> str:
    """The same as JSON text: indented, one line feed at the end, the same bytes every time.

    It is ASCII, so that no terminal obeys what a config put into it.
    """
    return json.dumps(to_json(*plans), indent=2) + "\n"


def loads_all(text: str) -> list[Plan]:
    """Read back what ``dumps`` wrote. Raises PlanError."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanError("this is not a plan in JSON") from error
    several = body.get("plans") if isinstance(body, dict) else None
    if not isinstance(several, list) or not several:
        return [from_json(body)]
    return [from_json(item, f"plans[{index}]: ") for index, item in enumerate(several)]


def record_as_json(record: Any, whole: bool = False) -> dict[str, Json]:
    """A record as a JSON value: ``whole``, or without the fields that have their default value."""
    defaults = {} if whole else record._field_defaults
    kind: Any = type(record)
    fields = zip(fields_by_key(kind).items(), record, strict=True)
    return {
        key: _value(value, is_pairs(of))
        for (key, (name, of)), value in fields
        if name not in defaults
        or value != defaults[name]
        or type(value) is not type(defaults[name])
    }


def _value(value: Any, pairs: bool = False) -> Json:
    if hasattr(value, "_fields"):
        return record_as_json(value)
    if pairs:
        return {key: _value(item) for key, item in value}
    return list(map(_value, value)) if isinstance(value, tuple) else value


def is_pairs(kind: Any) -> bool:
    """Whether a field's type is pairs of a name, which occurs once, and something."""
    pair = (*typing.get_args(kind), None)[0]
    return typing.get_origin(pair) is tuple and typing.get_args(pair)[-1] is not Ellipsis


class PlanError(OpenClawConfigError, ValueError):
    """A text is not a plan of a version that this package reads; the message says where."""


def loads(text: str) -> Plan:
    """Read a plan back from its JSON text. Raises PlanError, for those of several agents too."""
    found = loads_all(text)
    if len(found) > 1:
        raise PlanError("these are plans of several agents, where one belongs")
    return found[0]


def from_json(body: Json, of: str = "") -> Plan:
    """Read a plan back from its JSON value. Raises PlanError, whose message begins with ``of``."""
    if not isinstance(body, dict) or type(body.get("planVersion")) is not int:
        raise PlanError(f"{of}this is not a plan in JSON")
    if body["planVersion"] != PLAN_VERSION:
        raise PlanError(f"{of}its plan version is not {PLAN_VERSION}, which this package reads")
    from openclaw_config.plan.checking import problem

    found = problem(body)
    if found is not None:
        raise PlanError(f"{of}this is not a plan: {found}")
    fields = {key: value for key, value in body.items() if key != "planVersion"}
    plan = Plan(**fields_of(Plan, fields))
    for surface in plan.surfaces:
        for number, candidate in enumerate(surface.candidates):
            steps = {step.name for step in candidate.steps}
            for part in (candidate.result, candidate.live):
                if isinstance(part, dict) and part.get("step", "") not in {"", *steps}:
                    place = f"{surface.surface}.candidates[{number}]"
                    raise PlanError(f"{of}this is not a plan: {place} names a step that it lacks")
    return plan
