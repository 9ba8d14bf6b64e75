"""Write docs/cli.md from the help texts of the command line.

    python -m scripts.build_cli_docs

A test fails when the page is not what this would write.
"""

from __future__ import annotations

from pathlib import Path

import click

from openclaw_config.cli.command import COMMANDS
from openclaw_config.cli.parameters import commands

TARGET = Path(__file__).resolve().parents[1] / "docs" / "cli.md"

INTRODUCTION = """\
# The command line

Made from the help texts by `python -m scripts.build_cli_docs`; do not edit.

Results go to stdout, everything else to stderr. `-` is standard input. What is printed holds no
secret: where a line of a config would show one, there is `•••`. A value is shown only where
OpenClaw's schema declares one that is no secret; so the value of an unknown or misspelt key never
is. Of what is shown, the parts that look like a key are hidden, and a URL's user info, query and
fragment; in messages also what a variable put there. Control and direction marks are
shown escaped. Colour is for terminals; `NO_COLOR` forbids it and `FORCE_COLOR` demands it.

| exit code | |
|---|---|
| 0 | no problems found |
| 1 | findings |
| 2 | usage error |
| 3 | internal error; what is printed of it holds no value of a config |

Every command that prints data has `--format json`. `openclaw-config schema report` describes what
`check` prints, `schema plan` what `compile` prints, `schema answers` what `env`, `keys`, `diff`,
`explain`, `check --list-rules` and `check --show-settings` print, and
[capabilities.md](capabilities.md) what `capabilities` prints. The shapes grow by new keys only; any
other change raises their `version`.

## Shell completion

The program makes the script for your shell, which then completes commands, options, rules, keys and
files:

```sh
# bash, in ~/.bashrc
eval "$(_OPENCLAW_CONFIG_COMPLETE=bash_source openclaw-config)"

# zsh, in ~/.zshrc
eval "$(_OPENCLAW_CONFIG_COMPLETE=zsh_source openclaw-config)"

# fish, once
_OPENCLAW_CONFIG_COMPLETE=fish_source openclaw-config \\
  > ~/.config/fish/completions/openclaw-config.fish
```
"""


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION, _section("openclaw-config", commands)]
    top = click.Context(commands, info_name="openclaw-config")
    for name in COMMANDS:
        command = commands.get_command(top, name)
        assert command is not None
        parts.append(_section(name, command, top))
        if isinstance(command, click.Group):
            group = click.Context(command, info_name=name, parent=top)
            parts += [
                _section(f"{name} {word}", one, group, word)
                for word, one in command.commands.items()
            ]
    return "\n".join(parts)


def _section(
    name: str,
    command: click.Command,
    parent: click.Context | None = None,
    word: str | None = None,
) -> str:
    context = click.Context(
        command,
        info_name=word or name,
        parent=parent,
        terminal_width=92,
        help_option_names=["-h", "--help"],
    )
    text = command.get_help(context)
    return f"## {name}\n\n```text\n{text}\n```\n"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
