"""What a cold ``check`` imports: a hook pays for it on every commit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import OK

HEAVY = {
    "asyncio",
    "dataclasses",
    "difflib",
    "email",
    "httpcore",
    "importlib.metadata",
    "importlib.resources",
    "json5",
    "jsonschema",
    "logging",
    "pathlib",
    "pydantic",
    "ruamel",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "traceback",
    "unicodedata",
    "zipfile",
}
NOT_FOR_A_CHECK = {
    "openclaw_config.compiler.compile",
    "openclaw_config.diagnostics.text",
    "openclaw_config.diagnostics.masking",
    "openclaw_config.diagnostics.formats",
    "openclaw_config.plan.model",
    "openclaw_config.runtime",
    "openclaw_config.syntax.recovery",
}
PROGRAM = """
import sys, json
before = set(sys.modules)
from openclaw_config.cli.main import main
code = main(sys.argv[1:])
sys.stdout.flush()
sys.stderr.write(json.dumps([code, sorted(set(sys.modules) - before)]))
"""


def imported(*arguments: str) -> set[str]:
    """The modules that a fresh process imports for a command that succeeds."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True
    )
    code, modules = json.loads(done.stderr)
    assert code == 0
    return set(modules)


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "openclaw.json"
    path.write_text(OK, encoding="utf-8")
    return str(path)


def test_check_imports_nothing_that_it_does_not_use(config: str) -> None:
    assert imported("check", config) & (HEAVY | NOT_FOR_A_CHECK) == set()


def test_compile_imports_nothing_heavy(config: str) -> None:
    assert imported("compile", config, "--format", "json") & HEAVY == set()
