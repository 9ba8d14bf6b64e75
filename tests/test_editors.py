"""What editors are told to start is there: snippets of docs/editors.md, the VS Code extension."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openclaw_config
from openclaw_config.lsp.workspace import Workspace
from tests.cli.program import run

ROOT = Path(__file__).parents[1]
EXTENSION = ROOT / "editors" / "vscode"


def manifest() -> dict[str, object]:
    found: dict[str, object] = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    return found


def test_the_extension_has_the_version_of_the_program() -> None:
    assert manifest()["version"] == openclaw_config.__version__


def test_the_extension_starts_a_command_with_options_that_there_are() -> None:
    source = (EXTENSION / "src" / "options.ts").read_text(encoding="utf-8")
    assert re.search(r'args: \["lsp", \.\.\.\(target \? \["--target", target\] : \[\]\)\]', source)
    usage = run("lsp", "--help").out
    assert "Usage: openclaw-config lsp" in usage
    assert "--target VERSION" in usage


def test_the_server_checks_for_the_version_that_it_is_started_for(tmp_path: Path) -> None:
    path = str(tmp_path / "openclaw.json")
    text = "{ tts: { auto: 'always' } }"
    rules = {}
    for version in ("2026.4.29", "2026.9.6"):
        workspace = Workspace(version)
        workspace.open(path, text)
        rules[version] = [item.rule for item in workspace.findings()[path]]
    assert rules == {"2026.4.29": ["unknown-key"], "2026.9.6": []}


def test_a_version_that_is_none_is_refused_before_anything_is_served() -> None:
    done = run("lsp", "--target", "latest")
    assert done.code == 2
    assert "no version of OpenClaw" in done.err
