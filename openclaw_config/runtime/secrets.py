"""The secrets that a plan names by reference, found when they are needed and not before.

``Secrets`` finds one by its reference (AUTH-20 to AUTH-31), ``key_of`` walks a credential chain
(docs/plan.md, "Keys"), ``with_base_url`` puts in a base URL that may hold a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from openclaw_config.plan.model import (
    BASE_URL,
    Candidate,
    Json,
    Link,
    ProfileStore,
    SecretProvider,
    Step,
)
from openclaw_config.plan.urls import origin_of
from openclaw_config.runtime.errors import CREDENTIAL, FailureError, SecretError
from openclaw_config.runtime.mask import Secret
from openclaw_config.runtime.transport import Clock


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


class Secrets:
    """Finds secrets for one config.

    ``environment`` has the variables, those of the env block included. ``config`` gives the text
    at a JSON pointer of the config, or None. ``providers`` are those of the plan. ``state_dir``
    and ``home`` are where OpenClaw keeps its state. Commands run only with ``allow_exec``.
    """

    __slots__ = ("_allow_exec", "_config", "_environment", "_home", "_providers", "_state_dir")

    def __init__(
        self,
        environment: Lookup | None = None,
        *,
        config: Callable[[str], str | None] | None = None,
        providers: tuple[SecretProvider, ...] = (),
        state_dir: str = "",
        home: str = "",
        allow_exec: bool = False,
    ) -> None:
        self._environment = environment
        self._config = config
        self._providers = {provider.alias: provider for provider in providers}
        self._state_dir = state_dir
        self._home = home
        self._allow_exec = allow_exec

    async def resolve(self, ref: str) -> Secret | None:
        """The secret of a reference (``env:``, ``config:``, ``file:``, ``exec:``), or None.

        Raises SecretError.
        """
        kind, _, rest = ref.partition(":")
        if kind == "env":
            text = self._environment.get(rest) if self._environment is not None else None
            return None if text is None else Secret(text, ref)
        if kind == "config":
            text = self._config(rest) if self._config is not None else None
            return None if text is None else Secret(text, ref)
        if kind in {"file", "exec"}:
            alias, _, name = rest.partition(":")
            return await self._provided(ref, kind, alias, name)
        raise SecretError(ref, "this is no reference to a secret")

    async def _provided(self, ref: str, source: str, alias: str, name: str) -> Secret:
        provider = self._providers.get(alias)
        if provider is None:
            raise SecretError(ref, f'Secret provider "{alias}" is not configured')
        if provider.source != source:
            raise SecretError(ref, f'Secret provider "{alias}" does not read a {source}')
        settings = provider.settings or {}
        if source == "file":
            from openclaw_config.runtime.secret_sources import read_secret_file

            return Secret(await read_secret_file(ref, settings, name, self._home), ref)
        if not self._allow_exec:
            raise SecretError(
                ref, f'the command of the secret provider "{alias}" is not allowed to run'
            )
        from openclaw_config.runtime.secret_sources import run_secret_command

        environment = await self._command_environment(settings)
        return Secret(await run_secret_command(ref, alias, settings, name, environment), ref)

    async def _command_environment(self, settings: Json) -> dict[str, str]:
        """What a command finds in its environment: ``passEnv`` by name, then ``env``."""
        found: dict[str, str] = {}
        for name in settings.get("passEnv") or ():
            value = self._environment.get(name) if self._environment is not None else None
            if value is not None:
                found[name] = value
        for name, ref in (settings.get("env") or {}).items():
            secret = await self.resolve(ref)
            if secret is not None:
                found[name] = secret.reveal()
        return found

    async def profile(self, store: ProfileStore, today: float, skip: int = 0) -> Secret | None:
        """The key of the first usable profile of a store after ``skip`` (AUTH-30, AUTH-31)."""
        from openclaw_config.runtime.secret_sources import candidates

        for name, field, row in candidates(await self._stored(store), store, today):
            key = await self._profile_key(name, field, row)
            if key is not None and not skip:
                return key
            skip -= key is not None
        return None

    async def profile_refs(self, store: ProfileStore) -> list[str]:
        """The references that the profiles of a store make."""
        from openclaw_config.runtime.secret_sources import references

        return [_written(one) for one in references(await self._stored(store))]

    async def _stored(self, store: ProfileStore) -> dict[str, Any]:
        from openclaw_config.runtime.secret_sources import read_store

        paths = [self._expanded(path) for path in (store.path, store.fallback_path) if path]
        return await read_store(paths)

    async def _profile_key(self, name: str, field: str, row: Mapping[str, Any]) -> Secret | None:
        where = f"profile:{name}"
        reference = row.get(f"{field}Ref")
        if isinstance(reference, Mapping):
            try:
                found = await self.resolve(_written(reference))
            except SecretError:
                return None
            return Secret(found.reveal(), where) if found is not None and found.cleaned() else None
        text = row.get(field)
        key = Secret(text, where) if isinstance(text, str) else None
        return key if key is not None and key.cleaned() else None

    def _expanded(self, path: str) -> str:
        path = path.replace("{stateDir}", self._state_dir)
        return self._home + path[1:] if path.startswith("~/") and self._home else path

    def __repr__(self) -> str:
        return "<secrets>"


def _written(reference: Mapping[str, Any]) -> str:
    """A SecretRef object as a plan writes references."""
    source, name = reference.get("source"), reference.get("id")
    if source == "env":
        return f"env:{name}"
    return f"{source}:{reference.get('provider') or 'default'}:{name}"


_NO_KEYS = frozenset({"marker", "unusable"})
"""States in which a link holds no key whatever stands there."""


async def key_of(
    candidate: Candidate, secrets: Resolver, clock: Clock, rotation: int = 0
) -> Secret | None:
    """The candidate's key, None when it needs none. Raises FailureError.

    ``rotation`` is how many auth profiles are passed over, where it is they that give the key
    (SL-31); there is no key when no other profile is left.
    """
    credential = candidate.credential
    if credential is None:
        return None
    reasons = []
    for link in credential.chain:
        if link.state in _NO_KEYS:
            continue
        try:
            key = await _of_link(link, secrets, clock, rotation)
        except SecretError as problem:
            if link.verbatim:
                raise FailureError(CREDENTIAL, f"{link.label}: {problem.message}") from problem
            reasons.append(problem.message)
            continue
        if rotation and (key is None) == (link.kind == "profiles"):
            break  # The profiles are used up, or it is not they that give the key.
        if key is not None and key:
            return key
    raise FailureError(CREDENTIAL, "; ".join((credential.missing, *reasons)))


async def _of_link(link: Link, secrets: Resolver, clock: Clock, rotation: int) -> Secret | None:
    if link.kind == "profiles":
        if link.profiles is None:
            return None
        found = await secrets.profile(link.profiles, clock.today(), rotation)
    else:
        found = await secrets.resolve(link.ref)
    if found is None:
        if link.verbatim and link.kind == "config" and not link.ref.startswith("config:"):
            # Speech does not pass over a reference that leads nowhere (AUTH-60).
            raise SecretError(link.ref, "the reference leads to no secret")
        return None
    return found.trimmed() if link.verbatim else found.cleaned()


_MARKS = re.compile(r"[/\\?#&=@:]+")


async def with_base_url(
    candidate: Candidate, secrets: Resolver
) -> tuple[Candidate, tuple[Secret, ...]]:
    """A candidate with its real base URL, and what of it is secret. Raises FailureError."""
    route = candidate.route
    if route is None or not route.base_url_ref:
        return candidate, ()
    ref = route.base_url_ref
    try:
        found = await secrets.resolve(ref)
    except SecretError as problem:
        raise FailureError(CREDENTIAL, f"{ref}: {problem.message}") from problem
    base = found.reveal().strip().rstrip("/") if found is not None else ""
    if not base:
        raise FailureError(CREDENTIAL, f"{ref}: there is no base URL")
    public = set(_MARKS.split(route.base_url_shown))
    hidden = [base, *(part for part in _MARKS.split(base) if part not in public)]
    steps = tuple(_filled(step, base) for step in candidate.steps)
    return candidate._replace(steps=steps), tuple(Secret(part, ref) for part in hidden if part)


def _filled(step: Step, base: str) -> Step:
    named = step.url_from
    if named is not None:
        against, template = _put(named.against, base), named.template
        if template.startswith(BASE_URL):
            # Braces of the URL itself are no places to fill.
            template = base.replace("{", "%7B").replace("}", "%7D") + template[len(BASE_URL) :]
        named = named._replace(against=against, template=template)
    origin = step.origin or origin_of(base)
    return step._replace(url=_put(step.url, base), url_from=named, origin=origin)


def _put(text: str, base: str) -> str:
    return base + text[len(BASE_URL) :] if text.startswith(BASE_URL) else text
