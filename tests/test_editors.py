"""What editors are told to start is there: snippets of docs/editors.md, the VS Code extension."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import openclaw_config
from openclaw_config.lsp.workspace import Workspace
from tests.cli.program import run

ROOT = Path(__file__).parents[1]
EXTENSION = ROOT / "editors" / "vscode"


def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    return found


PAGE = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```(lua|toml|json|elisp)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
EDITORS = ("Neovim", "VS Code", "Helix", "Zed", "Emacs", "Sublime Text")


def values(text: str) -> Iterator[str]:
    """The texts in double quotes of a snippet, whatever its language."""
    yield from re.findall(r'"((?:[^"\\]|\\.)*)"', text)


def test_each_editor_has_a_section_of_its_own() -> None:
    assert set(EDITORS) <= set(re.findall(r"^## (.*)$", PAGE, re.MULTILINE))


@pytest.mark.parametrize("language, text", SNIPPETS)
def test_a_snippet_is_of_its_language_and_starts_the_command_that_there_is(
    language: str, text: str
) -> None:
    if language == "toml":
        tomllib.loads(text)
    elif language == "json":
        json.loads(text)
    else:
        assert all(text.count(left) == text.count(right) for left, right in ("()", "{}"))
    if "openclaw-config.path" not in text:  # the settings of the extension start nothing themselves
        assert {"openclaw-config", "lsp"} <= set(values(text))
    assert run("lsp", "--help").out.startswith("Usage: openclaw-config lsp")


def test_the_settings_of_the_extension_are_those_that_it_has() -> None:
    contributed = manifest()["contributes"]
    known = contributed["configuration"]["properties"]
    named = [
        one for _, text in SNIPPETS for one in values(text) if one.startswith("openclaw-config.")
    ]
    assert named
    assert set(named) <= set(known)
    assert "package" in manifest()["scripts"]
    assert contributed["languages"][0]["id"] in PAGE


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
