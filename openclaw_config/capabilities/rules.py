"""The rules about capability tables that a user supplies."""

from __future__ import annotations

from openclaw_config.diagnostics.model import rule


@rule(blocks=False, subject="table")
def unreadable_capability_table() -> None:
    """A capability table cannot be read.

    A table that is given on the command line has to be a YAML file in UTF-8 that holds one mapping,
    of at most 1 MiB, without anchors and aliases. What cannot be read is not used, so lints about
    models would silently know less than you think.

    bad:
      target: 2026.4.29
      provider: [acme
    good:
      target: 2026.4.29
      provider: acme
      video:
        default: clip-1
        modes:
          generate: {durations: [5, 10], aspectRatios: ["16:9"]}
        models:
          clip-1: {}
    source: schema/capabilities.schema.json
    """


@rule(blocks=False, subject="table")
def invalid_capability_table() -> None:
    """A capability table says something that no table can say.

    Every key of a table has a meaning, and a key or value that is not known is most likely a
    mistake. The form is published in schema/capabilities.schema.json; editors that know YAML
    schemas complete it and check it while you type.

    bad:
      target: 2026.4.29
      provider: acme
      video:
        default: clip-1
        modes:
          generate: {duration: [5, 10]}
        models: {}
    good:
      target: 2026.4.29
      provider: acme
      video:
        default: clip-1
        modes:
          generate: {durations: [5, 10], aspectRatios: ["16:9"]}
        models:
          clip-1: {}
    source: schema/capabilities.schema.json
    """
