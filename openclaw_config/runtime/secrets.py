"""Secrets: what cannot be shown by accident, the mask that hides them, and where they are found.

A plan names them by reference, and they are found when needed and not before (AUTH-20 ff). They are
variables, texts of the config, in files or behind commands (AUTH-22), or in the stores of auth
profiles (AUTH-30, AUTH-31).

What a server says (texts, headers, statuses, addresses, ids) passes ``Mask`` where failures, events
and results are made: our secrets are hidden in it before anything is cut. What a call asked for (a
model's words, the bytes of media) is given as it came.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import Any, NoReturn, Protocol, SupportsIndex
from urllib.parse import quote, unquote

from openclaw_config.files import RefusedError, is_inside, read_regular, reason_of
from openclaw_config.plan import model, values
from openclaw_config.plan.model import Json, ProfileStore, SecretProvider
from openclaw_config.runtime.errors import SecretError

HIDDEN = "<secret>"
"""What stands in a secret's place."""


class Secret:
    """A text that neither ``repr``, ``str``, ``format`` nor pickling gives away; only ``reveal``.

    ``source`` tells where it was found: ``env:NAME``, ``profile:acme:default``.
    """

    __slots__ = ("_text", "source")

    def __init__(self, text: str, source: str = "") -> None:
        self._text = text
        self.source = source

    def reveal(self) -> str:
        """The secret itself. Call it where the value leaves the program, nowhere else."""
        return self._text

    def cleaned(self) -> Secret:
        """The key as OpenClaw sends it (AUTH-01)."""
        return Secret(values.cleaned(self._text), self.source)

    def trimmed(self) -> Secret:
        """The key without white space at its ends (AUTH-60)."""
        return Secret(self._text.strip(), self.source)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a Secret is not written out")

    def __copy__(self, memo: object = None) -> Secret:
        return self

    __deepcopy__ = __copy__


_SHORTEST = 4
"""Shorter secrets are no secrets, and hiding them would leave no text readable."""


class Mask:
    """Hides secrets, however a server writes them: as they are, escaped as JSON or as in URLs."""

    __slots__ = ("_forms", "_pattern")

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        forms = {form for secret in secrets for form in _forms(secret.reveal())}
        self._forms = sorted((one for one in forms if len(one) >= _SHORTEST), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, self._forms)) or r"(?!)")

    def text(self, text: str, *, cut: bool = False) -> str:
        """The text without secrets; where it was ``cut``, without the beginning of one at its end.

        Every secret is looked for in the whole text, so hide first and shorten afterwards.
        """
        hidden = self._pattern.sub(HIDDEN, text)
        return hidden[: len(hidden) - self._begun(hidden)] if cut else hidden

    def line(self, text: str, most: int = 0, *, cut: bool = False) -> str:
        """The text without secrets, on one line, of at most ``most`` characters unless that is 0.

        Control characters go: a server's text must not steer a terminal.
        """
        hidden = self.text(text, cut=cut)
        line = " ".join("".join(c if c.isprintable() else " " for c in hidden).split())
        return f"{line[: most - 1]}…" if 0 < most < len(line) else line

    def json(self, value: Any) -> Any:
        """A JSON value with every text in it, names too, without secrets."""
        return values.changed(value, self.text)

    def _begun(self, text: str) -> int:
        """How many characters at the end of a text are the beginning of a secret."""
        begun = (form[:length] for form in self._forms for length in range(1, len(form)))
        return max((len(one) for one in begun if text.endswith(one)), default=0)


def _forms(secret: str) -> Iterator[str]:
    members = values.json_of(secret) if secret.startswith("{") else None
    parts = members.values() if isinstance(members, dict) else ()
    for value in (secret, *_user_info(secret), *(it for it in parts if isinstance(it, str))):
        for text in (value, value.strip()):
            yield text
            yield quote(text, safe="", errors="replace")
            for escaped in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
                yield escaped
                yield escaped.replace("/", "\\/")


def _user_info(url: str) -> Iterator[str]:
    """User and password of a URL (a proxy's), each by itself."""
    _, scheme, rest = url.partition("://")
    found, at, _ = rest.partition("/")[0].rpartition("@")
    if scheme and at:
        for part in (found, *found.split(":", 1)):
            yield part
            yield unquote(part)


class Resolver(Protocol):
    """Whatever can find secrets by reference; ``Secrets`` is ours."""

    async def resolve(self, ref: str) -> Secret | None:
        """The secret of a reference, None when it is not set. Raises SecretError."""

    async def profile(self, store: ProfileStore, today: float, skip: int = 0) -> Secret | None:
        """The key of the first usable auth profile after ``skip`` others, None without one.

        ``today`` is the time in seconds since 1970.
        """

    async def profile_refs(self, store: ProfileStore) -> list[str]:
        """The references that the profiles of a store make."""


class Lookup(Protocol):
    """Variables by name: a dict, ``os.environ``, an Environment."""

    def get(self, name: str, /) -> str | None:
        """The value, or None."""


@dataclass(frozen=True, repr=False)
class Secrets:
    """Finds secrets for one config.

    ``environment`` has the variables, those of the env block included. ``config`` gives the text
    at a JSON pointer of the config, or None. ``providers`` are those of the plan. ``state_dir``
    and ``home`` are where OpenClaw keeps its state. ``profiles`` are auth profiles in the form of a
    store's file (docs/plan.md), which count in place of those of any store. Commands run only with
    ``allow_exec``.
    """

    environment: Lookup | None = None
    _: KW_ONLY
    config: Callable[[str], str | None] | None = None
    providers: tuple[SecretProvider, ...] = ()
    state_dir: str = ""
    home: str = ""
    profiles: Mapping[str, Any] | None = None
    allow_exec: bool = False

    async def resolve(self, ref: str) -> Secret | None:
        """The secret of a reference (``env:``, ``config:``, ``file:``, ``exec:``), or None.

        Raises SecretError.
        """
        kind, _, rest = ref.partition(":")
        if kind == "env":
            text = self.environment.get(rest) if self.environment is not None else None
        elif kind == "config":
            text = self.config(rest) if self.config is not None else None
        else:
            try:
                text = await self._provided(kind, *rest.partition(":")[::2])
            except SecretError as problem:
                problem.ref = problem.ref or ref
                raise
        return None if text is None else Secret(text, ref)

    async def _provided(self, source: str, alias: str, name: str) -> str:
        """What a provider gives under a name. Raises SecretError."""
        known, said = {one.alias: one for one in self.providers}, f'Secret provider "{alias}"'
        _require(alias in known, f"{said} is not configured")
        _require(known[alias].source == source, f"{said} does not read a {source}")
        settings = known[alias].settings or {}
        if source == "file":
            value = await _of_file(settings, name, self.home)
        else:
            _require(self.allow_exec, f"{said}: its command is not allowed to run")
            wanted = {variable: f"env:{variable}" for variable in settings.get("passEnv") or ()}
            wanted |= settings.get("env") or {}
            found = {variable: await self.resolve(ref) for variable, ref in wanted.items()}
            environment = {key: one.reveal() for key, one in found.items() if one is not None}
            value = await _of_command(alias, settings, name, environment)
        is_text = isinstance(value, str) and value.strip()
        _require(is_text, "there is no such secret, or it is empty, or no text")
        return str(value)

    async def profile(self, store: ProfileStore, today: float, skip: int = 0) -> Secret | None:
        """The key of the first usable profile of a store after ``skip`` (AUTH-30, AUTH-31).

        Raises SecretError when the only profile that counts is stored and gives none (AUTH-24).
        """
        stored, left = self._stored(store), skip
        for name in store.usable(stored, today):
            key = await self._profile_key(name, stored["profiles"][name])
            if key is not None and not left:
                return key
            left -= key is not None
        if store.only in stored["profiles"] and not skip:
            message = f"the auth profile gives no key for the provider {store.provider}"
            raise SecretError(f"profile:{store.only}", message)
        return None

    async def profile_refs(self, store: ProfileStore) -> list[str]:
        """The references that the profiles of a store make, which must resolve (SL-32)."""
        rows = [row for row in self._stored(store)["profiles"].values() if isinstance(row, dict)]
        found = [row.get(f"{field}Ref") for row in rows for field in model.KEY_FIELDS.values()]
        return [_written(reference) for reference in found if isinstance(reference, dict)]

    def _stored(self, store: ProfileStore) -> model.Stored:
        # A few KiB of a local file: not worth a thread.
        place = partial(model.placed, state_dir=self.state_dir, home=self.home)
        return store.content(self.profiles, place)

    async def _profile_key(self, name: str, row: dict[str, Any]) -> Secret | None:
        field = model.KEY_FIELDS[row["type"]]
        reference, text = row.get(f"{field}Ref"), row.get(field)
        if isinstance(reference, dict):
            text = None
            with suppress(SecretError):
                found = await self.resolve(_written(reference))
                text = found.reveal() if found is not None else None
        key = Secret(text if isinstance(text, str) else "", f"profile:{name}")
        return key if key.cleaned() else None


def _written(reference: Mapping[str, Any]) -> str:
    """A SecretRef object as a plan writes references."""
    source, name = reference.get("source"), reference.get("id")
    if source == "env":
        return f"env:{name}"
    return f"{source}:{reference.get('provider') or 'default'}:{name}"


# --- files and commands -----------------------------------------------------------------------

MAX_BYTES = 20 * 1024 * 1024
"""The most that a provider's ``maxBytes`` may be, in bytes."""
USUAL_BYTES = MAX_OUTPUT = 1024 * 1024
TIMEOUT_MS = 5_000
PROTOCOL = 1

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,255}")


def _require(holds: object, message: str) -> None:
    """Raises SecretError with the message unless something holds."""
    if not holds:
        raise SecretError("", message)


@contextmanager
def _or_else(message: str, *problems: type[Exception]) -> Iterator[None]:
    """Raises SecretError with the message where it comes to one of the problems."""
    try:
        yield
    except problems as problem:
        raise SecretError("", message.replace("{reason}", reason_of(problem).lower())) from problem


async def _of_file(settings: Json, name: str, home: str) -> Any:
    """What a file provider with these settings has as ``name``. Raises SecretError.

    ``name`` is a JSON pointer, or ``value`` where the file holds a single value.
    """
    path = settings.get("path")
    _require(isinstance(path, str) and path, "the secret provider names no file")
    path = home + path[1:] if path.startswith("~/") and home else path
    _require(os.path.isabs(path), "the path of the secret file is not absolute")
    most = min(_positive(settings, "maxBytes", USUAL_BYTES), MAX_BYTES)
    examine = partial(_check_rights, settings, "the secret file", 0o077, "read or write")
    # A ValueError is a path that no file can have: with a NUL, or half of a character.
    with (
        _or_else("the secret file cannot be read: {reason}", OSError, ValueError),
        _or_else("the secret file is {reason}", RefusedError),
        _or_else("reading the secret file takes too long", TimeoutError),
    ):
        async with asyncio.timeout(_positive(settings, "timeoutMs", TIMEOUT_MS) / 1000):
            data = await asyncio.to_thread(read_regular, path, most, examine)
    text = data.decode("utf-8", "replace")
    if settings.get("mode") == "singleValue":
        _require(name == "value", "a file with a single value has only the secret 'value'")
        return text.removesuffix("\n").removesuffix("\r")
    _require(name.startswith("/"), "the name of the secret is not a JSON pointer")
    with _or_else("the secret file is not JSON", ValueError, RecursionError):
        return values.first_at(json.loads(text), name)


def _positive(settings: Json, name: str, usual: int) -> int:
    """A setting that is a whole number above zero, else the usual one."""
    value = settings.get(name)
    return int(value) if values.is_number(value) and value > 0 else usual


def _check_rights(settings: Json, what: str, others: int, act: str, found: os.stat_result) -> None:
    """Refuse what belongs to neither this user nor root, or lets others ``act``."""
    if os.name == "posix" and settings.get("allowInsecurePath") is not True:
        _require(found.st_uid in {os.geteuid(), 0}, f"{what} belongs to another user")
        _require(not found.st_mode & others, f"others than its owner can {act} {what}")


async def _of_command(alias: str, settings: Json, name: str, environment: Mapping[str, str]) -> Any:
    """What an exec provider's command gives as ``name``. Raises SecretError.

    The command gets ``{"protocolVersion": 1, "provider", "ids"}`` on its input and answers with
    ``{"protocolVersion": 1, "values": {id: text}}``; with ``jsonOnly: false`` plain text will do.
    """
    known = _NAME.fullmatch(name) is not None and not {".", ".."} & set(name.split("/"))
    _require(known, "the secret's name is not one that commands can be asked for")
    path = _checked_command(settings)
    request = json.dumps({"protocolVersion": PROTOCOL, "provider": alias, "ids": [name]}).encode()
    output = await _run(path, settings, request, environment)
    text = output.decode("utf-8", "replace").strip()
    answer = values.json_of(text)
    if isinstance(answer, dict):
        same = answer.get("protocolVersion") == PROTOCOL
        _require(same, f"the command's answer has not the protocol version {PROTOCOL}")
        return values.first_at(answer, f"/values{values.pointer((name,))}")
    _require(settings.get("jsonOnly") is False, "the command's answer is not a JSON object")
    return answer if isinstance(answer, str) else text


def _checked_command(settings: Json) -> str:
    """Where a command really is, which is what runs. ``allowInsecurePath`` is about rights only."""
    path = settings.get("command")
    absolute = isinstance(path, str) and os.path.isabs(path)
    _require(absolute, "the command of the secret provider has no absolute path")
    path = os.path.normpath(path)
    with _or_else("the command cannot be found", OSError, ValueError):
        if os.path.islink(path):
            allowed = settings.get("allowSymlinkCommand") is True
            _require(allowed, "the command is a symbolic link")
            path = os.path.realpath(path)
        found = os.lstat(path)
    _require(stat.S_ISREG(found.st_mode), "the command is not a regular file")
    trusted = settings.get("trustedDirs")
    inside = not trusted or any(is_inside(os.path.abspath(str(one)), path) for one in trusted)
    _require(inside, "the command is in none of the trusted folders")
    _check_rights(settings, "the command", 0o022, "change", found)
    return str(path)


async def _run(path: str, settings: Json, request: bytes, environment: Mapping[str, str]) -> bytes:
    """What a command writes. Nothing of it is left running. Raises SecretError."""
    timeout = _positive(settings, "timeoutMs", TIMEOUT_MS)
    silence = _positive(settings, "noOutputTimeoutMs", timeout)
    most = _positive(settings, "maxOutputBytes", MAX_OUTPUT)
    # A ValueError is an argument or a variable that no system takes: with a NUL in it.
    with _or_else("the command cannot be started", OSError, ValueError):
        process = await asyncio.create_subprocess_exec(
            path,
            *map(str, settings.get("args") or ()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            cwd=os.path.dirname(path),
            start_new_session=True,
        )
    assert process.stdin and process.stdout
    output = b""
    try:
        with _or_else("the command takes too long", TimeoutError):
            async with asyncio.timeout(timeout / 1000):
                process.stdin.write(request)
                process.stdin.close()
                while chunk := await asyncio.wait_for(process.stdout.read(65536), silence / 1000):
                    output += chunk
                    _require(len(output) <= most, f"the command gives more than {most} bytes")
                code = await process.wait()
    finally:
        if process.returncode is None:
            try:
                # The command leads a session of its own: this reaches what it started, only that.
                os.killpg(process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError, AttributeError):  # no groups on Windows
                process.kill()
            await process.wait()
    _require(code == 0, f"the command failed with exit code {code}")
    return output
