"""The secrets that a plan names by reference, found when needed and not before (AUTH-20 ff)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, Protocol

from openclaw_config.plan.model import (
    Json,
    ProfileStore,
    SecretProvider,
)
from openclaw_config.runtime.errors import SecretError
from openclaw_config.runtime.mask import Secret
from openclaw_config.runtime.secret_sources import (
    candidates,
    read_secret_file,
    read_store,
    references,
    run_secret_command,
)


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
    and ``home`` are where OpenClaw keeps its state. Commands run only with ``allow_exec``.
    """

    environment: Lookup | None = None
    _: KW_ONLY
    config: Callable[[str], str | None] | None = None
    providers: tuple[SecretProvider, ...] = ()
    state_dir: str = ""
    home: str = ""
    allow_exec: bool = False

    async def resolve(self, ref: str) -> Secret | None:
        """The secret of a reference (``env:``, ``config:``, ``file:``, ``exec:``), or None.

        Raises SecretError.
        """
        kind, _, rest = ref.partition(":")
        if kind in {"env", "config"}:
            text = self._variable(rest) if kind == "env" else self.config and self.config(rest)
            return None if text is None else Secret(text, ref)
        if kind in {"file", "exec"}:
            alias, _, name = rest.partition(":")
            return await self._provided(ref, kind, alias, name)
        raise SecretError(ref, "this is no reference to a secret")

    async def _provided(self, ref: str, source: str, alias: str, name: str) -> Secret:
        provider = next((one for one in self.providers if one.alias == alias), None)
        if provider is None:
            raise SecretError(ref, f'Secret provider "{alias}" is not configured')
        if provider.source != source:
            raise SecretError(ref, f'Secret provider "{alias}" does not read a {source}')
        settings = provider.settings or {}
        if source == "file":
            return Secret(await read_secret_file(ref, settings, name, self.home), ref)
        if not self.allow_exec:
            message = f'the command of the secret provider "{alias}" is not allowed to run'
            raise SecretError(ref, message)
        environment = await self._command_environment(settings)
        return Secret(await run_secret_command(ref, alias, settings, name, environment), ref)

    def _variable(self, name: str) -> str | None:
        return self.environment.get(name) if self.environment is not None else None

    async def _command_environment(self, settings: Json) -> dict[str, str]:
        """What a command finds in its environment: ``passEnv`` by name, then ``env``."""
        found: dict[str, str] = {}
        for name in settings.get("passEnv") or ():
            value = self._variable(name)
            if value is not None:
                found[name] = value
        for name, ref in (settings.get("env") or {}).items():
            secret = await self.resolve(ref)
            if secret is not None:
                found[name] = secret.reveal()
        return found

    async def profile(self, store: ProfileStore, today: float, skip: int = 0) -> Secret | None:
        """The key of the first usable profile of a store after ``skip`` (AUTH-30, AUTH-31)."""
        for name, field, row in candidates(await self._stored(store), store, today):
            key = await self._profile_key(name, field, row)
            if key is not None and not skip:
                return key
            skip -= key is not None
        return None

    async def profile_refs(self, store: ProfileStore) -> list[str]:
        """The references that the profiles of a store make."""
        return [_written(one) for one in references(await self._stored(store))]

    async def _stored(self, store: ProfileStore) -> dict[str, Any]:

        paths = [self._expanded(path) for path in (store.path, store.fallback_path) if path]
        return await read_store(paths)

    async def _profile_key(self, name: str, field: str, row: Mapping[str, Any]) -> Secret | None:
        reference, text = row.get(f"{field}Ref"), row.get(field)
        if isinstance(reference, Mapping):
            try:
                found = await self.resolve(_written(reference))
            except SecretError:
                return None
            text = found.reveal() if found is not None else None
        key = Secret(text, f"profile:{name}") if isinstance(text, str) else None
        return key if key is not None and key.cleaned() else None

    def _expanded(self, path: str) -> str:
        path = path.replace("{stateDir}", self.state_dir)
        return self.home + path[1:] if path.startswith("~/") and self.home else path

    def __repr__(self) -> str:
        return "<secrets>"


def _written(reference: Mapping[str, Any]) -> str:
    """A SecretRef object as a plan writes references."""
    source, name = reference.get("source"), reference.get("id")
    if source == "env":
        return f"env:{name}"
    return f"{source}:{reference.get('provider') or 'default'}:{name}"
