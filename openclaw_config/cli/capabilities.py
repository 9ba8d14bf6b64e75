"""``capabilities``: what models can do."""

from __future__ import annotations

import sys

import click

from openclaw_config.cli.inputs import Command, capabilities_option, format_option
from openclaw_config.cli.output import FINDINGS, FINE, style_of, write


@click.command(
    "capabilities",
    cls=Command,
    short_help="Say what a model can do, from the built-in tables.",
    examples={
        "capabilities openrouter/google/veo-3.1-fast": "one model",
        "capabilities openrouter": "the models of a provider",
    },
)
@click.argument("model", required=False, metavar="[MODEL]")
@format_option("text", "json")
@capabilities_option
def capabilities_command(model: str | None, form: str, capabilities: str | None) -> int:
    """Say what a model can do: durations, sizes, inputs, context.

    MODEL is a reference as a config has it, or a provider's name. Without it, lists the providers.
    The exit code is 1 for a model or a provider that no table lists.
    """
    from openclaw_config.capabilities import lookup, show

    tables = lookup.built_in()
    if capabilities is not None:
        from openclaw_config.capabilities.user_tables import with_user_table
        from openclaw_config.diagnostics import text

        tables, diagnostics = with_user_table(capabilities)
        for block in text.render(diagnostics, style_of(sys.stderr)):
            sys.stderr.write(block + "\n\n")
        if diagnostics:
            return FINDINGS
    answer = show.capabilities(model, tables)
    write(show.as_json(answer) if form == "json" else show.as_text(answer))
    return FINE if show.found(answer) else FINDINGS
