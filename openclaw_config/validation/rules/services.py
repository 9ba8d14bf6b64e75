"""Rules about what the gateway reaches: browser profiles, MCP servers, cloud workers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from openclaw_config.diagnostics.model import Diagnostic, key_path_text, name_text, rule
from openclaw_config.syntax.nodes import (
    Node,
    NumberNode,
    ObjectNode,
    StringNode,
    child,
    children,
    text_of,
)
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation.context import RuleContext, texts
from openclaw_config.view.settings import is_secret_ref


def _launched(context: RuleContext) -> Iterator[tuple[KeyPath, ObjectNode]]:
    """The profiles that do not attach to a running browser."""
    for path, node in context.each("browser", "profiles", "*"):
        attached = text_of(child(node, "driver")) == "existing-session"
        if isinstance(node, ObjectNode) and context.is_sound(path) and not attached:
            yield path, node


@rule(
    "browser",
    label="no way to reach this browser",
    hint='set cdpPort or cdpUrl, or driver: "existing-session"',
)
def browser_profile_endpoint(context: RuleContext) -> Iterator[Diagnostic]:
    """A browser profile does not say how to reach its browser.

    A profile needs cdpPort or cdpUrl, unless its driver is existing-session or extension, which
    find the running browser by themselves.

    bad: { browser: { profiles: { work: { color: "#0066cc" } } } }
    good: { browser: { profiles: { work: { color: "#0066cc", cdpPort: 9222 } } } }
    source: browser-profile-endpoint
    """
    for path, node in _launched(context):
        port, url = node.get("cdpPort"), node.get("cdpUrl")
        if not (
            (isinstance(port, NumberNode) and port.value)
            or (isinstance(url, StringNode) and (url.value or url.assumed))
            or text_of(node.get("driver")) == "extension"
        ):
            yield context.at_key(browser_profile_endpoint, path, "needs cdpPort or cdpUrl")


@rule("browser")
def browser_profile_data_dir(context: RuleContext) -> Iterator[Diagnostic]:
    """The key userDataDir stands in a profile that cannot use it.

    Only the driver existing-session attaches to a browser by its data folder.

    bad: { browser: { profiles: { work: { color: "#06c06c", cdpPort: 1, userDataDir: "/x" } } } }
    good: { browser: { profiles: { work: { color: "#0066cc", driver: "existing-session",
      userDataDir: "/x" } } } }
    source: browser-profile-userDataDir
    """
    for path, node in _launched(context):
        folder = node.get("userDataDir")
        if isinstance(folder, StringNode) and folder.value:
            text = 'needs driver: "existing-session"'
            where = (*path, "userDataDir")
            yield context.at_key(browser_profile_data_dir, where, text, reported=path)


@rule("browser", since="2026.7.1")
def browser_extension_url(context: RuleContext) -> Iterator[Diagnostic]:
    """A browser profile of the extension has a cdpUrl.

    The extension connects by itself, so there is no address to go to.

    bad: { browser: { profiles: { work: { color: "#0066cc", driver: "extension", cdpUrl:
      "http://127.0.0.1:1" } } } }
    good: { browser: { profiles: { work: { color: "#0066cc", driver: "extension" } } } }
    source: browser-profile-extension-cdpUrl
    """
    for path, node in _launched(context):
        if text_of(node.get("driver")) == "extension" and node.get("cdpUrl") is not None:
            text = 'has driver: "extension", which takes no cdpUrl'
            yield context.at_key(browser_extension_url, path, text, "cdpUrl", reported=path)


# --- MCP servers, of the gateway and of a node ----------------------------------------------------


@rule("mcp", "nodeHost", since="2026.6.11")
def mcp_without_command(context: RuleContext) -> Iterator[Diagnostic]:
    """An MCP server of transport stdio has no command to start.

    Over stdio OpenClaw starts the server itself and speaks to it through its input and output.

    bad: { mcp: { servers: { files: { transport: "stdio" } } } }
    good: { mcp: { servers: { files: { transport: "stdio", command: "npx" } } } }
    source: mcp-stdio-command
    """
    for path, _ in context.breaches("mcp-stdio-command"):
        text = "is of transport stdio and needs a command"
        yield context.at_key(mcp_without_command, path, text, "transport")


@rule("mcp", "nodeHost", since="2026.8.1")
def mcp_identity(context: RuleContext) -> Iterator[Diagnostic]:
    """An MCP server signs each requester in, but not by OAuth over HTTP.

    identity "per-requester" needs auth "oauth" and a url, and neither a command nor an auth
    profile.

    bad: { mcp: { servers: { mail: { url: "https://mcp.example.com", oauth: { identity:
      "per-requester" } } } } }
    good: { mcp: { servers: { mail: { url: "https://mcp.example.com", auth: "oauth", oauth: {
      identity: "per-requester" } } } } }
    source: mcp-oauth-identity
    """
    servers = context.each("mcp", "servers", "*"), context.each("nodeHost", "mcp", "servers", "*")
    for path, node in chain(*servers):
        if text_of(child(node, "oauth", "identity")) != "per-requester":
            continue
        profile = child(node, "oauth", "authProfileId") is not None
        started = child(node, "command") is not None or text_of(child(node, "transport")) == "stdio"
        remote = text_of(child(node, "auth")) == "oauth" and child(node, "url") is not None
        if (profile or started or not remote) and context.is_sound(path):
            key = "authProfileId" if profile else "identity"
            yield context.at_key(mcp_identity, path, _PER_REQUESTER, "oauth", key)


_PER_REQUESTER = (
    ': identity "per-requester" needs auth: "oauth" and a url, no command and no authProfileId'
)


# --- cloud workers --------------------------------------------------------------------------------


_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)", re.IGNORECASE)
_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_REPOSITORY = re.compile(r"[a-z0-9.-]+(?::[0-9]+)?(?:/[a-z0-9._-]+){2,}\Z")


@rule("cloudWorkers", since="2026.8.1")
def short_suspension(context: RuleContext) -> Iterator[Diagnostic]:
    """A cloud worker is suspended after less than a minute.

    A worker that is suspended at once could never finish anything, so a minute is the least.

    bad: { cloudWorkers: { profiles: { s: { provider: "x", suspendAfter: "5s", settings: {} } } } }
    good: { cloudWorkers: { profiles: { s: { provider: "x", suspendAfter: "5m", settings: {} } } } }
    source: cloud-worker-profile
    """
    for path, node in texts(context.each("cloudWorkers", "profiles", "*", "suspendAfter")):
        parts = _PART.findall(node.value)
        if parts and sum(float(n) * _MS[unit.lower()] for n, unit in parts) < _MS["m"]:
            yield context.at_value(short_suspension, path, "must be a minute or more, such as 30m")


@rule("cloudWorkers", since="2026.8.1")
def worker_secret(context: RuleContext) -> Iterator[Diagnostic]:
    """A cloud worker's settings have a secret that is no SecretRef.

    The settings go to the worker's provider and are stored with it, so a key is given by where it
    is and not as it is.

    bad: { cloudWorkers: { profiles: { small: { provider: "x", settings: { apiKey: "k" } } } } }
    good: { cloudWorkers: { profiles: { small: { provider: "x", settings: { apiKey: { source: "env",
      provider: "default", id: "WORKER_KEY" } } } } } }
    source: cloud-worker-settings
    """
    from openclaw_config.diagnostics.masking import is_secret_name

    for path, node in context.each("cloudWorkers", "profiles", "*", "settings"):
        for key, value in _members(node):
            if (is_secret_name(key) or key.lower().endswith("keyref")) and not is_secret_ref(value):
                text = f"{key_path_text(path)}: {name_text(key)} must be a SecretRef"
                yield worker_secret.at(value.location, text, path)


def _members(node: Node) -> Iterator[tuple[str, Node]]:
    """The keys and values of an object, at any depth."""
    for key, value in children(node):
        if isinstance(key, str):
            yield key, value
        if not is_secret_ref(value):
            yield from _members(value)


@rule("cloudWorkers", since="2026.8.1")
def worker_project(context: RuleContext) -> Iterator[Diagnostic]:
    """A project of cloud workers is not named by its repository.

    The key is host/owner/repository in lower case, without .git.

    bad: { cloudWorkers: { projectProfiles: { "acme/site": "small" } } }
    good: { cloudWorkers: { projectProfiles: { "github.com/acme/site": "small" } } }
    source: cloud-worker-project-key
    """
    for path, _ in context.each("cloudWorkers", "projectProfiles", "*"):
        key = str(path[-1])
        if not _REPOSITORY.match(key) or key.endswith(".git"):
            text = f"{name_text(key)} is not host/owner/repository"
            yield worker_project.at(context.key(path), text, path)
