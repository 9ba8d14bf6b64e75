"""A real editor, Neovim, with the lines that docs/editors.md shows for it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "editors.md"
NVIM = ["nvim", "--headless", "--clean", "-n"]
TEXT = "{\n  /* 😀 */ gateway: { prot: 18789 },\n}\n"


def snippet() -> str:
    """The lines for Neovim's init.lua."""
    section = PAGE.read_text(encoding="utf-8").partition("\n## Neovim\n")[2]
    found = re.search(r"^```lua\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What there was to see in Neovim when it opened a broken config."""
    if shutil.which("nvim") is None:
        assert os.environ.get("CI") != "true", "CI must have Neovim: .ci/run installs it"
        pytest.skip("Neovim is not installed (on Debian: apt-get install neovim)")
    folder = tmp_path_factory.mktemp("neovim")
    (folder / "init.lua").write_text(snippet(), encoding="utf-8")
    (folder / "openclaw.json").write_text(TEXT, encoding="utf-8")
    scripts = os.path.dirname(sys.executable)
    done = subprocess.run(
        [*NVIM, "-u", "init.lua", "-S", str(HERE / "drive.lua"), "openclaw.json"],
        cwd=folder,
        env={**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return result


@pytest.mark.slow
def test_it_shows_a_finding_at_the_right_column(seen: dict[str, Any]) -> None:
    (found,) = seen["findings"]
    assert found["text"].startswith("unknown key `prot` in gateway; did you mean `port`?\n")
    # Neovim counts columns in bytes.
    line = TEXT.splitlines()[found["line"]].encode()
    assert line[found["column"] : found["ends"]] == b"prot"


@pytest.mark.slow
def test_it_applies_a_quick_fix(seen: dict[str, Any]) -> None:
    assert seen["offered"] == [
        "rename `prot` to `port` (unsafe: it may change the meaning)",
        "ignore unknown-key here",
    ]
    assert seen["fixed"] + "\n" == TEXT.replace("prot", "port")


@pytest.mark.slow
def test_it_completes_a_key(seen: dict[str, Any]) -> None:
    lines = seen["completed"].splitlines()
    assert lines.pop(1).strip() == "logging: {  },"
    assert lines == seen["fixed"].splitlines()
