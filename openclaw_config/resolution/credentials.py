"""Credential chains: the ordered places where a provider's key may come from (spec: AUTH rules).

A chain shows every place with its state, so that a person sees which key is used and why the
others are not. No key passes through here: only whether one is there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from functools import partial
from typing import NamedTuple

from openclaw_config import registry
from openclaw_config.loading.environment import BLOCK, DOTENV, SHELL
from openclaw_config.loading.load import Document
from openclaw_config.plan import model
from openclaw_config.plan.values import cleaned, pointer
from openclaw_config.resolution.settings import from_config, from_default
from openclaw_config.syntax.nodes import Node, StringNode, child
from openclaw_config.syntax.text import KeyPath
from openclaw_config.targets import PROFILE_FILE
from openclaw_config.view.settings import Agent, agent_files, is_secret_ref, items, members, text

_UNREAD = "in a database that is not read here; --profiles gives them"
_TEMPLATE = re.compile(r"\$\{([A-Z][A-Z0-9_]{0,127})\}")
_WHERE = {BLOCK: "the env block", DOTENV: "a .env file", SHELL: "the login shell"}


class SecretRef(NamedTuple):
    """A reference to a secret: its source (env, file, exec), provider alias and id."""

    source: str
    provider: str
    id: str

    @property
    def ref(self) -> str:
        """The reference as a plan writes it."""
        if self.source == "env":
            return f"env:{self.id}"
        return f"{self.source}:{self.provider}:{self.id}"


def secret_ref(node: Node | None, root: Node | None) -> SecretRef | None:
    """The secret reference that a value is, or None when it is a plain value (AUTH-21, AUTH-22)."""
    if isinstance(node, StringNode):
        match = _TEMPLATE.fullmatch(node.value.strip())
        return SecretRef("env", default_alias(root, "env"), match[1]) if match else None
    if not is_secret_ref(node):
        return None
    source, provider, name = (text(child(node, key)) for key in ("source", "provider", "id"))
    return SecretRef(source, provider or default_alias(root, source), name)


def default_alias(root: Node | None, source: str) -> str:
    """The secret provider that is meant when a reference names none."""
    return text(child(root, "secrets", "defaults", source)) or "default"


def reference_problem(ref: SecretRef, root: Node | None) -> str:
    """Why a reference's provider cannot give it whatever the environment holds (AUTH-22), or ""."""
    declared = child(root, "secrets", "providers", ref.provider)
    if declared is None:
        if ref.source == "env" and ref.provider == default_alias(root, "env"):
            return ""
        return f"the secret provider {ref.provider} is not configured"
    source = text(child(declared, "source"))
    if source != ref.source:
        return f"the secret provider {ref.provider} does not read from {ref.source}"
    allowed = child(declared, "allowlist") if source == "env" else None
    if allowed is not None and ref.id not in [text(item) for item in items(allowed)]:
        return f"the secret provider {ref.provider} does not give {ref.id}"
    return ""


def variable_state(document: Document, name: str) -> tuple[model.LinkState, model.Origin]:
    """What a variable is for a chain (``wins`` when it holds a key), and where it was set."""
    variable, origin = document.environment.variable(name), model.Origin("env", name=name)
    if variable is None:
        return "unknown" if document.environment.assume else "absent", origin
    if variable.location is not None:
        line, column = variable.location.position
        file = variable.location.source.name
        origin = origin._replace(file=file, line=line, column=column)
    if variable.value is None:
        return "unknown", origin
    return ("wins" if cleaned(variable.value) else "empty"), origin


def env_links(document: Document, provider: str) -> list[model.Link]:
    """The links of a provider's own variables."""
    known, found = registry.provider(document.release, provider), []
    for name in known.keys if known is not None else ():
        state, origin = variable_state(document, name)
        variable = document.environment.variable(name)
        where = _WHERE.get("" if variable is None else variable.kind, "the environment")
        label = f"{name}, from {where}" if state in {"wins", "unknown"} else name
        found.append(model.Link("env", f"env:{name}", state, label, origin=origin))
    return found


def config_link(document: Document, path: KeyPath, *, verbatim: bool = False) -> model.Link:
    """The link of a key that the configuration holds at a path, in any form of AUTH-20 to 22.

    ``verbatim``: text-to-speech, which takes what stands there as the key (AUTH-60).
    """
    node, label, ref = child(document.root, *path), ".".join(map(str, path)), pointer(path)
    if node is None:
        return model.Link("config", f"config:{ref}", "absent", label, verbatim=verbatim)
    state, note, other = _state_of(document, node, verbatim)
    origin = from_config(node, path)
    return model.Link("config", other or f"config:{ref}", state, label, note, origin, verbatim)


def _state_of(document: Document, node: Node, verbatim: bool) -> tuple[model.LinkState, str, str]:
    """What a key of the config is for a chain, why, and the reference that it stands for or ""."""
    secret = secret_ref(node, document.root)
    if secret is not None and not (verbatim and isinstance(node, StringNode)):
        state, note = variable_state(document, secret.id)[0], f"reads {secret.id}"
        if secret.source != "env":
            state, note = "unknown", f"a secret from {secret.source}:{secret.provider}"
        elif problem := reference_problem(secret, document.root):
            state, note = "unusable", problem
        elif isinstance(node, StringNode) and node.assumed:
            state = "unknown"
        return state, note, secret.ref
    if not isinstance(node, StringNode):
        return "unusable", "neither a string nor a secret reference", ""
    if node.assumed:
        return "unknown", f"needs {', '.join(node.variables)}", ""
    value = node.value.strip() if verbatim else cleaned(node.value)
    if not value or verbatim:
        return "wins" if value else "empty", "", ""
    if registry.is_key_marker(document.release, value):
        return "marker", "a marker of OpenClaw's, not a key", ""
    if value in registry.key_variable_names(document.release):
        note = f"names the variable {value} (AUTH-20)"
        return variable_state(document, value)[0], note, f"env:{value}"
    return "wins", "", ""


def profile_link(agent: Agent, provider: str, only: str = "") -> model.Link:
    """The link of the auth-profile store, which the other surfaces than speech ask first (AUTH-30).

    ``only`` names the one profile that an explicit choice allows (AUTH-12).
    """
    document = agent.document
    root, canonical = document.root, registry.canonical_provider
    known = registry.provider(document.release, provider)
    path, *fallback = agent_files(agent, document.target.profile_store)
    store = model.ProfileStore(
        path=path,
        provider=provider,
        order=tuple(text(item) for item in items(child(root, "auth", "order", provider))),
        modes=tuple(
            (key, text(child(profile, "mode")))
            for key, profile in members(child(root, "auth", "profiles"))
            if canonical(document.release, text(child(profile, "provider"))) == provider
        ),
        fallback_path=next(iter(fallback), ""),
        only=only,
        no_cooldown=known is not None and known.no_cooldown,
        oauth=provider != "openrouter",
    )
    label = f"the auth profile {only}" if only else "the auth-profile store"
    link = model.Link("profiles", f"profile:{provider}", "absent", label, profiles=store)
    if document.environment.profiles is not None:
        found = store.usable(_profiles(document, store), 0)
        return link._replace(state="wins" if found else "absent")
    # All that is known of a store without opening it is whether its file is there.
    files = (expand(document, path) for path in (path, *fallback))
    if not document.environment.assume and not any(map(os.path.exists, files)):
        return link
    note = _UNREAD if store.is_database else ""
    return link._replace(state="unknown", note=note)


def _profiles(document: Document, store: model.ProfileStore) -> model.Stored:
    return store.content(document.environment.profiles, partial(expand, document))


def leftovers(agent: Agent) -> list[model.Preflight]:
    """The files of an older release's auth profiles, before which no call goes out (AUTH-30')."""
    document = agent.document
    if document.target.profile_store == PROFILE_FILE or document.environment.assume:
        return []
    problem = (
        "while this file of an older release's auth profiles is there, OpenClaw sends nothing;"
        " 'openclaw doctor --fix' moves them into its database"
    )
    return [
        model.Preflight(path, from_default("AUTH-30"), problem)
        for path in agent_files(agent, PROFILE_FILE)
        if os.path.exists(expand(document, path))
    ]


def _naming(
    document: Document, config: model.Link, written: Node | None, profiles: model.Link
) -> list[model.Link]:
    """The link of the auth profile whose id is ``written`` as a provider's key (AUTH-24)."""
    store = profiles.profiles
    literal = isinstance(written, StringNode) and not written.variables and config.state == "wins"
    if not literal or store is None or not store.is_database or config.ref.startswith("env:"):
        return []
    state: model.LinkState = "absent" if profiles.state == "absent" else "unknown"
    if document.environment.profiles is not None:
        there = cleaned(text(written)) in _profiles(document, store)["profiles"]
        state = "wins" if there else "absent"
    label = f"the auth profile that {config.label} names"
    store = store._replace(order=(), modes=())
    return [config._replace(state=state, label=label, note=profiles.note, profiles=store)]


def expand(document: Document, path: str) -> str:
    """A store's path on this machine."""
    return model.placed(path, document.state_dir, document.home)


def ranked(links: list[model.Link]) -> tuple[model.Link, ...]:
    """A chain in which only the first of the winning links wins, and shadows all behind it."""
    states = [link.state for link in links]
    behind = states.index("wins") + 1 if "wins" in states else len(links)
    hidden = {"wins", "unknown"}
    shadowed = (
        link._replace(state="shadowed") if link.state in hidden else link for link in links[behind:]
    )
    return (*links[:behind], *shadowed)


def provider_chain(agent: Agent, provider: str, profile: str = "") -> model.Credential:
    """The chain of chat, image and video (AUTH-10 to AUTH-12)."""
    document = agent.document
    root = document.root
    path: KeyPath = ("models", "providers", provider)
    auth = text(child(root, *path, "auth"))
    missing = f'No API key found for provider "{provider}"'
    profiles = profile_link(agent, provider, profile)
    store = profiles.profiles
    if store is not None and store.is_database:
        missing += f". Auth store: {store.path}"
        if document.environment.profiles is None:
            missing += " (not read here: --profiles gives its profiles)"
    if profile:
        return model.Credential((profiles,), f'No credentials found for profile "{profile}".')
    known = registry.provider(document.release, provider)
    if auth == "aws-sdk":
        return model.Credential((), f"{known.label if known else provider} API key missing")
    variables = env_links(document, provider)
    config = config_link(document, (*path, "apiKey"))
    chain = [profiles, *variables, config]
    if auth == "api-key" and config.state != "absent":
        chain = [config, profiles, *variables]
    naming = _naming(document, config, child(root, *path, "apiKey"), profiles)
    return model.Credential(ranked([*naming, *chain]), missing)


def configured(agent: Agent, provider: str, among: Collection[str] = ()) -> bool:
    """Whether a provider counts as configured for automatic candidates (AUTH-40).

    Its key in ``models.providers`` counts since the automatic candidates cannot be switched off
    (AUTH-40'). When only the environment can tell, those do ``among`` which the provider is.
    """
    document = agent.document
    states = [link.state for link in env_links(document, provider)]
    if not document.target.keys.media_fallback:
        states.append(config_link(document, ("models", "providers", provider, "apiKey")).state)
    link = profile_link(agent, provider)
    if document.environment.profiles is not None:
        states.append(link.state)  # One of those that were given has to be usable (AUTH-40').
    elif not document.environment.assume and link.profiles is not None:
        found = link.profiles.of_provider(_profiles(document, link.profiles))
        states += ["wins"] if found else []
    return "wins" in states or ("unknown" in states and provider in among)
