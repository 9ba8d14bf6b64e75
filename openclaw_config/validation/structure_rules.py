"""The rules of structure: which keys exist, and what may stand at them."""

from __future__ import annotations

from openclaw_config.diagnostics.model import ERROR
from openclaw_config.diagnostics.rules import Rule

UNKNOWN_KEY = Rule(
    name="unknown-key",
    severity=ERROR,
    summary="A key that OpenClaw does not know.",
    why=(
        "OpenClaw's configuration is closed almost everywhere: one key that it does not know, at"
        " any depth, and the gateway refuses to start. Mostly the key is misspelt, belongs one"
        " object higher or lower, or comes from another version."
    ),
    bad='{ agents: { defaults: { model: { primry: "openrouter/auto" } } } }',
    good='{ agents: { defaults: { model: { primary: "openrouter/auto" } } } }',
    blocks=True,
    source="LOAD-40, unknown-key",
)

MISSING_KEY = Rule(
    name="missing-key",
    severity=ERROR,
    summary="A key that OpenClaw requires is absent.",
    why=(
        "A few objects are only accepted whole. A provider entry, for instance, needs baseUrl and"
        " models even when all you want to set is its key."
    ),
    bad='{ models: { providers: { acme: { baseUrl: "https://api.acme.test/v1" } } } }',
    good='{ models: { providers: { acme: { baseUrl: "https://api.acme.test/v1", models: [] } } } }',
    blocks=True,
    source="LOAD-41",
)

WRONG_TYPE = Rule(
    name="wrong-type",
    severity=ERROR,
    summary="A value of another type than the key takes.",
    why=(
        'OpenClaw does not convert values. A number in quotes is a string, "true" is not true, and'
        " null does not mean unset: remove the key instead."
    ),
    bad='{ gateway: { port: "18789" } }',
    good="{ gateway: { port: 18789 } }",
    blocks=True,
    source="LOAD-40",
)

UNKNOWN_VALUE = Rule(
    name="unknown-value",
    severity=ERROR,
    summary="A value outside the list of allowed ones.",
    why=(
        "Some keys take one of a few words, compared letter by letter: case counts, and so do"
        " spaces around the word."
    ),
    bad='{ gateway: { mode: "Local" } }',
    good='{ gateway: { mode: "local" } }',
    blocks=True,
    source="LOAD-40",
)

MALFORMED_VALUE = Rule(
    name="malformed-value",
    severity=ERROR,
    summary="A text that is not of the form that the key takes.",
    why=(
        "Durations, sizes, URLs, ids and colours are strings with a form of their own. OpenClaw"
        " refuses one that it cannot read."
    ),
    bad='{ agents: { defaults: { heartbeat: { every: "half an hour" } } } }',
    good='{ agents: { defaults: { heartbeat: { every: "30m" } } } }',
    blocks=True,
    source="heartbeat-every, byte-size, session-maintenance-durations, secret-ref-shape",
)

MALFORMED_KEY = Rule(
    name="malformed-key",
    severity=ERROR,
    summary="A name of your own that is not of the form that OpenClaw asks for.",
    why="Where you choose the keys yourself, OpenClaw may still limit which characters they have.",
    bad='{ browser: { profiles: { "My Work": { cdpPort: 9222, color: "#0066cc" } } } }',
    good='{ browser: { profiles: { "my-work": { cdpPort: 9222, color: "#0066cc" } } } }',
    blocks=True,
    source="LOAD-40",
)

OUT_OF_RANGE = Rule(
    name="out-of-range",
    severity=ERROR,
    summary="A number outside the bounds of its key.",
    why="OpenClaw refuses a number that is too small or too large; it does not clamp it.",
    bad="{ messages: { tts: { timeoutMs: 500 } } }",
    good="{ messages: { tts: { timeoutMs: 1000 } } }",
    blocks=True,
    source="LOAD-41",
)

NOT_FINITE = Rule(
    name="not-finite",
    severity=ERROR,
    summary="Infinity or NaN where a number is needed.",
    why="JSON5 can write Infinity and NaN, but no key of OpenClaw takes either.",
    bad="{ gateway: { port: Infinity } }",
    good="{ gateway: { port: 18789 } }",
    blocks=True,
    source="non-finite",
)

WRONG_LENGTH = Rule(
    name="wrong-length",
    severity=ERROR,
    summary="Too few or too many characters, items or keys.",
    why="Some texts must not be empty, and some lists, objects and texts have a limit.",
    bad='{ models: { providers: { acme: { baseUrl: "", models: [] } } } }',
    good='{ models: { providers: { acme: { baseUrl: "https://api.acme.test/v1", models: [] } } } }',
    blocks=True,
    source="provider-baseUrl-models",
)

MORE_FINDINGS = Rule(
    name="more-findings",
    severity=ERROR,
    summary="A config has more findings than are shown.",
    why=(
        "A thousand findings tell that something is wrong with the file as a whole: it is of"
        " another program, or damaged. The others are only counted, so that no input costs much"
        " time or output."
    ),
    bad="{ agents: { list: [" + "0," * 1001 + "] } }",
    good="{ gateway: { port: 18789 } }",
    blocks=True,
    source="LOAD-40",
)
