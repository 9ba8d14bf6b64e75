"""Which files an argument means."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from openclaw_config.cli.command import read_inputs
from openclaw_config.lint.discover import NothingError, discover, is_config

ROOT = Path(__file__).resolve().parents[2]
TREE = [
    "openclaw.json",
    "a/openclaw.json5",
    "a/team.openclaw.json5",
    "a/package.json",
    "b/myopenclaw.json",
    "b/openclaw.json.bak",
    ".hidden/openclaw.json",
    "ignored/openclaw.json",
]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in TREE:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}", "utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / ".gitignore").write_text("ignored/\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    return tmp_path


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True, capture_output=True)


def found(argument: str) -> list[str]:
    return [path.replace(os.sep, "/") for path in discover(argument)]


CONFIGS = ["a/openclaw.json5", "a/team.openclaw.json5", "openclaw.json"]


def test_a_folder_without_a_repository(tree: Path) -> None:
    assert found(".") == sorted([*CONFIGS, "ignored/openclaw.json"])
    assert found("a") == CONFIGS[:2]
    assert found(str(tree / "a")) == [f"{tree}/{name}" for name in CONFIGS[:2]]
    assert found(".hidden") == [".hidden/openclaw.json"]


def test_a_folder_of_a_repository(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "--quiet")
    assert found(".") == sorted([*CONFIGS, ".hidden/openclaw.json"])
    assert found("a") == CONFIGS[:2]
    assert found("ignored") == []
    git("add", "--force", "ignored/openclaw.json")
    assert found("ignored") == ["ignored/openclaw.json"]
    # Deleted and not yet committed: git still lists it.
    (tree / "ignored" / "openclaw.json").unlink()
    assert found("ignored") == []
    # In a hook, git's variables are about the repository of the commit.
    monkeypatch.setenv("GIT_DIR", str(tree / "elsewhere"))
    assert found("a") == CONFIGS[:2]


def test_without_git_the_folders_are_walked(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "--quiet")
    monkeypatch.setenv("PATH", "")
    assert found(".") == sorted([*CONFIGS, "ignored/openclaw.json"])


def test_files_are_taken_whatever_they_are_called(tree: Path) -> None:
    assert found("a/package.json") == ["a/package.json"]


def test_each_file_counts_once(tree: Path) -> None:
    files = ("openclaw.json", "a", "openclaw.json", "a/*.json5")
    assert [one.path for one in read_inputs(files)] == ["openclaw.json", *CONFIGS[:2]]


def test_patterns(tree: Path) -> None:
    assert found("a/*.json5") == CONFIGS[:2]
    assert found("**/*.json5") == CONFIGS[:2]
    assert found("[ab]") == CONFIGS[:2]
    (tree / "[x].json").write_text("{}", "utf-8")
    assert found("[x].json") == ["[x].json"]


def test_a_folder_with_nothing_in_it(tree: Path) -> None:
    assert discover("empty") == []


@pytest.mark.parametrize("argument", ["absent.json", "absent/*.json5", "\0"])
def test_what_means_nothing(tree: Path, argument: str) -> None:
    with pytest.raises(NothingError):
        discover(argument)


@pytest.mark.parametrize("known", [False, True], ids=["folder", "repository"])
def test_what_is_found_lies_where_it_was_looked_for(tree: Path, known: bool) -> None:
    if known:
        git("init", "--quiet")
    (tree / "b" / "openclaw.json").symlink_to(tree / "a" / "openclaw.json5")
    (tree / "b" / "in.openclaw.json").symlink_to("myopenclaw.json")
    (tree / "b" / "out").symlink_to(tree / "a")
    assert found("b") == ["b/in.openclaw.json"]
    assert found("b/*.json") == ["b/in.openclaw.json", "b/myopenclaw.json"]
    with pytest.raises(NothingError):
        found("b/*/*.json5")
    assert found("b/openclaw.json") == ["b/openclaw.json"]
    assert found("b/out/*.json5") == ["b/out/openclaw.json5", "b/out/team.openclaw.json5"]


def test_links_to_folders_are_not_followed(tree: Path) -> None:
    for name in ("around", "again", "b"):
        (tree / "a" / name).symlink_to(tree / "a")
    assert found("a") == CONFIGS[:2]
    assert found("**/*.json5") == CONFIGS[:2]
    assert found("**/**/**/**/**/*.json5") == CONFIGS[:2]


def test_the_hooks_take_every_config_and_what_it_may_include() -> None:
    hooks = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")
    checks = [hook for hook in hooks if " check " in hook["entry"]]
    (files,) = {hook["files"] for hook in checks}
    assert re.search(files, "parts/agents.jsonc")
    assert all("--only-configs" in hook["entry"] for hook in checks)
    for hook in hooks:
        assert all(re.search(hook["files"], path) for path in TREE if is_config(path))


@pytest.mark.parametrize("name", TREE)
def test_names(name: str) -> None:
    expected = name.endswith(("/openclaw.json", "/openclaw.json5", ".openclaw.json5"))
    assert is_config(name) is (expected or name == "openclaw.json")
