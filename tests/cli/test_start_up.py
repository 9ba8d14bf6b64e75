"""What a cold ``check`` imports: a hook pays for it on every commit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from openclaw_config.cli.main import main
from openclaw_config.cli.parameters import run
from tests.cli.program import OK

HEAVY = {
    "asyncio",
    "click",
    "dataclasses",
    "difflib",
    "email",
    "httpcore",
    "importlib.metadata",
    "importlib.resources",
    "inspect",
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
    "openclaw_config.validation.migrations.engine",
}
SMALL = """{
  env: { vars: { OPENROUTER_API_KEY: "${OPENROUTER_API_KEY}" } },
  agents: { defaults: { model: "openrouter/auto",
    mediaModels: { video: "openrouter/google/veo-3.1-fast" } } },
}"""
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
    assert imported("compile", config) & HEAVY <= {"unicodedata"}


@pytest.mark.parametrize(("command", "most"), [("check", 44), ("compile", 69)])
def test_a_plain_call_imports_no_more_modules_than_it_needs(
    command: str, most: int, config: str
) -> None:
    """As many of ours as were counted: one more has to be worth it on every commit."""
    Path(config).write_text(SMALL, encoding="utf-8")
    ours = [name for name in imported(command, config) if name.startswith("openclaw_config")]
    assert len(ours) <= most, sorted(ours)


PLAIN = [
    ("check", "good.json"),
    ("check", "good.json", "bad.json"),
    ("bad.json",),
    ("check", "broken.json"),
    ("compile", "good.json"),
    ("compile", "bad.json"),
    ("compile", "broken.json"),
    ("compile", "old.json"),
]


@pytest.mark.parametrize("arguments", PLAIN, ids=" ".join)
def test_a_plain_call_says_what_one_that_click_reads_does(
    arguments: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    old = (
        '{ agents: { defaults: { imageModel: "a/b" }, list: [{ id: "x" }] }, env: { A_KEY: "b" } }'
    )
    texts = {"good": OK, "bad": "{ agnts: {}, env: { vars: {} } }", "broken": "{ a: [", "old": old}
    for name, text in texts.items():
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    plainly = main(arguments), capsys.readouterr()
    assert (run(list(arguments)), capsys.readouterr()) == plainly


def test_what_a_plain_call_cannot_do_click_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".openclaw-config.toml").write_text('roots = ["gone.json5"]\n', encoding="utf-8")
    (tmp_path / "part.json5").write_text("{}", encoding="utf-8")
    assert main(["check", "part.json5"]) == 2
    assert capsys.readouterr().err == (
        f"openclaw-config: '{tmp_path / 'gone.json5'}' is no file; the setting 'roots' names it\n"
        "Try 'openclaw-config check --help'.\n"
    )
