"""Settings files: what is read from them, and where each finding points.

A case is a file ``fixtures/settings/<name>.toml`` beside ``<name>.txt``, which tells what was read
and what was found. To add a case, write the TOML, run ``python -m tests.lint.test_settings`` and
read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.diagnostics.model import Rule, documented, key_path_text
from openclaw_config.lint import settings as rules
from openclaw_config.lint.linter import find_settings
from openclaw_config.lint.options import Layer, Settings, path_matches
from openclaw_config.lint.settings import NAMES, parse_settings, read_settings
from openclaw_config.syntax.text import Source

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "settings"
CASES = sorted(path.stem for path in FOLDER.glob("*.toml"))


def parsed(text: str, name: str = ".openclaw-config.toml") -> Settings:
    return parse_settings(Source(text, name, f"/project/{name}"))


def told(settings: Settings) -> str:
    """What was read of a file, and what was found."""
    lines = [f"{layer}" for layer in settings.layers]
    lines += [f"baseline: {settings.baseline}", f"env-file: {settings.env_file}"]
    lines += [f"root: {root}" for root in settings.roots]
    lines += [f"{place} {key_path_text(path)}" for path, place in settings.locations]
    for item in settings.findings:
        assert item.location is not None
        start, end = item.location.span
        lines.append(f"{item.location} {item.rule}: {item.message}")
        lines.append(f"  at {item.location.source.text[start:end]!r} {item.label}".rstrip())
        lines += [f"  help: {text}" for text in item.helps]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    expected = (FOLDER / f"{name}.txt").read_text("utf-8")
    assert told(parsed((FOLDER / f"{name}.toml").read_text("utf-8"))) == expected


@pytest.mark.parametrize("name", CASES)
def test_the_same_stands_in_a_pyproject_under_our_table(name: str) -> None:
    text = (FOLDER / f"{name}.toml").read_text("utf-8")
    if name in ("not-toml", "no-end", "twice", "unknown-settings"):
        return  # these say something about the file as a whole
    inner = text.replace("[per-path.", "[tool.openclaw-config.per-path.")
    inner = inner.replace("[severity]", "[tool.openclaw-config.severity]")
    mine = parsed(f"[tool.openclaw-config]\n{inner}", "pyproject.toml")
    own = parsed(text)
    assert mine[2:-2] == own[2:-2]
    assert [item.message for item in mine.findings] == [item.message for item in own.findings]


@pytest.mark.parametrize(
    "rule",
    [
        rule
        for rule in vars(rules).values()
        if isinstance(rule, Rule) and rule.subject == "settings"
    ],
    ids=lambda rule: rule.name,
)
def test_the_examples_of_the_rules(rule: Rule) -> None:
    rule = documented(rule)
    assert [item.rule for item in parsed(rule.bad).findings] == [rule.name]
    assert parsed(rule.good).findings == ()


@given(st.text(st.sampled_from("[]{}=,.\"'\\# \nabselectignor_0-5"), max_size=60))
def test_any_text(text: str) -> None:
    for item in parsed(text).findings:
        assert item.location is None or item.location.span.end <= len(text)


@given(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(['"a"', "1", "[]", "{}", "[[]]"])))
def test_any_values(values: dict[str, str]) -> None:
    text = "".join(f"{name} = {value}\n" for name, value in values.items())
    for item in parsed(text).findings:
        assert item.location is not None
        assert item.location.source.text[item.location.span.start :] != ""


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (found,) = read_settings(str(tmp_path / "absent.toml"), "absent.toml").findings
    assert found.message == "absent.toml cannot be read: No such file or directory"
    (tmp_path / "bytes.toml").write_bytes(b"ignore = ['\xff']")
    (found,) = read_settings(str(tmp_path / "bytes.toml")).findings
    assert "not a text in UTF-8" in found.message
    (tmp_path / "deep.toml").write_text(f"select = {'[' * 5000}{']' * 5000}", "utf-8")
    assert [item.rule for item in read_settings(str(tmp_path / "deep.toml")).findings] == [
        "invalid-setting"
    ]


# --- which file counts ----------------------------------------------------------------------------


def write(folder: Path, name: str, text: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, "utf-8")


OURS = "[tool.openclaw-config]\nignore = []\n"


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    write(tmp_path, "pyproject.toml", OURS)
    write(inner, "openclaw.json")
    assert find_settings(str(inner)) == str(tmp_path / "pyproject.toml")
    write(tmp_path / "a", "pyproject.toml", "[project]\nname = 'openclaw-config'\n")
    assert find_settings(str(inner)) == str(tmp_path / "pyproject.toml")
    write(tmp_path / "a", ".openclaw-config.toml")
    assert find_settings(str(inner)) == str(tmp_path / "a" / ".openclaw-config.toml")
    write(inner, "pyproject.toml", OURS)
    write(inner, ".openclaw-config.toml")
    assert find_settings(str(inner)) == str(inner / ".openclaw-config.toml")


def test_the_search_ends_at_the_root_of_a_repository(tmp_path: Path) -> None:
    write(tmp_path, ".openclaw-config.toml")
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    write(tmp_path / "repository" / "sub", "openclaw.json")
    assert find_settings(str(tmp_path / "repository" / "sub")) is None
    write(tmp_path / "repository", "pyproject.toml", OURS)
    found = find_settings(str(tmp_path / "repository" / "sub"))
    assert found == str(tmp_path / "repository" / "pyproject.toml")


def test_a_broken_pyproject_counts_when_it_names_us(tmp_path: Path) -> None:
    write(tmp_path, ".git")
    write(tmp_path, "pyproject.toml", "openclaw-config = [\n")
    assert find_settings(str(tmp_path)) is None
    write(tmp_path, "pyproject.toml", f"{OURS}\n[\n")
    assert find_settings(str(tmp_path)) == str(tmp_path / "pyproject.toml")


PATTERNS = [
    ("openclaw.json", "openclaw.json", True),
    ("openclaw.json", "a/b/openclaw.json", True),
    ("*.json5", "a/b/x.json5", True),
    ("*.json5", "a/b/x.json5/y", False),
    ("a/*.json5", "a/x.json5", True),
    ("a/*.json5", "a/b/x.json5", False),
    ("a/*.json5", "c/a/x.json5", False),
    ("./a/?.json5", "a/x.json5", True),
    ("a/", "a/b/x.json5", True),
    ("a/**", "a/b/x.json5", True),
    ("a/**/x.json5", "a/x.json5", True),
    ("a/**/x.json5", "a/b/c/x.json5", True),
    ("**/x.json5", "x.json5", True),
    ("a.b", "axb", False),
    ("[a]", "a", False),
]


@pytest.mark.parametrize("pattern, path, matches", PATTERNS)
def test_path_patterns(pattern: str, path: str, matches: bool) -> None:
    assert path_matches(pattern, path) is matches


def test_many_stars_cost_no_more_than_other_signs() -> None:
    # With a regular expression each of these would not end.
    assert not path_matches("*a" * 100 + "b", "a" * 200)
    assert not path_matches("*a" * 100_000, "a" * 200)
    assert not path_matches("**/a/" * 50 + "b", "a/" * 200 + "a")
    assert path_matches("**/a/" * 50 + "a", "a/" * 50 + "a")


HOSTILE = {
    "dots": ("a." * 4_000 + "a = 1", "a key has more than 100 dots"),
    "dots in a table": ("x = {" + "a." * 4_000 + "a = 1}", "a key has more than 100 dots"),
    "dots in a header": ("[" + "a." * 4_000 + "a]", "a key has more than 100 dots"),
    "rules": (
        f"select = {[f'rule-{number}' for number in range(10_000)]}",
        "more than 1,000 rules",
    ),
    "patterns of rules": (
        f"ignore = {[f'*{number}*' for number in range(9_000)]}",
        "more than 1,000",
    ),
    "settings": (
        "\n".join(f"name-{number} = 1" for number in range(10_000)),
        "there is no setting",
    ),
    "paths": (
        "\n".join(f"[per-path.p{n}]" for n in range(6_000)),
        "more than 1,000 rules and patterns",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_settings_end_soon_and_name_few_findings(name: str) -> None:
    text, message = HOSTILE[name]
    found = parsed(text).findings
    assert 0 < len(found) <= 100
    assert any(message in item.message for item in found)


def test_paths_count_from_the_settings_file() -> None:
    settings = parsed('[per-path."sub/*.json5"]\nignore = ["legacy-key"]\n')
    assert len(settings.layers_for(os.path.join(os.sep, "project", "sub", "a.json5"))) == 2
    assert len(settings.layers_for(os.path.join(os.sep, "elsewhere", "sub", "a.json5"))) == 1


def test_a_file_on_another_drive(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: str) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(os.path, "relpath", fails)
    assert len(Settings(layers=(Layer(ignore=("legacy-key",)),)).layers_for("D:/a.json")) == 1


if __name__ == "__main__":
    for case in CASES:
        text = told(parsed((FOLDER / f"{case}.toml").read_text("utf-8")))
        (FOLDER / f"{case}.txt").write_text(text, "utf-8")
