"""Rules about browser profiles."""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config.diagnostics.model import ERROR, Diagnostic, key_path_text
from openclaw_config.diagnostics.rules import Rule
from openclaw_config.syntax.nodes import NumberNode, ObjectNode, StringNode, text_of
from openclaw_config.validation.config import Config, check
from openclaw_config.validation.issues import SCHEMA

PROFILE_ENDPOINT = Rule(
    name="browser-profile-endpoint",
    severity=ERROR,
    summary="A browser profile does not say how to reach its browser.",
    why=(
        "A profile needs cdpPort or cdpUrl, unless its driver is existing-session, which finds the"
        " running browser by itself."
    ),
    bad='{ browser: { profiles: { work: { color: "#0066cc" } } } }',
    good='{ browser: { profiles: { work: { color: "#0066cc", cdpPort: 9222 } } } }',
    blocks=True,
    source="browser-profile-endpoint",
)

PROFILE_DATA_DIR = Rule(
    name="browser-profile-data-dir",
    severity=ERROR,
    summary="userDataDir stands in a profile that cannot use it.",
    why="Only the driver existing-session attaches to a browser by its data folder.",
    bad='{ browser: { profiles: { work: { color: "#06c06c", cdpPort: 1, userDataDir: "/x" } } } }',
    good=(
        '{ browser: { profiles: { work: { color: "#0066cc", driver: "existing-session",'
        ' userDataDir: "/x" } } } }'
    ),
    blocks=True,
    source="browser-profile-userDataDir",
)


@check(SCHEMA, "browser")
def profiles(config: Config) -> Iterator[Diagnostic]:
    """browser-profile-endpoint and browser-profile-userDataDir."""
    for path, node in config.each("browser", "profiles", "*"):
        if not isinstance(node, ObjectNode) or not config.sound(path):
            continue
        if text_of(node.get("driver")) == "existing-session":
            continue
        port, url = node.get("cdpPort"), node.get("cdpUrl")
        reachable = (isinstance(port, NumberNode) and port.value) or (
            isinstance(url, StringNode) and (url.value or url.assumed)
        )
        if not reachable:
            yield PROFILE_ENDPOINT.at(
                config.key(path),
                f"{key_path_text(path)} needs cdpPort or cdpUrl",
                path,
                label="no way to reach this browser",
                helps=('set cdpPort or cdpUrl, or driver: "existing-session"',),
            )
        folder = node.get("userDataDir")
        if isinstance(folder, StringNode) and folder.value:
            yield PROFILE_DATA_DIR.at(
                config.key((*path, "userDataDir")),
                f'{key_path_text(path)}.userDataDir needs driver: "existing-session"',
                path,
            )
