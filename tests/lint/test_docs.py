"""The examples of ``docs/lint.md`` run, in order, in one folder, and print what the page shows.

A block that names a file is that file. ``python -m tests.lint.test_docs`` writes what the commands
print today into the page.
"""

from __future__ import annotations

import os
import re
import shlex
import tempfile
import textwrap
from pathlib import Path

import pytest

from openclaw_config.lint.options import LEVELS
from openclaw_config.lint.settings import NAMES
from tests.cli.program import run
from tests.lint import fix_cases

PAGE = Path(__file__).resolve().parents[2] / "docs" / "lint.md"
_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def played(folder: Path) -> str:
    """The page with what its commands print when they are run in a folder."""

    def replay(match: re.Match[str]) -> str:
        language, name, body = match.groups()
        if name:
            (folder / name).write_text(body, "utf-8")
        elif language == "console":
            body = "".join(f"$ {command}\n{printed(command)}" for command in commands(body))
            return f"```console\n{body}```"
        return match[0]

    text = _BLOCK.sub(replay, PAGE.read_text("utf-8"))
    for unsafe, title in ((False, "safe fixes"), (True, "unsafe ones")):
        lead = f"Rules with {title}:\n"
        head, rest = text.split(lead)
        text = f"{head}{lead}{listed(unsafe)}.{rest.split('.', 1)[1]}"
    return text


def listed(unsafe: bool) -> str:
    """The rules with fixes, as the page lists them."""
    names = sorted(
        name.removesuffix(".unsafe")
        for name in fix_cases.names()
        if fix_cases.is_unsafe(name) is unsafe and name != "several"
    )
    return textwrap.fill(", ".join(f"`{name}`" for name in names), 100, break_on_hyphens=False)


def commands(body: str) -> list[str]:
    return re.findall(r"^\$ (.*)$", body, re.MULTILINE)


def printed(command: str) -> str:
    program, *arguments = shlex.split(command)
    assert program == "openclaw-config"
    result = run(*arguments)
    assert result.code in {0, 1}, result.err
    return result.err + result.out


def test_the_page_shows_what_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert played(tmp_path) == PAGE.read_text("utf-8")


def test_the_page_names_every_setting() -> None:
    text = PAGE.read_text("utf-8")
    assert all(f"| `{name}` |" in text for name in NAMES)
    assert all(f"`{level}`" in text for level in LEVELS)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        PAGE.write_text(played(Path(place)), "utf-8")
