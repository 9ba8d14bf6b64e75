"""The rules about what controls a check: suppressions in a config, and settings files."""

from __future__ import annotations

from openclaw_config.diagnostics.model import ERROR, WARNING
from openclaw_config.diagnostics.rules import Rule

UNUSED_SUPPRESSION = Rule(
    name="unused-suppression",
    severity=WARNING,
    summary="A comment silences a rule that finds nothing there.",
    why=(
        "What the comment was for has been fixed, or the comment stands in the wrong place: it is"
        " about its own line, or else about the next line that is no comment. Left alone, it would"
        " hide the next mistake there."
    ),
    bad="{\n  // openclaw-config: ignore[unknown-key] a tool of ours reads it\n  gateway: {},\n}",
    good='{\n  // openclaw-config: ignore[unknown-key] a tool of ours reads it\n  lobster: "a",\n}',
)

INVALID_SUPPRESSION = Rule(
    name="invalid-suppression",
    severity=WARNING,
    summary="A comment is meant to silence a rule and does not.",
    why=(
        "A suppression names its rules in square brackets, parted by commas, as the brackets of"
        " their findings have them. Without a rule's name it would hide whatever comes, so there"
        " is no such form."
    ),
    bad='{\n  // openclaw-config: ignore[unknwon-key]\n  lobster: "a",\n}',
    good='{\n  // openclaw-config: ignore[unknown-key]\n  lobster: "a",\n}',
)

UNKNOWN_SETTING = Rule(
    name="unknown-setting",
    severity=ERROR,
    summary="A settings file has a setting that does not exist.",
    why=(
        "Settings stand in .openclaw-config.toml, or in pyproject.toml under"
        " [tool.openclaw-config]. A misspelt one would have no effect, and nobody would notice."
    ),
    bad='ignroe = ["plaintext-secret"]\n',
    good='ignore = ["plaintext-secret"]\n',
    subject="settings",
)

INVALID_SETTING = Rule(
    name="invalid-setting",
    severity=ERROR,
    summary="A setting has a value that it cannot have.",
    why=(
        "select and ignore are lists of rules, severity gives a rule a level, and per-path has the"
        " same three for the files that a pattern matches. A rule that does not exist, or a file"
        " that cannot be read, is an error too."
    ),
    bad='[severity]\nplaintext-secret = "fatal"\n',
    good='[severity]\nplaintext-secret = "error"\n',
    subject="settings",
)

NO_KEY = Rule(
    name="no-key",
    severity=WARNING,
    summary="Nothing gives a key to a surface that is used.",
    why=(
        "With --env process or --env-file it is known which variables there are. When none of the"
        " places where OpenClaw looks for a key has one, each request of the surface fails. An auth"
        " profile that the config names, or whose store is there, counts as a key."
    ),
    bad="OTHER_API_KEY=abc\n",
    good="OPENROUTER_API_KEY=abc\n",
    source="AUTH-10",
    subject="variables file",
)
