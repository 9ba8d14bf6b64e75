"""``explain``: a finding's rule, or a key."""

from __future__ import annotations

import json
import sys

import click

from openclaw_config.cli.inputs import Command, format_option
from openclaw_config.cli.output import style_of, write


@click.command(
    "explain",
    cls=Command,
    short_help="Say what a rule means, or what a key takes.",
    examples={
        "explain unknown-key": "a rule",
        "explain agents.defaults.videoGenerationModel": "a key",
        "explain 'agents.list[].model'": "a key of every item of a list",
    },
)
@click.argument("subject", metavar="RULE|KEY")
@format_option("text", "json")
def explain_command(subject: str, form: str) -> int:
    """Say what a rule means and how to mend it, or what a key takes.

    A RULE is the name in the brackets of a finding. A KEY is a key path of openclaw.json.
    """
    from openclaw_config import explain
    from openclaw_config.diagnostics.rules import all_rules
    from openclaw_config.validation.suggest import nearest

    width = style_of(sys.stdout).width
    rules = all_rules()
    if subject in rules:
        rule = rules[subject]
        value = explain.rule_as_json(rule)
        text = explain.rule_as_text(rule, width)
    else:
        try:
            path = explain.read_key_path(subject)
        except ValueError:
            path = ()
        found = explain.key(path) if path else None
        if found is None:
            close = nearest(subject, rules) or explain.nearest_key(path)
            hint = f"; did you mean '{close}'?" if close else ""
            raise click.UsageError(f"there is no rule and no key '{subject}'{hint}")
        value = explain.key_as_json(found)
        text = explain.key_as_text(found, width)
    write(json.dumps(value, indent=2) + "\n" if form == "json" else text)
    return 0
