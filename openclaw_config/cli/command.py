"""The commands' names, and what they share: how they write, and what they do with their files.

Results go to stdout, the rest to stderr; the exit code says how it went. A plain ``check FILE``
imports this and not click, which costs as much as two starts of Python.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

from openclaw_config import api
from openclaw_config.diagnostics.model import Report
from openclaw_config.errors import OpenClawConfigError
from openclaw_config.files import reason_of, shown, working_folder
from openclaw_config.lint.linter import Linter, Session, check_all, path_of
from openclaw_config.lint.options import Change, Options, Target
from openclaw_config.loading.environment import Environment, find_config
from openclaw_config.targets import DEFAULT

if TYPE_CHECKING:
    from openclaw_config.diagnostics.display import Line, Style
    from openclaw_config.plan.model import Plan
    from openclaw_config.syntax.nodes import Tree
    from openclaw_config.syntax.text import KeyPath

_MODULES = {
    "check": ("check", "fmt", "lsp"),
    "compile": ("compile", "diff", "keys", "env"),
    "inspect": ("explain", "capabilities", "schema", "targets"),
    "migrate": ("migrate",),
    "change": ("init", "get", "set", "unset", "models", "auth"),
    "run": ("run",),
}
COMMANDS = {name: module for module, names in _MODULES.items() for name in names}
"""Every command in the order of the help text, and the module of this package that has it."""

COMPLETION = "_OPENCLAW_CONFIG_COMPLETE"
"""The variable by which a shell asks for what may come next on the command line."""

STDIN = "-"
_HERE = "openclaw.json"

FINE, FINDINGS, USAGE, FAULT = 0, 1, 2, 3
"""Exit codes: no problems found, findings, usage error, internal error."""
INTERRUPTED, PIPE_CLOSED = 130, 141
"""Exit codes as shells give them to a program ended by SIGINT and SIGPIPE."""

PIPE_WIDTH = 100
"""Columns of a line where no terminal says how wide it is."""

_WIDEST = 120
# Longer lines are hard to read, however large the screen.


class UsageError(OpenClawConfigError):
    """What a user asks for that cannot be; the message says why."""


def write(text: str) -> None:
    """Write a result to stdout; in the log of a CI job none of its lines is a command there."""
    write_exact(only_shown(text))


def write_exact(text: str) -> None:
    """Write a result to stdout as it is, which has to be known to be harmless."""
    sys.stdout.write(text)


def write_json(text: str) -> None:
    """Write JSON to stdout; in the log of a CI job it is spelt so that nothing is a command."""
    # Only strings can hold these signs, and in a string the escape means the same.
    write_exact(text.replace("##", "#\\u0023") if in_ci() else text)


def write_value(value: Any) -> None:
    """Write a value to stdout as JSON."""
    from openclaw_config.diagnostics.display import json_text

    write_json(json_text(value))


def write_answer(form: str, value: Any, text: str) -> None:
    """Write an answer in the form that ``--format`` asks for: its value as JSON, or its text."""
    if form == "json":
        write_value(value)
    else:
        write(text)


def write_lines(form: str, value: Any, lines: list[Line]) -> None:
    """Write an answer as ``write_answer`` does; its text are lines, folded to the width."""
    from openclaw_config.diagnostics.display import aligned

    write_answer(form, value, aligned(lines, style_of(sys.stdout).width) + "\n" * bool(lines))


def write_file(path: str, data: bytes) -> None:
    """Write a result to a file that an option names. Raises UsageError when it cannot be."""
    from openclaw_config.files import write_out

    try:
        write_out(path, data)
    except (OSError, ValueError) as error:
        raise cannot("write", path, error) from error


def write_change(change: Change) -> None:
    """Show what becomes of a file's text, line by line."""
    from openclaw_config.diagnostics.text import render_change
    from openclaw_config.syntax.text import Source

    old = Source(change.before.decode(), change.name, place=change.place)
    write(render_change(old, change.after.decode(), style_of(sys.stdout)))


def cannot(do: str, path: str, error: Exception) -> UsageError:
    """The error of a user who names a file that cannot be read or written."""
    return UsageError(f"cannot {do} '{path}': {reason_of(error)}")


def did_you_mean(close: str | None, what: str = "") -> str:
    """What to add to the error of a user who wrote a word that means nothing."""
    return f"; did you mean {what}'{close}'?" if close else ""


def say(text: str) -> None:
    """Write a remark of one line to stderr, escaped where a terminal would obey it."""
    from openclaw_config.diagnostics.display import printable

    tell(printable(text) + "\n")


def tell(text: str) -> None:
    """Write remarks to stderr; in the log of a CI job none of their lines is a command there."""
    sys.stderr.write(only_shown(text))


def say_findings(reports: Sequence[Report]) -> None:
    """Show findings on stderr, and a last line that counts them, if there are any."""
    if any(report.diagnostics for report in reports):
        tell(findings_text(reports, style_of(sys.stderr)))


def findings_text(reports: Sequence[Report], style: Style) -> str:
    """Findings as a person reads them, and a last line that counts them."""
    from openclaw_config.diagnostics import text

    blocks = text.render((item for report in reports for item in report.diagnostics), style)
    return "\n\n".join([*blocks, text.summary(reports) + "\n"])


def parsed(
    data: bytes, name: str, path: str | None = None, place: KeyPath | None = ()
) -> Tree | None:
    """What a text is read into, or None where it cannot be; then stderr says why."""
    from openclaw_config.diagnostics.model import ERROR
    from openclaw_config.syntax.parser import decode, parse

    source, errors = decode(data, name, None if path is None else os.path.abspath(path))
    source.place = place
    tree = parse(source)
    errors = (*errors, *(error for error in tree.errors if error.severity == ERROR))
    say_findings([Report(name, errors, False)])
    return None if errors else tree


def only_shown(text: str) -> str:
    """The text; in the log of a CI job such that none of its lines is a command there."""
    if not in_ci():
        return text
    from openclaw_config.diagnostics.display import escape_ci_commands

    return escape_ci_commands(text)


def in_ci() -> bool:
    """Whether what is printed goes to the log of a CI job that reads commands out of it."""
    # GitHub's runners and those of Azure read commands out of what a job prints.
    return bool(os.environ.get("GITHUB_ACTIONS") or os.environ.get("TF_BUILD"))


def style_of(stream: TextIO, environ: Mapping[str, str] = os.environ) -> Style:
    """How to write to a stream: its width, whether in colour, and whether it takes Unicode.

    Colour is for terminals; ``NO_COLOR`` forbids it and ``FORCE_COLOR`` demands it, the former
    being stronger. Both count when they are set and not empty.
    """
    from openclaw_config.diagnostics.display import Style

    terminal = stream.isatty()
    forced = environ.get("FORCE_COLOR")
    colour = forced not in ("0", "false") if forced else terminal and environ.get("TERM") != "dumb"
    encoding = (stream.encoding or "utf-8").lower().replace("-", "").replace("_", "")
    return Style(
        width=_columns(stream, environ) if terminal else PIPE_WIDTH,
        colour=colour and not environ.get("NO_COLOR"),
        unicode=encoding.startswith(("utf", "cp65001")),
    )


def _columns(stream: TextIO, environ: Mapping[str, str]) -> int:
    given = environ.get("COLUMNS", "")
    with suppress(OSError):
        known = int(given) if given.isdecimal() else os.get_terminal_size(stream.fileno()).columns
        return min(known or PIPE_WIDTH, _WIDEST)
    return PIPE_WIDTH


_EVERY = 0.1
"""Seconds between two drawings of a status line."""
_WIDEST_STATUS = 78


class StatusLine:
    """A line on stderr that changes, and goes away. ``patience`` is seconds before the first.

    Elsewhere than on a terminal nothing is written.
    """

    def __init__(self, stream: TextIO | None = None, *, patience: float = 0.0) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._next = time.monotonic() + patience
        self._drawn = False

    def draw(self, text: str, *, now: bool = False) -> None:
        """Show a text in the line's place, unless that was just done; ``now`` in any case."""
        if self._stream.isatty() and (now or time.monotonic() >= self._next):
            from openclaw_config.diagnostics.display import printable

            self._next = time.monotonic() + _EVERY
            self._drawn = bool(text)
            self._stream.write(f"\r\x1b[K{printable(text)[:_WIDEST_STATUS]}")
            self._stream.flush()

    def clear(self) -> None:
        """Take the line away, so that something else can be written."""
        if self._drawn:
            self.draw("", now=True)


# --- the files that arguments name ---------------------------------------------------------------


def read_input(file: str | None) -> Target:
    """What a FILE argument stands for.

    Without one it is the ``openclaw.json`` of the working folder, unless OPENCLAW_CONFIG_PATH
    names another, and without that the config that OpenClaw would load here. Raises
    UsageError when there is no such file.
    """
    if file is None:
        here = os.path.isfile(_HERE) and not os.environ.get("OPENCLAW_CONFIG_PATH", "").strip()
        return Target(_HERE, None, _HERE) if here else Target()
    if file == STDIN:
        return Target(text=sys.stdin.buffer.read(), name="<stdin>")
    if not os.path.lexists(file):
        from openclaw_config.validation.suggest import nearest

        meant = did_you_mean(nearest(file, COMMANDS), "the command ")
        raise UsageError(f"there is no file '{file}'{meant}")
    if os.path.isdir(file):
        raise UsageError(f"'{file}' is a folder; name the config in it")
    # Findings name a file as it is seen from here, however it was named.
    return Target(file, None, shown(file))


def read_inputs(
    files: tuple[str, ...], allow_empty: bool = False, with_included: bool = False
) -> list[Target]:
    """What FILE arguments stand for, each file once; one may be a folder or a pattern.

    Without any, it is what ``read_input`` says. ``with_included`` adds what the configs of a folder
    include. Raises UsageError when an argument names no file, and for a folder without any config
    unless ``allow_empty``.
    """
    inputs = {} if files else {"": read_input(None)}
    for file in files:
        paths = [file]
        if file != STDIN and (os.path.isdir(file) or not os.path.lexists(file)):
            from openclaw_config.lint.discover import NothingError, discover, included_by

            with suppress(NothingError):  # ``read_input`` says what is the matter with the name
                paths = discover(file)
            if not paths and not allow_empty:
                raise UsageError(
                    f"no config is in the folder '{file}': none is called openclaw.json,"
                    " openclaw.json5 or *.openclaw.json; --allow-empty lets that pass"
                )
            if with_included and os.path.isdir(file):
                paths = [one for path in paths for one in (path, *map(shown, included_by(path)))]
        inputs |= {path: read_input(path) for path in paths if path not in inputs}
    return list(inputs.values())


def configs(files: tuple[str, ...], **how: bool) -> list[Target]:
    """What FILE arguments stand for, as ``read_inputs``; without one, the config used here.

    Raises UsageError when there is none.
    """
    inputs = read_inputs(files, **how)
    if files or inputs[0].path is not None:
        return inputs
    found = find_config()
    if not os.path.exists(found.path):
        raise UsageError(f"there is no config: looked for {found.path}, {found.how}")
    return [read_input(found.path)]


# --- what ``check`` does, whatever its options ----------------------------------------------------


def check_files(files: tuple[str, ...]) -> int:
    """``check`` of files without an option; raises before anything is written."""
    linter = Linter(Options())
    session = run(linter, whole(linter, read_inputs(files)))
    write_reports(session.reports, "text")
    say_more(session, session.reports, "text")
    return max(map(code_of, session.reports), default=FINE)


def whole(linter: Linter, targets: list[Target], only_configs: bool = False) -> list[Target]:
    """The targets, those that configs include replaced by these, each once.

    Raises NothingError when the setting ``roots`` names no file.
    """
    names = ("openclaw.json", "openclaw.json5")
    if all(one.path is None or os.path.basename(one.path) in names for one in targets):
        return targets
    from openclaw_config.lint.discover import Roots

    roots = Roots(linter)
    whole: dict[str, Target] = {}
    for target in targets:
        # Fixes of a text go to stdout, so they are worked out of that text alone.
        alone = target.path is None or (target.text is not None and linter.options.fix)
        path = "" if alone else path_of(target)
        included = {} if target.text is None else {path: target.text}
        found = roots.of(path) if path else ()
        passed_over = only_configs and path and not (found or roots.is_named(path))
        for root in found:
            whole.setdefault(root, Target(shown(root), None, shown(root), included))
        if not found and not passed_over:
            whole.setdefault(path, target)
    return list(whole.values())


def run(linter: Linter, targets: list[Target]) -> Session:
    """Check configs, and show how far that is."""
    total = len(targets)
    # What is done within a second needs no progress.
    line = StatusLine(patience=1.0)
    try:
        return check_all(linter, targets, lambda done: line.draw(bar(done, total)))
    finally:
        line.clear()


_BAR_CELLS = 24


def bar(done: int, total: int) -> str:
    """How many of some files are done."""
    full = _BAR_CELLS * done // total
    return f"[{'#' * full:.<{_BAR_CELLS}}] {done:,} of {total:,} files"


def _say_what_migrates(report: Report) -> None:
    """How many of the errors of a config of an older release ``migrate`` settles."""
    document = report.document
    if report.loads or document is None or not document.readable or document.release != DEFAULT:
        return
    from openclaw_config.validation.migrations.versions import may_be_old

    source, blocking = document.sources[0], [it for it in report.diagnostics if it.blocks]
    if any(map(may_be_old, blocking)):
        from openclaw_config.diagnostics.display import count_of
        from openclaw_config.migration import migrate

        after = migrate(source.path, text=source.text, name=report.name).after
        settled = len(blocking) - sum(found.blocks for found in after.diagnostics)
        if settled > 0:
            errors = count_of(len(blocking), "error")
            say(f"{report.name}: openclaw-config migrate settles {settled:,} of {errors}")


_SAID_BY = {
    "config": "as meta.lastTouchedVersion says",
    "keys": "as its keys show",
    "default": "the newest",
}
"""How a target was chosen that nobody asked for."""


def write_reports(
    reports: list[Report], form: str, fail_on: str = "error", path: str | None = None
) -> None:
    """Write what was found in a format: to stdout, or to the file ``path``.

    Raises UsageError when the file cannot be written.
    """
    if form == "text":
        text = _text(reports, path)
    else:
        from openclaw_config.diagnostics.formats import FORMATS

        # GitHub and GitLab say where the repository is; their paths count from there.
        roots = os.environ.get("GITHUB_WORKSPACE"), os.environ.get("CI_PROJECT_DIR")
        text = FORMATS[form](reports, roots[0] or roots[1] or working_folder(), fail_on)
    if path is None:
        as_json = form in ("json", "gitlab", "sarif")
        # Those of GitHub are commands, and no others.
        put = write_json if as_json else write_exact if form == "github" else write
        return put(text)
    write_file(path, text.encode("utf-8", "backslashreplace"))
    from openclaw_config.diagnostics.text import summary

    if found := summary(reports):
        say(f"{found}; see {path}")


def _text(reports: list[Report], path: str | None) -> str:
    found = [item for report in reports for item in report.diagnostics]
    if not found:
        return ""
    from openclaw_config.diagnostics.display import PLAIN

    text = findings_text(reports, style_of(sys.stdout) if path is None else PLAIN)
    fixes = Counter(item.fix.safe for item in found if item.fix is not None)
    parts = [f"{fixes[True]:,} fixable with --fix"] if fixes[True] else []
    if fixes[False]:
        how = "more" if parts else "fixable"
        parts.append(f"{fixes[False]:,} {how} with --fix --unsafe-fixes")
    return f"{text}{', '.join(parts)}\n" if parts else text


def say_more(session: Session, read: Iterable[Report], form: str, unnamed: bool = False) -> None:
    """Say on stderr what is no finding: for which release, what a baseline lacks, what migrates.

    ``read`` are the reports that a person reads on the terminal.
    """
    for report in read:
        document = report.document if report.diagnostics else None
        if document is not None and document.root and (by := _SAID_BY.get(document.target_by)):
            say(f"{report.name}: for OpenClaw {document.release}, {by}")
    for baseline, count in session.expired.items():
        from openclaw_config.diagnostics.display import count_of

        gone = f"{count_of(count, 'finding')} of it {'is' if count == 1 else 'are'} gone"
        say(f"{shown(baseline)}: {gone}; --write-baseline makes it anew")
    for outcome in session.outcomes:
        if form == "text":
            _say_what_migrates(outcome.report)
        if unnamed and not outcome.report.diagnostics:
            say(f"{outcome.report.name}: no problems found")


# --- what ``compile`` does, whatever its options --------------------------------------------------


def compile_file(file: str) -> int:
    """``compile`` of a file without an option. Raises UsageError before anything is written."""
    config = config_of(read_input(file), say, environment=Environment.assumed())
    if config is None:
        return FINDINGS
    write_text([config.plan])
    return code_of(config.report)


def config_of(item: Target, remark: Callable[[str], None], **options: Any) -> api.Config | None:
    """A config as its settings file has it read, or None when it does not load.

    The options, those of ``api.check``, count before the settings. What is wrong with the config
    goes to stderr; of warnings only their number is shown.
    """
    settings = Linter(Options()).settings_for(path_of(item))
    options["capabilities"] = options.get("capabilities") or settings.capabilities
    options["target"] = options.get("target") or settings.target
    report = api.check(item.path, text=item.text, name=item.name, **options)
    errors = report.only_errors()
    say_findings([errors])
    if others := len(report.diagnostics) - len(errors.diagnostics):
        shown = "1 warning" if others == 1 else f"{others} warnings"
        remark(f"{report.name}: {shown} ('openclaw-config check' shows more)")
    return api.Config(report) if report.loads else None


def write_text(plans: Sequence[Plan]) -> None:
    """Write plans for people to read."""
    from openclaw_config.plan import text

    columns = style_of(sys.stdout).width
    found = [text.render(plan, columns) for plan in plans]
    if len(plans) > 1:
        found = [f"agent {plan.agent}\n\n{one}" for plan, one in zip(plans, found, strict=True)]
    write("\n".join(found))


def code_of(report: Report) -> int:
    """The exit code of a command that shows something of a config which loads."""
    return FINDINGS if report.error_count else FINE


# --- without options ------------------------------------------------------------------------------


def run_plainly(arguments: list[str]) -> int | None:
    """Run ``check FILE…`` or ``compile FILE`` without click, which costs two starts of Python.

    None for what has an option or another command, or asks for what cannot be: click words that.
    """
    name = arguments[0] if arguments and arguments[0] in COMMANDS else "check"
    files = tuple(arguments[1:] if name in arguments[:1] else arguments)
    plain = all(os.path.isfile(file) and not file.startswith("-") for file in files)
    if name not in ("check", "compile") or not files or not plain:
        return None
    with suppress(OpenClawConfigError):
        if name == "check":
            return check_files(files)
        if len(files) == 1:
            return compile_file(files[0])
    return None
