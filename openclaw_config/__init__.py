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
    # "as" gives each name on to who imports this package.
    from openclaw_config.api import Config as Config
    from openclaw_config.api import ConfigError as ConfigError
    from openclaw_config.api import check as check
    from openclaw_config.api import compile as compile  # noqa: A004
    from openclaw_config.api import load as load
    from openclaw_config.changes import Append as Append
    from openclaw_config.changes import Changed as Changed
    from openclaw_config.changes import ChangeError as ChangeError
    from openclaw_config.changes import Merge as Merge
    from openclaw_config.changes import Ref as Ref
    from openclaw_config.changes import Set as Set
    from openclaw_config.changes import Unset as Unset
    from openclaw_config.changes import change as change
    from openclaw_config.changes import get as get
    from openclaw_config.diagnostics.model import Diagnostic as Diagnostic
    from openclaw_config.diagnostics.model import Edit as Edit
    from openclaw_config.diagnostics.model import Fix as Fix
    from openclaw_config.diagnostics.model import Report as Report
    from openclaw_config.errors import OpenClawConfigError as OpenClawConfigError
    from openclaw_config.lint.linter import Linter as Linter
    from openclaw_config.lint.options import Options as Options
    from openclaw_config.lint.options import Target as Target
    from openclaw_config.live import Live as Live
    from openclaw_config.live import watch as watch
    from openclaw_config.loading.environment import Environment as Environment
    from openclaw_config.migration import Migration as Migration
    from openclaw_config.migration import migrate as migrate
    from openclaw_config.plan.model import Plan as Plan
    from openclaw_config.runtime.errors import CallError as CallError
    from openclaw_config.runtime.errors import ExecutionError as ExecutionError
    from openclaw_config.runtime.errors import UnusableError as UnusableError
    from openclaw_config.runtime.execute import Executor as Executor
    from openclaw_config.runtime.execute import execute as execute
    from openclaw_config.runtime.execute import execute_sync as execute_sync
    from openclaw_config.runtime.secrets import Secret as Secret

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
"""The names of the library by the module of this package that each is in."""

__all__ = [name for names in (("__version__",), *_HOMES.values()) for name in names]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
