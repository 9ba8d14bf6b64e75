"""Rules about MCP servers, of the gateway and of a node."""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config.diagnostics.model import Diagnostic, key_path_text
from openclaw_config.diagnostics.rules import rule
from openclaw_config.syntax.nodes import Node, child, text_of
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.context import RuleContext


def _servers(context: RuleContext) -> Iterator[tuple[KeyPath, Node]]:
    yield from context.each("mcp", "servers", "*")
    yield from context.each("nodeHost", "mcp", "servers", "*")


@rule("mcp", "nodeHost", since="2026.6.11")
def mcp_without_command(context: RuleContext) -> Iterator[Diagnostic]:
    """An MCP server of transport stdio has no command to start.

    Over stdio OpenClaw starts the server itself and speaks to it through its input and output.

    bad: { mcp: { servers: { files: { transport: "stdio" } } } }
    good: { mcp: { servers: { files: { transport: "stdio", command: "npx" } } } }
    source: mcp-stdio-command
    """
    for path, _ in context.breaches("mcp-stdio-command"):
        where = (*path, "transport")
        text = f"{key_path_text(path)} is of transport stdio and needs a command"
        yield mcp_without_command.at(context.key(where), text, where)


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
    for path, node in _servers(context):
        where = (*path, "oauth", "identity")
        if context.text(*where) != "per-requester" or not context.is_sound(path):
            continue
        profile = child(node, "oauth", "authProfileId") is not None
        if profile:
            where = (*path, "oauth", "authProfileId")
        started = child(node, "command") is not None or text_of(child(node, "transport")) == "stdio"
        remote = text_of(child(node, "auth")) == "oauth" and child(node, "url") is not None
        if profile or started or not remote:
            yield mcp_identity.at(
                context.key(where),
                f'{key_path_text(path)}: identity "per-requester" needs auth: "oauth" and a url,'
                " no command and no authProfileId",
                where,
            )
