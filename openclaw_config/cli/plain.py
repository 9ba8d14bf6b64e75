"""What ``check`` and ``compile`` do with files, whatever their options, and without click."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from openclaw_config import api
from openclaw_config.cli import command
from openclaw_config.cli.command import UsageError
from openclaw_config.diagnostics.model import Report
from openclaw_config.files import shown
from openclaw_config.lint.linter import Linter, Session, check_all, find_settings, path_of
from openclaw_config.lint.options import Options, Target
from openclaw_config.loading.environment import Environment
from openclaw_config.targets import DEFAULT

if TYPE_CHECKING:
    from openclaw_config.plan.model import Plan


def check_files(files: tuple[str, ...]) -> int:
    """``check`` of files without an option. Raises UsageError before anything is written."""
    linter = Linter(Options())
    session = run(linter, whole(linter, command.read_inputs(files)))
    write_reports(session.reports, "text")
    say_more(session, session.reports, "text")
    failing = any(report.error_count for report in session.reports)
    return command.FINDINGS if failing else command.FINE


def whole(linter: Linter, targets: list[Target], only_configs: bool = False) -> list[Target]:
    """The targets, those that configs include replaced by these, each once."""
    names = ("openclaw.json", "openclaw.json5")
    if all(one.path is None or os.path.basename(one.path) in names for one in targets):
        return targets
    from openclaw_config.lint.discover import NothingError, Roots

    roots = Roots(linter)
    whole: dict[str, Target] = {}
    for target in targets:
        # Fixes of a text go to stdout, so they are worked out of that text alone.
        alone = target.path is None or (target.text is not None and linter.options.fix)
        path = "" if alone else path_of(target)
        included = {} if target.text is None else {path: target.text}
        try:
            found = roots.of(path) if path else ()
            passed_over = only_configs and path and not (found or roots.is_named(path))
        except NothingError as error:
            raise UsageError(f"'{error}' is no file; the setting 'roots' names it") from error
        for root in found:
            whole.setdefault(root, Target(shown(root), None, shown(root), included))
        if not found and not passed_over:
            whole.setdefault(path, target)
    return list(whole.values())


def run(linter: Linter, targets: list[Target]) -> Session:
    """Check configs, and show how far that is."""
    total = len(targets)
    # What is done within a second needs no progress.
    line = command.StatusLine(patience=1.0)
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
    from openclaw_config.validation.migrations.versions import may_be_old

    source = report.document.source if report.document is not None else None
    old = any(found.blocks and may_be_old(found) for found in report.diagnostics)
    if source is not None and report.readable and old:
        from openclaw_config.migration import migrate

        after = migrate(source.path, text=source.text, name=report.name).after
        errors = [sum(found.blocks for found in side.diagnostics) for side in (report, after)]
        if errors[1] < errors[0]:
            settled = f"{errors[0] - errors[1]:,} of {count_of(errors[0], 'error')}"
            command.say(f"{report.name}: openclaw-config migrate settles {settled}")


_SAID_BY = {
    "config": "as meta.lastTouchedVersion says",
    "keys": "as its keys show",
    "default": "the newest",
}
"""How a target was chosen that nobody asked for."""


def count_of(number: int, word: str) -> str:
    """A number of things, in words."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


_WRITERS = {
    "github": command.write_exact,  # these are commands, and no others
    "json": command.write_json,
    "gitlab": command.write_json,
    "sarif": command.write_json,
}


def write_reports(
    reports: list[Report], form: str, fail_on: str = "error", path: str | None = None
) -> None:
    """Write what was found in a format: to stdout, or to the file ``path``.

    Raises UsageError when the file cannot be written.
    """
    to_file = path not in {None, "-"}
    parts = _text(reports, to_file) if form == "text" else _formatted(reports, form, fail_on)
    if path is None or not to_file:
        put = _WRITERS.get(form, command.write)
        for part in parts:
            put(part)
        return
    command.write_file(path, "".join(parts).encode("utf-8", "backslashreplace"))
    from openclaw_config.diagnostics.text import summary

    if found := summary(reports):
        command.say(f"{found}; see {path}")


def _formatted(reports: list[Report], form: str, fail_on: str) -> Iterator[str]:
    from openclaw_config.diagnostics.formats import render

    # GitHub and GitLab say where the repository is; their paths count from there.
    root = os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR")
    with suppress(OSError):  # the working folder is gone
        root = root or os.getcwd()
    yield render(form, reports, root, fail_on)


def _text(reports: list[Report], to_file: bool) -> Iterator[str]:
    found = [item for report in reports for item in report.diagnostics]
    if not found:
        return
    from openclaw_config.diagnostics import display, text

    for block in text.render(found, display.PLAIN if to_file else command.style_of(sys.stdout)):
        yield block + "\n\n"
    yield text.summary(reports) + "\n"
    fixes = Counter(item.fix.safe for item in found if item.fix is not None)
    parts = [f"{fixes[True]:,} fixable with --fix"] if fixes[True] else []
    if fixes[False]:
        how = "more" if parts else "fixable"
        parts.append(f"{fixes[False]:,} {how} with --fix --unsafe-fixes")
    if parts:
        yield ", ".join(parts) + "\n"


def say_more(
    session: Session,
    reports: list[Report],
    form: str,
    path: str | None = None,
    unnamed: bool = False,
) -> None:
    """Say on stderr what is no finding: for which release, what a baseline lacks, what migrates."""
    for report in reports if form == "text" and path in {None, "-"} else ():
        document = report.document if report.diagnostics else None
        if document is not None and document.root and (by := _SAID_BY.get(document.target_by)):
            command.say(f"{report.name}: for OpenClaw {document.release}, {by}")
    for baseline, count in session.expired.items():
        gone = f"{count_of(count, 'finding')} of it {'is' if count == 1 else 'are'} gone"
        command.say(f"{shown(baseline)}: {gone}; --write-baseline makes it anew")
    for outcome in session.outcomes:
        document = outcome.report.document
        migratable = document is not None and document.release == DEFAULT
        if form == "text" and migratable and not outcome.report.loads:
            _say_what_migrates(outcome.report)
        if unnamed and not outcome.report.diagnostics:
            command.say(f"{outcome.report.name}: no problems found")


# --- plans ----------------------------------------------------------------------------------------


def compile_file(file: str) -> int:
    """``compile`` of a file without an option. Raises UsageError before anything is written."""
    item = command.read_input(file)
    config = config_of(item, command.say, environment=Environment.assumed())
    if config is None:
        return command.FINDINGS
    write_text([config.plan])
    return code_of(config.report)


def config_of(item: Target, remark: Callable[[str], None], **options: Any) -> api.Config | None:
    """A config as its settings file has it read, or None when it does not load.

    The options, those of ``api.check``, count before the settings.
    """
    settings = find_settings(os.path.dirname(path_of(item)))
    if settings is not None:
        from openclaw_config.lint.settings import read_settings

        found = read_settings(settings)
        options["capabilities"] = options.get("capabilities") or found.capabilities
        options["target"] = options.get("target") or found.target
    return loaded(item, remark, **options)


def loaded(item: Target, remark: Callable[[str], None], **options: Any) -> api.Config | None:
    """A config, or None when it does not load; what is wrong with it goes to stderr.

    Of warnings only their number is shown. The options are those of ``api.check``.
    """
    report = api.check(item.path, text=item.text, name=item.name, **options)
    errors = report.only_errors()
    command.say_findings([errors])
    if others := len(report.diagnostics) - len(errors.diagnostics):
        shown = "1 warning" if others == 1 else f"{others} warnings"
        remark(f"{report.name}: {shown} ('openclaw-config check' shows more)")
    return api.Config(report) if report.loads else None


def write_text(plans: Sequence[Plan]) -> None:
    """Write plans for people to read."""
    from openclaw_config.plan import text

    columns = command.style_of(sys.stdout).width
    found = [text.render(plan, columns) for plan in plans]
    if len(plans) > 1:
        found = [f"agent {plan.agent}\n\n{one}" for plan, one in zip(plans, found, strict=True)]
    command.write("\n".join(found))


def code_of(report: Report) -> int:
    """The exit code of a command that shows something of a config which loads."""
    return command.FINDINGS if report.error_count else command.FINE
