"""The rules about what controls a check: suppressions in a config, and settings files."""

from __future__ import annotations

from openclaw_config.diagnostics.model import WARNING
from openclaw_config.diagnostics.rules import rule


@rule(severity=WARNING)
def unused_suppression() -> None:
    """A comment silences a rule that finds nothing there.

    What the comment was for has been fixed, or the comment stands in the wrong place: it is about
    its own line, or else about the next line that is no comment. Left alone, it would hide the next
    mistake there.

    bad:
      {
        // openclaw-config: ignore[unknown-key] a tool of ours reads it
        gateway: {},
      }
    good:
      {
        // openclaw-config: ignore[unknown-key] a tool of ours reads it
        lobster: "a",
      }
    """


@rule(severity=WARNING)
def invalid_suppression() -> None:
    """A comment is meant to silence a rule and does not.

    A suppression names its rules in square brackets, parted by commas, as the brackets of their
    findings have them. Without a rule's name it would hide whatever comes, so there is no such
    form.

    bad:
      {
        // openclaw-config: ignore[unknwon-key]
        lobster: "a",
      }
    good:
      {
        // openclaw-config: ignore[unknown-key]
        lobster: "a",
      }
    """


@rule(blocks=False, subject="settings")
def unknown_setting() -> None:
    """A settings file has a setting that does not exist.

    Settings stand in .openclaw-config.toml, or in pyproject.toml under [tool.openclaw-config]. A
    misspelt one would have no effect, and nobody would notice.

    bad:
      ignroe = ["plaintext-secret"]
    good:
      ignore = ["plaintext-secret"]
    """


@rule(blocks=False, subject="settings")
def invalid_setting() -> None:
    """A setting has a value that it cannot have.

    select and ignore are lists of rules, severity gives a rule a level, and per-path has the same
    three for the files that a pattern matches. A rule that does not exist, or a file that cannot be
    read, is an error too.

    bad:
      [severity]
      plaintext-secret = "fatal"
    good:
      [severity]
      plaintext-secret = "error"
    """


@rule(severity=WARNING, subject="variables file")
def no_key() -> None:
    """Nothing gives a key to a surface that is used.

    With --env process or --env-file it is known which variables there are. When none of the places
    where OpenClaw looks for a key has one, each request of the surface fails. An auth profile that
    the config names, or whose store is there, counts as a key.

    bad:
      OTHER_API_KEY=abc
    good:
      OPENROUTER_API_KEY=abc
    source: AUTH-10
    """
