"""The options and the results of a check: data that can go to another process and back."""

# No "from __future__ import annotations" here: with it NamedTuple compiles every annotation again.
from collections.abc import Mapping
from typing import NamedTuple

from openclaw_config.diagnostics.model import Diagnostic, Report
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation.validate import LIMIT


class Target(NamedTuple):
    """A config to check: a file, a text of a given name, or a file's text as an editor has it.

    Nothing at all stands for the config that OpenClaw would load here. ``included`` has the texts
    of files that the config includes, where they are others than on disk, by absolute paths.
    """

    path: str | None = None
    text: bytes | None = None
    name: str | None = None
    included: Mapping[str, bytes] = {}

    def __repr__(self) -> str:
        # Here and below: never the text, which may hold a secret. A repr ends up in logs.
        return f"<target {self.name or self.path}>"


class Options(NamedTuple):
    """What the command line asks for.

    ``env`` is ``assume`` or ``process``, ``env_file`` the path of a ``.env`` file; ``env_given``
    says that one of them was asked for, so that a setting does not count. ``settings`` is the path
    of a settings file to use in place of those that are found, "" for none. ``select``, ``ignore``
    and ``severity`` are as in ``selection.Layer``. ``baseline`` is a path, "" for none whatever
    the settings say. ``fix`` makes fixes, with ``unsafe`` the unsafe ones too; ``write`` puts them
    into the files. ``capabilities`` is the path of a capability table, ``target`` a version of
    OpenClaw, "" where each config says its own. ``schemas`` are paths of a user's own JSON Schemas;
    ``limit`` is as in ``api.check``.
    """

    env: str = "assume"
    env_file: str | None = None
    env_given: bool = False
    settings: str | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, str], ...] = ()
    baseline: str | None = None
    fix: bool = False
    unsafe: bool = False
    write: bool = False
    capabilities: str | None = None
    target: str = ""
    schemas: tuple[str, ...] = ()
    limit: int = LIMIT


class Change(NamedTuple):
    """What fixes make of a file. ``path`` is absolute, "" for a text that has none.

    ``rules`` are those of the findings that were fixed, in that order; ``place`` is that of the
    file's source.
    """

    path: str
    name: str
    before: bytes
    after: bytes
    rules: tuple[str, ...]
    place: KeyPath | None = ()

    def __repr__(self) -> str:
        return f"<change of {self.name}: {', '.join(self.rules)}>"


class FilteredReport(NamedTuple):
    """A report after suppressions, the selection of rules and the baseline.

    ``report`` has what is to be shown, ``found`` every finding, and ``known`` the fingerprints of
    those that the baseline filtered out.
    """

    report: Report
    found: tuple[Diagnostic, ...]
    known: frozenset[str] = frozenset()


class Outcome(NamedTuple):
    """The result for one config.

    ``report`` has what is to be reported, and ``about_settings`` the findings about the settings in
    effect for the config. ``files`` are the absolute paths of the config and of what it
    includes. ``baseline`` is the path of the one that was used, ``known`` the fingerprints that it
    filtered out. ``changes`` are the fixes, which ``report`` takes for made; ``unfixed`` is the
    report without them. ``problem`` says why they could not be written. ``text`` is the
    fixed text of a target that was given as one.
    """

    report: Report
    about_settings: tuple[Report, ...] = ()
    files: tuple[str, ...] = ()
    baseline: str | None = None
    known: frozenset[str] = frozenset()
    changes: tuple[Change, ...] = ()
    unfixed: Report | None = None
    problem: str = ""
    text: bytes | None = None

    def __repr__(self) -> str:
        return f"<outcome {self.report!r}, {len(self.changes)} changes>"
