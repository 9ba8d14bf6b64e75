"""The variables as OpenClaw would see them, each with the place it comes from.

An Environment holds secrets. Nothing here shows a value: not ``repr``, not ``str``, not an
exception; and pickling, which would write the values out, is refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NoReturn, Self, SupportsIndex

from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import Location
from openclaw_config.targets import DEFAULT

if TYPE_CHECKING:
    from openclaw_config.loading.dotenv import DotenvEntry

PROCESS = "process"
"""The variable is in the process environment, or in the mapping that stands for it."""
DOTENV = "dotenv"
"""It comes from a ``.env`` file (LOAD-05)."""
BLOCK = "block"
"""The config's own ``env`` block sets it (LOAD-32)."""
SHELL = "shell"
"""It may come from the login shell, which OpenClaw would ask and we do not (LOAD-34)."""
ASSUMED = "assumed"
"""It is only taken to be there; the check runs where the variable is not set."""

FOUND = "found"
EMPTY = "empty"
MISSING = "missing"
# ASSUMED is the fourth state of a use.


class _Confidential:
    """What holds secrets: never changed, so that a copy is the same, and never written out."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(f"{type(self).__name__} may hold a secret and is not written out")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


class Variable(_Confidential):
    """A variable and where it comes from.

    ``value`` is a secret until proved otherwise, and None where only the variable's existence is
    known (ASSUMED, SHELL, or an env-block value that is made of assumed ones). ``location`` is
    the place in the file that sets it, None for the process.
    """

    __slots__ = ("kind", "location", "name", "value")

    def __init__(
        self, name: str, value: str | None, kind: str, location: Location | None = None
    ) -> None:
        self.name = name
        self.value = value
        self.kind = kind
        self.location = location

    def __repr__(self) -> str:
        return f"<{self.kind} variable {self.name}>"


class Environment(_Confidential):
    """The variables that a config can use. Never changes; ``with_block`` makes a new one.

    ``assume`` is true when a variable that is not known is taken to be there. ``real`` is true
    when the variables are those of a running process, which then also say where the config is.
    ``release`` is the release of OpenClaw that takes them.
    ``login_shell`` is true when OpenClaw would ask the login shell for key variables (LOAD-34).
    """

    __slots__ = ("_again", "_ignored", "_variables", "assume", "login_shell", "real", "release")

    def __init__(
        self,
        variables: Iterable[Variable] = (),
        *,
        assume: bool = False,
        real: bool = False,
        login_shell: bool = False,
        ignored: Mapping[str, Location] | None = None,
        release: str = DEFAULT,
        again: Callable[[str], Environment] | None = None,
    ) -> None:
        self._variables = {variable.name: variable for variable in variables}
        self._ignored = dict(ignored or {})
        self.assume = assume
        self.real = real
        self.login_shell = login_shell
        self.release = release
        self._again = again

    @classmethod
    def assumed(cls) -> Environment:
        """Every referenced variable is taken to be there, its value unknown: ``check``'s default.

        A hook or a CI job has no secrets, and their absence there says nothing about the config.
        """
        return cls(assume=True)

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Environment:
        """Exactly these variables and no others."""
        return cls(Variable(name, value, PROCESS) for name, value in variables.items())

    @classmethod
    def of_file(cls, path: str | os.PathLike[str]) -> Environment:
        """Exactly the variables of one ``.env`` file.

        Raises OSError when the file cannot be read, and ValueError when it is not a regular file
        or is larger than ``dotenv.MAX_BYTES``.
        """
        from openclaw_config.loading.dotenv import read_dotenv

        return cls(
            Variable(entry.name, entry.value, DOTENV, entry.location)
            for entry in read_dotenv(os.fspath(path))
        )

    @classmethod
    def process(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        cwd: str | None = None,
        home: str | None = None,
        state_dir: str | None = None,
    ) -> Environment:
        """The process environment with the ``.env`` files that OpenClaw reads before the config.

        ``environ`` is ``os.environ`` when it is not given. Each file fills only variables that
        are not defined at all, an empty one counting as defined, in the order: ``.env`` of the
        working folder, ``.env`` of the state folder, and ``~/.config/openclaw/gateway.env`` when
        the state folder is the default one (LOAD-05). A file that cannot be read is passed over,
        as OpenClaw does.
        """
        from openclaw_config.loading import discovery

        environ = os.environ if environ is None else environ
        cwd = os.path.abspath(cwd or os.getcwd())
        home = home or discovery.home_dir(environ, cwd)
        state_dir = state_dir or discovery.state_dir(environ, home, cwd)
        workspace = _entries(os.path.join(cwd, ".env"))
        others = _entries(os.path.join(state_dir, ".env"))
        given = [Variable(name, value, PROCESS) for name, value in environ.items()]
        gateway: tuple[DotenvEntry, ...] = ()
        if state_dir in discovery.default_state_dirs(home):
            gateway = _entries(os.path.join(home, ".config", "openclaw", "gateway.env"))

        def read_by(release: str) -> Environment:
            variables = {one.name: one for one in given}
            ignored: dict[str, Location] = {}
            _fill(variables, _harmless(release, workspace, ignored))
            _fill(variables, others)
            _fill(variables, gateway)
            return cls(
                variables.values(), real=True, ignored=ignored, release=release, again=read_by
            )

        return read_by(DEFAULT)

    def of_release(self, release: str) -> Environment:
        """The same variables as a release of OpenClaw takes them (LOAD-05, LOAD-34)."""
        if release == self.release:
            return self
        if self._again is not None:
            return self._again(release)
        return Environment(self._variables.values(), assume=self.assume, release=release)

    def variable(self, name: str) -> Variable | None:
        """A variable with its origin, or None when it is not there."""
        found = self._variables.get(name)
        if found is not None:
            return found
        if self.assume:
            return Variable(name, None, ASSUMED)
        if self.login_shell and _in_shell_import(self.release, name):
            return Variable(name, None, SHELL)
        return None

    def get(self, name: str, /) -> str | None:
        """A variable's value, or None when it is not there or not known."""
        found = self._variables.get(name)
        return None if found is None else found.value

    def state(self, name: str) -> str:
        """FOUND, EMPTY, MISSING or ASSUMED, as ``${NAME}`` sees it (LOAD-31)."""
        found = self._variables.get(name)
        if found is None:
            return ASSUMED if self.assume else MISSING
        if found.value is None:
            return ASSUMED
        return FOUND if found.value else EMPTY

    def blank(self, name: str) -> bool:
        """Whether the ``env`` block may set a variable: it is not there, or blank (LOAD-32)."""
        found = self._variables.get(name)
        return found is None or (found.value is not None and not trim(found.value))

    def ignored(self, name: str) -> Location | None:
        """Where the working folder's ``.env`` sets a variable that OpenClaw does not take there."""
        return self._ignored.get(name)

    def names(self) -> tuple[str, ...]:
        """The names of the variables that are known, in alphabetical order."""
        return tuple(sorted(self._variables))

    def with_block(
        self, variables: Iterable[Variable], *, login_shell: bool = False
    ) -> Environment:
        """The environment with the ``env`` block's variables put over it."""
        return Environment(
            [*self._variables.values(), *variables],
            assume=self.assume,
            real=self.real,
            login_shell=self.login_shell or login_shell,
            ignored=self._ignored,
            release=self.release,
        )

    def __repr__(self) -> str:
        assumed = ", others assumed" if self.assume else ""
        return f"<environment of {len(self._variables)} variables{assumed}>"


def _entries(path: str) -> tuple[DotenvEntry, ...]:
    from openclaw_config.loading.dotenv import read_dotenv

    try:
        return read_dotenv(path)
    except (OSError, ValueError):
        return ()


def _harmless(
    release: str, entries: Iterable[DotenvEntry], ignored: dict[str, Location]
) -> list[DotenvEntry]:
    # The working folder may be anybody's repository, so OpenClaw takes only harmless names there.
    taken = []
    for entry in entries:
        from openclaw_config.registry import blocked_in_workspace_file

        if blocked_in_workspace_file(release, entry.name):
            ignored[entry.name] = entry.location
        else:
            taken.append(entry)
    return taken


def _fill(variables: dict[str, Variable], entries: Iterable[DotenvEntry]) -> None:
    """Add what is not defined yet; of a name that a file repeats the last value counts."""
    for name, entry in {entry.name: entry for entry in entries}.items():
        if name not in variables:
            variables[name] = Variable(name, entry.value, DOTENV, entry.location)


def _in_shell_import(release: str, name: str) -> bool:
    from openclaw_config.registry import shell_import_names

    return name in shell_import_names(release)
