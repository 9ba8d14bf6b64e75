"""One call of the check, over all its configs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from openclaw_config.lint.options import Outcome, Target
from openclaw_config.lint.run import Linter
from openclaw_config.report import Report


class Session(NamedTuple):
    """What a call came to.

    ``about_settings`` are the reports about settings files, each file once; ``outcomes`` are in
    the order of the configs. ``expired`` counts, by the paths of baselines, the entries that no
    finding was met for.
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
    """Check configs one after another; ``tick`` is told how many are done."""
    done: list[Outcome] = []
    if len(targets) == 1 and not linter.options.fix:
        done.append(linter.check(targets[0]))
    else:
        from openclaw_config.lint.many import outcomes

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
        count = len(linter.holder.baseline(path).expired(known, files))
        if count:
            expired[path] = count
    return expired
