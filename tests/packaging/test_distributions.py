"""The wheel, the sdist, an editable install and a plain clone all work and find their data."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from openclaw_config import __version__
from openclaw_config.cli.inspect import SCHEMAS

pytestmark = pytest.mark.slow

GOOD = '{ agents: { defaults: { model: { primary: "openrouter/auto" } } } }'
BAD = '{ agents: { defaults: { model: { primry: "openrouter/auto" } } } }'


@pytest.fixture(scope="module")
def dist(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, checkout)
    return folder


@pytest.fixture(scope="module")
def python(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment, with what the wheel depends on but not the wheel."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=True, symlinks=True)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel(dist))
    run(python, "-m", "pip", "uninstall", "--quiet", "--yes", "openclaw-config")
    return python


@pytest.fixture
def install(python: Path) -> Iterator[Path]:
    """The same interpreter; whatever a test installs goes again."""
    yield python
    subprocess.run([python, "-m", "pip", "uninstall", "-q", "-y", "openclaw-config"], check=False)


def run(*command: str | Path, cwd: Path | None = None, code: int = 0) -> str:
    """What a command prints, after a look at its exit code."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def wheel(dist: Path) -> Path:
    (path,) = dist.glob("*.whl")
    return path


def sdist(dist: Path) -> Path:
    (path,) = dist.glob("*.tar.gz")
    return path


def works(cwd: Path, *program: str | Path) -> None:
    """The program checks, explains and prints its data files, far from its own source."""
    config = cwd / "openclaw.json"
    config.write_text(BAD, encoding="utf-8")
    assert run(*program, "--version", cwd=cwd) == f"openclaw-config {__version__}\n"
    assert "error[unknown-key]" in run(*program, "check", config, cwd=cwd, code=1)
    for name in SCHEMAS:
        assert json.loads(run(*program, "schema", name, cwd=cwd))["$schema"]
    assert "4|6|8 s" in run(*program, "capabilities", "openrouter/google/veo-3.1-fast", cwd=cwd)
    assert "primry" in run(*program, "explain", "unknown-key", cwd=cwd)
    config.write_text(GOOD, encoding="utf-8")
    assert "POST https://openrouter.ai" in run(*program, "compile", config, cwd=cwd)


def test_wheel(dist: Path, install: Path, tmp_path: Path) -> None:
    run(install, "-m", "pip", "install", "--quiet", "--no-deps", wheel(dist))
    works(tmp_path, install.with_name("openclaw-config"))


def test_sdist(dist: Path, install: Path, tmp_path: Path) -> None:
    run(install, "-m", "pip", "install", "--quiet", "--no-deps", sdist(dist))
    works(tmp_path, install.with_name("openclaw-config"))


def test_editable(checkout: Path, install: Path, tmp_path: Path) -> None:
    run(install, "-m", "pip", "install", "--quiet", "--no-deps", "--editable", checkout)
    works(tmp_path, install.with_name("openclaw-config"))


def test_plain_clone(checkout: Path, install: Path, tmp_path: Path) -> None:
    config = tmp_path / "openclaw.json"
    config.write_text(BAD, encoding="utf-8")
    program = (install, "-m", "openclaw_config")
    assert "error[unknown-key]" in run(*program, "check", config, cwd=checkout, code=1)
    assert json.loads(run(*program, "schema", "report", cwd=checkout))["$schema"]


def test_what_the_wheel_holds(dist: Path) -> None:
    names = zipfile.ZipFile(wheel(dist)).namelist()
    assert "openclaw_config/py.typed" in names
    assert "openclaw_config/schema/report.schema.json" in names
    assert "openclaw_config/docs/rules/unknown-key.md" in names
    assert {name.split("/")[0] for name in names} == {
        "openclaw_config",
        f"openclaw_config-{__version__}.dist-info",
    }


def test_what_the_sdist_holds(dist: Path) -> None:
    with tarfile.open(sdist(dist)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"README.md", "CHANGELOG.md", "LICENSE", "schema/report.schema.json"} <= names
    assert "tests/packaging/test_distributions.py" in names
    assert "docs/architecture.md" in names
