"""Secrets that a command gives (AUTH-22). Nothing here runs unless the caller allows it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from openclaw_config.plan.model import Json
from openclaw_config.runtime.errors import SecretError
from openclaw_config.runtime.secret_files import check_owner, positive

TIMEOUT_MS = 5_000
MAX_OUTPUT = 1024 * 1024
PROTOCOL = 1

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,255}")


async def run_secret_command(
    ref: str, alias: str, settings: Json, name: str, environment: Mapping[str, str]
) -> str:
    """The secret ``name`` that an exec provider's command gives. Raises SecretError.

    The command gets ``{"protocolVersion": 1, "provider", "ids"}`` on its input and answers with
    ``{"protocolVersion": 1, "values": {id: text}}``; with ``jsonOnly: false`` plain text will do.
    """
    if _NAME.fullmatch(name) is None or {".", ".."} & set(name.split("/")):
        raise SecretError(ref, "the secret's name is not one that commands can be asked for")
    command = _command(ref, settings)
    request = {"protocolVersion": PROTOCOL, "provider": alias, "ids": [name]}
    output = await _run(ref, command, settings, json.dumps(request).encode(), environment)
    value = _value(ref, output, name, settings.get("jsonOnly") is not False)
    if not value.strip():
        raise SecretError(ref, "the command gives an empty secret")
    return value


def _command(ref: str, settings: Json) -> list[str]:
    path = settings.get("command")
    if not isinstance(path, str) or not os.path.isabs(path):
        raise SecretError(ref, "the command of the secret provider has no absolute path")
    args = settings.get("args") or []
    if settings.get("allowInsecurePath") is not True:
        _check_path(ref, path, settings)
    return [path, *(str(arg) for arg in args)]


def _check_path(ref: str, path: str, settings: Json) -> None:
    try:
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):
            if settings.get("allowSymlinkCommand") is not True:
                raise SecretError(ref, "the command is a symbolic link")
            path = os.path.realpath(path)
            found = os.stat(path)
    except (OSError, ValueError) as error:
        raise SecretError(ref, "the command cannot be found") from error
    if not stat.S_ISREG(found.st_mode):
        raise SecretError(ref, "the command is not a regular file")
    trusted = settings.get("trustedDirs") or []
    if trusted and not any(_is_in(path, str(folder)) for folder in trusted):
        raise SecretError(ref, "the command is in none of the trusted folders")
    if os.name == "posix":
        check_owner(ref, found, "the command")
        if found.st_mode & 0o022:
            raise SecretError(ref, "others than its owner can change the command")


def _is_in(path: str, folder: str) -> bool:
    try:
        folder = os.path.abspath(folder)
        return os.path.commonpath([path, folder]) == folder
    except ValueError:  # another drive
        return False


async def _run(
    ref: str, command: list[str], settings: Json, request: bytes, environment: Mapping[str, str]
) -> bytes:
    timeout = positive(settings.get("timeoutMs"), TIMEOUT_MS) / 1000
    silence = positive(settings.get("noOutputTimeoutMs"), int(timeout * 1000)) / 1000
    most = positive(settings.get("maxOutputBytes"), MAX_OUTPUT)
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=dict(environment),
            cwd=os.path.dirname(command[0]),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        # A ValueError is an argument or a variable that no system takes: with a NUL in it.
        raise SecretError(ref, "the command cannot be started") from error
    try:
        async with asyncio.timeout(timeout):
            output = await _talk(ref, process, request, silence, most)
            code = await process.wait()
    except TimeoutError as error:
        raise SecretError(ref, "the command takes too long") from error
    finally:
        await _end(process)
    if code != 0:
        raise SecretError(ref, f"the command failed with exit code {code}")
    return output


async def _talk(
    ref: str, process: asyncio.subprocess.Process, request: bytes, silence: float, most: int
) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(request)
    with suppress(BrokenPipeError, ConnectionResetError):
        # A command that does not read what it is asked may still answer.
        await process.stdin.drain()
    process.stdin.close()
    output = b""
    while True:
        async with asyncio.timeout(silence):
            chunk = await process.stdout.read(65536)
        if not chunk:
            return output
        output += chunk
        if len(output) > most:
            raise SecretError(ref, f"the command gives more than {most} bytes")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Make sure that nothing of the command is left running."""
    if process.returncode is None:
        import signal

        try:
            # The command leads a session of its own: this reaches what it started, and only that.
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError, AttributeError):  # no groups on Windows
            process.kill()
        await process.wait()


def _value(ref: str, output: bytes, name: str, json_only: bool) -> str:
    text = output.decode("utf-8", "replace").strip()
    try:
        answer: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        if json_only:
            raise SecretError(ref, "the command's answer is not JSON") from error
        return text
    if isinstance(answer, str) and not json_only:
        return answer
    if not isinstance(answer, Mapping):
        if not json_only:
            return text
        raise SecretError(ref, "the command's answer is not an object")
    if answer.get("protocolVersion") != PROTOCOL:
        raise SecretError(ref, f"the command's answer has not the protocol version {PROTOCOL}")
    values = answer.get("values")
    value = values.get(name) if isinstance(values, Mapping) else None
    if not isinstance(value, str):
        raise SecretError(ref, "the command's answer does not hold the secret")
    return value
