"""What git knows of a repository: the files below a folder, and files as they were.

A repository may be anybody's, and its configuration names programs. None of them is run and
nothing is fetched: git is only asked here, and always in the same way.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import NamedTuple

from openclaw_config import files

_PATH = re.compile(r"(?::[0-3]?:|(?:[^:{]|\{[^}]*\})*:)(.*)", re.DOTALL)
_LINK = b"120000"
_IRREGULAR = "it is no regular file"
_TIMEOUT_S = 60
_PROGRAM = "git.exe" if os.name == "nt" else "git"

_ALWAYS = (
    "--no-pager",
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "submodule.recurse=false"),
)
_VARIABLES = {
    # No protocol at all: not even for the lazy fetch of a partial clone, which older gits try.
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_OF_A_REPOSITORY = frozenset(
    ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")
)


class GitError(files.RefusedError):
    """Git does not answer; the message says why."""

    def __init__(self, message: str) -> None:
        super().__init__(files.UNREADABLE, message)


class Revision(NamedTuple):
    """A file as it was.

    ``path`` is where it stands in the work tree, there or not, ``text`` its content. ``prefix`` is
    what names the commit or the index before a path, ``top`` the work tree's absolute path.
    """

    prefix: str
    top: str
    path: str
    text: bytes

    def read_below(self, root: str, path: str, limit: int) -> bytes:
        """Another file of the same revision, as ``files.read_below`` gives one of the disk.

        Raises RefusedError.
        """
        if not files.is_inside(self.top, path):
            raise files.RefusedError(files.OUTSIDE)
        name = os.path.relpath(path, self.top).replace(os.sep, "/")
        try:
            return _blob(self.prefix + name, limit)
        except files.RefusedError:
            # What a merge left without conflict has no other stage.
            if not self.prefix.startswith(":"):
                raise
        return _blob(f":{name}", limit)


def is_revision(name: str) -> bool:
    """Whether a name can be git's: a colon that is no drive's, and no file is called so."""
    return (
        ":" in os.path.splitdrive(name)[1]
        and not name.startswith("-")
        and not os.path.lexists(name)
    )


def read_revision(name: str, limit: int) -> Revision:
    """The file of at most ``limit`` bytes that ``REVISION:PATH`` names, in the repository here.

    The path counts from the repository's root, as git has it, or from the working folder where it
    begins with ``./`` or ``../``; ``:PATH`` is the index. Raises RefusedError.
    """
    match = _PATH.match(name)
    if match is None or ask("cat-file", "-t", name).strip() != b"blob":
        raise GitError("it is no file")
    path = match[1]
    top, _, here = os.fsdecode(ask("rev-parse", "--show-toplevel", "--show-prefix")).partition("\n")
    if path.startswith(("./", "../")):
        path = os.path.normpath(os.path.join(here.rstrip("\n"), path)).replace(os.sep, "/")
    prefix = name[: match.start(1)]
    text = _blob(prefix + path, limit)
    return Revision(prefix, top, os.path.normpath(os.path.join(top, path)), text)


def files_below(folder: str) -> list[str] | None:
    """The files of a repository below a folder, ignored ones left out; None when git cannot say."""
    options = ("-z", "--cached", "--others", "--exclude-standard")
    try:
        found = ask("ls-files", *options, folder=folder)
    except GitError:
        return None
    return [os.fsdecode(name) for name in found.split(b"\0") if name]


def _blob(name: str, limit: int) -> bytes:
    """A file's content, links followed within the revision. Raises RefusedError and GitError."""
    if "\n" in name:
        raise files.RefusedError(files.NOT_FOUND)
    if staged := re.match(":(?:[0-3]:)?", name):
        # Git follows no links in the index, and would give the link itself for a file.
        path = f":(top,literal){name[staged.end() :]}"
        if ask("ls-files", "-sz", "--", path).startswith(_LINK):
            raise files.RefusedError(files.NOT_REGULAR, _IRREGULAR)
    found = ask("cat-file", "--batch-check", "--follow-symlinks", text=name).split()
    if len(found) != 3 or found[1] not in {b"blob", b"tree", b"commit"}:
        raise files.RefusedError(files.NOT_FOUND, "there is no such file")
    if found[1] != b"blob":
        raise files.RefusedError(files.NOT_REGULAR, _IRREGULAR)
    if int(found[2]) > limit:
        raise files.RefusedError(files.TOO_LARGE, f"it is larger than {limit >> 20} MiB")
    out = ask("cat-file", "--batch", "--follow-symlinks", text=name)
    return out.partition(b"\n")[2][: int(found[2])]


def ask(*arguments: str, folder: str | None = None, text: str = "") -> bytes:
    """What a git command writes to its standard output; ``text`` is a line for its input.

    It is about the repository of the working folder, or of whatever a hook's variables name, or of
    the ``folder``. Raises GitError.
    """
    environ = {**os.environ, **_VARIABLES}
    if folder is not None:
        # In a hook, variables tell git about a repository that may be another one.
        environ = {name: it for name, it in environ.items() if name not in _OF_A_REPOSITORY}
    try:
        done = subprocess.run(
            [_program(), *_ALWAYS, *arguments],
            cwd=folder,
            input=os.fsencode(text + "\n"),
            capture_output=True,
            check=False,
            env=environ,
            timeout=_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise GitError("git takes too long") from error
    except (OSError, ValueError) as error:
        raise GitError("git cannot be run") from error
    if done.returncode:
        reason, _, _ = done.stderr.decode("utf-8", "replace").strip().partition("\n")
        raise GitError(reason.removeprefix("fatal: ") or "git refuses")
    return done.stdout


def _program() -> str:
    """The git of an absolute entry of PATH: never one that lies in the working folder."""
    for folder in os.get_exec_path():
        path = os.path.join(folder, _PROGRAM)
        if os.path.isabs(folder) and os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    raise FileNotFoundError(_PROGRAM)
