"""Rules about browser profiles."""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config.diagnostics.model import Diagnostic, key_path_text
from openclaw_config.diagnostics.rules import rule
from openclaw_config.syntax.nodes import NumberNode, ObjectNode, StringNode, text_of
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.context import RuleContext


def _launched(context: RuleContext) -> Iterator[tuple[KeyPath, ObjectNode]]:
    """The profiles that do not attach to a running browser."""
    for path, node in context.each("browser", "profiles", "*"):
        if not isinstance(node, ObjectNode) or not context.is_sound(path):
            continue
        if text_of(node.get("driver")) != "existing-session":
            yield path, node


@rule("browser")
def browser_profile_endpoint(context: RuleContext) -> Iterator[Diagnostic]:
    """A browser profile does not say how to reach its browser.

    A profile needs cdpPort or cdpUrl, unless its driver is existing-session, which finds the
    running browser by itself.

    bad: { browser: { profiles: { work: { color: "#0066cc" } } } }
    good: { browser: { profiles: { work: { color: "#0066cc", cdpPort: 9222 } } } }
    source: browser-profile-endpoint
    """
    for path, node in _launched(context):
        port, url = node.get("cdpPort"), node.get("cdpUrl")
        if (isinstance(port, NumberNode) and port.value) or (
            isinstance(url, StringNode) and (url.value or url.assumed)
        ):
            continue
        yield browser_profile_endpoint.at(
            context.key(path),
            f"{key_path_text(path)} needs cdpPort or cdpUrl",
            path,
            label="no way to reach this browser",
            helps=('set cdpPort or cdpUrl, or driver: "existing-session"',),
        )


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
            yield browser_profile_data_dir.at(
                context.key((*path, "userDataDir")),
                f'{key_path_text(path)}.userDataDir needs driver: "existing-session"',
                path,
            )


@rule("browser", since="2026.8.1")
def browser_extension_url(context: RuleContext) -> Iterator[Diagnostic]:
    """A browser profile of the extension has a cdpUrl.

    The extension connects by itself, so there is no address to go to.

    bad: { browser: { profiles: { work: { driver: "extension", cdpUrl: "http://127.0.0.1:1" } } } }
    good: { browser: { profiles: { work: { driver: "extension" } } } }
    source: browser-profile-extension-cdpUrl
    """
    for path, _ in context.breaches("browser-profile-extension-cdpUrl"):
        yield browser_extension_url.at(
            context.key((*path, "cdpUrl")),
            f'{key_path_text(path)} has driver: "extension", which takes no cdpUrl',
            path,
        )
