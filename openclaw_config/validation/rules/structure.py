"""The rules of structure: which keys exist, and what may stand at them."""

from __future__ import annotations

from openclaw_config.diagnostics.rules import rule


@rule()
def unknown_key() -> None:
    """A key that OpenClaw does not know.

    OpenClaw's configuration is closed almost everywhere: one key that it does not know, at any
    depth, and the gateway refuses to start. Mostly the key is misspelt, belongs one object higher
    or lower, or comes from another version.

    bad: { agents: { defaults: { model: { primry: "openrouter/auto" } } } }
    good: { agents: { defaults: { model: { primary: "openrouter/auto" } } } }
    source: LOAD-40, unknown-key
    """


@rule()
def missing_key() -> None:
    """A key that OpenClaw requires is absent.

    A few objects are only accepted whole. A provider entry, for instance, needs baseUrl and models
    even when all you want to set is its key.

    bad: { models: { providers: { acme: { baseUrl: "https://api.acme.test/v1" } } } }
    good: { models: { providers: { acme: { baseUrl: "https://api.acme.test/v1", models: [] } } } }
    source: LOAD-41
    """


@rule()
def wrong_type() -> None:
    """A value of another type than the key takes.

    OpenClaw does not convert values. A number in quotes is a string, "true" is not true, and null
    does not mean unset: remove the key instead.

    bad: { gateway: { port: "18789" } }
    good: { gateway: { port: 18789 } }
    source: LOAD-40
    """


@rule()
def unknown_value() -> None:
    """A value outside the list of allowed ones.

    Some keys take one of a few words, compared letter by letter: case counts, and so do spaces
    around the word.

    bad: { gateway: { mode: "Local" } }
    good: { gateway: { mode: "local" } }
    source: LOAD-40
    """


@rule()
def malformed_value() -> None:
    """A text that is not of the form that the key takes.

    Durations, sizes, URLs, ids and colours are strings with a form of their own. OpenClaw refuses
    one that it cannot read. A duration, such as a heartbeat's every or the ages of
    session.maintenance, is a number with a unit (30m), also several in a row (1h30m); a size is a
    number with b, kb, mb or gb; the id of a SecretRef of source env is a name in capitals.

    bad: { agents: { defaults: { heartbeat: { every: "half an hour" } } } }
    good: { agents: { defaults: { heartbeat: { every: "30m" } } } }
    source: heartbeat-every, byte-size, session-maintenance-durations, secret-ref-shape
    """


@rule()
def malformed_key() -> None:
    """A name of your own that is not of the form that OpenClaw asks for.

    Where you choose the keys yourself, OpenClaw may still limit which characters they have.

    bad: { browser: { profiles: { "My Work": { cdpPort: 9222, color: "#0066cc" } } } }
    good: { browser: { profiles: { "my-work": { cdpPort: 9222, color: "#0066cc" } } } }
    source: LOAD-40
    """


@rule()
def out_of_range() -> None:
    """A number outside the bounds of its key.

    OpenClaw refuses a number that is too small or too large; it does not clamp it.

    bad: { messages: { tts: { timeoutMs: 500 } } }
    good: { messages: { tts: { timeoutMs: 1000 } } }
    source: LOAD-41
    """


@rule()
def not_finite() -> None:
    """Infinity or NaN where a number is needed.

    JSON5 can write Infinity and NaN, but no key of OpenClaw takes either.

    bad: { gateway: { port: Infinity } }
    good: { gateway: { port: 18789 } }
    source: non-finite
    """


@rule()
def wrong_length() -> None:
    """Too few or too many characters, items or keys.

    Some texts must not be empty, and some lists, objects and texts have a limit.

    bad: { models: { providers: { acme: { baseUrl: "", models: [] } } } }
    good: { models: { providers: { acme: { baseUrl: "https://api.acme.test/v1", models: [] } } } }
    source: provider-baseUrl-models
    """


@rule(bad="{ agents: { list: [" + "0," * 1001 + "] } }")
def more_findings() -> None:
    """A config has more findings than are shown.

    A thousand findings tell that something is wrong with the file as a whole: it is of another
    program, or damaged. The others are only counted, so that no input costs much time or output.

    good: { gateway: { port: 18789 } }
    source: LOAD-40
    """
