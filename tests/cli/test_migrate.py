"""The command ``migrate``: what it shows, what it writes, and its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import run

COMMANDS: list[dict[str, Any]] = json.loads(
    Path(__file__, "../../../fixtures/migrations/commands.json").resolve().read_text("utf-8")
)


@pytest.mark.parametrize("case", COMMANDS, ids=[case["of"] for case in COMMANDS])
@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_commands(
    case: dict[str, Any], form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in case["files"].items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = case.get("command", "migrate")
    as_asked = form == "text" or "--format" in case["args"] or command != "migrate"
    arguments = case["args"] if as_asked else ["--format", form, *case["args"]]
    result = run(command, *arguments, stdin=case.get("stdin", "").encode())
    assert result.code == case["code"], result
    for text in case.get("not", ()):
        assert text not in result.out + result.err
    for name, text in (case["files"] | case.get("after", {})).items():
        assert (tmp_path / name).read_text(encoding="utf-8") == text
    if as_asked:
        for text in case.get("out", ()):
            assert text in result.out
        for text in case.get("err", ()):
            assert text in result.err


@pytest.mark.skipif(os.name == "nt", reason="there is no pseudo-terminal")
def test_a_person_is_asked_on_a_terminal(tmp_path: Path) -> None:
    import pty

    text = '{ bindings: [{ agentId: "ghost", match: {} }], agents: { list: [{ id: "${ID}" }] } }'
    (tmp_path / "openclaw.json").write_text(text, encoding="utf-8")
    given, terminal = pty.openpty()
    os.write(given, b"Ann\nremove\n")
    command = [sys.executable, "-m", "openclaw_config", "migrate", "--write", "openclaw.json"]
    done = subprocess.run(
        command, cwd=tmp_path, stdin=terminal, stdout=subprocess.PIPE, stderr=terminal, check=False
    )
    os.close(terminal)
    asked = os.read(given, 65536).decode()
    os.close(given)
    assert "which (remove, add, leave) [leave]: " in asked
    assert done.returncode == 0
    written = (tmp_path / "openclaw.json").read_text(encoding="utf-8")
    assert written == "{ agents: { entries: {ann: {}} } }"
