"""Check an OpenClaw configuration before the gateway does, and see the requests it will cause.

    import openclaw_config as oc

    report = oc.check("openclaw.json")  # never raises for bad input
    config = oc.load("openclaw.json")  # raises ConfigError, which carries the report
    plan = oc.compile("openclaw.json")  # what will be sent, as data
    bound = config.bind("video", prompt="a lobster surfing", durationSeconds=5)
    video = await oc.execute(bound, config.secrets)

``docs/library.md`` documents the whole of it on one page. Names are imported when they are first
used, so importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openclaw_config.api import Config, ConfigError, check, compile, load  # noqa: A004
    from openclaw_config.changes import (
        Append,
        Changed,
        ChangeError,
        Merge,
        Ref,
        Set,
        Unset,
        change,
        get,
    )
    from openclaw_config.diagnostics.model import Diagnostic, Edit, Fix, Report
    from openclaw_config.errors import OpenClawConfigError
    from openclaw_config.lint.linter import Linter
    from openclaw_config.lint.options import Options, Target
    from openclaw_config.live import Live, watch
    from openclaw_config.loading.environment import Environment
    from openclaw_config.migration import Migration, migrate
    from openclaw_config.plan.model import Plan
    from openclaw_config.runtime.errors import CallError, ExecutionError, UnusableError
    from openclaw_config.runtime.execute import Executor, execute, execute_sync
    from openclaw_config.runtime.secrets import Secret

__version__ = "0.1.0"

_HOMES = {
    "api": ("Config", "ConfigError", "check", "compile", "load"),
    "changes": (
        *("Append", "ChangeError", "Changed", "Merge", "Ref", "Set", "Unset", "change", "get"),
    ),
    "diagnostics.model": ("Diagnostic", "Edit", "Fix", "Report"),
    "errors": ("OpenClawConfigError",),
    "lint.linter": ("Linter",),
    "lint.options": ("Options", "Target"),
    "live": ("Live", "watch"),
    "loading.environment": ("Environment",),
    "migration": ("Migration", "migrate"),
    "plan.model": ("Plan",),
    "runtime.errors": ("CallError", "ExecutionError", "UnusableError"),
    "runtime.execute": ("Executor", "execute", "execute_sync"),
    "runtime.secrets": ("Secret",),
}
"""The module of this package that each name is in."""

__all__ = [
    "Append",
    "CallError",
    "ChangeError",
    "Changed",
    "Config",
    "ConfigError",
    "Diagnostic",
    "Edit",
    "Environment",
    "ExecutionError",
    "Executor",
    "Fix",
    "Linter",
    "Live",
    "Merge",
    "Migration",
    "OpenClawConfigError",
    "Options",
    "Plan",
    "Ref",
    "Report",
    "Secret",
    "Set",
    "Target",
    "Unset",
    "UnusableError",
    "__version__",
    "change",
    "check",
    "compile",
    "execute",
    "execute_sync",
    "get",
    "load",
    "migrate",
    "watch",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
