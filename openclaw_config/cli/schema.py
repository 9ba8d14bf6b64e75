"""``schema``: the JSON Schemas that come with the program."""

from __future__ import annotations

import click

from openclaw_config.cli.inputs import Command
from openclaw_config.cli.output import write

SCHEMAS = {
    "openclaw": ("", "for an openclaw.json of OpenClaw 2026.4.29"),
    "plan": ("plan.schema.json", "for what 'compile --format json' prints"),
    "report": ("report.schema.json", "for what 'check --format json' prints"),
    "answers": ("answers.schema.json", "for what other commands print as JSON"),
    "capabilities": ("capabilities.schema.json", "for a table of what a provider's models can do"),
}
_NAMES = ", ".join(f"'{name}' {what}" for name, (_, what) in SCHEMAS.items())


@click.command(
    "schema",
    cls=Command,
    short_help="Print a JSON Schema, for editors and programs.",
    help=f"Print a JSON Schema (2020-12), for editors and programs. NAME is one of: {_NAMES}.",
    examples={"schema openclaw > openclaw.schema.json": "for an editor"},
)
@click.argument("name", type=click.Choice(list(SCHEMAS)), metavar="NAME")
def schema_command(name: str) -> int:
    """Print one of the files of ``schema/``; the help text is given above."""
    from openclaw_config.facts import read_text, schema_of

    file = SCHEMAS[name][0]
    if file:
        write(read_text(file))
    else:
        import json

        from openclaw_config.validation.schema import TARGET

        write(json.dumps(schema_of(TARGET), ensure_ascii=False, indent=1) + "\n")
    return 0
