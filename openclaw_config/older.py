"""Which release a config is checked for that names none, once it is known what refuses it."""

from __future__ import annotations

from collections.abc import Callable

from openclaw_config.diagnostics.model import WARNING, Diagnostic, Related, Report, in_order, rule
from openclaw_config.targets import DEFAULT, releases

_SHOWN = 20
"""How many findings of the newest release a warning points to."""


def settled(guess: Report, examined: Callable[[str, bool], Report]) -> Report:
    """The report for the release that fits: the guess, unless only the other one loads the config.

    The other one is the newest release, or else the oldest. ``examined`` gives the report for a
    release, or only what the release refuses. A report for the oldest says what the newest refuses,
    and nothing else about it.
    """
    newest = guess.document is not None and guess.document.release == DEFAULT
    release = releases()[0] if newest else DEFAULT
    other = examined(release, True)
    if other.document is None or (_refused(guess) and not _refused(other)):
        other = examined(release, False)
        document = other.document and other.document._replace(target_by="keys")
        guess, other, newest = other._replace(document=document), guess, not newest
    own = {source.name: source for source in guess.sources}
    refused = [
        item._replace(location=item.location._replace(source=own[item.location.source.name]))
        for item in _refused(other)
        if item.location is not None and item.location.source.name in own
    ]
    known = {(item.rule, item.location) for item in _refused(guess)}
    refused = [item for item in refused if (item.rule, item.location) not in known]
    if newest or not refused:
        return guess
    found = (*guess.diagnostics, _warning(refused, releases()[0]))
    return guess._replace(diagnostics=in_order(found, guess.name))


def _refused(report: Report) -> list[Diagnostic]:
    return [item for item in report.diagnostics if item.blocks]


@rule(severity=WARNING)
def older_release() -> None:
    """A config that names no version loads in an older OpenClaw only.

    A config is checked for the newest OpenClaw, unless a version is given: by --target, by target
    in the settings, or by meta.lastTouchedVersion. One that has only keys of OpenClaw 2026.4.29,
    or that only it loads, is checked for that one. Who runs a newer OpenClaw must hear of it, as
    that refuses the config. openclaw-config migrate writes it for the newest.

    bad: { messages: { tts: { provider: "openrouter" } } }
    good: { tts: { provider: "openrouter" } }
    """


def _warning(refused: list[Diagnostic], release: str) -> Diagnostic:
    first, *others = refused
    more = f", and {len(others):,} more" if others else ""
    return older_release.at(
        first.location,
        f"checked for OpenClaw {release}, as its keys are of that time: {DEFAULT} refuses"
        f" this{more}",
        first.key_path,
        label=first.message,
        related=[Related(item.location, item.message) for item in others[:_SHOWN] if item.location],
        helps=(
            f"`openclaw-config migrate` writes it for {DEFAULT}; or say which OpenClaw you have:"
            " --target, `target` in the settings, or `meta.lastTouchedVersion`",
        ),
    )
