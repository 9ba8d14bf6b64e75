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

from openclaw_config.version import __version__

if TYPE_CHECKING:
    from openclaw_config.api import Config, ConfigError, check, load
    from openclaw_config.api import compile_plan as compile  # noqa: A004
    from openclaw_config.diagnostics.model import Diagnostic, Edit, Fix
    from openclaw_config.errors import OpenClawConfigError
    from openclaw_config.live import Live, setting, watch
    from openclaw_config.loading.environment import Environment
    from openclaw_config.plan.model import Plan
    from openclaw_config.report import Report
    from openclaw_config.runtime.errors import CallError, ExecutionError, UnusableError
    from openclaw_config.runtime.execute import Executor, execute, execute_sync
    from openclaw_config.runtime.mask import Secret

_HOMES = {
    "CallError": ("openclaw_config.runtime.errors", "CallError"),
    "Config": ("openclaw_config.api", "Config"),
    "ConfigError": ("openclaw_config.api", "ConfigError"),
    "Diagnostic": ("openclaw_config.diagnostics.model", "Diagnostic"),
    "Edit": ("openclaw_config.diagnostics.model", "Edit"),
    "Environment": ("openclaw_config.loading.environment", "Environment"),
    "ExecutionError": ("openclaw_config.runtime.errors", "ExecutionError"),
    "Executor": ("openclaw_config.runtime.execute", "Executor"),
    "Fix": ("openclaw_config.diagnostics.model", "Fix"),
    "OpenClawConfigError": ("openclaw_config.errors", "OpenClawConfigError"),
    "Live": ("openclaw_config.live", "Live"),
    "Plan": ("openclaw_config.plan.model", "Plan"),
    "Report": ("openclaw_config.report", "Report"),
    "Secret": ("openclaw_config.runtime.mask", "Secret"),
    "UnusableError": ("openclaw_config.runtime.errors", "UnusableError"),
    "check": ("openclaw_config.api", "check"),
    "compile": ("openclaw_config.api", "compile_plan"),
    "execute": ("openclaw_config.runtime.execute", "execute"),
    "execute_sync": ("openclaw_config.runtime.execute", "execute_sync"),
    "load": ("openclaw_config.api", "load"),
    "setting": ("openclaw_config.live", "setting"),
    "watch": ("openclaw_config.live", "watch"),
}

__all__ = [
    "CallError",
    "Config",
    "ConfigError",
    "Diagnostic",
    "Edit",
    "Environment",
    "ExecutionError",
    "Executor",
    "Fix",
    "Live",
    "OpenClawConfigError",
    "Plan",
    "Report",
    "Secret",
    "UnusableError",
    "__version__",
    "check",
    "compile",
    "execute",
    "execute_sync",
    "load",
    "setting",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
