"""Findings for programs and services: a module for each format, with the same ``render``."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import cast

from openclaw_config.diagnostics.model import ERROR, Report


def render(
    form: str, reports: Sequence[Report], root: str | None = None, fail_on: str = ERROR
) -> str:
    """The findings about some configs in the format of a name.

    Files are named by their paths relative to the folder ``root``, the repository's, where they lie
    in it; ``fail_on`` is the mildest severity that counts as a failure.
    """
    module = import_module(f"{__name__}.{form}")
    return cast("str", module.render(reports, root, fail_on))
