"""The library's functions: check a config, load it, compile it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from openclaw_config.errors import OpenClawConfigError
from openclaw_config.loading.load import load as _load
from openclaw_config.report import Report, in_order
from openclaw_config.validation.validate import limited, validate

if TYPE_CHECKING:
    from openclaw_config.diagnostics.model import Diagnostic
    from openclaw_config.files import Reader
    from openclaw_config.loading.document import Document
    from openclaw_config.loading.environment import Environment
    from openclaw_config.plan.model import Plan, Surface, SurfacePlan
    from openclaw_config.runtime.bind import Bound
    from openclaw_config.runtime.results import Job
    from openclaw_config.runtime.secrets import Secrets


class ConfigError(OpenClawConfigError, ValueError):
    """A config that OpenClaw would not load; ``report`` says why."""

    def __init__(self, report: Report) -> None:
        first = next((found for found in report.diagnostics if found.blocks), None)
        if first is None and not report.loads:
            first = next(iter(report.diagnostics), None)
        place = f" at {first.location}" if first is not None and first.location else ""
        message = f"{report.name} does not load"
        super().__init__(f"{message}: {first.message}{place}" if first else message)
        self.report = report


class Config:
    """A config that loads: its report, and the plan of its default agent.

    Frozen, and safe to share between threads. ``environment`` is what it was loaded with, the
    config's own ``env`` block included; it holds secrets and shows none.
    """

    __slots__ = ("_plan", "document", "report")

    def __init__(self, report: Report, document: Document) -> None:
        self.report = report
        self.document = document
        self._plan: Plan | None = None

    @property
    def plan(self) -> Plan:
        """The plan of the default agent, compiled when it is first asked for."""
        if self._plan is None:
            self._plan = self.compile()
        return self._plan

    @property
    def environment(self) -> Environment:
        """The variables that the config sees."""
        return self.document.environment

    @property
    def secrets(self) -> Secrets:
        """Where the keys that the plan names are found, read when one is needed (AUTH rules).

        Nothing is run for one: exec secrets are refused. ``live.secrets_of`` can allow them.
        """
        from openclaw_config.live import secrets_of

        return secrets_of(self.document, self.plan)

    def compile(
        self,
        *,
        agent: str = "",
        surfaces: tuple[str, ...] | None = None,
        models: dict[str, str] | None = None,
        channel: str = "",
    ) -> Plan:
        """A plan for one agent, for some surfaces, or for models that a call asks for itself.

        The arguments are those of ``compiler.compile.compile_plan``, which raises
        UnknownAgentError.
        """
        from openclaw_config.compiler.compile import compile_plan
        from openclaw_config.plan.model import SURFACES

        return compile_plan(
            self.document,
            agent=agent,
            surfaces=SURFACES if surfaces is None else surfaces,
            models=models,
            channel=channel,
        )

    def bind(
        self,
        surface: Surface,
        *,
        agent: str = "",
        entry: str = "tool",
        fallback: bool = True,
        **call: Any,
    ) -> Bound:
        """Bind a call, its arguments as keywords, to a surface of this config.

        The plan is that of ``agent``, by default the default agent, and of the model that the call
        asks for, if it does. Raises CallError and UnusableError, as ``runtime.bind.bind`` does.
        """
        from openclaw_config.live import bind_call

        return bind_call(self, surface, call, agent=agent, entry=entry, fallback=fallback)

    def plan_of(self, job: Job, *, agent: str = "") -> SurfacePlan:
        """The plan with which ``Executor.resume`` picks up a saved job.

        It has the job's model, also one that the call asked for itself. ``agent`` is the agent of
        the call. Raises UnknownAgentError.
        """
        from openclaw_config.live import plan_of_job

        return plan_of_job(self, job, agent)

    def __repr__(self) -> str:
        return f"<Config {self.report.name!r}>"


def check(
    path: str | os.PathLike[str] | None = None,
    *,
    text: str | bytes | None = None,
    name: str | None = None,
    environment: Environment | None = None,
    read: Reader | None = None,
    optional: bool = False,
    capabilities: str | os.PathLike[str] | None = None,
) -> Report:
    """Say what is wrong with a config. Never raises for bad input.

    ``path`` is a file, ``text`` a config in memory, shown as ``name``; with neither it is the
    config that OpenClaw would load here. ``environment`` has the variables that the config finds;
    by default every variable that it names is taken to be set. ``read`` reads the included files,
    in place of ``files.read_below``.
    ``optional`` looks for the rules as well that are off by default. ``capabilities`` is the file
    of a capability table that counts beside the built-in ones; what is wrong with it is found too,
    and then the config does not count as loaded.
    """
    path = None if path is None else os.fspath(path)
    document = _load(path, text=text, name=name, environment=environment, read=read)
    about_table: tuple[Diagnostic, ...] = ()
    if capabilities is not None:
        from openclaw_config.capabilities.user_tables import with_user_table

        tables, about_table = with_user_table(os.fspath(capabilities))
        document = document._replace(tables=tables)
    validation = validate(document, optional=optional)
    found = (*about_table, *limited(document.diagnostics), *validation.diagnostics)
    main = document.source.name if document.source else name or path or "openclaw.json"
    loads = document.readable and not about_table and not any(item.blocks for item in found)
    return Report(main, in_order(found, main), loads, validation.document)


def load(
    path: str | os.PathLike[str] | None = None,
    *,
    text: str | bytes | None = None,
    name: str | None = None,
    environment: Environment | None = None,
    capabilities: str | os.PathLike[str] | None = None,
) -> Config:
    """Load a config for use. Raises ConfigError, which carries the report, when it does not load.

    The arguments are those of ``check``, but by default the variables are those of this process
    and of OpenClaw's ``.env`` files, as a service sees them.
    """
    from openclaw_config.loading.environment import Environment

    variables = Environment.process() if environment is None else environment
    report = check(path, text=text, name=name, environment=variables, capabilities=capabilities)
    if not report.loads or report.document is None:
        raise ConfigError(report)
    return Config(report, report.document)


def compile_plan(
    path: str | os.PathLike[str] | None = None,
    *,
    text: str | bytes | None = None,
    name: str | None = None,
    environment: Environment | None = None,
    agent: str = "",
    surfaces: tuple[str, ...] | None = None,
) -> Plan:
    """The plan of a config. Raises ConfigError when it does not load.

    By default every variable that the config names is taken to be set, as in ``check``. ``agent``
    and ``surfaces`` are as in ``Config.compile``.
    """
    report = check(path, text=text, name=name, environment=environment)
    if not report.loads or report.document is None:
        raise ConfigError(report)
    return Config(report, report.document).compile(agent=agent, surfaces=surfaces)
