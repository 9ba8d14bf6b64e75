"""Where secrets are kept: files and commands (AUTH-22), auth profiles (AUTH-30, AUTH-31)."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from openclaw_config.files import TOO_LARGE, RefusedError, read_regular
from openclaw_config.plan.model import Json, ProfileStore
from openclaw_config.plan.pointers import keys
from openclaw_config.runtime.errors import SecretError
from openclaw_config.runtime.values import index_of, is_number

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
    most = min(positive(settings, "maxBytes", USUAL_BYTES), MAX_BYTES)
    seconds = positive(settings, "timeoutMs", TIMEOUT_MS) / 1000
    secure = settings.get("allowInsecurePath") is not True
    try:
        async with asyncio.timeout(seconds):
            data = await asyncio.to_thread(_read_secret, ref, path, most, secure)
    except TimeoutError as error:
        raise SecretError(ref, "reading the secret file takes too long") from error
    except (OSError, ValueError) as error:
        # A ValueError is a path that no file can have: with a NUL, or half of a character.
        reason = (getattr(error, "strerror", None) or "the system refuses it").lower()
        raise SecretError(ref, f"the secret file cannot be read: {reason}") from error
    text = data.decode("utf-8", "replace")
    if settings.get("mode") != "singleValue":
        value = _at(ref, text, name)
    elif name == "value":
        value = text.removesuffix("\n").removesuffix("\r")
    else:
        raise SecretError(ref, "a file with a single value has only the secret 'value'")
    if not isinstance(value, str) or not value.strip():
        raise SecretError(ref, "the secret is empty, or no text")
    return value


def positive(settings: Json, name: str, usual: int) -> int:
    """A setting that is a whole number above zero, else the usual one."""
    value = settings.get(name)
    return int(value) if is_number(value) and value > 0 else usual


def _read_secret(ref: str, path: str, most: int, secure: bool) -> bytes:
    if not os.path.isabs(path):
        raise SecretError(ref, "the path of the secret file is not absolute")

    def examine(found: os.stat_result) -> None:
        if secure and os.name == "posix":
            check_owner(ref, found, "the secret file")
            if found.st_mode & 0o077:
                raise SecretError(ref, "others than its owner can read or write the secret file")

    try:
        return read_regular(path, most, examine)
    except IsADirectoryError as error:
        raise SecretError(ref, "the secret file is not a regular file") from error
    except RefusedError as error:
        large = error.reason == TOO_LARGE
        problem = f"larger than {most} bytes" if large else "not a regular file"
        raise SecretError(ref, f"the secret file is {problem}") from error


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
    for key in keys(pointer):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and (index := index_of(key)) < len(value):
            value = value[index]
        else:
            raise SecretError(ref, "the secret file has nothing at that place")
    return value


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
    value = _value_of(ref, output, name, settings.get("jsonOnly") is not False)
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
    timeout = positive(settings, "timeoutMs", TIMEOUT_MS) / 1000
    silence = positive(settings, "noOutputTimeoutMs", int(timeout * 1000)) / 1000
    most = positive(settings, "maxOutputBytes", MAX_OUTPUT)
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
        try:
            # The command leads a session of its own: this reaches what it started, and only that.
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError, AttributeError):  # no groups on Windows
            process.kill()
        await process.wait()


def _value_of(ref: str, output: bytes, name: str, json_only: bool) -> str:
    text = output.decode("utf-8", "replace").strip()
    try:
        answer: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        if json_only:
            raise SecretError(ref, "the command's answer is not JSON") from error
        return text
    if not isinstance(answer, Mapping):
        if json_only:
            raise SecretError(ref, "the command's answer is not an object")
        return answer if isinstance(answer, str) else text
    if answer.get("protocolVersion") != PROTOCOL:
        raise SecretError(ref, f"the command's answer has not the protocol version {PROTOCOL}")
    values = answer.get("values")
    value = values.get(name) if isinstance(values, Mapping) else None
    if not isinstance(value, str):
        raise SecretError(ref, "the command's answer does not hold the secret")
    return value


MAX_STORE = 8 * 1024 * 1024
"""The largest store that is read, in bytes."""

_FIELDS = {"token": "token", "api_key": "key"}
"""The types of profiles that hold a key as it is sent, in the order in which they are taken."""


async def read_store(paths: list[str]) -> dict[str, Any]:
    """The store of an agent: its own file over the main agent's. What cannot be read is empty."""
    merged: dict[str, Any] = {"profiles": {}, "order": {}, "usageStats": {}}
    for path in reversed(paths):
        stored = _read(path)
        for part, rows in merged.items():
            found = stored.get(part)
            if isinstance(found, Mapping):
                rows.update(found)
    return merged


def _read(path: str) -> Mapping[str, Any]:
    # A few KiB of a local file: not worth a thread.
    try:
        stored = json.loads(read_regular(path, MAX_STORE))
    except (OSError, ValueError, RecursionError):
        return {}
    return stored if isinstance(stored, Mapping) else {}


def candidates(
    stored: Mapping[str, Any], store: ProfileStore, today: float
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Usable profiles in the order of AUTH-30: the id, the field of the key, the profile.

    ``today`` is the time in seconds since 1970.
    """
    profiles = {
        name: row
        for name, row in stored["profiles"].items()
        if isinstance(row, Mapping) and str(row.get("provider")).strip().lower() == store.provider
    }
    modes = dict(store.modes)
    if store.only:
        listed, explicit = [store.only], True
    else:
        own = stored["order"].get(store.provider)
        order = [name for name in own if isinstance(name, str)] if isinstance(own, list) else []
        listed = order or list(store.order)
        explicit = bool(listed)
        listed = listed or list(modes) or list(profiles)
    names = [name for name in listed if _usable(profiles.get(name), modes.get(name), today)]
    if not names and not store.only and not any(name in stored["profiles"] for name in listed):
        names = [name for name, row in profiles.items() if _usable(row, None, today)]
    usage = stored["usageStats"]
    if not explicit:
        kinds = list(_FIELDS)
        names.sort(
            key=lambda name: (
                kinds.index(profiles[name]["type"]),
                _number(usage.get(name), "lastUsed"),
            )
        )
    if not store.no_cooldown:
        names.sort(key=lambda name: _cooled_until(usage.get(name), today))
    for name in names:
        row = profiles[name]
        yield name, _FIELDS[row["type"]], row


def references(stored: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The secret references of all profiles, which have to resolve before a call (SL-32)."""
    rows = [row for row in stored["profiles"].values() if isinstance(row, Mapping)]
    found = [row.get(f"{field}Ref") for row in rows for field in set(_FIELDS.values())]
    return [reference for reference in found if isinstance(reference, Mapping)]


def _usable(row: Mapping[str, Any] | None, mode: str | None, today: float) -> bool:
    if row is None or row.get("type") not in _FIELDS:
        return False
    kind = row["type"]
    if mode and mode != kind and not (mode == "oauth" and kind == "token"):
        return False
    expires = _number(row, "expires")
    return not (kind == "token" and 0 < expires <= today * 1000)


def _cooled_until(usage: Any, today: float) -> float:
    """When a profile may be used again, in ms; 0 when it may be now."""
    until = max(_number(usage, "cooldownUntil"), _number(usage, "disabledUntil"))
    return until if until > today * 1000 else 0.0


def _number(row: Any, field: str) -> float:
    """A number of a row, 0 where there is none."""
    value = row.get(field) if isinstance(row, Mapping) else None
    return float(value) if is_number(value) else 0.0
