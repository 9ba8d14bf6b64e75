"""What a shell offers while a command line is being typed."""

from __future__ import annotations

import pytest

from openclaw_config.cli.command import COMMANDS
from openclaw_config.diagnostics.model import all_rules
from tests.cli.program import run


def offered(line: str) -> list[str]:
    """The completions of a line's last word, each as ``type,text``."""
    words = line.split(" ")
    env = {
        "_OPENCLAW_CONFIG_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    result = run(env=env)
    assert (result.code, result.err) == (0, "")
    return result.out.splitlines()


def test_commands() -> None:
    assert offered("openclaw-config ") == [f"plain,{name}" for name in COMMANDS]
    assert offered("openclaw-config ch") == ["plain,check"]


OPTIONS = [
    ("openclaw-config check --fo", "plain,--format"),
    ("openclaw-config openclaw.json --fo", "plain,--format"),
    ("openclaw-config check --format sa", "plain,sarif"),
    ("openclaw-config compile --surface vid", "plain,video"),
    ("openclaw-config run vid", "plain,video"),
    ("openclaw-config schema rep", "plain,report"),
    ("openclaw-config explain unknown-k", "plain,unknown-key"),
    ("openclaw-config explain gatew", "plain,gateway"),
    (
        "openclaw-config explain agents.defaults.mediaMod",
        "plain,agents.defaults.mediaModels",
    ),
]


@pytest.mark.parametrize("line, expected", OPTIONS)
def test_options_values_rules_and_keys(line: str, expected: str) -> None:
    assert offered(line) == [expected]


FILES = [
    "openclaw-config x",
    "openclaw-config check x",
    "openclaw-config check --output x",
    "openclaw-config compile --env-file x",
    "openclaw-config compile --lock x",
    "openclaw-config diff a.json x",
    "openclaw-config fmt x",
    "openclaw-config explain x",
]


@pytest.mark.parametrize("line", FILES)
def test_files(line: str) -> None:
    assert offered(line) == ["file,x"]


def test_every_rule_is_offered() -> None:
    assert {f"plain,{name}" for name in all_rules()} <= set(offered("openclaw-config explain "))


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_script_for_a_shell(shell: str) -> None:
    result = run(env={"_OPENCLAW_CONFIG_COMPLETE": f"{shell}_source"})
    assert result.code == 0
    assert "openclaw-config" in result.out
    assert "_OPENCLAW_CONFIG_COMPLETE" in result.out
