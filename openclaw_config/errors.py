"""What every public error of this package is."""

from __future__ import annotations


class OpenClawConfigError(Exception):
    """The base of every error that this package raises on purpose."""
