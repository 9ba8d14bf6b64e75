"""The arguments of each surface's call, with OpenClaw's own rules for them: ``schema/arguments``.

These are the rules of the agent tools, the same for every provider; what a model can do comes on
top of them, in a candidate's modes. The checks are data, explained in ``docs/plan.md``.
"""

from __future__ import annotations

from openclaw_config.facts import read_json
from openclaw_config.plan.model import Json, Parameter
from openclaw_config.targets import Target


def parameters(surface: str, target: Target, most_text: int = 0) -> tuple[Parameter, ...]:
    """The arguments of a surface; a text of speech has ``most_text`` UTF-16 code units (TTS-24)."""
    found = read_json(f"arguments/{target.requests}.json")[surface]
    return tuple(_parameter(row, most_text) for row in found)


def _parameter(row: Json, most_text: int) -> Parameter:
    aliases, checks = tuple(row.get("aliases", ())), tuple(row.get("checks", ()))
    if any(check["check"] == "maxLength" for check in checks):
        message = checks[0]["message"].replace("{most}", str(most_text))
        checks = ({**checks[0], "value": most_text, "message": message},)
    return Parameter(**{**row, "aliases": aliases, "checks": checks})
