"""Which rules count, and how much: the layers of what settings and options ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from itertools import zip_longest
from typing import cast

from openclaw_config.diagnostics.model import Diagnostic, Severity, declared, rules_of
from openclaw_config.lint.options import Layer

ALL = "all"
"""Stands for every rule, those included that are off by default."""
DEFAULT = "default"
"""Stands for every rule that is on by default."""
OFF = "off"
"""The level of a rule that is not to count."""

_SUGGESTIONS = 20
# For how many unknown rules we look for one with a similar name.


class Selection:
    """Which rules count: the layers that hold for a file, the lowest first.

    ``elsewhere`` has the layers for another file, by its absolute path.
    """

    def __init__(
        self, layers: Iterable[Layer], elsewhere: Callable[[str], Iterable[Layer]] | None = None
    ) -> None:
        self.layers = tuple(layers)
        self.level = cache(self._level)
        self.of = cache(lambda path: Selection(elsewhere(path)) if elsewhere and path else self)

    def runs(self, rule: str) -> bool:
        """Whether a rule counts at all."""
        return self.level(rule, "") != OFF

    def _level(self, rule: str, own: str) -> str:
        """How much a rule counts: a severity, its ``own`` where nothing says otherwise, or OFF."""
        default = rule not in off_by_default()
        on, level = default, own
        for layer in self.layers:
            if layer.select is not None:
                on = matches(rule, layer.select, default)
                level = own if level == OFF else level
            if matches(rule, layer.ignore, default):
                on = False
            for pattern, asked in layer.severity:
                if matches(rule, (pattern,), default):
                    level = asked
        return level if on else OFF

    def apply(self, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """The findings that count, each with the severity that holds in its own file.

        Whether OpenClaw loads the file is not for a selection to say: ``blocks`` stays.
        """
        kept = []
        for item in found:
            path = item.location.source.path if item.location is not None else None
            level = self.of(path).level(item.rule, item.severity)
            if level != OFF:
                kept.append(item._replace(severity=cast("Severity", level)))
        return tuple(kept)


@lru_cache(maxsize=1)
def off_by_default() -> frozenset[str]:
    """The rules that are looked for only when they are asked for."""
    from openclaw_config.validation.rules import OPTIONAL, PACKAGE

    modules = (rules_of(f"{PACKAGE}.{module}") for module in OPTIONAL)
    return frozenset(rule.name for rules in modules for rule in rules if not rule.default)


def asks_for_more(layers: Iterable[Layer]) -> bool:
    """Whether one of the layers selects a rule that is off by default."""
    return any(
        matches(rule, layer.select or (), False) for layer in layers for rule in off_by_default()
    )


def matches(rule: str, patterns: Iterable[str], default: bool = True) -> bool:
    """Whether one of the patterns means a rule; ``default`` says whether it is on by default."""
    for pattern in patterns:
        if pattern in (rule, ALL) or (pattern == DEFAULT and default):
            return True
        if "*" in pattern and fnmatchcase(rule, pattern):
            return True
    return False


def unknown(patterns: Iterable[str]) -> dict[str, str | None]:
    """The patterns that mean no rule, each with the name that was probably meant."""
    known = dict.fromkeys((*declared(), ALL, DEFAULT))
    wanted = (one for one in dict.fromkeys(patterns) if one not in known)
    missing = [
        it for it in wanted if not ("*" in it and any(fnmatchcase(one, it) for one in known))
    ]
    if not missing:
        return {}
    from openclaw_config.validation.suggest import nearest

    close = [nearest(one, known) for one in missing[:_SUGGESTIONS]]
    return dict(zip_longest(missing, close))
