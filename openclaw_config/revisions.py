"""Configs out of git: ``HEAD~1:openclaw.json`` and other names that git gives to a file's past."""

from __future__ import annotations

import os
import re
import subprocess
from typing import NamedTuple

from openclaw_config.loading.load import MAX_BYTES

_PATH = re.compile(r"(?::[0-3]?:|(?:[^:{]|\{[^}]*\})*:)(.*)", re.DOTALL)
_TIMEOUT_S = 60


class RevisionError(ValueError):
    """Git does not give the file; the message says why."""


class Revision(NamedTuple):
    """A file as it was: its text, and where it stands in the work tree, there or not."""

    text: bytes
    path: str


def is_revision(name: str) -> bool:
    """Whether a name can be git's: a colon, and no file is called so."""
    return ":" in name and not name.startswith("-") and not os.path.lexists(name)


def read_revision(name: str) -> Revision:
    """The file that ``REVISION:PATH`` names in the repository of the working folder.

    The path counts from the repository's root, as git has it, or from the working folder where it
    begins with ``./`` or ``../``; ``:PATH`` is the index. Nothing is changed, and no hook, filter
    or pager is run. Raises RevisionError.
    """
    kind = _git("cat-file", "-t", name).strip()
    if kind != b"blob":
        raise RevisionError("it is no file")
    if int(_git("cat-file", "-s", name)) > MAX_BYTES:
        raise RevisionError(f"it is larger than {MAX_BYTES >> 20} MiB")
    match = _PATH.match(name)
    path = match[1] if match is not None else name
    folder = os.getcwd()
    if not path.startswith(("./", "../")):
        folder = os.fsdecode(_git("rev-parse", "--show-toplevel").rstrip(b"\n"))
    return Revision(_git("cat-file", "blob", name), os.path.normpath(os.path.join(folder, path)))


def _git(*arguments: str) -> bytes:
    environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            env=environ,
            timeout=_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise RevisionError("git takes too long") from error
    except (OSError, ValueError) as error:
        raise RevisionError("git cannot be run") from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = lines[0].removeprefix("fatal: ") if lines else "git refuses"
        raise RevisionError(reason)
    return done.stdout
