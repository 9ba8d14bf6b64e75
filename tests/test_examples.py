"""The Python examples of README and docs: they type-check strictly as they stand, and they run."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import openclaw_config as oc
from openclaw_config.errors import OpenClawConfigError

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def examples() -> dict[str, str]:
    """Each block by the page and its number; one that awaits is put into a function."""
    found = {}
    for page in PAGES:
        for number, code in enumerate(_BLOCK.findall(page.read_text(encoding="utf-8")), 1):
            if re.search(r"^(?:.*= )?await |^async with", code, re.MULTILINE):
                body = "".join(f"    {line}" if line.strip() else line for line in
                               code.splitlines(keepends=True))  # fmt: skip
                whole = f"async def main() -> None:\n{body}"
            else:
                whole = code
            found[f"{page.stem.lower()}_{number}"] = whole
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, code in examples().items():
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_mypy(folder: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--allow-untyped-calls", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_pyright(folder: Path) -> None:
    program = shutil.which("basedpyright", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("there is no pyright here")
    # What an example does not go on to use is meant to be used by its reader.
    unused = '"reportUnusedImport": false, "reportUnusedVariable": false'
    settings = f'{{"typeCheckingMode": "strict", {unused}}}'
    (folder / "pyrightconfig.json").write_text(settings, encoding="utf-8")
    command = [program, "--level", "error", "--pythonpath", sys.executable, "-p", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stdout


def test_every_public_error_is_one_of_ours() -> None:
    names = [name for name in oc.__all__ if name.endswith("Error")]
    assert len(names) > 3
    assert all(issubclass(getattr(oc, name), OpenClawConfigError) for name in names)


def test_paths_may_be_paths(tmp_path: Path) -> None:
    path = tmp_path / "openclaw.json"
    path.write_text("{ gatway: 1 }", encoding="utf-8")
    (finding,) = oc.check(path).diagnostics
    with pytest.raises(oc.ConfigError):
        oc.load(path)
    with pytest.raises(OpenClawConfigError):
        oc.compile(path)
    assert str(finding).startswith("error[unknown-key]: ")
    assert "1 │ { gatway:" in str(finding)
