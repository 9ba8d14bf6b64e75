"""Small forms that several rules check, as OpenClaw reads them."""

from __future__ import annotations

import re

from openclaw_config.syntax.scanner import trim

_SHELL = re.compile(r"""[;&|`$<>\r\n"'\x00]""")
_NAME = re.compile(r"(?!-)[A-Za-z0-9._+-]+\Z")


def is_safe_executable(text: str) -> bool:
    """Whether a text is a plain program name or path, nothing that a shell would interpret."""
    text = trim(text)
    if not text or _SHELL.search(text):
        return False
    return text[0] in ".~" or "/" in text or "\\" in text or _NAME.match(text) is not None
