"""``check``, ``fmt``, ``lsp``: whether a config is right, an even layout, help in an editor."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import click

from openclaw_config.cli import command, parameters
from openclaw_config.cli.parameters import option
from openclaw_config.diagnostics.display import Line, count_of, printable
from openclaw_config.diagnostics.model import all_rules
from openclaw_config.files import read_regular, shown
from openclaw_config.lint.linter import Linter, Session
from openclaw_config.lint.options import (
    DEFAULT,
    LEVELS,
    Change,
    Layer,
    Options,
    Settings,
    Target,
    unknown,
)
from openclaw_config.loading.load import MAX_BYTES

FORMATS = ("text", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown")
"""The names of ``diagnostics.formats``, and the form for people."""


@parameters.command("check", "Say what is wrong with a config, where, and what to write.")
@parameters.files_argument
@parameters.format_option(*FORMATS)
@option("-o, --output FILE", "Write the result to this file instead of stdout.", dest="path")
@option("--fix", "Make the safe fixes, and report what is left.")
@option(
    "--unsafe-fixes", "With --fix or --diff: make the fixes as well that may not be what you mean."
)
@option("--diff", "Show what --fix would change; write nothing.")
@option(
    "--select RULES",
    "Only these rules: names or patterns, parted by commas. 'default' are those that"
    " are on by default, 'all' are all.",
    multiple=True,
)
@option("--ignore RULES", "Without these rules.", multiple=True)
@option("--severity RULE=LEVEL", "The level of a rule: error, warning, info or off.", multiple=True)
@option("--settings FILE", "Use the settings of this file, whatever others there are.")
@option("--no-settings", "Use no settings file.")
@parameters.capabilities_option
@option(
    "--schema FILE",
    "Check the merged config by a JSON Schema of your own as well.",
    dest="schemas",
    multiple=True,
)
@option("--baseline FILE", "Leave out what this baseline knows.")
@option(
    "--write-baseline FILE", "Write a baseline that knows all that is found, and report none of it."
)
@parameters.empty_option
@parameters.only_configs_option
@parameters.environment_options
@parameters.choice_option(
    "--fail-on", "The mildest finding that makes the exit code 1.", "error", "warning"
)
@option("--exit-zero", "End with exit code 0 whatever was found.")
@option("-q, --quiet", "Show errors only.")
@option(
    "--stdin-filename FILE",
    "The file that '-' is the text of: it is shown, and includes are looked for beside it.",
)
@option("--list-rules", "List the rules with their levels, and end.")
@option("--show-settings", "Show the effective settings and their origins, and end.")
def check_command(files: tuple[str, ...], form: str, fail_on: str, **given: Any) -> int:
    """Say what is wrong with a config, where, and what to write instead.

    Each FILE is an openclaw.json; '-' reads standard input. A folder stands for all configs in it
    and below, a pattern such as 'deploy/**/*.json5' for the files that it matches. A file that
    configs include is checked as a part of these. Without a FILE, checks the openclaw.json of this
    folder, or else the config that OpenClaw would load here. Prints nothing when all is well.

    An error means that OpenClaw refuses to start with the file, or that a request is bound to
    fail; a warning, that it will not do what it seems to say. 'openclaw-config explain RULE' tells
    more about any finding, by the name in its brackets.

    For example:
      check openclaw.json  # one file
      check --fix .  # all configs of a project, with safe fixes
      check --env process  # OpenClaw's own file, with the variables of this shell
      check --format json - < file  # standard input, for a program
      check --format sarif --output found.sarif openclaw.json  # for code scanning
      check --write-baseline known.json .  # take up the check in an old project
    """
    path = None if given["path"] == command.STDIN else given["path"]
    options, name = _options(given), given["stdin_filename"]
    parameters.environment()  # Says why a file of variables cannot be read.
    try:
        linter = Linter(options)
    except (OSError, ValueError) as error:
        raise command.cannot("read", options.asked.baseline or "", error) from error
    all_targets = options.asked.target == parameters.ALL_TARGETS
    if (given["list_rules"] or given["show_settings"]) and not all_targets:
        return _show(linter, files, form, given["list_rules"])
    if all_targets and options.fix:
        raise click.UsageError("--target all writes nothing: leave out --fix and --diff")
    if name is not None and command.STDIN not in files:
        raise click.UsageError("--stdin-filename goes with '-'")
    read = command.read_inputs(files, given["allow_empty"])
    targets = [
        it if it.text is None else it._replace(path=name, name=name or it.name) for it in read
    ]
    if all_targets:
        from openclaw_config.cli.inspect import write_verdicts

        return write_verdicts(options, targets, form)
    session = command.run(linter, command.whole(linter, targets, given["only_configs"]))
    reports = session.reports
    if given["write_baseline"] is not None:
        _write_baseline(session, given["write_baseline"])
        reports = list(session.about_settings)
    failing = sum(it.error_count + it.warning_count * (fail_on == "warning") for it in reports)
    if parameters.kept("quiet"):
        reports = [report.only_errors() for report in reports]
    failures, to_stderr = _write_fixes(session, given["diff"])
    if to_stderr and path is None:
        command.say_findings(reports)
    else:
        command.write_reports(reports, form, fail_on, path)
    seen = reports if form == "text" and path is None else []
    command.say_more(session, seen, form, unnamed=not files)
    return command.FINDINGS if failing + failures and not given["exit_zero"] else command.FINE


# --- what is checked, and how ---------------------------------------------------------------------


def _options(given: dict[str, Any]) -> Options:
    """What the options ask for.

    Raises click.UsageError when they make no sense, or name a rule that does not exist.
    """
    fix, diff, settings = given["fix"], given["diff"], given["settings"]
    if given["unsafe_fixes"] and not (fix or diff):
        raise click.UsageError("--unsafe-fixes goes with --fix or with --diff")
    if settings and given["no_settings"]:
        raise click.UsageError("--settings and --no-settings exclude each other")
    if settings is not None and not os.path.isfile(settings):
        raise click.UsageError(f"there is no settings file '{settings}'")
    select, ignore = _rules(given["select"]), _rules(given["ignore"])
    severity = tuple(map(_level, given["severity"]))
    if select or ignore or severity:
        for name, close in unknown([*select, *ignore, *dict(severity)]).items():
            raise click.UsageError(f"there is no rule '{name}'{command.did_you_mean(close)}")
    env_file = parameters.kept("env_file")
    asked = Settings(
        layers=(Layer(select if given["select"] else None, ignore, severity, place=(_OPTIONS,)),),
        baseline="" if given["write_baseline"] else given["baseline"],
        env_file="" if env_file is None and parameters.was_given("env") else env_file,
        capabilities=given["capabilities"],
        target=parameters.asked_target(all_allowed=True),
        schemas=given["schemas"],
    )
    return Options(
        asked,
        env=parameters.kept("env"),
        settings="" if given["no_settings"] else settings and os.path.abspath(settings),
        fix=fix or diff,
        unsafe=given["unsafe_fixes"],
        write=fix and not diff,
    )


def _rules(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for text in texts for name in text.replace(",", " ").split())


def _level(text: str) -> tuple[str, str]:
    rule, level = parameters.pair(text, "RULE=LEVEL")
    if level not in LEVELS:
        raise click.BadParameter(f"'{level}' is no level; levels: {', '.join(LEVELS)}")
    return rule, level


# --- what is written ------------------------------------------------------------------------------


def _write_baseline(session: Session, path: str) -> None:
    from openclaw_config.lint.baseline import baseline_text, new_baseline

    entries = new_baseline(session.outcomes, path)
    command.write_file(path, baseline_text(entries).encode())
    findings = count_of(len(entries), "finding")
    files = count_of(len({entry.file for entry in entries}), "file")
    command.say(f"{path}: knows {findings} in {files}")


def _write_fixes(session: Session, diff: bool) -> tuple[int, bool]:
    """Write what was fixed, or would be: the count of failures, and whether stdout holds it."""
    # What two configs include is named once.
    changes = {
        (change.path or change.name, change.after): change
        for outcome in session.outcomes
        for change in outcome.changes
    }.values()
    for one in changes:
        if diff:
            command.write_change(one)
        rules = ", ".join(f"{count} {rule}" for rule, count in sorted(Counter(one.rules).items()))
        command.say(f"{one.name}: {'would fix' if diff else 'fixed'} {rules}")
    problems = [outcome.problem for outcome in session.outcomes if outcome.problem]
    for problem in problems:
        command.say(problem)
    texts = [outcome.text for outcome in session.outcomes if outcome.text is not None]
    if texts and not diff:
        sys.stdout.flush()
        sys.stdout.buffer.write(b"".join(texts))
    return len(problems) + len(changes) * diff, bool(diff or texts)


# --- which rules and settings there are ----------------------------------------------------------

_DEFAULTS = "by default"
_OPTIONS = "command line"


class _Row(NamedTuple):
    """One part of a setting's value, and where it comes from."""

    setting: str
    value: str
    origin: str


def _show(linter: Linter, files: tuple[str, ...], form: str, list_rules: bool) -> int:
    """Write the rules, or the effective settings, as ``schema answers`` describes them."""
    name = files[0] if files else "openclaw.json"
    path = os.path.abspath(name)
    answer: dict[str, Any] = {"version": 1}
    if list_rules:
        selection, known = linter.effective(path).selection, all_rules()
        fields = ("name", "severity", "default", "blocks", "subject", "summary")
        answer["rules"], lines, room = [], [], max(map(len, known))
        for rule in known.values():
            level = selection.level(rule.name, rule.severity)
            answer["rules"].append({**{it: getattr(rule, it) for it in fields}, "level": level})
            lead = f"{rule.name:<{room}}  {level:<7}  "
            lines.append(Line(lead + rule.summary, hang=len(lead)))
    else:
        rows = _settings_rows(linter, path)
        answer |= {"file": name, "settings": [row._asdict() for row in rows]}
        lines = [Line(f"  {row.setting:<12} {row.value}", row.origin) for row in rows]
        lines.insert(0, Line(f"for {name}"))
    command.write_lines(form, answer, lines)
    return command.FINE


def _settings_rows(linter: Linter, path: str) -> list[_Row]:
    """The effective settings of the config at an absolute path.

    Of two rows about a rule, the later wins.
    """
    settings, chosen = linter.settings_for(path), linter.options.settings is not None
    of_file = _OPTIONS if chosen else "" if settings.path else _DEFAULTS
    rows = [_Row("settings", settings.name or "none", of_file)]
    places = dict(settings.locations)

    def add(value: str, *at: str | int) -> None:
        # What stands in no file was asked on the command line.
        setting = "severity" if "severity" in at else str(at[-1])
        rows.append(_Row(setting, value, str(places.get(at, _OPTIONS))))

    for layer in settings.layers_for(path):
        if layer.select is not None:
            add(", ".join(layer.select) or "nothing", *layer.place, "select")
        if layer.ignore:
            add(", ".join(layer.ignore), *layer.place, "ignore")
        for rule, level in layer.severity:
            add(f"{rule} = {level}", *layer.place, "severity", rule)
    if not any(row.setting == "select" for row in rows):
        rows.insert(1, _Row("select", DEFAULT, _DEFAULTS))
    for setting in ("roots", "schemas", "baseline", "env-file", "capabilities", "target"):
        value = getattr(settings, setting.replace("-", "_"))
        paths = value if isinstance(value, tuple) else [value] if value else []
        if paths:
            add(", ".join(map(shown, paths)), setting)
        elif setting in ("baseline", "env-file"):
            rows.append(_Row(setting, "none", _DEFAULTS if value is None else _OPTIONS))
    return rows


# --- for who writes a config ----------------------------------------------------------------------


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
    from openclaw_config.lint.fixes import save
    from openclaw_config.syntax.formatter import format_tree

    path = item.path
    try:
        before = item.text or b"" if path is None else read_regular(path, MAX_BYTES)
    except (OSError, ValueError) as error:
        command.say(f"openclaw-config: {command.cannot('read', path or '', error)}")
        return command.USAGE
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
