"""Make ``schema/openclaw/<version>.schema.json`` from a JSON Schema of OpenClaw's input type.

    python -m scripts.prepare_schema RAW.schema.json

The result says the same with four changes. Patterns are written so that JavaScript and Python
read them alike and in linear time. A pattern carries ``x-expects``, what it asks for in words, and
the same as ``patternErrorMessage``, which VS Code shows. Keys that plans use get the descriptions
of ``describe_schema``. And the file is laid out for reading and for diffs. A pattern that the table
below does not know stops the script: write it down here first.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any

SPACE = "[\\t-\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]"
"""JavaScript's ``\\s``; Python's differs in six characters."""

SOLID = SPACE.replace("[", "[^", 1)
END = "(?![\\s\\S])"
"""The very end. ``$`` would also match before a last line feed in Python."""

_NUMBER = "[0-9]+(?:\\.[0-9]+)?"
_UNIT = "(?:[mM][sS]|[sSmMhHdD])"
_DURATION = f"{SPACE}*{_NUMBER}(?:{_UNIT}(?:{_NUMBER}{_UNIT})*)?{SPACE}*"
_BAD = ";&|`$<>\\r\\n\"'\\x00"
_WITHOUT_AT_HOST = f"[/\\\\]*[^{SPACE[1:-1]}/\\\\?#:@]"

# raw pattern -> (the same, portable and linear; what it asks for)
PATTERNS = {
    "^[Hh][Tt][Tt][Pp][Ss]?://": ("^[Hh][Tt][Tt][Pp][Ss]?://", "an http or https URL"),
    "[?#]": ("[?#]", "a URL without query or fragment"),
    "^\\+[1-9][0-9]{1,14}$": (
        f"^\\+[1-9][0-9]{{1,14}}{END}",
        "a phone number in international form, such as +15551234567",
    ),
    "^\\s*(?:[Hh][Tt][Tt][Pp][Ss]?:[/\\\\]*[^\\s/\\\\?#:]|(?![Hh][Tt][Tt][Pp][Ss]?:)"
    "[A-Za-z][A-Za-z0-9+.-]*:)": (
        f"^{SPACE}*(?:[Hh][Tt][Tt][Pp][Ss]?:[/\\\\]*[^{SPACE[1:-1]}/\\\\?#:]|"
        "(?![Hh][Tt][Tt][Pp][Ss]?:)[A-Za-z][A-Za-z0-9+.-]*:)",
        "a URL, such as https://example.com",
    ),
    "^\\s*(?:[.~][^;&|`$<>\\r\\n\"'\\x00]*|(?!-)[A-Za-z0-9._+-]+|"
    "[^;&|`$<>\\r\\n\"'\\x00]*[/\\\\][^;&|`$<>\\r\\n\"'\\x00]*)\\s*$": (
        f"^{SPACE}*(?:[.~]|(?!-)[A-Za-z0-9._+-]+{SPACE}*{END}|"
        f"(?={SOLID})[^/\\\\{_BAD}]*[/\\\\])[^{_BAD}]*(?:[\\r\\n]{SPACE}*)?{END}",
        "a plain program name or path, without shell characters",
    ),
    "\\S": (SOLID, "some text"),
    "^#?[0-9a-fA-F]{6}$": (f"^#?[0-9a-fA-F]{{6}}{END}", "a colour such as #ff8800"),
    "^[a-z0-9-]+$": (f"^[a-z0-9-]+{END}", "lower-case letters, digits and hyphens"),
    "^https://.*": ("^https://", "an https URL"),
    "^\\s*[Hh][Tt][Tt][Pp][Ss]?:[/\\\\]*[^\\s/\\\\?#:@]": (
        f"^{SPACE}*[Hh][Tt][Tt][Pp][Ss]?:{_WITHOUT_AT_HOST}",
        "an http or https URL",
    ),
    "^\\s*(?:[0-9]+(?:\\.[0-9]+)?(?:[mM][sS]|[sSmMhHdD])?|"
    "(?:[0-9]+(?:\\.[0-9]+)?(?:[mM][sS]|[sSmMhHdD]))+)\\s*$": (
        f"^{_DURATION}{END}",
        "a duration such as 30m, 1h30m or 7d (units ms, s, m, h, d)",
    ),
    "^[a-z][a-z0-9_-]{0,63}$": (
        f"^[a-z][a-z0-9_-]{{0,63}}{END}",
        "a name in lower case: a letter, then letters, digits, _ or -, at most 64 in all",
    ),
    "^(?:|\\s*(?:[0-9]+(?:\\.[0-9]+)?(?:[mM][sS]|[sSmMhHdD])?|"
    "(?:[0-9]+(?:\\.[0-9]+)?(?:[mM][sS]|[sSmMhHdD]))+)\\s*)$": (
        f"^(?:{_DURATION})?{END}",
        "a duration such as 30m, 1h30m or 7d (units ms, s, m, h, d)",
    ),
    "^[A-Z][A-Z0-9_]{0,127}$": (
        f"^[A-Z][A-Z0-9_]{{0,127}}{END}",
        "the name of a variable in capitals, such as OPENROUTER_API_KEY",
    ),
    "^\\s*[0-9]+(?:\\.[0-9]+)?(?:[bB]|[kKmMgGtT][bB]?)?\\s*$": (
        f"^{SPACE}*{_NUMBER}(?:[bB]|[kKmMgGtT][bB]?)?{SPACE}*{END}",
        "a size such as 512kb, 10mb or 1gb",
    ),
    "^(?!\\s*[/~])(?!\\s*(?:[^:]*[\\\\/])?\\.\\.(?:[\\\\/]|\\s*$))[^:]*[^:\\s][^:]*$": (
        f"^(?!{SPACE}*[/~])(?!(?:{SPACE}*|[^:]*[\\\\/])\\.\\.(?:[\\\\/]|{SPACE}*{END}))"
        f"{SPACE}*[^:{SPACE[1:-1]}][^:]*{END}",
        "a relative path that stays inside its folder",
    ),
    "^\\s*[Hh][Tt][Tt][Pp]:[/\\\\]*[^\\s/\\\\?#:@]": (
        f"^{SPACE}*[Hh][Tt][Tt][Pp]:{_WITHOUT_AT_HOST}",
        "an http URL",
    ),
    "^(?!\\s*[hH][oO][sS][tT]\\s*$)": (
        f"^(?!{SPACE}*[hH][oO][sS][tT]{SPACE}*{END})",
        'a network other than "host"',
    ),
    "^\\s*/": (f"^{SPACE}*/", "a bind whose host part is an absolute path, such as /data:/data:ro"),
    "^(?!\\s*[uU][nN][cC][oO][nN][fF][iI][nN][eE][dD]\\s*$)": (
        f"^(?!{SPACE}*[uU][nN][cC][oO][nN][fF][iI][nN][eE][dD]{SPACE}*{END})",
        'a profile other than "unconfined"',
    ),
    "^(?:/|[A-Za-z]:[\\\\/]|\\\\\\\\[^\\\\]+\\\\[^\\\\]+)": (
        "^(?:/|[A-Za-z]:[\\\\/]|\\\\\\\\[^\\\\]+\\\\[^\\\\])",
        "an absolute path",
    ),
    "^(?!.*(?:^|/)\\.{1,2}(?:/|$))[A-Za-z0-9][A-Za-z0-9._:/-]{0,255}$": (
        f"^(?![A-Za-z0-9._:/-]*/\\.{{1,2}}(?:/|{END}))[A-Za-z0-9][A-Za-z0-9._:/-]{{0,255}}{END}",
        "a secret's id: letters, digits and . _ : / -, without . or .. as a segment",
    ),
    "^(?:value|/(?:[^~]|~0|~1)*)$": (
        f"^(?:value|/(?:[^~]|~[01])*){END}",
        'a JSON pointer such as /openrouter/apiKey, or "value"',
    ),
}

# Read by a form, where the schema only names it.
FORMATS = {"uri": "a URL, such as https://example.com"}

_DROPPED = ("title", "$comment")
_LINE = 100


def prepared(raw: Any) -> Any:
    """The schema in our own form."""
    if isinstance(raw, list):
        return [prepared(item) for item in raw]
    if not isinstance(raw, dict):
        return raw
    out: dict[str, Any] = {}
    for key, value in raw.items():
        if key in _DROPPED and isinstance(value, str):
            continue
        if key == "pattern" and isinstance(value, str):
            if value not in PATTERNS:
                raise SystemExit(f"no portable form is known for the pattern {value!r}")
            out["pattern"], words = PATTERNS[value]
            re.compile(out["pattern"])
            out["x-expects"] = words
            out["patternErrorMessage"] = f"needs {words}"
        else:
            out[key] = prepared(value)
    if "pattern" not in out and isinstance(out.get("format"), str):
        out["x-expects"] = FORMATS[out["format"]]
    if isinstance(out.get("x-open"), str) and out.get("additionalProperties") is False:
        # Plugins may bring keys of their own here; a rule in code knows which.
        del out["additionalProperties"]
    return out


TAGGED = {"SecretProvider": "source"}
"""Unions that OpenClaw takes apart by one key before it looks at the rest."""

AS_TEXT = {
    "session.maintenance": "pruneAfter resetArchiveRetention maxDiskBytes highWaterBytes",
    "cron.runLog": "maxBytes",
}
"""Durations and sizes whose numbers OpenClaw reads as JavaScript writes them."""

WITH_EXPONENT = {"anyOf": [{"minimum": 1e21}, {"exclusiveMinimum": 0, "exclusiveMaximum": 1e-6}]}
"""Numbers that JavaScript writes with an exponent, which neither form has."""

EXPECTS = {"AgentModel": 'a model ref such as "openrouter/auto"'}
"""What the string of a definition's union stands for."""


def marked(schema: dict[str, Any]) -> dict[str, Any]:
    """The prepared schema with what it does not say itself."""
    for name, tag in TAGGED.items():
        schema["$defs"][name]["x-tag"] = tag
    for name, words in EXPECTS.items():
        schema["$defs"][name]["anyOf"][0]["x-expects"] = words
    for place, keys in AS_TEXT.items():
        shape = schema
        for step in place.split("."):
            shape = _resolved(schema, _resolved(schema, shape)["properties"][step])
        for key in keys.split():
            for branch in _resolved(schema, shape["properties"][key])["anyOf"]:
                if branch.get("type") == "number":
                    branch["not"] = WITH_EXPONENT
                    branch["x-expects"] = "a number that JavaScript writes without an exponent"
    return schema


def _resolved(root: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in shape:
        shape = root["$defs"][shape["$ref"].rpartition("/")[2]]
    return shape


def layout(value: Any, indent: int = 0) -> str:
    """JSON text: what fits stays on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= _LINE or not isinstance(value, dict | list) or not value:
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, list):
        body = ",\n".join(pad + layout(item, indent + 1) for item in value)
        return f"[\n{body}\n{' ' * indent}]"
    rows = []
    for key, item in value.items():
        name = json.dumps(key, ensure_ascii=False) + ": "
        rows.append(pad + name + layout(item, indent + 1))
    return "{\n" + ",\n".join(rows) + f"\n{' ' * indent}}}"


def main() -> None:
    """Write the schema file of the version that the raw schema names."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    from scripts.describe_schema import described

    with open(sys.argv[1], encoding="utf-8") as file:
        schema = described(marked(prepared(json.load(file))))
    version = schema["x-openclaw"]
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    path = os.path.join(here, "schema", "openclaw", f"{version}.schema.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(layout(schema) + "\n")
    sys.stdout.write(f"{os.path.relpath(path)}: {os.path.getsize(path)} bytes\n")


if __name__ == "__main__":
    main()
