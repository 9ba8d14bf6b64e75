"""The commands of ``docs/agent-skill.md`` run, in order, and answer as the page says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from openclaw_config.cli.command import COMMANDS
from tests.cli.program import run

PAGE = Path(__file__).resolve().parents[2] / "docs" / "agent-skill.md"
CONFIG = """{
  // ours
  agents: { defaults: { model: "openrouter/auto" } },
}
"""


def test_every_command_does_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in "openclaw.json", "openclaw.json.before":
        Path(name).write_text(CONFIG, "utf-8")
    lines = re.findall(r"^ *openclaw-config (.*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(lines) > 5
    last = ""
    for line in lines:
        command, _, remark = line.partition(" # ")
        done = run(*shlex.split(command.replace("HASH", last)))
        differs = command.startswith("diff")
        assert done.code == (1 if differs or "exit code 1" in remark else 0), (command, done)
        if "--format json" in command:
            answer = json.loads(done.out)
            last = answer.get("hash") or last
            if command.startswith("set"):
                wanted = "--dry-run" not in command and not done.code
                assert answer["written"] is wanted, answer
                assert bool(answer["findings"]) is bool(done.code)
    text = Path("openclaw.json").read_text("utf-8")
    assert "// ours" in text
    assert "veo-3.1-fast" in text
    assert "${OPENCLAW_GATEWAY_TOKEN}" in text or 'id: "OPENCLAW_GATEWAY_TOKEN"' in text


def test_the_page_is_short_and_names_only_what_there_is() -> None:
    text = PAGE.read_text("utf-8")
    assert len(text.split()) < 600
    named = re.findall(r"`(?:openclaw-config )?([a-z]+) --?[a-z]", text)
    assert set(named) <= set(COMMANDS)
    assert text.startswith("---\nname: openclaw-config\ndescription: ")
