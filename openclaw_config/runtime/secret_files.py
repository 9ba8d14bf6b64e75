"""Secrets in files (AUTH-22)."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from typing import Any

from openclaw_config.plan.model import Json
from openclaw_config.runtime.errors import SecretError
from openclaw_config.runtime.pointers import index_of

MAX_BYTES = 20 * 1024 * 1024
"""The most that a provider's ``maxBytes`` may be, in bytes."""
USUAL_BYTES = 1024 * 1024
TIMEOUT_MS = 5_000


async def read_secret_file(ref: str, settings: Json, name: str, home: str) -> str:
    """The secret ``name`` of a file provider with these settings. Raises SecretError.

    ``name`` is a JSON pointer, or ``value`` where the file holds a single value.
    """
    path = settings.get("path")
    if not isinstance(path, str) or not path:
        raise SecretError(ref, "the secret provider names no file")
    if path.startswith("~/") and home:
        path = home + path[1:]
    most = min(positive(settings.get("maxBytes"), USUAL_BYTES), MAX_BYTES)
    seconds = positive(settings.get("timeoutMs"), TIMEOUT_MS) / 1000
    secure = settings.get("allowInsecurePath") is not True
    try:
        async with asyncio.timeout(seconds):
            data = await asyncio.to_thread(_read, ref, path, most, secure)
    except TimeoutError as error:
        raise SecretError(ref, "reading the secret file takes too long") from error
    except (OSError, ValueError) as error:
        # A ValueError is a path that no file can have: with a NUL, or half of a character.
        reason = (getattr(error, "strerror", None) or "the system refuses it").lower()
        raise SecretError(ref, f"the secret file cannot be read: {reason}") from error
    text = data.decode("utf-8", "replace")
    if settings.get("mode") == "singleValue":
        if name != "value":
            raise SecretError(ref, "a file with a single value has only the secret 'value'")
        value: Any = text.removesuffix("\n").removesuffix("\r")
    else:
        value = _at(ref, text, name)
    if not isinstance(value, str) or not value.strip():
        raise SecretError(ref, "the secret is empty, or no text")
    return value


def positive(value: Any, usual: int) -> int:
    """A whole number above zero, else the usual one."""
    usable = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return int(value) if usable else usual


def _read(ref: str, path: str, most: int, secure: bool) -> bytes:
    if not os.path.isabs(path):
        raise SecretError(ref, "the path of the secret file is not absolute")
    # Opened first and judged after, so that what is judged is what is read.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise SecretError(ref, "the secret file is not a regular file")
        if secure and os.name == "posix":
            check_owner(ref, found, "the secret file")
            if found.st_mode & 0o077:
                raise SecretError(ref, "others than its owner can read or write the secret file")
        data = file.read(most + 1)
    if len(data) > most:
        raise SecretError(ref, f"the secret file is larger than {most} bytes")
    return data


def check_owner(ref: str, found: os.stat_result, what: str) -> None:
    """Refuse what belongs to neither this user nor root. Raises SecretError."""
    if found.st_uid not in {os.geteuid(), 0}:
        raise SecretError(ref, f"{what} belongs to another user")


def _at(ref: str, text: str, pointer: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SecretError(ref, "the secret file is not JSON") from error
    if not pointer.startswith("/"):
        raise SecretError(ref, "the name of the secret is not a JSON pointer")
    for part in pointer[1:].split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and (index := index_of(key)) < len(value):
            value = value[index]
        else:
            raise SecretError(ref, "the secret file has nothing at that place")
    return value
