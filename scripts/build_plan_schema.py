"""Write ``schema/plan.schema.json`` from the plan's types.

Run it after a change of ``openclaw_config/plan/model.py``; a test fails while the two differ.
What is JSON in a plan and not described by the types (templates, checks, results) stands here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from openclaw_config.facts import camel_case
from openclaw_config.plan import json_form, model

TARGET = Path(__file__).parents[1] / "schema" / "plan.schema.json"
MOST = 2**53 - 1
"""The largest whole number that every JSON reader keeps."""
SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer", "minimum": 0, "maximum": MOST},
    bool: {"type": "boolean"},
}

# --- shapes that JSON has and the types do not ------------------------------------------------

ANY: dict[str, Any] = {}
TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
FLAG = {"type": "boolean"}
WHOLE = SCALARS[int]
NUMBER = {"type": "number"}
INPUTS = {"enum": ["images", "videos", "audios"]}


def ref(name: str) -> dict[str, Any]:
    """One of the schema's definitions."""
    return {"$ref": f"#/$defs/{name}"}


def of(item: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A list of items."""
    return {"type": "array", "items": item, **more}


def table(value: dict[str, Any]) -> dict[str, Any]:
    """An object whose keys are names."""
    return {"type": "object", "additionalProperties": value}


def record(needed: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object with these keys and no others."""
    return {
        "type": "object",
        "properties": {**needed, **optional},
        "required": list(needed),
        "additionalProperties": False,
    }


def by(key: str, forms: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """An object whose other keys go by the word that it has at ``key``."""
    return {
        "type": "object",
        "properties": {key: {"enum": list(forms)}},
        "required": [key],
        "allOf": [
            {"if": {"properties": {key: {"const": word}}}, "then": form}
            for word, form in forms.items()
        ],
    }


PLACES = of(ref("ResponseValue"))
"""Where a value of a result is looked for; the first that is there counts."""
MESSAGE = {"message": TEXT}

FORMS: dict[str, dict[str, Any]] = {
    "$slot": record({"$slot": ref("Slot")}, without=TEXTS),
    "$each": record({"$each": INPUTS, "item": ref("Template")}, places=TEXTS, one=FLAG, files=FLAG),
    "$item": record(
        {
            "$item": {
                "enum": [
                    "url",
                    "data",
                    "place",
                    "base64",
                    "format",
                    "mime",
                    "extension",
                    "number",
                    "role",
                ]
            }
        },
        types=table(TEXT),
        extensions=table(TEXT),
        missing=TEXT,
        default=TEXT,
    ),
    "$map": record({"$map": ref("Template"), "table": table(ANY)}, otherwise=ref("Template")),
    "$edge": record(
        {"$edge": ref("Template")},
        of={"enum": ["width", "height"]},
        steps=of(of(ANY, minItems=2, maxItems=2)),
        wide=TEXT,
        tall=TEXT,
    ),
    "$first": record({"$first": of(ref("Template"))}),
    "$whole": record({"$whole": table(ref("Template"))}),
    "$single": record({"$single": ref("Template")}),
    "$several": record({"$several": ref("Template")}),
    "$if": record({"$if": TEXT, "then": ref("Template")}, fact=TEXT, **{"else": ref("Template")}),
    "$nonEmpty": record({"$nonEmpty": ref("Template")}, without=TEXTS),
    "$text": record({"$text": of(ref("Template")), "between": TEXT}),
    "$fact": record(
        {"$fact": {"enum": ["maxTokens", "reasoning", "images", "contextWindow"]}}, most=WHOLE
    ),
    "$choose": record(
        {"$choose": TEXT, "by": TEXT, "tables": table(table(ANY))},
        defaults=table({"anyOf": [TEXT, TEXTS]}),
        offered=TEXT,
        order=TEXTS,
        refused=TEXT,
    ),
    "$tokens": record(
        {"$tokens": ref("Template"), "most": ref("Template"), "window": ref("Template")}
    ),
    "$budget": record(
        {"$budget": {"enum": ["tokens", "thinking"]}, "reserve": WHOLE},
        **dict.fromkeys(("tokens", "thinking", "most"), ref("Template")),
    ),
    "$fresh": record({"$fresh": TEXT}),
    "$system": record(
        {"$system": TEXT, "form": {"enum": ["anthropic", "google"]}},
        cache=record({}, ttl=TEXT),
        boundary=TEXT,
        first=TEXTS,
        **{"with": table(ANY)},
    ),
    "$messages": record(
        {"$messages": TEXT},
        form={"enum": ["responses", "anthropic", "google", "ollama", "mistral"]},
        systemRole={"enum": ["system", "developer"]},
        images=ref("Template"),
        cache=record({}, system=FLAG, last=FLAG, ttl=TEXT, systemTtl=TEXT, roles=TEXTS),
        boundary=TEXT,
        cutTrailing=ref("Template"),
        thoughts=ref("Template"),
        signatures={"enum": ["base64-only"]},
        model=record({"provider": TEXT, "api": TEXT, "model": TEXT}),
        noResult=TEXT,
        toolCallIds={"enum": ["alphanumeric", "nine"]},
        keptIds=TEXT,
        names=table(TEXT),
        imagesInResults=FLAG,
        toolNames=FLAG,
        assistantAfterTools=FLAG,
        thinkingAsText=FLAG,
        plainText=FLAG,
    ),
    "$tools": record(
        {"$tools": TEXT},
        form={"enum": ["responses", "anthropic", "google"]},
        cache={"anyOf": [FLAG, record({}, ttl=TEXT)]},
        ttl=TEXT,
        always=FLAG,
        strict={"anyOf": [FLAG, {"enum": ["when-closed"]}]},
        fact=TEXT,
        eager=FLAG,
        append=of(table(ANY)),
        names=table(TEXT),
        schema=TEXT,
    ),
    "$literal": record({"$literal": ANY}, without=TEXTS),
}
"""The forms that a template may have; each is known by its key (docs/plan.md, "Templates")."""

TEMPLATE: dict[str, Any] = {
    "description": "JSON in which an object with a key that starts with $ stands for something"
    " of the call; docs/plan.md explains the forms.",
    "items": ref("Template"),
    "propertyNames": {"anyOf": [{"pattern": "^(?!\\$)"}, {"enum": [*FORMS, "$merge"]}]},
    "properties": {"$literal": ANY, "$slot": ANY, "tables": ANY},
    "additionalProperties": ref("Template"),
    "dependentSchemas": FORMS,
}
SLOT = record(
    {"parameter": TEXT},
    type={"enum": ["text", "texts", "number", "flag", "object", "structure"]},
    members=table(TEXTS),
    default=ref("Template"),
    otherwise=ref("Template"),
    case={"enum": ["upper", "lower"]},
    trim=FLAG,
    truncate=FLAG,
    whole=TEXT,
    divide=WHOLE,
    omit=ANY,
    required=FLAG,
    **{"or": {"anyOf": [TEXT, TEXTS]}},
)
CHECK = by(
    "check",
    {
        "trim": record({"check": TEXT}),
        "case": record({"check": TEXT, "to": {"enum": ["upper", "lower"]}}, afterDigits=TEXT),
        "words": record({"check": TEXT, "table": table(TEXT)}),
        "truncate": record({"check": TEXT}),
        "leadingNumber": record({"check": TEXT}),
        "oneOf": record({"check": TEXT, "values": TEXTS}),
        "above": record({"check": TEXT, "value": NUMBER, **MESSAGE}),
        "between": record({"check": TEXT, "values": of(NUMBER, minItems=2, maxItems=2), **MESSAGE}),
        "whole": record({"check": TEXT, "least": WHOLE, **MESSAGE}, most=WHOLE),
        "most": record({"check": TEXT, "value": WHOLE, **MESSAGE}),
        "maxLength": record({"check": TEXT, "value": WHOLE, **MESSAGE}),
        "object": record({"check": TEXT, **MESSAGE}),
        "fields": record({"check": TEXT, "fields": of(ref("Parameter"))}),
        "stripPrefix": record({"check": TEXT, "text": TEXT}),
        "unique": record({"check": TEXT}),
        "roundUp": record({"check": TEXT, "to": WHOLE}),
        "isMedia": record({"check": TEXT, "type": TEXT, **MESSAGE}),
        "fetch": record(
            {"check": TEXT, "type": TEXT, "most": WHOLE, "timeoutMs": WHOLE, **MESSAGE}, direct=FLAG
        ),
        "direct": record({"check": TEXT, "value": WHOLE}),
        "selects": record(
            {"check": TEXT, "field": {"enum": ["ref", "provider"]}}, otherwise={"enum": ["ignore"]}
        ),
        "inferFromImages": record(
            {
                "check": TEXT,
                "unless": TEXTS,
                "steps": of(
                    {"type": "array", "prefixItems": [WHOLE, TEXT], "minItems": 2, "maxItems": 2}
                ),
            }
        ),
    },
)
COLLECTED = {
    "when": table(ANY),
    "mime": TEXT,
    "mimeFrom": TEXTS,
    "mimeBy": record({"parameter": TEXT, "table": table(TEXT)}),
    "sniff": FLAG,
    "strict": FLAG,
    "types": of({"enum": ["text", "list"]}),
}
TAKEN = {"take": TEXTS, "as": {"enum": ["data-url", "data-urls-in-text", "base64"]}}
BYTES = {
    "kind": TEXT,
    "bytes": record({"step": TEXT, "most": WHOLE}),
    "mime": record({"header": TEXT, "default": TEXT}, refuse=TEXTS),
}
MEDIA: dict[str, Any] = {
    "fileName": of(record({"name": TEXT}, whenMimeContains=TEXT)),
    "extension": TEXT,
    "voiceNote": FLAG,
    "outputFormat": TEXT,
    "address": PLACES,
    "model": PLACES,
    "metadata": table(PLACES),
}
LINKED = {"linked": {"const": True}, "address": PLACES, "kind": TEXT, "mime": BYTES["mime"]}
DECODE = record(
    {"at": TEXT, "as": {"enum": ["hex", "base64"]}, "missing": TEXT},
    wav=record({"rate": WHOLE, "channels": WHOLE, "bits": WHOLE}),
)
RESULT = by(
    "kind",
    {
        "chat": record(
            {"kind": TEXT, "step": TEXT, "stopReasons": table(TEXT)},
            form={"enum": ["responses", "anthropic", "google", "ollama"]},
            reasoning=TEXTS,
            mostCharacters=WHOLE,
        ),
        "text": record({"kind": TEXT, "text": PLACES}, mostCharacters=WHOLE),
        "images": record(
            {
                "kind": TEXT,
                "step": TEXT,
                "most": WHOLE,
                "within": TEXT,
                "fileName": TEXT,
                "missing": TEXT,
                "collect": of(
                    {
                        "anyOf": [
                            record({"each": TEXT, **TAKEN}, **COLLECTED),
                            record({"each": TEXT, "forms": of(record(TAKEN, **COLLECTED))}),
                        ]
                    }
                ),
            },
            model=PLACES,
            models=table(TEXT),
            metadata=table(PLACES),
            malformed=TEXT,
            links=TEXTS,
            fetchMs=WHOLE,
            label=TEXT,
        ),
        "music": record(
            {
                "kind": TEXT,
                "step": TEXT,
                "most": WHOLE,
                "data": TEXT,
                "words": TEXT,
                "unfinished": TEXT,
                "missing": TEXT,
                "malformed": TEXT,
                "format": record({"parameter": TEXT, "default": TEXT}),
                "types": table(TEXT),
                "fileName": TEXT,
            }
        ),
        "video": {"anyOf": [record(BYTES, **MEDIA), record(LINKED, **MEDIA)]},
        "audio": record(BYTES, decode=DECODE, **MEDIA),
    },
)
HOLDS = record(
    {"at": {"anyOf": [TEXT, TEXTS]}, "holds": TEXT}, before=TEXT, unsaid=FLAG, least=FLAG
)
CONTRACT = record({"contract": TEXT, "at": TEXT, "holds": TEXT}, usual=TEXTS)
FIRST = record({"at": TEXTS, "default": WHOLE}, most=WHOLE, least=WHOLE)
LOOKUP = record(
    {"step": TEXT, "items": TEXT, "where": table(ANY)},
    images=HOLDS,
    reasoning=HOLDS,
    tools=HOLDS,
    thinking=CONTRACT,
    levels=CONTRACT,
    contextWindow=FIRST,
    maxTokens=FIRST,
)
LIVE = record(
    {
        "step": TEXT,
        "keepMs": WHOLE,
        "items": TEXT,
        "id": TEXT,
        "model": TEXT,
        "values": table(record({"at": TEXT, "as": {"enum": ["numbers", "texts", "upper"]}})),
        "flags": table(TEXT),
        "limits": table(record({"inputs": INPUTS, "at": TEXT, "words": TEXTS})),
    }
)
SECRETS = dict.fromkeys(("ca", "cert", "key", "passphrase", "serverName"), TEXT)
TRANSPORT = record({}, proxy=record({"mode": TEXT}, url=TEXT), tls=record({}, **SECRETS))
HAND_WRITTEN: dict[str, dict[str, Any]] = {
    "Template": TEMPLATE,
    "Slot": SLOT,
    "Check": CHECK,
    "Result": RESULT,
    "Lookup": LOOKUP,
    "Live": LIVE,
    "Transport": TRANSPORT,
}
FIELDS: dict[tuple[str, str], dict[str, Any]] = {
    ("Step", "body"): {
        "anyOf": [{"type": "object"}, {"type": "array"}],
        "allOf": [ref("Template")],
    },
    ("Step", "fill"): table(ref("Template")),
    ("Header", "fill"): ref("Template"),
    ("KeyForm", "body"): ref("Template"),
    ("Require", "equals"): table(ANY),
    ("Candidate", "result"): ref("Result"),
    ("Candidate", "live"): ref("Live"),
    ("Parameter", "checks"): of(ref("Check")),
    ("Facts", "lookup"): ref("Lookup"),
    ("Route", "transport"): ref("Transport"),
    ("SurfacePlan", "settings"): {"type": "object"},
    ("SurfacePlan", "checked_candidate"): {"type": "integer", "minimum": -1, "maximum": MOST},
    ("SecretProvider", "settings"): {"type": "object"},
}
"""The fields whose types say less than there is to say."""

RATIOS = {"values": TEXTS}
FITTED = {
    "nearest": {"values": of(NUMBER)},
    "ratio": RATIOS,
    "ratio-of-size": RATIOS,
    "nearest-resolution": RATIOS,
    "nearest-number": RATIOS,
    "nearest-size": RATIOS,
    "size-of-ratio": RATIOS,
    "listed": RATIOS,
    "clamp": {"values": of(NUMBER, minItems=2, maxItems=2)},
    "at-most": {"values": of(NUMBER, minItems=1, maxItems=1)},
    "at-least": {"values": of(NUMBER, minItems=1, maxItems=1)},
}
CONDITIONS: dict[str, list[dict[str, Any]]] = {
    "Normalize": [
        {
            "if": {"properties": {"to": {"const": word}}},
            "then": {"properties": form, **({"required": ["values"]} if word == "clamp" else {})},
        }
        for word, form in FITTED.items()
    ],
}
"""What of a record goes by what else it holds."""


def build() -> dict[str, Any]:
    """The JSON Schema of a plan."""
    definitions: dict[str, Any] = dict(HAND_WRITTEN)
    root = record_schema(model.Plan, definitions)
    properties = root["properties"]
    properties.pop("version")
    root["properties"] = {"planVersion": {"const": model.PLAN_VERSION}, **properties}
    root["required"] = ["planVersion", *root["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:openclaw-config:plan:{model.PLAN_VERSION}",
        "title": "openclaw-config plan",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def record_schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of one record type; those it refers to go into ``definitions``."""
    hints = get_type_hints(kind, vars(model))
    properties = {
        camel_case(name): {
            **field_schema(kind.__name__, name, hints[name], definitions),
            **({"default": usual} if (usual := kind._field_defaults.get(name)) else {}),
        }
        for name in kind._fields
    }
    return {
        "description": " ".join((kind.__doc__ or "").split("\n\n")[0].split()),
        "type": "object",
        "properties": properties,
        "required": [camel_case(n) for n in kind._fields if n not in kind._field_defaults],
        "additionalProperties": False,
        **({"allOf": CONDITIONS[kind.__name__]} if kind.__name__ in CONDITIONS else {}),
    }


def field_schema(owner: str, name: str, kind: Any, definitions: dict[str, Any]) -> Any:
    """The schema of one field."""
    if (owner, name) in FIELDS:
        return FIELDS[owner, name]
    if get_origin(kind) is Literal:
        return {"enum": list(get_args(kind))}
    if kind is Any:
        return {}
    if kind in SCALARS:
        return SCALARS[kind]
    if hasattr(kind, "_fields"):
        definitions.setdefault(kind.__name__, {})
        if not definitions[kind.__name__]:
            definitions[kind.__name__] = record_schema(kind, definitions)
        return ref(kind.__name__)
    if get_origin(kind) is tuple:
        item = get_args(kind)[0]
        if json_form.is_pairs(kind):
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
