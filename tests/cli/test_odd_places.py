"""Standard streams that are closed or full, and a working folder that is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import sampled

PROGRAM = (sys.executable, "-m", "openclaw_config")
CONFIG = str(Path(__file__).resolve().parents[2] / "fixtures" / "plans" / "chat" / "openclaw.json")
COMMANDS = [
    ["check", CONFIG, "--format", "json"],
    ["check", "."],
    ["check"],
    ["check", "-"],
    ["check", "--list-rules"],
    ["check", "*/*.json"],
    ["check", "--write-baseline", "b.json", CONFIG],
    ["compile", CONFIG],
    ["diff", CONFIG, CONFIG],
    ["diff", "HEAD:x", CONFIG],
    ["keys", CONFIG],
    ["env", "--require"],
    ["capabilities"],
    ["explain", CONFIG, "gateway.port"],
    ["explain", "gateway.port"],
    ["fmt", "."],
    ["fmt", "-"],
    ["schema", "plan"],
    ["--help"],
]


def end_of(command: list[str], streams: str, folder: Path, gone: bool = False) -> str:
    """What a command says on stderr; it must end with a code of ours and without a call stack."""
    script = f'cd "$0" && {"rmdir $0 &&" if gone else ""} "$@" {streams}'
    done = subprocess.run(
        ["sh", "-c", script, str(folder), *PROGRAM, *command],
        input="{}",
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HOME": str(folder), "PYTHONPATH": str(Path(CONFIG).parents[3])},
    )
    assert done.returncode in (0, 1, 2), done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    return done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full and folders that can go")
@pytest.mark.parametrize(
    "command",
    sampled(COMMANDS, 9),
    ids=" ".join,
)
def test_odd_streams_and_a_folder_that_is_gone(command: list[str], tmp_path: Path) -> None:
    end_of(command, ">&-", tmp_path)
    end_of(command, "> /dev/full", tmp_path)
    end_of(command, "<&- >&- 2>&-", tmp_path)
    (tmp_path / "gone").mkdir()
    end_of(command, "", tmp_path / "gone", gone=True)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_a_full_disk_is_named(tmp_path: Path) -> None:
    assert "cannot write the result: No space left" in end_of(
        ["schema", "plan"], ">/dev/full", tmp_path
    )
