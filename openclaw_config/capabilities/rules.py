"""The rules about capability tables that a user supplies."""

from __future__ import annotations

from openclaw_config.diagnostics.model import ERROR
from openclaw_config.diagnostics.rules import Rule

_GOOD = """\
target: 2026.4.29
provider: acme
video:
  default: clip-1
  modes:
    generate: {durations: [5, 10], aspectRatios: ["16:9"]}
  models:
    clip-1: {}
"""

UNREADABLE_TABLE = Rule(
    name="unreadable-capability-table",
    severity=ERROR,
    summary="A capability table cannot be read",
    why=(
        "A table that is given on the command line has to be a YAML file in UTF-8 that holds one "
        "mapping, of at most 1 MiB, without anchors and aliases. What cannot be read is not used, "
        "so lints about models would silently know less than you think."
    ),
    bad="target: 2026.4.29\nprovider: [acme\n",
    good=_GOOD,
    source="schema/capabilities.schema.json",
    subject="table",
)

INVALID_TABLE = Rule(
    name="invalid-capability-table",
    severity=ERROR,
    summary="A capability table says something that no table can say",
    why=(
        "Every key of a table has a meaning, and a key or value that is not known is most likely a"
        " mistake. The form is published in schema/capabilities.schema.json; editors that know"
        " YAML schemas complete it and check it while you type."
    ),
    bad="target: 2026.4.29\nprovider: acme\nvideo:\n  default: clip-1\n  modes:\n"
    "    generate: {duration: [5, 10]}\n  models: {}\n",
    good=_GOOD,
    source="schema/capabilities.schema.json",
    subject="table",
)
