"""Baselines: what they know, when they forget, and that they hold no secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openclaw_config.lint.baseline import baseline_text, new_baseline, read_baseline
from openclaw_config.lint.linter import Linter, Session, check_all
from openclaw_config.lint.options import Layer, Options, Settings, Target

OLD = "{\n  lobster: 1,\n  gateway: { crab: 2 },\n}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write("openclaw.json", OLD)
    return tmp_path


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def check(*names: str, baseline: str | None = None, ignore: tuple[str, ...] = ()) -> Session:
    linter = Linter(Options(Settings(layers=(Layer(ignore=ignore),), baseline=baseline)))
    return check_all(linter, [Target(name, name=name) for name in names or ("openclaw.json",)])


def take_up(*names: str, path: str = "known.json") -> int:
    entries = new_baseline(check(*names).outcomes, path)
    write(path, baseline_text(entries))
    return len(entries)


def shown(session: Session) -> list[tuple[str, str]]:
    return [
        (item.rule, item.location.source.text[slice(*item.location.span)])
        for report in session.reports
        for item in report.diagnostics
        if item.location is not None
    ]


def test_known_findings_are_not_told_and_new_ones_are(folder: Path) -> None:
    assert take_up() == 2
    session = check(baseline="known.json")
    assert shown(session) == []
    assert session.outcomes[0].report.loads is False
    write("openclaw.json", OLD.replace("lobster: 1,", "lobster: 1,\n  shrimp: 3,"))
    assert shown(check(baseline="known.json")) == [("unknown-key", "shrimp")]


MOVES = {
    "lines above": "// a comment\n\n\n" + OLD,
    "indentation": OLD.replace("  ", "\t\t"),
    "line ends": OLD.replace("\n", "\r\n"),
    "lines beside": OLD.replace("gateway", "ui: {},\n  gateway"),
}


@pytest.mark.parametrize("text", MOVES.values(), ids=MOVES.keys())
def test_a_finding_is_known_wherever_it_moves(folder: Path, text: str) -> None:
    take_up()
    write("openclaw.json", text)
    session = check(baseline="known.json")
    assert (shown(session), session.expired) == ([], {})


def test_the_same_mistake_in_another_place_is_new(folder: Path) -> None:
    take_up()
    write("openclaw.json", OLD.replace("crab: 2", "crab: 2, lobster: 1"))
    assert ("unknown-key", "lobster") in shown(check(baseline="known.json"))
    write("other.json", OLD)
    assert len(shown(check("other.json", baseline="known.json"))) == 2


def test_mended_findings_are_told_of_as_gone(folder: Path) -> None:
    take_up()
    write("openclaw.json", OLD.replace("  lobster: 1,\n", ""))
    assert check(baseline="known.json").expired == {"known.json": 1}


def test_what_was_not_looked_for_is_not_gone(folder: Path) -> None:
    write("other.json", OLD)
    take_up("openclaw.json", "other.json")
    assert check("openclaw.json", baseline="known.json").expired == {}
    assert check(baseline="known.json", ignore=("unknown-key",)).expired == {}
    write("openclaw.json", "{ gateway: ")
    assert check(baseline="known.json").expired == {}
    Path("other.json").unlink()
    assert check(baseline="known.json").expired == {"known.json": 2}


def test_names_count_from_the_baseline_s_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("deploy/openclaw.json", OLD)
    take_up("deploy/openclaw.json", path="ci/known.json")
    assert {row["file"] for row in json.loads(Path("ci/known.json").read_text())["findings"]} == {
        "../deploy/openclaw.json"
    }
    monkeypatch.chdir(folder / "deploy")
    assert shown(check(baseline="../ci/known.json")) == []


def test_findings_of_included_files_are_known_by_their_own_file(folder: Path) -> None:
    write("a/part.json5", "{ crab: 1 }")
    write("openclaw.json", '{ gateway: { $include: "a/part.json5" } }')
    write("second.json", '{ gateway: { $include: "a/part.json5" } }')
    assert take_up("openclaw.json", "second.json") == 1
    assert shown(check("openclaw.json", "second.json", baseline="known.json")) == []


def test_a_new_baseline_keeps_what_it_knew_of_other_files(folder: Path) -> None:
    write("other.json", OLD)
    take_up("openclaw.json", "other.json")
    write("openclaw.json", "{}")
    assert take_up("openclaw.json") == 2
    assert shown(check("other.json", baseline="known.json")) == []


def test_a_baseline_is_always_the_same_text(folder: Path) -> None:
    write("other.json", OLD)
    take_up("openclaw.json", "other.json", path="a.json")
    take_up("other.json", "openclaw.json", path="b.json")
    assert Path("a.json").read_bytes() == Path("b.json").read_bytes()
    lines = Path("a.json").read_text("utf-8").splitlines()
    assert len([line for line in lines if "fingerprint" in line]) == 4


def test_no_secret_goes_into_a_baseline(folder: Path) -> None:
    texts = []
    for secret in ("1234", "hunter2"):
        write("openclaw.json", f'{{ models: {{ apiKey: "{secret}", nam: 1 }} }}')
        take_up()
        texts.append(Path("known.json").read_text("utf-8"))
    assert texts[0] == texts[1]


NONE = ["", "[]", "{}", '{"version": 2, "findings": []}', '{"version": 1, "findings": [1]}']
NONE += ['{"version": 1, "findings": [{"fingerprint": 1, "file": "", "rule": "", "key": ""}]}']


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_baseline(folder: Path, text: str) -> None:
    write("known.json", text)
    with pytest.raises(ValueError, match="no baseline"):
        read_baseline("known.json")


def test_a_baseline_may_be_a_setting(folder: Path) -> None:
    write(".openclaw-config.toml", 'baseline = "ci/known.json"\n')
    session = check()
    assert [item.message for item in session.about_settings[0].diagnostics] == [
        "baseline cannot be read: No such file or directory"
    ]
    assert len(session.outcomes[0].report.diagnostics) == 2
    take_up(path="ci/known.json")
    session = check()
    assert (shown(session), session.about_settings) == ([], ())
    assert len(shown(check(baseline=""))) == 2
