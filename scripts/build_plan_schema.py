"""Write ``schema/plan.schema.json`` from the plan's types.

Run it after a change of ``openclaw_config/plan/model.py``; a test fails while the two differ.
The templates inside a plan are JSON that the types do not describe, so their forms stand here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from openclaw_config.plan import json_form, model

TARGET = Path(__file__).parents[1] / "schema" / "plan.schema.json"
SCALARS = {str: "string", int: "integer", bool: "boolean"}
TEMPLATES = {("Step", "body"), ("Candidate", "result")}

POINTERS = {"type": "array", "items": {"type": "string"}}
TEMPLATE: dict[str, Any] = {
    "description": "JSON with slots; docs/plan.md explains the forms.",
    "anyOf": [
        {"type": ["null", "boolean", "number", "string"]},
        {"type": "array", "items": {"$ref": "#/$defs/Template"}},
        {
            "type": "object",
            "properties": {
                "$slot": {"$ref": "#/$defs/Slot"},
                "$each": {"enum": ["images", "videos", "audios"]},
                "$item": {"enum": ["url", "data", "place"]},
                "$if": {"type": "string"},
                "$fact": {"enum": ["maxTokens", "reasoning", "images", "contextWindow"]},
                "$choose": {"type": "string"},
                "$messages": {"type": "string"},
                "$tools": {"type": "string"},
            },
            "propertyNames": {
                "anyOf": [
                    {"pattern": "^[^$]"},
                    {
                        "enum": [
                            "",
                            "$slot",
                            "$each",
                            "$item",
                            "$if",
                            "$nonEmpty",
                            "$fact",
                            "$choose",
                            "$messages",
                            "$tools",
                            "$merge",
                        ]
                    },
                ]
            },
            "additionalProperties": {"$ref": "#/$defs/Template"},
        },
    ],
}
SLOT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "parameter": {"type": "string"},
        "type": {"enum": ["text", "number", "flag", "object"]},
        "default": {"$ref": "#/$defs/Template"},
        "case": {"enum": ["upper", "lower"]},
        "trim": {"type": "boolean"},
        "truncate": {"type": "boolean"},
        "omit": {},
        "required": {"type": "boolean"},
    },
    "required": ["parameter"],
    "additionalProperties": False,
}
CHOICES: dict[tuple[str, str], list[str]] = {
    ("Origin", "kind"): ["config", "env", "default", "call"],
    ("Link", "kind"): ["profiles", "env", "config"],
    ("Link", "state"): ["wins", "shadowed", "absent", "empty", "marker", "unusable", "unknown"],
    ("Route", "private"): ["refuse", "allow"],
    ("Step", "method"): ["GET", "POST"],
    ("Normalize", "to"): ["nearest", "ratio", "ratio-of-size", "listed", "clamp", "drop"],
    ("Parameter", "type"): [
        "text", "number", "flag", "images", "videos", "audios", "roles", "object", "messages",
        "tools",
    ],
    ("Failover", "policy"): ["any", "chat"],
    ("SurfacePlan", "surface"): list(model.SURFACES),
    ("Variable", "state"): ["set", "missing", "unknown"],
}  # fmt: skip
"""Fields whose text is one of a few words."""


def build() -> dict[str, Any]:
    """The JSON Schema of a plan."""
    definitions: dict[str, Any] = {"Template": TEMPLATE, "Slot": SLOT}
    root = record_schema(model.Plan, definitions)
    properties = root["properties"]
    properties.pop("version")
    root["properties"] = {"planVersion": {"const": model.PLAN_VERSION}, **properties}
    root["required"] = ["planVersion", *root["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:openclaw-config:plan:1",
        "title": "openclaw-config plan",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def record_schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of one record type; those it refers to go into ``definitions``."""
    hints = get_type_hints(kind, vars(model))
    properties = {
        json_form.camel(name): field_schema(kind.__name__, name, hints[name], definitions)
        for name in kind._fields
    }
    return {
        "description": " ".join((kind.__doc__ or "").split("\n\n")[0].split()),
        "type": "object",
        "properties": properties,
        "required": [json_form.camel(n) for n in kind._fields if n not in kind._field_defaults],
        "additionalProperties": False,
    }


def field_schema(owner: str, name: str, kind: Any, definitions: dict[str, Any]) -> Any:
    """The schema of one field."""
    if (owner, name) in CHOICES:
        return {"enum": CHOICES[owner, name]}
    if kind is Any:
        return {"$ref": "#/$defs/Template"} if (owner, name) in TEMPLATES else {}
    if kind in SCALARS:
        return {"type": SCALARS[kind]}
    if hasattr(kind, "_fields"):
        definitions.setdefault(kind.__name__, {})
        if not definitions[kind.__name__]:
            definitions[kind.__name__] = record_schema(kind, definitions)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if get_origin(kind) is tuple:
        item = get_args(kind)[0]
        if name in json_form.PAIRS_AS_OBJECT and get_origin(item) is tuple:
            value = field_schema(owner, "", get_args(item)[1], definitions)
            return {"type": "object", "additionalProperties": value}
        return {"type": "array", "items": field_schema(owner, "", item, definitions)}
    inner = [choice for choice in get_args(kind) if choice is not type(None)]
    return field_schema(owner, name, inner[0], definitions)


def text() -> str:
    """The file's text."""
    return json.dumps(build(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"wrote {TARGET.name}\n")
