"""``fmt`` and ``lsp``: for who writes a config: an even layout, and help in an editor."""

from __future__ import annotations

import sys

import click

from openclaw_config.cli import command, parameters
from openclaw_config.cli.parameters import option
from openclaw_config.diagnostics.display import printable
from openclaw_config.files import read_regular
from openclaw_config.lint.fixes import save
from openclaw_config.lint.options import Change, Target
from openclaw_config.loading.load import MAX_BYTES


@parameters.command("fmt", "Lay a config out evenly, keeping every comment.")
@parameters.files_argument
@option("--check", "Write nothing; exit code 1 if a file would change.")
@option("--diff", "Like --check, and show what would change.")
@parameters.empty_option
def fmt_command(files: tuple[str, ...], check: bool, diff: bool, allow_empty: bool) -> int:
    """Lay a config out evenly, keeping every comment and the meaning.

    Each FILE is written in place; '-' reads standard input and writes standard output. A folder
    stands for all configs in it and below and for what these include, a pattern such as
    'deploy/**/*.json5' for the files that it matches. Without a FILE, formats the openclaw.json of
    this folder, or else the config that OpenClaw would load here.

    Indent, line ends, quotes and the order of keys stay as they are; so does one blank line
    between keys. A list or an object that stands on one line stays there if it fits in 100
    columns; any other gets a line for each part, and a trailing comma unless the file is plain
    JSON. A file that does not parse is not touched, and the exit code is 1.

    For example:
      fmt openclaw.json  # format a file
      fmt --check openclaw.json  # for a hook or a CI job: would anything change?
      fmt --diff openclaw.json  # show what would change
      fmt - < openclaw.json  # from standard input to standard output
    """
    inputs = command.configs(files, allow_empty=allow_empty, with_included=True)
    return max([_format(item, check, diff) for item in inputs], default=command.FINE)


def _format(item: Target, check: bool, diff: bool) -> int:
    from openclaw_config.syntax.formatter import format_tree

    path = item.path
    try:
        before = item.text or b"" if path is None else read_regular(path, MAX_BYTES)
    except (OSError, ValueError) as error:
        raise command.cannot("read", path or "", error) from error
    name = item.name or path or "<stdin>"
    tree = command.parsed(before, name, path)
    if tree is None:
        # Bytes that were not read rightly would be written back wrongly.
        command.say(f"{name}: is left as it is")
        return command.FINDINGS
    after = format_tree(tree).encode()
    change, changes = Change(path or "", name, before, after, ()), after != before
    if diff:
        command.write_change(change)
    elif check:
        command.write(f"{printable(name)}: would be formatted\n" * changes)
    elif path is None:
        command.write_exact(after.decode())
    elif changes and (problem := save([change], path)):
        command.say(problem)
        return command.FINDINGS
    elif changes:
        parameters.remark(f"{name}: formatted")
    return command.FINDINGS if changes and (check or diff) else command.FINE


@parameters.command("lsp", "Serve an editor: findings and help as you type.")
@click.option(
    "--stdio", is_flag=True, expose_value=False, help="Changes nothing; editors may add it."
)
def lsp_command() -> int:
    """Serve an editor over standard input and output, by the Language Server Protocol.

    An editor starts it; docs/editors.md says how. Findings come as you type, with the project's
    settings and suppressions as in 'check'. An open file counts as it is in the editor, also where
    a config includes it. Nothing is run, sent or written.

    It needs pygls:  pip install 'openclaw-config[lsp]'

    For example:
      lsp  # what an editor runs
      lsp --target 2026.4.29  # for configs of that version
    """
    from openclaw_config.cli.main import internal_error

    try:
        from openclaw_config.lsp.server import serve
    except ImportError as missing:
        needs = "the language server needs pygls: pip install 'openclaw-config[lsp]'"
        raise click.UsageError(needs) from missing
    if sys.stdin.isatty():
        parameters.remark("this waits for an editor's messages on standard input; docs/editors.md")
    serve(internal_error, parameters.asked_target())
    return command.FINE
