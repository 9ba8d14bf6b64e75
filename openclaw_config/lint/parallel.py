"""Checks all configs of one call, in several processes where that pays, and writes fixes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from openclaw_config.lint.linter import Linter, save
from openclaw_config.lint.options import Options, Outcome, Target
from openclaw_config.report import Report

PAYS_FROM = 60
"""From so many configs on it is faster to start another process than to go on alone. One of 5 KB
takes some 2 ms, and two processes some 50 ms to start (measured; compare the ratio)."""

CHUNK = 16
"""Configs that a process takes at a time."""

MOST_PROCESSES = 8


class Session(NamedTuple):
    """The results of one call.

    ``about_settings`` are the reports about settings files, each file once; ``outcomes`` are in
    the order of the configs. ``expired`` counts, by the paths of baselines, the entries that no
    finding matched.
    """

    about_settings: tuple[Report, ...]
    outcomes: tuple[Outcome, ...]
    expired: dict[str, int]

    @property
    def reports(self) -> list[Report]:
        """All reports, those about settings first."""
        return [*self.about_settings, *(outcome.report for outcome in self.outcomes)]


def check_all(
    linter: Linter,
    targets: Sequence[Target],
    tick: Callable[[int], None] | None = None,
) -> Session:
    """Check configs one after another; ``tick`` gets how many are done."""
    done: list[Outcome] = []
    if len(targets) == 1 and not linter.options.fix:
        done.append(linter.check(targets[0]))
    else:
        for outcome in outcomes(linter, targets):
            done.append(outcome)
            if tick is not None:
                tick(len(done))
    about = {report.name: report for outcome in done for report in outcome.about_settings}
    return Session(tuple(about.values()), tuple(done), _expired(linter, done))


def _expired(linter: Linter, outcomes: Sequence[Outcome]) -> dict[str, int]:
    paths = dict.fromkeys(outcome.baseline for outcome in outcomes if outcome.baseline)
    expired = {}
    for path in paths:
        mine = [outcome for outcome in outcomes if outcome.baseline == path]
        known = frozenset[str]().union(*(outcome.known for outcome in mine))
        files = [file for outcome in mine for file in outcome.files]
        count = len(linter.resolver.baseline(path).expired(known, files))
        if count:
            expired[path] = count
    return expired


def outcomes(
    linter: Linter, targets: Sequence[Target], processes: int | None = None
) -> Iterator[Outcome]:
    """The outcome of each config, in the order of ``targets``.

    Where the options say so, fixes are written, each before the next outcome is given. Of what was
    checked an outcome keeps no more than its findings need.
    """
    written: dict[str, bytes] = {}
    for target, outcome in zip(targets, _checked(linter, targets, processes), strict=True):
        done = outcome
        if written and _needs_recheck(outcome, written):
            done = linter.check(target)
        if linter.options.write and done.changes and target.text is None:
            done = _saved(done, written)
        yield _with(_slim, done)


def _needs_recheck(outcome: Outcome, written: dict[str, bytes]) -> bool:
    """Whether an included file changed since the config was checked, or while it was.

    In the latter case the include may have failed, since the file that was opened is gone.
    """
    if not written.keys().isdisjoint(outcome.files):
        return True
    return any("include" in found.rule for found in outcome.report.diagnostics)


def _checked(linter: Linter, targets: Sequence[Target], processes: int | None) -> Iterator[Outcome]:
    count = _processes() if processes is None else processes
    if count > 1 and len(targets) >= PAYS_FROM:
        yield from _in_parallel(linter, targets, count)
    else:
        yield from map(linter.check, targets)


def _processes() -> int:
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST_PROCESSES)
    return min(os.cpu_count() or 1, MOST_PROCESSES)


def _in_parallel(linter: Linter, targets: Sequence[Target], count: int) -> Iterator[Outcome]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # This process has no threads yet, so its copy is in a sound state.
    context = get_context("fork" if sys.platform == "linux" else None)
    pieces = [targets[at : at + CHUNK] for at in range(0, len(targets), CHUNK)]
    pool = ProcessPoolExecutor(count, context, initializer=_ignore_interrupts)
    done = 0
    try:
        waiting = [pool.submit(_check, linter.options, piece) for piece in pieces]
        for result in waiting:
            for outcome in result.result():
                done += 1
                yield outcome
    except BrokenProcessPool:
        # A process was killed, for want of memory say: go on alone.
        yield from map(linter.check, targets[done:])
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _check(options: Options, targets: Sequence[Target]) -> list[Outcome]:
    linter = Linter(options)
    return [_with(_portable, _with(_slim, linter.check(target))) for target in targets]


def _portable(report: Report) -> Report:
    """The report as it goes to another process: its findings hold no secret of their files."""
    if not report.diagnostics:
        return report
    from openclaw_config.diagnostics.masking import without_secrets

    return report._replace(diagnostics=tuple(without_secrets(report.diagnostics)))


def _ignore_interrupts() -> None:
    # Ctrl-C goes to all processes of a terminal; the first of them ends the others.
    from signal import SIG_IGN, SIGINT, signal

    signal(SIGINT, SIG_IGN)


def _saved(outcome: Outcome, written: dict[str, bytes]) -> Outcome:
    problem = save(outcome.changes, outcome.files[0])
    if problem:
        unfixed = outcome.unfixed or outcome.report
        return outcome._replace(report=unfixed, changes=(), problem=problem)
    written.update((change.path, change.after) for change in outcome.changes)
    return outcome


def _slim(report: Report) -> Report:
    return report._replace(document=None)


def _with(change: Callable[[Report], Report], outcome: Outcome) -> Outcome:
    """The outcome with its reports changed."""
    unfixed = outcome.unfixed and change(outcome.unfixed)
    return outcome._replace(report=change(outcome.report), unfixed=unfixed)
