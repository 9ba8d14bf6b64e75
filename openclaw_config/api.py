"""The library's functions: check a config, load it, compile it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack, overload

from openclaw_config.diagnostics.model import Diagnostic, Report, in_order
from openclaw_config.errors import OpenClawConfigError
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import load as _load
from openclaw_config.syntax.nodes import Node, StringNode, child, to_value
from openclaw_config.targets import DEFAULT
from openclaw_config.validation.validate import LIMIT, limited, validate

if TYPE_CHECKING:
    from openclaw_config.files import Reader
    from openclaw_config.loading.load import Document
    from openclaw_config.plan.model import Plan, Surface, SurfacePlan
    from openclaw_config.runtime.bind import Bound
    from openclaw_config.runtime.results import Job
    from openclaw_config.runtime.secrets import Secrets

    class Given(TypedDict, total=False):
        """The keyword arguments of ``check``."""

        text: str | bytes | None
        name: str | None
        environment: Environment | None
        read: Reader | None
        optional: bool
        capabilities: str | os.PathLike[str] | None
        target: str


T = TypeVar("T")


class ConfigError(OpenClawConfigError, ValueError):
    """A config that OpenClaw would not load; ``report`` says why."""

    def __init__(self, report: Report) -> None:
        message = f"{report.name} does not load"
        # Where none blocks, a capability table is wrong.
        first = min(report.diagnostics, key=lambda found: not found.blocks, default=None)
        if first is not None:
            message += f": {first.message}" + (f" at {first.location}" if first.location else "")
        super().__init__(message)
        self.report = report


class Config:
    """A config that loads: its report, and the plan of its default agent.

    Safe to share between threads. Raises ConfigError for the report of one that does not load.
    """

    def __init__(self, report: Report) -> None:
        if not report.loads or report.document is None:
            raise ConfigError(report)
        self.report = report
        self.document = report.document

    @cached_property
    def plan(self) -> Plan:
        """The plan of the default agent, compiled when it is first asked for."""
        return self.compile()

    @property
    def environment(self) -> Environment:
        """The variables that the config sees, its own ``env`` block included.

        It holds secrets and shows none.
        """
        return self.document.environment

    @property
    def secrets(self) -> Secrets:
        """Where the keys that the plan names are found, read when one is needed (AUTH rules).

        Nothing is run for one: exec secrets are refused. ``secrets_of`` can allow them.
        """
        return secrets_of(self.document, self.plan)

    @overload
    def get(self, path: str, kind: type[T]) -> T | None: ...

    @overload
    def get(self, path: str, kind: Any) -> Any: ...

    def get(self, path: str, kind: Any) -> Any:
        """The value at a dotted path (``agents.defaults.timeoutSeconds``), None when it is not set.

        ``kind`` is its type, any that pydantic understands: ``str``, ``list[str]``, a TypedDict, a
        dataclass, a BaseModel. It is read strictly: no text becomes a number. Raises TypeError,
        which names the path and not the value, when it is of another type.
        """
        node = _at(self.document.root, path.split("."))
        value = None if node is None else to_value(node)
        return None if value is None else _typed(path, value, kind)

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

        plan = compile_plan(
            self.document, agent=agent, surfaces=surfaces, models=models, channel=channel
        )
        return _without_keys(plan)

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
        from openclaw_config.runtime.bind import bind

        models: dict[str, str] = {}
        if isinstance(call.get("model"), str) and surface != "speech":
            models = {surface: call.pop("model")}
        other = bool(agent or models)
        plan = self.compile(agent=agent, surfaces=(surface,), models=models) if other else self.plan
        return bind(_of_surface(plan, surface), call, entry=entry, fallback=fallback)

    def plan_of(self, job: Job, *, agent: str = "") -> SurfacePlan:
        """The plan with which ``Executor.resume`` picks up a saved job.

        It has the job's model, also one that the call asked for itself. ``agent`` is the agent of
        the call. Raises UnknownAgentError.
        """
        models = {job.surface: job.ref}
        plan = self.compile(agent=agent, surfaces=(job.surface,), models=models)
        return _of_surface(plan, job.surface)

    def __repr__(self) -> str:
        return f"<Config {self.report.name!r}>"


def _without_keys(plan: Plan) -> Plan:
    """A plan without the keys that a config has where a name belongs: none is shown, or sent.

    A candidate that had one is not tried.
    """
    from openclaw_config.diagnostics.masking import without_keys
    from openclaw_config.plan.values import changed, texts_in

    if all(without_keys(text) == text for text in texts_in(plan)):
        return plan
    found: Plan = changed(plan, without_keys)
    problem = "a key stands where a name belongs"
    surfaces: dict[str, Any] = {}
    for old, new in zip(plan.surfaces, found.surfaces, strict=True):
        candidates = tuple(
            one if one == had else one._replace(problem=problem, steps=())
            for had, one in zip(old.candidates, new.candidates, strict=True)
        )
        surfaces[new.surface] = new._replace(candidates=candidates)
    return found._replace(**surfaces)


def _typed(path: str, value: Any, kind: Any) -> Any:
    """A JSON value as a type; raises TypeError with the place that does not fit."""
    import json
    from typing import get_args

    from pydantic import TypeAdapter, ValidationError
    from pydantic_core.core_schema import ErrorType

    try:
        # Of JSON, since that is how strict types read a list as a tuple or an object as a record.
        return TypeAdapter(kind).validate_json(json.dumps(value), strict=True)
    except ValidationError as refused:
        error = refused.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, (path, *error["loc"])))
    # What messages quote of the value stands in these, and in whatever validators of its own say.
    quotes = {"error", "encoding_error", "tag"} & error.get("ctx", {}).keys()
    safe = not quotes and error["type"] in get_args(ErrorType)
    raise TypeError(f"{place}: {error['msg'] if safe else 'the value does not fit its type'}")


def _of_surface(plan: Plan, surface: str) -> SurfacePlan:
    found: SurfacePlan | None = getattr(plan, surface)
    if found is None:
        from openclaw_config.runtime.errors import UnusableError

        raise UnusableError(f"no {surface} calls are known of OpenClaw {plan.target}")
    return found


def _at(root: Node | None, path: Iterable[str]) -> Node | None:
    node = root
    for key in path:
        # A list's items are counted, and a text does not tell a number from a name.
        index = int(key) if key.isascii() and key.isdigit() and len(key) < 10 else None
        node = child(node, key) or (child(node, index) if index is not None else None)
    return node


def secrets_of(document: Document, plan: Plan, *, allow_exec: bool = False) -> Secrets:
    """What finds the secrets that a document's plan names.

    Nothing is read before it is needed. Commands of exec providers run only with ``allow_exec``.
    """
    from openclaw_config.plan.values import keys
    from openclaw_config.runtime.secrets import Secrets

    def text_at(pointer: str) -> str | None:
        node = _at(document.root, keys(pointer))
        return node.value if isinstance(node, StringNode) and not node.assumed else None

    return Secrets(
        document.environment,
        config=text_at,
        providers=plan.secret_providers,
        state_dir=document.state_dir,
        home=document.home,
        profiles=document.environment.profiles,
        allow_exec=allow_exec,
    )


def check(
    path: str | os.PathLike[str] | None = None,
    *,
    text: str | bytes | None = None,
    name: str | None = None,
    environment: Environment | None = None,
    read: Reader | None = None,
    optional: bool = False,
    capabilities: str | os.PathLike[str] | None = None,
    target: str = "",
    limit: int = LIMIT,
) -> Report:
    """Say what is wrong with a config. Never raises for bad input.

    ``path`` is a file, ``text`` a config in memory, shown as ``name``; with neither it is the
    config that OpenClaw would load here. ``environment`` has the variables that the config finds;
    by default every variable that it names is taken to be set. ``read`` reads the included files,
    in place of ``files.read_below``.
    ``optional`` looks for the rules as well that are off by default. ``capabilities`` is the file
    of a capability table that counts beside the built-in ones; what is wrong with it is found too,
    and then the config does not count as loaded. ``target`` is the version of OpenClaw that it is
    checked for, "" for the one that the config itself shows (``targets.choose``), or else the only
    one of the newest and the oldest that loads it; a text that is no version raises
    UnknownVersionError. Past ``limit`` findings of validation are only counted.
    """
    path = None if path is None else os.fspath(path)

    def examined(version: str, verdict: bool = False) -> Report:
        document = _load(
            path, text=text, name=name, environment=environment, read=read, target=version
        )
        about_table: tuple[Diagnostic, ...] = ()
        if capabilities is not None:
            from openclaw_config.capabilities.user_tables import with_user_table

            tables, about_table = with_user_table(os.fspath(capabilities), document.target.requests)
            document = document._replace(tables=tables)
        validation = validate(document, optional=optional, limit=limit, verdict=verdict)
        found = (*about_table, *limited(document.diagnostics), *validation.diagnostics)
        main = document.source.name if document.source else name or path or "openclaw.json"
        loads = document.readable and not about_table and not any(item.blocks for item in found)
        return Report(main, in_order(found, main), loads, validation.document)

    report = examined(target)
    document = report.document
    if document is None or not document.readable or document.target_by not in ("keys", "default"):
        return report
    if document.release == DEFAULT:
        if report.loads:
            return report
        from openclaw_config.validation.migrations.versions import may_be_old

        if not all(may_be_old(item) for item in report.diagnostics if item.blocks):
            return report
    from openclaw_config.older import settled

    return settled(report, examined)


def load(path: str | os.PathLike[str] | None = None, **given: Unpack[Given]) -> Config:
    """Load a config for use. Raises ConfigError, which carries the report, when it does not load.

    The arguments are those of ``check``, but by default the variables are those of this process
    and of OpenClaw's ``.env`` files, as a service sees them.
    """
    if given.get("environment") is None:
        given["environment"] = Environment.process()
    return Config(check(path, **given))


def compile(  # noqa: A001
    path: str | os.PathLike[str] | None = None,
    *,
    agent: str = "",
    surfaces: tuple[str, ...] | None = None,
    **given: Unpack[Given],
) -> Plan:
    """The plan of a config. Raises ConfigError when it does not load.

    ``agent`` and ``surfaces`` are as in ``Config.compile``, the other arguments as in ``check``.
    """
    return Config(check(path, **given)).compile(agent=agent, surfaces=surfaces)
