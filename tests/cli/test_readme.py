"""The README is true: its commands run and print what it shows, its Python runs too.

``python -m tests.cli.test_readme`` writes what the commands print today into the README.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.cli.program import run

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(language: str) -> list[str]:
    """The README's code blocks in a language."""
    text = README.read_text(encoding="utf-8")
    return [body for name, body in _BLOCK.findall(text) if name == language]


def sessions() -> Iterator[tuple[str, str]]:
    """Each command of the console blocks, with what the README says it prints."""
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def printed(command: str) -> str:
    """What a command prints on stdout and stderr, run in the project's folder."""
    program, *arguments = shlex.split(command)
    assert program == "openclaw-config"
    result = run(*arguments)
    assert result.code in {0, 1}, result.err
    return result.out + result.err


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.mark.parametrize("command, output", list(sessions()))
def test_console(command: str, output: str) -> None:
    assert printed(command) == output


def table() -> list[str]:
    """The commands of the README's table."""
    text = README.read_text(encoding="utf-8")
    return re.findall(r"`(openclaw-config [^`]+)`", text)


@pytest.mark.parametrize("command", table())
def test_commands_in_the_text(command: str) -> None:
    assert printed(command)


def test_python() -> None:
    (code,) = blocks("python")
    exec(compile(code, "README.md", "exec"), {})


def test_the_hook_exists() -> None:
    (config,) = blocks("yaml")
    yaml = YAML(typ="safe")
    asked: Any = yaml.load(config)
    offered: Any = yaml.load(ROOT / ".pre-commit-hooks.yaml")
    ids = {hook["id"] for hook in offered}
    assert {hook["id"] for repo in asked["repos"] for hook in repo["hooks"]} <= ids


def test_the_two_commands() -> None:
    # Continuous integration runs the second one; the packaging tests install as the first does.
    example, tests = blocks("sh")
    install, work = example.strip().rsplit(" && ", 1)
    assert install == "python3 -m venv .venv && .venv/bin/pip install -q ."
    assert "POST https://openrouter.ai/api/v1/videos" in printed(work.removeprefix(".venv/bin/"))
    last = tests.strip().rsplit(" && .venv/bin/", 1)[1]
    assert last == (ROOT / ".ci" / "run").read_text(encoding="utf-8").strip().splitlines()[-1]


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README.read_text("utf-8")))
def test_links(link: str) -> None:
    assert (ROOT / link).exists()


def write() -> None:
    """Put what the commands print today into the README."""

    def renewed(match: re.Match[str]) -> str:
        if match[1] != "console":
            return match[0]
        commands = re.findall(r"^\$ (.*)$", match[2], flags=re.MULTILINE)
        body = "".join(f"$ {command}\n{printed(command)}" for command in commands)
        return f"```console\n{body}```"

    text = README.read_text(encoding="utf-8")
    README.write_text(_BLOCK.sub(renewed, text), encoding="utf-8")


if __name__ == "__main__":
    write()
