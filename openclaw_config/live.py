"""A config that follows its files."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from openclaw_config.api import Config, ConfigError, load
from openclaw_config.diagnostics.model import Report
from openclaw_config.files import Stamp, stamp, working_folder
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import Document
from openclaw_config.plan.model import Plan

if TYPE_CHECKING:
    from openclaw_config.plan.diff import Change


INTERVAL = 1.0
"""How often the files are looked at, in seconds."""
DEBOUNCE = 0.25
"""How long they must be quiet before they are read again, in seconds."""


class Update(NamedTuple):
    """A config that took another one's place, and what changes in the requests of its plan."""

    old: Config
    new: Config
    changes: tuple[Change, ...]


_MOST_READINGS = 20


class Health(NamedTuple):
    """How keeping up goes. ``looked_at`` is the time of the last look, in seconds since 1970.

    ``report`` is that of a config which does not load, while the last good one stays. ``error`` is
    what the last look raised: a listener's error, or the system's.
    """

    running: bool
    looked_at: float
    report: Report | None
    error: Exception | None


_Signature = dict[str, Stamp]


@dataclass(eq=False, repr=False)
class Live:
    """A config that keeps up with its files. Any thread may use it.

    ``config`` is always a config that loads: after a bad edit the last good one stays, and
    ``on_error`` gets the report. ``on_change`` gets the old and the new config and the difference
    of their plans; both are plain functions. Used as a context manager, or after ``start``, a
    thread looks at the files every ``interval`` seconds, whatever a listener raises (``health``);
    otherwise call ``poll``. Files are read when they were quiet for
    ``debounce`` seconds and did not change meanwhile.

    ``environment`` makes the variables anew for each reading; by default those of the process and
    of OpenClaw's ``.env`` files. Raises ConfigError when the config does not load at first.
    """

    path: str | os.PathLike[str] | None = None
    _: KW_ONLY
    environment: Callable[[], Environment] | None = None
    on_change: Callable[[Update], None] | None = None
    on_error: Callable[[Report], None] | None = None
    interval: float = INTERVAL
    debounce: float = DEBOUNCE
    config: Config = field(init=False)
    """The last config that loads."""

    def __post_init__(self) -> None:
        import inspect

        if any(map(inspect.iscoroutinefunction, (self.on_change, self.on_error))):
            raise TypeError("listeners must be plain functions: nothing awaits an async one")
        self._health = Health(False, time.time(), None, None)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._seen: _Signature = {}
        self.config, self._seen = self._read()

    @property
    def plan(self) -> Plan:
        """The plan of its default agent."""
        return self.config.plan

    def __enter__(self) -> Live:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Look at the files from a thread of its own, which ends with ``close``."""
        if self._thread is None:
            self._stop.clear()
            name, keep = "openclaw-config", self._keep_polling
            self._thread = threading.Thread(target=keep, name=name, daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop looking. The config stays."""
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _keep_polling(self) -> None:
        while not self._stop.wait(self.interval):
            try:
                self.poll()
            except Exception as error:  # a listener's fault must not leave the config to age
                import logging

                self._health = self._health._replace(error=error)
                # Only the type: the text of an exception may hold a value of the config.
                logging.getLogger(__name__).error("a look ended with %s", type(error).__name__)

    @property
    def health(self) -> Health:
        """Whether a thread looks at the files, and what came of its last look."""
        running = self._thread is not None and self._thread.is_alive()
        return self._health._replace(running=running)

    def poll(self) -> Update | None:
        """Look at the files once; the update when there is a new config that loads.

        Raises what a listener raises; the new config is in place by then.
        """
        from openclaw_config.plan.diff import diff

        update = None
        with self._lock:
            self._health = self._health._replace(looked_at=time.time(), error=None)
            if _signature(self._seen) == self._seen:
                return None
            before, now = None, _signature(self._seen)
            while now != before and not self._stop.wait(self.debounce):
                before, now = now, _signature(now)
            report = None
            try:
                old, (self.config, self._seen) = self.config, self._read()
                update = Update(old, self.config, diff([old.plan], [self.config.plan]))
            except ConfigError as error:
                report = error.report
                self._seen = _signature([*self._seen, *_watched(report.document, bad=True)])
            self._health = self._health._replace(report=report)
        # Outside of the lock: a listener may well look at the config.
        if update is not None and self.on_change is not None:
            self.on_change(update)
        if report is not None and self.on_error is not None:
            self.on_error(report)
        return update

    def _read(self) -> tuple[Config, _Signature]:
        """A config that was read while none of its files changed. Raises ConfigError."""
        before = _signature(self._seen)
        for _ in range(_MOST_READINGS):
            config = load(self.path, environment=(self.environment or Environment.process)())
            after = _signature(_watched(config.document))
            if after == before:
                return config, after
            # Which files matter may be known only now: read between two equal looks at them.
            before = after
        return config, after


def watch(
    path: str | os.PathLike[str] | None = None,
    *,
    environment: Callable[[], Environment] | None = None,
    interval: float = INTERVAL,
    debounce: float = DEBOUNCE,
    stop: threading.Event | None = None,
) -> Iterator[Config]:
    """The config, and a new one each time its file, or one that it includes, changes.

    Ends when ``stop`` is set. The other arguments, and ConfigError, are as in ``Live``.
    """
    live = Live(path, environment=environment, interval=interval, debounce=debounce)
    ended = stop or threading.Event()
    yield live.config
    while not ended.wait(live.interval):
        update = live.poll()
        if update is not None:
            yield update.new


def _watched(document: Document | None, *, bad: bool = False) -> Iterator[str]:
    """The files that a config depends on; of a ``bad`` one also the folders.

    In these a missing file may appear.
    """
    if document is None:
        return
    own = [source.path for source in document.sources if source.path]
    yield from own
    yield os.path.join(document.state_dir, ".env")
    yield os.path.join(working_folder(), ".env")
    if bad:
        yield document.config_dir
        yield from map(os.path.dirname, own)


def _signature(paths: Iterable[str]) -> _Signature:
    return {path: stamp(path) for path in paths}
