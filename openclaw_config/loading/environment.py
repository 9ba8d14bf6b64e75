"""What OpenClaw finds around it: its folders and config (LOAD-01 to LOAD-04), and the variables.

Each variable has the place it comes from.

An Environment holds secrets. Nothing here shows a value: not ``repr``, not ``str``, not an
exception; and pickling, which would write the values out, is refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Self, SupportsIndex

from openclaw_config.files import read_regular
from openclaw_config.syntax.text import WHITE_SPACE, KeyPath, Location, Source, Span, trim
from openclaw_config.targets import DEFAULT, releases

if TYPE_CHECKING:
    from typing import Protocol

    class Lookup(Protocol):
        """Anything that finds a variable's value by name: ``os.environ``, an Environment."""

        def get(self, name: str, /) -> str | None:
            """The value, or None when the variable is not set."""


CONFIG_NAMES = ("openclaw.json", "clawdbot.json")
"""The config's file name, and the one it had before."""
STATE_NAMES = (".openclaw", ".clawdbot")
"""The state folder's name below the home, and the one it had before."""


class Found(NamedTuple):
    """Where the config is, or would be: absolute paths. ``how`` says in a few words why there.

    It is "" for a config that was named.
    """

    path: str
    how: str
    home: str
    state_dir: str


def home_dir(environ: Lookup, cwd: str) -> str:
    """The home folder that OpenClaw uses; ``cwd`` when the system knows none (LOAD-01)."""
    given = _usable(environ.get("HOME")) or _usable(environ.get("USERPROFILE"))
    system = given or os.path.expanduser("~").removeprefix("~")
    chosen = _usable(environ.get("OPENCLAW_HOME"))
    return expand(chosen or system or cwd, system or cwd, cwd)


def default_state_dirs(home: str) -> tuple[str, str]:
    """The state folders that count as default ones, the preferred first."""
    return os.path.join(home, STATE_NAMES[0]), os.path.join(home, STATE_NAMES[1])


def find_state_dir(environ: Lookup, home: str, cwd: str) -> str:
    """The folder of OpenClaw's state (LOAD-02)."""
    chosen = trim(environ.get("OPENCLAW_STATE_DIR") or "")
    if chosen:
        return expand(chosen, home, cwd)
    default, former = default_state_dirs(home)
    return former if not os.path.exists(default) and os.path.exists(former) else default


def find_config(
    environ: Lookup | None = None, named: str = "", cwd: str = "", home: str = "", state: str = ""
) -> Found:
    """The config that OpenClaw would read in this environment (LOAD-03), or one that is ``named``.

    ``environ`` is ``os.environ`` when it is not given. ``home`` and ``state`` replace the folders
    that the environment names; a ``state`` counts as if ``OPENCLAW_STATE_DIR`` had named it.
    """
    environ = os.environ if environ is None else environ
    cwd = os.path.abspath(cwd or os.getcwd())
    home = home or home_dir(environ, cwd)
    fixed = bool(state or trim(environ.get("OPENCLAW_STATE_DIR") or ""))
    folder = state or find_state_dir(environ, home, cwd)
    if named:
        return Found(os.path.normpath(os.path.join(cwd, named)), "", home, folder)
    chosen = trim(environ.get("OPENCLAW_CONFIG_PATH") or "")
    if chosen:
        return Found(expand(chosen, home, cwd), "named by OPENCLAW_CONFIG_PATH", home, folder)
    places = [(folder, "found in the state folder")]
    if not fixed:
        places += [(os.path.join(home, name), "found in the home folder") for name in STATE_NAMES]
    for place, how in places:
        for name in CONFIG_NAMES:
            path = os.path.join(place, name)
            if os.path.exists(path):
                return Found(path, how, home, folder)
    return Found(os.path.join(folder, CONFIG_NAMES[0]), "where OpenClaw would look", home, folder)


def expand(path: str, home: str, cwd: str) -> str:
    """A path from a variable, with ``~`` expanded and made absolute; ``~name`` is left as it is."""
    return absolute(home + path[1:] if _starts_at_home(path) else path, cwd)


def include_roots(environ: Lookup, home: str, release: str) -> tuple[str, ...]:
    """The folders besides the config's own that included files may lie in (LOAD-22, LOAD-22')."""
    known = release != releases()[0]
    written = (environ.get("OPENCLAW_INCLUDE_ROOTS") or "").split(":") if known else ()
    return tuple(expand(one, home, os.getcwd()) for one in written if one)


def _starts_at_home(path: str) -> bool:
    return path == "~" or path.startswith(("~/", "~\\"))


def absolute(path: str, cwd: str) -> str:
    """The absolute, normalised path that a path means in a folder."""
    joined = os.path.normpath(os.path.join(cwd, path))
    # Python keeps two leading slashes apart from one; Node does not.
    return "/" + joined.lstrip("/") if joined.startswith("//") else joined


def _usable(value: str | None) -> str:
    text = trim(value or "")
    return "" if text in {"undefined", "null"} else text


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


class VariableUse(NamedTuple):
    """A ``${NAME}`` in a value.

    ``location`` is the reference's own place inside the string, ``key_path`` the value's in the
    merged document. ``state`` is FOUND, EMPTY, MISSING or ASSUMED, as
    the substitution saw it (LOAD-31).
    """

    name: str
    location: Location
    key_path: KeyPath
    state: str


class _Confidential:
    """What holds secrets: never changed, so that a copy is the same, and never written out."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(f"{type(self).__name__} may hold a secret and is not written out")

    def __copy__(self, memo: object = None) -> Self:
        return self

    __deepcopy__ = __copy__


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
    ``profiles`` are the auth profiles that somebody gave, None where the stores have them.
    ``ignored`` says where the working folder's ``.env`` sets what OpenClaw does not take there.
    """

    __slots__ = (
        "_again", "_variables", "assume", "ignored", "login_shell", "profiles", "real", "release",
    )  # fmt: skip

    def __init__(self, variables: Iterable[Variable] = (), *, assume: bool = False) -> None:
        self._variables = {variable.name: variable for variable in variables}
        self.ignored: Mapping[str, Location | None] = {}
        self._again: Callable[[str], Environment] | None = None
        self.assume = assume
        self.real = False
        self.login_shell = False
        self.release = DEFAULT
        self.profiles: Mapping[str, Any] | None = None

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
        or is larger than MAX_DOTENV_BYTES.
        """
        return cls(read_dotenv(os.fspath(path)))

    @classmethod
    def process(cls, environ: Mapping[str, str] | None = None, cwd: str = "") -> Environment:
        """The process environment with the ``.env`` files that OpenClaw reads before the config.

        ``environ`` is ``os.environ`` when it is not given. Each file fills only variables that
        are not defined at all, an empty one counting as defined, in the order: ``.env`` of the
        working folder, ``.env`` of the state folder, and ``~/.config/openclaw/gateway.env`` when
        the state folder is the default one (LOAD-05). A file that cannot be read is passed over,
        as OpenClaw does.
        """
        from openclaw_config.registry import blocked_in_workspace_file

        environ = os.environ if environ is None else environ
        cwd = os.path.abspath(cwd or os.getcwd())
        home = home_dir(environ, cwd)
        state_dir = find_state_dir(environ, home, cwd)
        given = [Variable(name, value, PROCESS) for name, value in environ.items()]
        workspace = _read_if_possible(os.path.join(cwd, ".env"))
        others = _read_if_possible(os.path.join(state_dir, ".env"))
        if state_dir in default_state_dirs(home):
            gateway = os.path.join(home, ".config", "openclaw", "gateway.env")
            others = (*_read_if_possible(gateway), *others)

        def read_by(release: str) -> Environment:
            # The working folder may be anybody's repository, so only harmless names are taken.
            ignored = {
                one.name: one.location
                for one in workspace
                if blocked_in_workspace_file(release, one.name)
            }
            taken = [one for one in workspace if one.name not in ignored]
            made = cls((*others, *taken, *given))  # what comes later counts
            return made._with(real=True, ignored=ignored, release=release, _again=read_by)

        return read_by(DEFAULT)

    def of_release(self, release: str) -> Environment:
        """The same variables as a release of OpenClaw takes them (LOAD-05, LOAD-34)."""
        if release == self.release:
            return self
        if self._again is None:
            return self._with(release=release)
        return self._again(release)._with(profiles=self.profiles)

    def with_profiles(self, profiles: Mapping[str, Any] | None) -> Environment:
        """The same variables, and auth profiles that count in place of those of any store.

        They have the form of the file of a store (docs/plan.md, "Keys"). OpenClaw 2026.9.6 keeps
        its own in a database, which is not read here. Raises ValueError for another form.
        """
        form = isinstance(profiles, Mapping) and isinstance(profiles.get("profiles"), Mapping)
        if profiles is not None and not form:
            raise ValueError("it has no auth profiles by id under the key 'profiles'")
        return self._with(profiles=profiles)

    def _with(self, **changes: Any) -> Environment:
        """A copy with some fields changed."""
        made = Environment()
        for name in self.__slots__:
            setattr(made, name, changes.get(name, getattr(self, name)))
        return made

    def variable(self, name: str) -> Variable | None:
        """A variable with its origin, or None when it is not there."""
        found = self._variables.get(name)
        if found is not None:
            return found
        if self.assume:
            return Variable(name, None, ASSUMED)
        if self.login_shell:
            from openclaw_config.registry import shell_import_names

            if name in shell_import_names(self.release):
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

    def names(self) -> tuple[str, ...]:
        """The names of the variables that are known, in alphabetical order."""
        return tuple(sorted(self._variables))

    def with_block(self, variables: Iterable[Variable]) -> Environment:
        """The environment with the ``env`` block's variables put over it."""
        over = {variable.name: variable for variable in variables}
        return self._with(_variables={**self._variables, **over}, _again=None)

    def with_login_shell(self) -> Environment:
        """The environment of an OpenClaw that asks the login shell, too."""
        return self._with(login_shell=True, _again=None)

    def __repr__(self) -> str:
        assumed = ", others assumed" if self.assume else ""
        return f"<environment of {len(self._variables)} variables{assumed}>"


# --- .env files (LOAD-05) -------------------------------------------------------------------------

MAX_DOTENV_BYTES = 2 * 1024 * 1024
"""A larger file is not read. OpenClaw has no such bound; a ``.env`` file has a few lines."""

# dotenv's own expression, with JavaScript's white space. So that the time stays linear, repetitions
# are possessive, and a match does not begin on the blank lines before its own.
# It is compiled when a file is read: an ordinary check reads none.
_SPACE = f"[{WHITE_SPACE}]"
_QUOTED = "|".join(rf"{_SPACE}*+{quote}(?:\\{quote}|[^{quote}])*{quote}" for quote in "'\"`")
_LINE = (
    rf"^(?:(?!\n){_SPACE})*+(?:export{_SPACE}++)?([A-Za-z0-9_.-]+)(?:{_SPACE}*+=|:{_SPACE})"
    rf"({_QUOTED}|[^#\n]+)?{_SPACE}*(?:#.*)?$"
)


def read_dotenv(path: str) -> tuple[Variable, ...]:
    """The variables that a file sets, in the order of the text.

    Raises OSError when it cannot be read, and ValueError (``files.RefusedError``) when it is not a
    regular file or is larger than MAX_DOTENV_BYTES.
    """
    text = read_regular(path, MAX_DOTENV_BYTES).decode("utf-8", "replace")
    return parse_dotenv(text, path, path)


def _read_if_possible(path: str) -> tuple[Variable, ...]:
    with suppress(OSError, ValueError):
        return read_dotenv(path)
    return ()


def parse_dotenv(text: str, name: str = "<.env>", path: str | None = None) -> tuple[Variable, ...]:
    r"""The variables that a text sets, read as the npm package ``dotenv`` reads them (LOAD-05).

    ``NAME=value`` or ``NAME: value``, with or without ``export``. A value in single quotes, double
    quotes or backticks may run over several lines, and must be followed by nothing but a comment;
    any other value ends at the first ``#`` or at the end of its line and is trimmed. ``\n`` and
    ``\r`` are unescaped in double quotes only. Nothing is expanded. A line that fits no rule is
    passed over, and of a repeated name the last value counts.

    ``name`` and ``path`` are for the locations, which are those of the names. Their Source has the
    text's lines and columns, but of its content only the names: whatever is shown of it, no value
    can be in it.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = list(re.finditer(_LINE, text, re.MULTILINE))
    source = Source(_names_only(text, found), name, path, None)
    return tuple(
        Variable(match[1], _value(match[2] or ""), DOTENV, Location(source, Span(*match.span(1))))
        for match in found
    )


def _value(written: str) -> str:
    """What a value stands for, as it is written."""
    value = written = trim(written)
    if len(written) > 1 and written[0] in "'\"`" and written[0] == written[-1]:
        value = written[1:-1]
    if written.startswith('"'):
        value = value.replace("\\n", "\n").replace("\\r", "\r")
    return value


def _names_only(text: str, found: list[re.Match[str]]) -> str:
    shown = list(re.sub(r"[^\s=]", "*", text))
    for match in found:
        shown[slice(*match.span(1))] = match[1]
    return "".join(shown)
