"""What loading gives: one document out of all the files, and how it came about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.loading.environment import Environment
from openclaw_config.syntax.nodes import Node, Tree
from openclaw_config.syntax.spans import KeyPath, Location, Source
from openclaw_config.targets import Target


class VariableUse(NamedTuple):
    """A ``${NAME}`` in a value.

    ``location`` is the reference's own place inside the string, ``key_path`` the value's in the
    merged document. ``state`` is FOUND, EMPTY, MISSING or ASSUMED of ``loading.environment``, as
    the substitution saw it (LOAD-31).
    """

    name: str
    location: Location
    key_path: KeyPath
    state: str


class Document(NamedTuple):
    """A config as OpenClaw has it in hand before it validates (LOAD-35).

    ``root`` has its includes merged and its variables put in; after an error it is as much as
    could be read, or None. ``source`` is the config's own text, None where there is none;
    ``sources`` has the included files too, and ``trees`` what each was parsed into, in the same
    order. ``environment`` has the ``env`` block applied. ``uses`` are in the order of the text.

    ``readable`` is False when OpenClaw would not get as far as validating: the file is missing or
    cannot be read, does not parse, an include fails, or the root is not an object.

    ``target`` is the version of OpenClaw that it is read for; every later stage reads it here;
    ``target_by`` says how it was chosen (``targets.Choice.by``).

    ``home``, ``state_dir`` and ``config_dir`` are absolute paths; includes stay below the last.

    ``tables`` are the capability tables that count for it (``capabilities.lookup``); None stands
    for the built-in ones.
    """

    root: Node | None
    source: Source | None
    sources: tuple[Source, ...]
    trees: tuple[Tree, ...]
    environment: Environment
    uses: tuple[VariableUse, ...]
    diagnostics: tuple[Diagnostic, ...]
    home: str
    state_dir: str
    config_dir: str
    readable: bool
    target: Target
    target_by: str = "default"
    tables: Mapping[str, Any] | None = None

    @property
    def release(self) -> str:
        """The release of OpenClaw whose data count."""
        return self.target.release
