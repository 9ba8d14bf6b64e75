"""``explain``: a finding's rule, a key, or a value of a config."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from openclaw_config import api, explain
from openclaw_config.cli import command, parameters
from openclaw_config.diagnostics.masking import masked
from openclaw_config.diagnostics.model import all_rules
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation.suggest import nearest

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _completions(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Rules, keys and files that begin so, for a shell."""
    from click.shell_completion import CompletionItem

    parent, dot, last = incomplete.rpartition(".")
    holder = explain.key(_path(parent))
    keys = [key for key in holder.keys if key.startswith(last)] if holder is not None else []
    names = [name for name in all_rules() if name.startswith(incomplete)]
    names += [f"{parent}{dot}{key}" for key in keys]
    found = [CompletionItem(name) for name in names]
    return found or parameters.FILE.shell_complete(ctx, param, incomplete)


@parameters.command(
    "explain", "Say what a rule means, what a key takes, or why a value is what it is."
)
@click.argument(
    "subjects", nargs=-1, required=True, metavar="RULE | [FILE] KEY", shell_complete=_completions
)
@parameters.format_option("text", "json")
@parameters.secret_options
def explain_command(subjects: tuple[str, ...], form: str) -> int:
    """Say what a rule means and how to fix it, what a key takes, or why a value is what it is.

    A RULE is the name in the brackets of a finding. A KEY is a key path of openclaw.json. With a
    FILE, says where the value at that key comes from (file, include, variable, env block, old
    key) and which fields of the plan it decides. A value that may be a secret is never shown.

    For example:
      explain unknown-key  # a rule
      explain agents.defaults.model  # a key
      explain 'bindings[].agentId'  # a key of every item of a list
      explain openclaw.json gateway.port  # a value: where it comes from, what it decides
    """
    if len(subjects) > 2:
        raise click.UsageError("explain takes a rule, a key, or a file and a key")
    width = command.style_of(sys.stdout).width
    if len(subjects) == 2:
        value, text = _value(subjects[0], subjects[1], width)
    else:
        value, text = _rule_or_key(subjects[0], width)
    command.write_answer(form, value, text)
    return 0


def _rule_or_key(subject: str, width: int) -> tuple[dict[str, object], str]:
    rules = all_rules()
    if subject in rules:
        rule = rules[subject]
        return explain.rule_as_json(rule), explain.rule_as_text(rule, width)
    path = _without_secrets(_path(subject))
    found = explain.key_of_any(path) if path else None
    if found is None:
        close = nearest(subject, rules) or explain.nearest_key(path)
        hint = command.did_you_mean(close)
        if os.path.isfile(subject):
            hint = f"; to explain a value of that file, name its key too: {subject} gateway.port"
        raise click.UsageError(f"there is no rule and no key '{subject}'{hint}")
    return explain.key_as_json(found), explain.key_as_text(found, width)


def _value(file: str, subject: str, width: int) -> tuple[dict[str, object], str]:
    path = explain.read_key_path(subject, any_item=False)
    item = command.read_input(file)
    report = api.check(**parameters.arguments(item))
    document = report.document
    if document is None or document.root is None:
        command.say_findings([report])
        raise click.UsageError(f"'{file}' cannot be read")
    about = tuple(found for found in report.diagnostics if found.key_path[: len(path)] == path)
    command.say_findings([report._replace(diagnostics=about)])
    plan = api.Config(report).plan if report.loads else None
    if plan is None:
        command.say(f"{report.name} does not load, so it decides nothing ('check' says why)")
    value = explain.value_as_json(document, path, plan, report.name)
    release = document.target.release
    known = explain.key(path, release)
    if known is None and not value["set"]:
        known = explain.old_key(path, release)
        if known is None:
            close = explain.nearest_key(path, release)
            raise click.UsageError(f"there is no key '{subject}'{command.did_you_mean(close)}")
    value["key"] = None if known is None else explain.key_as_json(known)
    text = explain.value_as_text(value, width)
    return value, text if known is None else f"{explain.key_as_text(known, width)}\n{text}"


def _path(subject: str) -> KeyPath:
    try:
        return explain.read_key_path(subject)
    except ValueError:
        return ()


def _without_secrets(path: KeyPath) -> KeyPath:
    """The path with a mask where a name that no schema declares looks like a secret."""
    for at, step in enumerate(path):
        if isinstance(step, str) and masked(step) != step:
            holder = explain.key_of_any(path[:at])
            if holder is None or step not in holder.keys:
                path = (*path[:at], masked(step), *path[at + 1 :])
    return path
