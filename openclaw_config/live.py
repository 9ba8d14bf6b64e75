"""A config in use: its secrets, typed access to it, and what happens when its files change."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from openclaw_config.api import Config, ConfigError, load
from openclaw_config.loading.document import Document
from openclaw_config.loading.environment import Environment
from openclaw_config.plan.model import Plan
from openclaw_config.plan.pointers import keys
from openclaw_config.report import Report
from openclaw_config.syntax.nodes import Node, StringNode, child, to_value

if TYPE_CHECKING:
    from openclaw_config.plan.diff import Change
    from openclaw_config.plan.model import SurfacePlan
    from openclaw_config.runtime.bind import Bound
    from openclaw_config.runtime.results import Job
    from openclaw_config.runtime.secrets import Secrets

T = TypeVar("T")

INTERVAL = 1.0
"""How often the files are looked at, in seconds."""
DEBOUNCE = 0.25
"""How long they must be quiet before they are read again, in seconds."""


class Update(NamedTuple):
    """A config that took another one's place, and what changes in the requests of its plan."""

    old: Config
    new: Config
    changes: tuple[Change, ...]


# --- secrets and values -----------------------------------------------------------------------


def secrets_of(document: Document, plan: Plan, *, allow_exec: bool = False) -> Secrets:
    """What finds the secrets that a document's plan names.

    Nothing is read before it is needed. Commands of exec providers run only with ``allow_exec``.
    """
    from openclaw_config.runtime.secrets import Secrets

    def text_at(pointer: str) -> str | None:
        node = _at(document.root, [*keys(pointer)])
        return node.value if isinstance(node, StringNode) and not node.assumed else None

    return Secrets(
        document.environment,
        config=text_at,
        providers=plan.secret_providers,
        state_dir=document.state_dir,
        home=document.home,
        allow_exec=allow_exec,
    )


def _at(root: Node | None, keys: list[str]) -> Node | None:
    node = root
    for key in keys:
        # A list's items are counted, and a text does not tell a number from a name.
        index = int(key) if key.isascii() and key.isdigit() and len(key) < 10 else None
        node = child(node, key) or (child(node, index) if index is not None else None)
    return node


def setting(config: Config, path: str, kind: type[T]) -> T | None:
    """The value at a dotted path of the config (``agents.defaults.timeoutSeconds``).

    None when it is not set. ``kind`` is its type: str, int, float, bool, list or dict. Raises
    TypeError, which names the path and not the value, when it is of another type.
    """
    node = _at(config.document.root, path.split("."))
    if node is None:
        return None
    value = to_value(node)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if value is None:
        return None
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{path} is of the type {node.kind}, not {kind.__name__}")
    return value


def bind_call(
    config: Config,
    surface: str,
    call: Mapping[str, Any],
    *,
    agent: str = "",
    entry: str = "tool",
    fallback: bool = True,
) -> Bound:
    """Bind a call to the plan of a surface, compiled for the model that the call asks for, if any.

    Raises CallError and UnusableError as ``runtime.bind.bind`` does.
    """
    from openclaw_config.runtime.bind import bind

    model = call.get("model")
    models = {surface: model} if isinstance(model, str) and surface != "speech" else None
    if agent or models:
        plan = config.compile(agent=agent, surfaces=(surface,), models=models)
    else:
        plan = config.plan
    given = {name: value for name, value in call.items() if not models or name != "model"}
    found = next(one for one in plan.surfaces if one.surface == surface)
    return bind(found, given, entry=entry, fallback=fallback)


def plan_of_job(config: Config, job: Job, agent: str = "") -> SurfacePlan:
    """The plan with which a saved job is picked up: that of the model which it was made with."""
    plan = config.compile(agent=agent, surfaces=(job.surface,), models={job.surface: job.ref})
    return next(one for one in plan.surfaces if one.surface == job.surface)


# --- watching ---------------------------------------------------------------------------------

_MOST_READINGS = 20
_RECENTLY = 2_000_000_000
# Nanoseconds: file systems keep times to two seconds at worst.


class Health(NamedTuple):
    """How keeping up goes. ``looked_at`` is the time of the last look, in seconds since 1970.

    ``report`` is that of a config which does not load, while the last good one stays. ``error`` is
    what the last look raised: a listener's error, or the system's.
    """

    running: bool
    looked_at: float
    report: Report | None
    error: Exception | None


_LOG = "openclaw_config.live"

_Signature = tuple[tuple[str, tuple[int, int, int] | None], ...]


class Live:
    """A config that keeps up with its files. Any thread may use it.

    ``config`` is always a config that loads: after a bad edit the last good one stays, and
    ``on_error`` gets the report. ``on_change`` gets the old and the new config and the difference
    of their plans; both are plain functions. Used as a context manager, or after ``start``, a
    thread looks at the files every ``interval`` seconds, whatever a listener raises (``health``);
    otherwise call ``look``. Files are read when they were quiet for
    ``debounce`` seconds and did not change meanwhile.

    ``environment`` makes the variables anew for each reading; by default those of the process and
    of OpenClaw's ``.env`` files. Raises ConfigError when the config does not load at first.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        environment: Callable[[], Environment] | None = None,
        on_change: Callable[[Update], None] | None = None,
        on_error: Callable[[Report], None] | None = None,
        interval: float = INTERVAL,
        debounce: float = DEBOUNCE,
    ) -> None:
        import inspect

        for listener in (on_change, on_error):
            if inspect.iscoroutinefunction(listener):
                raise TypeError("listeners must be plain functions: nothing awaits an async one")
        self._path = None if path is None else os.fspath(path)
        self._report: Report | None = None
        self._error: Exception | None = None
        self._looked_at = time.time()
        self._environment = environment or Environment.process
        self._on_change = on_change
        self._on_error = on_error
        self._interval = interval
        self._debounce = debounce
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._config, self._seen = self._read()

    @property
    def config(self) -> Config:
        """The last config that loads."""
        return self._config

    @property
    def plan(self) -> Plan:
        """The plan of its default agent."""
        return self._config.plan

    def __enter__(self) -> Live:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Look at the files from a thread of its own, which ends with ``close``."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(
                target=self._keep_looking, name="openclaw-config", daemon=True
            )
            self._thread.start()

    def close(self) -> None:
        """Stop looking. The config stays."""
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _keep_looking(self) -> None:
        while not self._stop.wait(self._interval):
            try:
                self.look()
            except Exception as error:  # a listener's fault must not leave the config to age
                import logging

                self._error = error
                # Only the type: the text of an exception may hold a value of the config.
                logging.getLogger(_LOG).error("a look ended with %s", type(error).__name__)

    @property
    def health(self) -> Health:
        """Whether a thread looks at the files, and what came of its last look."""
        running = self._thread is not None and self._thread.is_alive()
        return Health(running, self._looked_at, self._report, self._error)

    def look(self) -> Update | None:
        """Look at the files once; the update when there is a new config that loads.

        Raises what a listener raises; the new config is in place by then.
        """
        with self._lock:
            self._looked_at, self._error = time.time(), None
            if _signature(_paths_of(self._seen)) == self._seen:
                return None
            self._wait_until_quiet()
            news = self._news()
        # Outside of the lock: what hears of it may well look at the config.
        if isinstance(news, Report):
            if self._on_error is not None:
                self._on_error(news)
            return None
        if self._on_change is not None:
            self._on_change(news)
        return news

    def _news(self) -> Update | Report:
        """Read the files again: an update, or the report of a config that does not load."""
        try:
            config, self._seen = self._read()
        except ConfigError as error:
            self._seen = _signature(_watched(error.report.document, self._seen, bad=True))
            self._report = error.report
            return error.report
        self._report = None
        return self._changed(config)

    def _changed(self, config: Config) -> Update:
        from openclaw_config.plan.diff import diff

        old, self._config = self._config, config
        return Update(old, config, diff(old.plan, config.plan))

    def _wait_until_quiet(self) -> None:
        paths = _paths_of(self._seen)
        last = _signature(paths)
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < self._debounce:
            if self._stop.wait(min(0.05, self._debounce / 4)):
                return
            now = _signature(paths)
            if now != last:
                last, quiet_since = now, time.monotonic()

    def _read(self) -> tuple[Config, _Signature]:
        """A config that was read while none of its files changed. Raises ConfigError."""
        before: _Signature = ()
        for _ in range(_MOST_READINGS):
            started = time.time_ns()
            config = load(self._path, environment=self._environment())
            after = _signature(_watched(config.document, (), bad=False))
            if after == before or _is_old(after, started):
                return config, after
            # Which files matter is known only now: read between two equal looks at them.
            before = after
        return config, after


def watch(
    path: str | os.PathLike[str] | None = None,
    *,
    environment: Callable[[], Environment] | None = None,
    on_change: Callable[[Update], None] | None = None,
    on_error: Callable[[Report], None] | None = None,
    interval: float = INTERVAL,
    debounce: float = DEBOUNCE,
    stop: threading.Event | None = None,
) -> Iterator[Config]:
    """The config, and a new one each time its file, or one that it includes, changes.

    Ends when ``stop`` is set. The other arguments, and ConfigError, are as in ``Live``.
    """
    ended = stop or threading.Event()
    live = Live(
        path,
        environment=environment,
        on_change=on_change,
        on_error=on_error,
        interval=interval,
        debounce=debounce,
    )
    yield live.config
    while not ended.wait(interval):
        update = live.look()
        if update is not None:
            yield update.new


def _watched(document: Document | None, seen: _Signature, *, bad: bool) -> tuple[str, ...]:
    """The files that a config depends on.

    After a failure also those from before and the folders, where a missing file may appear.
    """
    paths = list(_paths_of(seen))
    if document is not None:
        own = [source.path for source in document.sources if source.path]
        paths += own
        paths += [os.path.join(document.state_dir, ".env"), os.path.join(_here(), ".env")]
        if bad:
            paths += [document.config_dir, *(os.path.dirname(path) for path in own)]
    return tuple(dict.fromkeys(paths))


def _here() -> str:
    try:
        return os.getcwd()
    except OSError:
        return os.sep


def _paths_of(signature: _Signature) -> tuple[str, ...]:
    return tuple(path for path, _ in signature)


def _signature(paths: tuple[str, ...]) -> _Signature:
    return tuple((path, _state(path)) for path in paths)


def _is_old(signature: _Signature, started: int) -> bool:
    """Whether no file was touched shortly before a reading, nor since."""
    latest = max((state[0] for _, state in signature if state is not None), default=0)
    return latest < started - _RECENTLY


def _state(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
