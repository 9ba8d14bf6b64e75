"""Many configs in one call: order, processes, files that are written."""

from __future__ import annotations

import os
import pickle
import stat
from pathlib import Path

import pytest

from openclaw_config.lint import linter
from openclaw_config.lint.fixes import save
from openclaw_config.lint.linter import CHUNK, PAYS_FROM, Linter, outcomes
from openclaw_config.lint.options import Change, Options, Outcome, Target

WRONG = "{ gateway: { port: 1_8 } }"
RIGHT = "{ gateway: { port: 18 } }"


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def files(count: int, text: str = WRONG) -> list[Target]:
    for number in range(count):
        Path(f"{number}.json").write_text(text, "utf-8")
    return [Target(f"{number}.json", name=f"{number}.json") for number in range(count)]


FIX = Options(fix=True, write=True)


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("count", [1, PAYS_FROM, PAYS_FROM + CHUNK + 1])
def test_outcomes_come_in_the_order_of_the_configs(count: int, processes: int) -> None:
    found = list(outcomes(Linter(Options()), files(count), processes))
    assert [outcome.report.name for outcome in found] == [f"{n}.json" for n in range(count)]
    assert all(len(outcome.report.diagnostics) == 1 for outcome in found)


def test_two_processes_find_what_one_finds() -> None:
    targets = files(PAYS_FROM)
    Path("7.json").write_text("{ // openclaw-config: ignore[x]\n lobster: 1 }", "utf-8")
    Path(".openclaw-config.toml").write_text("ignroe = []\n[severity]\nx = 1\n", "utf-8")

    def told(outcome: Outcome) -> list[tuple[str, str, str]]:
        reports = [*outcome.about_settings, outcome.report]
        return [
            (item.rule, str(item.location), item.message)
            for report in reports
            for item in report.diagnostics
        ]

    one, two = (list(map(told, outcomes(Linter(Options()), targets, n))) for n in (1, 2))
    assert one == two


def test_a_process_that_is_killed_costs_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = os.getpid()
    check = Linter.check

    def mortal(self: Linter, target: Target) -> Outcome:
        if target.path == "40.json" and os.getpid() != parent:
            os._exit(9)
        return check(self, target)

    monkeypatch.setattr(Linter, "check", mortal)
    found = list(outcomes(Linter(Options()), files(PAYS_FROM), 2))
    assert [outcome.report.name for outcome in found] == [f"{n}.json" for n in range(PAYS_FROM)]


def test_an_outcome_holds_no_variable_and_no_more_text_than_it_needs() -> None:
    Path("ok.json").write_text(RIGHT, "utf-8")
    outcome, _ = outcomes(Linter(Options(env="process")), [Target("ok.json")] * 2)
    assert outcome.report.document is None
    assert len(pickle.dumps(outcome)) < 1000


@pytest.mark.parametrize("processes", [1, 2])
def test_fixes_are_written(processes: int) -> None:
    targets = files(PAYS_FROM)
    found = list(outcomes(Linter(FIX), targets, processes))
    assert all(outcome.report.diagnostics == () for outcome in found)
    assert {Path(target.name or "").read_text("utf-8") for target in targets} == {RIGHT}
    assert all(not outcome.changes for outcome in outcomes(Linter(FIX), targets, processes))


@pytest.mark.parametrize("processes", [1, 2])
def test_a_file_that_many_include_is_fixed_once(processes: int) -> None:
    Path("part.json5").write_text(WRONG, "utf-8")
    targets = files(PAYS_FROM, '{ $include: "part.json5" }')
    found = list(outcomes(Linter(FIX), targets, processes))
    assert sum(len(outcome.changes) for outcome in found) == 1
    assert all(outcome.report.diagnostics == () and not outcome.problem for outcome in found)
    assert Path("part.json5").read_text("utf-8") == RIGHT


def test_without_write_nothing_is_written() -> None:
    (outcome,) = outcomes(Linter(Options(fix=True)), files(1))
    assert outcome.changes[0].after == RIGHT.encode()
    assert Path("0.json").read_text("utf-8") == WRONG


# --- saving ---------------------------------------------------------------------------------------


def change(name: str, before: str = WRONG) -> Change:
    return Change(os.path.abspath(name), name, before.encode(), RIGHT.encode(), ())


def config() -> str:
    return os.path.abspath("openclaw.json")


def test_mode_and_links_stay() -> None:
    Path("real.json").write_text(WRONG, "utf-8")
    os.chmod("real.json", 0o640)
    os.symlink("real.json", "openclaw.json")
    assert save([change("openclaw.json")], config()) == ""
    assert Path("openclaw.json").is_symlink()
    assert Path("real.json").read_text("utf-8") == RIGHT
    assert stat.S_IMODE(os.stat("real.json").st_mode) == 0o640


def test_a_file_that_was_changed_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    (target,) = files(1)
    found = Linter(Options(fix=True)).check(target)
    Path("0.json").write_text("{ gateway: { port: 2_2 } }", "utf-8")
    monkeypatch.setattr(Linter, "check", lambda *_: found)
    (outcome,) = outcomes(Linter(FIX), [target])
    assert outcome.problem == "0.json: was changed meanwhile, and is left as it is"
    assert [item.rule for item in outcome.report.diagnostics] == ["numeric-separator"]
    assert outcome.changes == ()
    assert Path("0.json").read_text("utf-8") == "{ gateway: { port: 2_2 } }"


def test_all_that_a_config_needs_is_written_or_nothing() -> None:
    Path("part.json5").write_text(WRONG, "utf-8")
    Path("openclaw.json").write_text("{ ui: {} }", "utf-8")
    problem = save([change("part.json5"), change("openclaw.json")], config())
    assert problem == "openclaw.json: was changed meanwhile, and is left as it is"
    assert Path("part.json5").read_text("utf-8") == WRONG


def test_an_include_that_has_become_a_link_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "outside.json5").write_text(WRONG, "utf-8")
    os.symlink("../outside.json5", "inside/part.json5")
    main = os.path.abspath("inside/openclaw.json")
    assert "was changed meanwhile" in save([change("inside/part.json5")], main)
    assert (tmp_path / "outside.json5").read_text("utf-8") == WRONG


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_is_read_only_stays() -> None:
    Path("openclaw.json").write_text(WRONG, "utf-8")
    os.chmod("openclaw.json", 0o444)
    assert "cannot be written" in save([change("openclaw.json")], config())
    assert Path("openclaw.json").read_text("utf-8") == WRONG


def test_how_many_processes() -> None:
    assert 1 <= linter._processes() <= linter.MOST_PROCESSES
