"""What is known: of rules, keys and values (``explain``), of models, schemas and releases."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from typing import Any

import click
from click.shell_completion import CompletionItem

from openclaw_config import api, explain
from openclaw_config.cli import command, parameters
from openclaw_config.cli.parameters import option
from openclaw_config.descriptions import schema_of
from openclaw_config.diagnostics.display import Line, printable
from openclaw_config.diagnostics.masking import masked
from openclaw_config.diagnostics.model import Report, all_rules
from openclaw_config.facts import read_text
from openclaw_config.lint.linter import Linter
from openclaw_config.lint.options import Options, Target
from openclaw_config.syntax.text import KeyPath
from openclaw_config.targets import DEFAULT, choose, nearest, releases
from openclaw_config.validation import suggest


def _completions(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Rules, keys and files that begin so, for a shell."""
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
        close = suggest.nearest(subject, rules) or explain.nearest_key(path)
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


@parameters.command("capabilities", "Say what a model can do, from the built-in tables.")
@click.argument("model", required=False, metavar="[MODEL]")
@parameters.format_option("text", "json")
@parameters.capabilities_option
@option(
    "--refresh FILE|URL",
    "Compare the tables with a list of models that OpenRouter answered"
    " (/api/v1/models, /api/v1/videos/models); only an https URL is fetched.",
)
@option("--output TABLE", "Write what --refresh found as a table.", dest="path")
def capabilities_command(model: str | None, form: str, **given: Any) -> int:
    """Say what a model can do: durations, sizes, inputs, context.

    MODEL is a reference as a config has it, or a provider's name. Without it, lists the providers.
    The exit code is 1 for a model or a provider that no table lists.

    For example:
      capabilities openrouter/google/veo-3.1-fast  # one model
      capabilities openrouter  # the models of a provider
      capabilities --refresh models.json --output new.yaml  # a table of OpenRouter's list
    """
    from openclaw_config.capabilities import describe, lookup

    release = nearest(parameters.asked_target() or DEFAULT).requests
    tables = lookup.built_in(release)
    if given["capabilities"] is not None:
        from openclaw_config.capabilities.user_tables import with_user_table

        tables, diagnostics = with_user_table(given["capabilities"], release)
        command.say_findings([Report(given["capabilities"], diagnostics, False)])
        if diagnostics:
            return command.FINDINGS
    if given["refresh"] is not None:
        return _refreshed(given["refresh"], given["path"], tables, release)
    if given["path"] is not None:
        raise click.UsageError("'--output' goes with '--refresh'.")
    if model is not None:
        model = masked(model)  # Somebody may paste a key; no ref looks like one.
    answer = describe.capabilities(model, tables, release)
    command.write_answer(form, answer, describe.as_text(answer))
    return command.FINE if describe.found(answer) else command.FINDINGS


def _refreshed(source: str, path: str | None, tables: Any, release: str) -> int:
    """Show what a list of models changes, and write it as a table."""
    from openclaw_config.capabilities import refresh

    try:
        table = refresh.table_of(refresh.read_list(source), tables, release)
    except (OSError, ValueError, RecursionError) as error:
        why = getattr(error, "strerror", None) or "it is no list of models"
        command.say(f"{source}: {why}")
        return command.FINDINGS
    if path is not None:
        # JSON is YAML too.
        text = json.dumps(table, indent=1, ensure_ascii=False) + "\n"
        command.write_file(path, text.encode())
    lines = refresh.diff(table, tables).splitlines() or ["the tables have all of it"]
    command.write("".join(f"{printable(line)}\n" for line in lines))
    return command.FINE


SCHEMAS = ("openclaw", "plan", "report", "answers", "capabilities")


@parameters.command("schema", "Print a JSON Schema, for editors and programs.")
@click.argument("name", type=click.Choice(SCHEMAS), metavar="NAME")
def schema_command(name: str) -> int:
    """Print a JSON Schema (2020-12), for editors and programs.

    NAME is one of: 'openclaw' for an openclaw.json, 'plan' for what 'compile --format json'
    prints, 'report' for what 'check --format json' prints, 'answers' for what other commands print
    as JSON, 'capabilities' for a table of what a provider's models can do.

    For example:
      schema openclaw > openclaw.schema.json  # for an editor
    """
    if name != "openclaw":
        command.write(read_text(f"{name}.schema.json"))
        return command.FINE
    release = choose(parameters.asked_target()).target.release
    command.write(json.dumps(schema_of(release), ensure_ascii=False, indent=1) + "\n")
    return command.FINE


@parameters.command("targets", "List the releases of OpenClaw that a config can be checked for.")
@parameters.format_option("text", "json")
def targets_command(form: str) -> int:
    """List the releases of OpenClaw that a config can be checked for, the oldest first.

    '--target VERSION' takes any version: one that is not listed is checked as the nearest release
    below it in its line. 'check --target all' says what each release makes of a config.

    For example:
      targets --format json  # for a program
    """
    rows = [{"release": name, "default": name == DEFAULT} for name in releases()]
    notes = {DEFAULT: "  taken where nothing says another"}
    text = "".join(f"{name}{notes.get(name, '')}\n" for name in releases())
    command.write_answer(form, {"version": 1, "targets": rows}, text)
    return command.FINE


_LIMIT = 100
# How many findings of a release are listed: more would take long, and nobody reads them.
_PLACES = 10
# How many findings that are new in a release the table names.


def write_verdicts(options: Options, checked: Sequence[Target], form: str) -> int:
    """Write what each release says of each config; 1 when the newest refuses one of them."""
    files: list[dict[str, Any]] = [
        {
            "file": one.name or one.path or "openclaw.json",
            "releases": [_verdict(options, release, one) for release in releases()],
        }
        for one in checked
    ]
    tables = ((Line(""), *_table(file["file"], file["releases"])) for file in files)
    command.write_lines(form, {"version": 1, "files": files}, [*chain(*tables)][1:])
    loads = all(file["releases"][-1]["loads"] for file in files)
    return command.FINE if loads else command.FINDINGS


def _verdict(options: Options, release: str, checked: Target) -> dict[str, Any]:
    """Whether a release loads a config, and the findings for which it does not."""
    asked = options.asked._replace(target=release)
    report = Linter(options._replace(asked=asked, limit=_LIMIT)).check(checked).report
    reasons: list[dict[str, str]] = []
    for one in report.diagnostics:
        reason = {"rule": one.rule, "message": one.message, "place": str(one.location or "")}
        if one.blocks and reason not in reasons:
            reasons.append(reason)
    return {"release": release, "loads": report.loads, "reasons": reasons}


def _table(name: str, verdicts: list[dict[str, Any]]) -> Iterator[Line]:
    """A config's verdicts: a line for each run of releases that agree, then what is new in it."""
    yield Line(name)
    known: list[dict[str, str]] = []
    for _, group in groupby(verdicts, lambda one: (one["loads"], one["reasons"])):
        run = list(group)
        first, last, reasons = run[0]["release"], run[-1]["release"], run[0]["reasons"]
        rules = Counter(one["rule"] for one in reasons)
        more = " and more" * bool(rules.pop("more-findings", 0))
        why = ", ".join(f"{count} {rule}" for rule, count in rules.items()) + more
        span = first if first == last else f"{first} to {last}"
        yield Line(f"  {span:<24} {'loads' if run[0]['loads'] else f'refused: {why}'}")
        new = [one for one in reasons if one["rule"] in rules and one not in known]
        for one in new[:_PLACES]:
            yield Line(f"    {one['message']} [{one['rule']}]", one["place"])
        if len(new) > _PLACES:
            yield Line(f"    and {len(new) - _PLACES} more")
        known = reasons
