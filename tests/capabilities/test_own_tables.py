"""A user's own capability table counts wherever a config is checked, compiled and run."""

from __future__ import annotations

from pathlib import Path

from openclaw_config import api
from openclaw_config.lint.linter import Linter
from openclaw_config.lint.options import Options, Target
from openclaw_config.loading.environment import Environment
from tests.cli.program import run

TABLE = """\
target: 2026.4.29
provider: openrouter
video:
  default: acme/clip
  modes: {generate: {}}
  models:
    acme/clip:
      modes:
        generate:
          durations: [5, 10]
          resolutions: [720P]
          audio: false
          constraints: [{when: {resolution: 720P}, maxDuration: 5, why: large pictures are slow}]
"""
CONFIG = """{meta: {lastTouchedVersion: "2026.4.29"},
agents: {defaults: {videoGenerationModel: "openrouter/acme/clip"}}}"""


def test_a_users_table_counts_in_plans_and_calls(tmp_path: Path) -> None:
    table = tmp_path / "mine.yaml"
    table.write_text(TABLE)
    config = api.load(text=CONFIG, environment=Environment.assumed(), capabilities=table)
    bound = config.bind("video", prompt="x", durationSeconds=9, resolution="720P", audio=True)
    assert bound.requests[0].body == {
        "model": "acme/clip",
        "prompt": "x",
        "duration": 5,
        "resolution": "720p",
    }


def test_a_users_table_completes_names(tmp_path: Path) -> None:
    table = tmp_path / "mine.yaml"
    table.write_text(TABLE)
    text = CONFIG.replace("openrouter/acme/clip", "clip")
    with_it = api.check(text=text, capabilities=table).diagnostics[0]
    assert with_it.fix is not None
    assert [edit.text for edit in with_it.fix.edits] == ['"openrouter/acme/clip"']
    assert api.check(text=text).diagnostics[0].fix is None


def test_with_a_broken_table_nothing_is_compiled(tmp_path: Path) -> None:
    table = tmp_path / "mine.yaml"
    table.write_text(TABLE.replace("durations", "duratons"))
    report = api.check(text=CONFIG, capabilities=table)
    assert [one.rule for one in report.diagnostics] == ["invalid-capability-table"]
    assert not report.loads


def test_the_settings_may_name_the_table(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(TABLE)
    (tmp_path / ".openclaw-config.toml").write_text('capabilities = "mine.yaml"\n')
    config = tmp_path / "openclaw.json"
    config.write_text(CONFIG.replace("openrouter/acme/clip", "clip"))
    found = Linter(Options()).check(Target(str(config))).report.diagnostics
    assert found[0].fix is not None
    config.write_text(CONFIG)
    compiled = run("compile", str(config), "--surface", "video", "--format", "json")
    assert "large pictures are slow" in compiled.out
    assert run("check", str(config), "--capabilities", str(tmp_path / "none.yaml")).code == 1
