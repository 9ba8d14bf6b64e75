"""Values of a config inside a plan's templates."""

from __future__ import annotations

from openclaw_config.plan.model import Json


def literal(value: Json) -> Json:
    """A config's value as it stands in a template.

    Marked as literal where it would otherwise be read as one of the template's own forms.
    """
    return {"$literal": value} if _has_form(value) else value


def _has_form(value: Json) -> bool:
    if isinstance(value, dict):
        return any(key.startswith("$") or _has_form(item) for key, item in value.items())
    return isinstance(value, list) and any(_has_form(item) for item in value)
