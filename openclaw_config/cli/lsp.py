"""``lsp``: the language server for editors."""

from __future__ import annotations

import os
import sys

import click

from openclaw_config.cli.command import FINE
from openclaw_config.cli.parameters import Command, asked_target, remark


@click.command("lsp", cls=Command, short_help="Serve an editor: findings and help as you type.")
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
        raise click.UsageError(str(missing)) from missing
    if sys.stdin.isatty():
        remark("this waits for an editor's messages on standard input; docs/editors.md")
    debug = bool(os.environ.get("OPENCLAW_CONFIG_DEBUG"))
    serve(lambda error, doing: internal_error(error, doing, debug), asked_target())
    return FINE
