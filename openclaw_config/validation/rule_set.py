"""Which modules of rules a config needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module

from openclaw_config.validation.config import Check

_PACKAGE = "openclaw_config.validation.rules"

MODULES: dict[str, tuple[str, ...]] = {
    "agents": ("agents", "tools", "broadcast", "bindings"),
    "browser": ("browser",),
    "gateway": ("gateway", "meta"),
    "keys": ("*",),
    "plugins": ("channels", "plugins", "agents"),
    "providers": ("models",),
    "refs": ("agents",),
    "secrets": ("*",),
    "speech": ("messages",),
    "talk": ("talk",),
}
"""The rule modules with the sections that they look at; ``*`` is any."""

OPTIONAL: dict[str, tuple[str, ...]] = {"divergences": ("agents", "models")}
"""The same for modules of rules that are off by default."""


def checks(sections: Iterable[str], optional: bool = False) -> Iterator[Check]:
    """The checks that look at one of these sections of a config, in the order of the modules."""
    present = set(sections)
    for name, needed in {**MODULES, **(OPTIONAL if optional else {})}.items():
        if "*" not in needed and present.isdisjoint(needed):
            continue
        for value in vars(import_module(f"{_PACKAGE}.{name}")).values():
            if isinstance(value, Check) and (
                "*" in value.sections or not present.isdisjoint(value.sections)
            ):
                yield value
