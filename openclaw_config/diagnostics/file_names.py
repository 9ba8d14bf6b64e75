"""How a report for programs names a file: from the repository's root, with forward slashes."""

from __future__ import annotations

import os

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.report import Report


def file_of(found: Diagnostic, report: Report, root: str | None) -> str:
    """The file that a finding is about, as ``name_from`` names it."""
    if found.location is None:
        return name_from(report.name, None, root)
    source = found.location.source
    return name_from(source.name, source.path, root)


def name_from(name: str, path: str | None, root: str | None) -> str:
    """A file's path relative to the folder ``root``; as it was named where it is not below it.

    ``path`` is absolute, or None where only the ``name`` is known. A name such as ``<stdin>``
    stays what it is.
    """
    if name.startswith("<"):
        return name
    inside = _inside(path or name, root) if root else None
    return _with_slashes(inside or os.path.normpath(name))


def uri_of(name: str) -> str:
    """A URI reference (RFC 3986) for a name as ``name_from`` gives it."""
    from urllib.parse import quote

    try:
        octets = os.fsencode(name)
    except UnicodeEncodeError:
        octets = name.encode("utf-8", "surrogatepass")
    escaped = quote(octets, safe="/")
    return f"file://{escaped}" if os.path.isabs(name) else escaped


def _inside(path: str, root: str) -> str | None:
    try:
        full, folder = os.path.abspath(path), os.path.join(os.path.abspath(root), "")
    except (OSError, ValueError):  # the working folder is gone, or no file can have this name
        return None
    return full.removeprefix(folder) if full.startswith(folder) else None


def _with_slashes(path: str) -> str:
    return path.replace(os.sep, "/")
