"""Rules about the gateway and its hooks, and what it reaches: browsers, MCP servers, workers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openclaw_config.diagnostics.model import WARNING, Diagnostic, rule, version
from openclaw_config.plan.urls import host_of
from openclaw_config.syntax.nodes import paths_of, text_of
from openclaw_config.syntax.text import trim
from openclaw_config.validation.context import RuleContext, texts
from openclaw_config.view.settings import is_secret_ref, number


@rule("gateway", label='write "loopback"', hint='or "custom", with customBindHost: "127.0.0.1"')
def tailscale_bind(context: RuleContext) -> Iterator[Diagnostic]:
    """The gateway listens beyond loopback while Tailscale serves it.

    With tailscale.mode serve or funnel, Tailscale is the only door. A gateway that also listens on
    the network would have a second one, so OpenClaw wants bind loopback, or custom with a loopback
    address.

    bad: { gateway: { bind: "lan", tailscale: { mode: "serve" } } }
    good: { gateway: { bind: "loopback", tailscale: { mode: "serve" } } }
    source: gateway-tailscale-bind
    """
    text = 'must be "loopback" while gateway.tailscale.mode is serve or funnel'
    for _ in context.breaches("gateway-tailscale-bind", text):
        yield context.at_value(("gateway", "bind"), text)


@rule("gateway", since="2026.5.28", hint='write "token" or "password"')
def tailscale_auth(context: RuleContext) -> Iterator[Diagnostic]:
    """Tailscale serves a gateway that asks for no credentials.

    With tailscale.mode serve or funnel others reach the gateway, so auth.mode must not be none.

    bad: { gateway: { tailscale: { mode: "serve" }, auth: { mode: "none" } } }
    good: { gateway: { tailscale: { mode: "serve" }, auth: { mode: "token" } } }
    source: gateway-tailscale-auth
    """
    text = 'must not be "none" while gateway.tailscale.mode is serve or funnel'
    for _ in context.breaches("gateway-tailscale-auth", text):
        yield context.at_value(("gateway", "auth", "mode"), text)


@rule("gateway", since="2026.8.1")
def unknown_role(context: RuleContext) -> Iterator[Diagnostic]:
    """The default role of the gateway's users is not defined.

    gateway.roles.default is a key of gateway.roles.definitions.

    bad: { gateway: { roles: { default: "guest", definitions: { owner: { scopes: [], agents: "*",
      sessions: { others: "write" } } } } } }
    good: { gateway: { roles: { default: "owner", definitions: { owner: { scopes: [], agents: "*",
      sessions: { others: "write" } } } } } }
    source: gateway-roles-default
    """
    path = ("gateway", "roles", "default")
    role, names = context.text(*path), context.names_at("gateway", "roles", "definitions")
    if role is not None and role not in names and context.is_sound(path[:-1]):
        yield context.misnamed(path, "is none of gateway.roles.definitions", names)


_TRANSPORT = ("host", "connection", "upgrade", "content-length")


@rule("gateway", since="2026.8.1")
def edge_header(context: RuleContext) -> Iterator[Diagnostic]:
    """A header for the way to a remote gateway cannot be set.

    The connection sets some headers itself, and two names that differ in case are one header.

    bad: { gateway: { remote: { edgeAuth: { Host: "x" } } } }
    good: { gateway: { remote: { edgeAuth: { "CF-Access-Client-Id": "x" } } } }
    source: gateway-edge-auth
    """
    seen: set[str] = set()
    for path, _ in context.each("gateway", "remote", "edgeAuth", "*"):
        name = str(path[-1]).lower()
        own = name in _TRANSPORT or name.startswith("sec-websocket-")
        if (own or name in seen) and context.is_sound(path[:-1]):
            text = "is set by the connection itself" if own else "is there already, in another case"
            yield context.at_key(path, text)
        seen.add(name)


@rule("gateway", since="2026.9.6")
def portal_ingress(context: RuleContext) -> Iterator[Diagnostic]:
    """The portals share the domain or the port of the gateway.

    What portals show is not trusted, so it needs a domain that no address of the gateway lies in,
    and a port of its own.

    bad: { gateway: { portals: { ingress: { domain: "portals.example.net", port: 18789 } } } }
    good: { gateway: { portals: { ingress: { domain: "portals.example.net", port: 9000 } } } }
    source: gateway-portal
    """
    way = ("gateway", "portals", "ingress")
    if not context.is_sound(("gateway",)):
        return
    own = number(context.get("gateway", "port"))
    if number(context.get(*way, "port")) == (18789 if own is None else own):
        yield context.at_value((*way, "port"), "is the gateway's own")
    domain = trim(context.text(*way, "domain") or "").lower().rstrip(".")
    origins = [context.get("gateway", "publicOrigin")]
    origins += [node for _, node in context.each("gateway", "controlUi", "allowedOrigins", "[]")]
    hosts = (host_of(text_of(origin) or "").lower() for origin in origins)
    if domain and any(host == domain or host.endswith(f".{domain}") for host in hosts):
        yield context.at_key((*way, "domain"), "holds an address of the gateway")


@rule("hooks", since="2026.8.1", hint="or hooks.defaultSessionKey")
def persistent_hook(context: RuleContext) -> Iterator[Diagnostic]:
    """A hook keeps its session, and nothing says which one.

    An agent that goes on in one session needs its key, unless a transform gives it.

    bad: { hooks: { mappings: [{ sessionMode: "persistent" }] } }
    good: { hooks: { mappings: [{ sessionMode: "persistent", sessionKey: "hook:mail" }] } }
    source: hook-persistent-key
    """
    text, reported = "is persistent and needs a sessionKey", ("sessionKey",)
    return context.breaches("hook-persistent-key", text, "sessionMode", reported=reported)


@rule("gateway", until="2026.8.1")
def stale_threshold(context: RuleContext) -> Iterator[Diagnostic]:
    """A channel counts as stale before its health is checked.

    channelStaleEventThresholdMinutes must be at least channelHealthCheckMinutes, which is 5 when it
    is not set; otherwise every check would find every channel stale. 0 switches the checks off.

    bad: { gateway: { channelStaleEventThresholdMinutes: 3 } }
    good: { gateway: { channelStaleEventThresholdMinutes: 30 } }
    source: gateway-stale-threshold
    """
    path = ("gateway", "channelStaleEventThresholdMinutes")
    threshold = number(context.get(*path))
    every = number(context.get("gateway", "channelHealthCheckMinutes"))
    minutes = 5 if every is None else every
    sound = context.is_sound(("gateway",))
    if threshold is not None and minutes and threshold < minutes and sound:
        label = f"health is checked every {minutes} minutes"
        yield context.at_value(path, f"must be at least {minutes}", label=label)


_VERSION = re.compile(r"v?([0-9]+)\.([0-9]+)\.([0-9]+)")


@rule("meta", severity=WARNING, hint="what that version added may be unknown here")
def future_version(context: RuleContext) -> Iterator[Diagnostic]:
    """The config was last written by a newer OpenClaw.

    meta.lastTouchedVersion says which version wrote the file. A newer one may have used keys that
    this target does not know.

    bad: { meta: { lastTouchedVersion: "2026.9.6" } }
    good: { meta: { lastTouchedVersion: "2026.4.29" } }
    source: file-future-version
    """
    path = ("meta", "lastTouchedVersion")
    node = context.get(*path)
    written = _VERSION.match(trim(text_of(node) or ""))
    if node is not None and written and version(written.group()) > version(context.target)[:3]:
        text = f": OpenClaw {written.group()} wrote this, which is newer than {context.target}"
        yield context.at_value(path, text)


# --- browser profiles -------------------------------------------------------------------------


@rule("browser", label="no way to reach it", hint='or set driver: "existing-session"')
def browser_profile_endpoint(context: RuleContext) -> Iterator[Diagnostic]:
    """A browser profile does not say how to reach its browser.

    A profile needs cdpPort or cdpUrl, unless its driver is existing-session or extension, which
    find the running browser by themselves.

    bad: { browser: { profiles: { work: { color: "#0066cc" } } } }
    good: { browser: { profiles: { work: { color: "#0066cc", cdpPort: 9222 } } } }
    source: browser-profile-endpoint
    """
    return context.breaches("browser-profile-endpoint", "needs cdpPort or cdpUrl")


@rule("browser")
def browser_profile_data_dir(context: RuleContext) -> Iterator[Diagnostic]:
    """The key userDataDir stands in a profile that cannot use it.

    Only the driver existing-session attaches to a browser by its data folder.

    bad: { browser: { profiles: { work: { color: "#06c06c", cdpPort: 1, userDataDir: "/x" } } } }
    good: { browser: { profiles: { work: { color: "#0066cc", driver: "existing-session",
      userDataDir: "/x" } } } }
    source: browser-profile-userDataDir
    """
    text = 'needs driver: "existing-session" for its userDataDir'
    return context.breaches("browser-profile-userDataDir", text, "userDataDir", reported=())


@rule("browser", since="2026.7.1")
def browser_extension_url(context: RuleContext) -> Iterator[Diagnostic]:
    """A browser profile of the extension has a cdpUrl.

    The extension connects by itself, so there is no address to go to.

    bad: { browser: { profiles: { work: { color: "#0066cc", driver: "extension", cdpUrl:
      "http://127.0.0.1:1" } } } }
    good: { browser: { profiles: { work: { color: "#0066cc", driver: "extension" } } } }
    source: browser-profile-extension-cdpUrl
    """
    text = 'has driver: "extension", which takes no cdpUrl'
    return context.breaches("browser-profile-extension-cdpUrl", text, "cdpUrl", reported=())


# --- MCP servers, of the gateway and of a node ----------------------------------------------------


@rule("mcp", "nodeHost", since="2026.6.11")
def mcp_without_command(context: RuleContext) -> Iterator[Diagnostic]:
    """An MCP server of transport stdio has no command to start.

    Over stdio OpenClaw starts the server itself and speaks to it through its input and output.

    bad: { mcp: { servers: { files: { transport: "stdio" } } } }
    good: { mcp: { servers: { files: { transport: "stdio", command: "npx" } } } }
    source: mcp-stdio-command
    """
    text = "is of transport stdio and needs a command"
    return context.breaches("mcp-stdio-command", text, "transport")


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
    text = ': identity "per-requester" needs auth: "oauth", a url and no command'
    yield from context.breaches("mcp-oauth-identity", text, "oauth", "identity")
    text = ': identity "per-requester" takes no authProfileId'
    yield from context.breaches("mcp-oauth-profile", text, "oauth", "authProfileId")


# --- cloud workers --------------------------------------------------------------------------------


_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)", re.IGNORECASE)
_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


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
            yield context.at_value(path, "must be a minute or more, such as 30m")


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
        for at, value in paths_of(node, path):
            key = str(at[-1])
            if (is_secret_name(key) or key.lower().endswith("keyref")) and not is_secret_ref(value):
                found = context.at_value(at, "must be a SecretRef")
                yield found._replace(key_path=path)  # where OpenClaw reports it
