"""What a workspace knows of open files: their configs, their findings, their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from openclaw_config.lsp.workspace import Workspace

GOOD = '{ agents: { defaults: { model: { primary: "openrouter/auto" } } } }'
BAD = '{ agents: { defaults: { model: { primry: "openrouter/auto" } } } }'


class Project:
    """A folder with files, and a workspace with some of them open."""

    def __init__(self, folder: Path, files: dict[str, str]) -> None:
        self.folder = folder
        (folder / ".git").mkdir()
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        self.workspace = Workspace()

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def open(self, name: str, text: str | None = None) -> None:
        path = self.folder / name
        self.workspace.open(str(path), path.read_text() if text is None else text)

    def rules(self) -> dict[str, list[str]]:
        """The rules of the findings by the file's name, those about the release left out."""
        return {
            Path(path).relative_to(self.folder).as_posix(): [item.rule for item in found]
            for path, found in self.workspace.findings().items()
        }


FRAGMENTS = {
    "openclaw.json": '{ agents: { $include: "./parts/agents.json5" }, gateway: { prot: 1 } }',
    "parts/agents.json5": '{ defaults: { model: { primry: "openrouter/auto" } } }',
}


def test_a_buffer_counts_and_what_is_on_disk_counts_again_when_it_is_closed(tmp_path: Path) -> None:
    project = Project(tmp_path, {"openclaw.json": GOOD})
    project.open("openclaw.json", BAD)
    assert project.rules() == {"openclaw.json": ["unknown-key"]}
    project.workspace.change(project.path("openclaw.json"), GOOD)
    assert project.rules() == {"openclaw.json": []}
    project.workspace.change(project.path("openclaw.json"), BAD)
    project.workspace.close(project.path("openclaw.json"))
    assert project.rules() == {}


def test_a_fragment_is_checked_within_the_config_that_includes_it(tmp_path: Path) -> None:
    project = Project(tmp_path, FRAGMENTS)
    project.open("parts/agents.json5")
    assert project.rules() == {
        "openclaw.json": ["unknown-key"],
        "parts/agents.json5": ["unknown-key"],
    }
    opened = project.workspace.opened(project.path("parts/agents.json5"))
    assert opened.mount == ("agents",)
    assert opened.report.name.endswith("openclaw.json")
    assert opened.report.document is not None
    assert opened.tree in opened.report.document.trees
    assert "primry" not in repr(opened)


def test_an_open_fragment_counts_in_the_config_that_includes_it(tmp_path: Path) -> None:
    project = Project(tmp_path, FRAGMENTS)
    project.open("openclaw.json")
    project.open("parts/agents.json5", '{ defaults: { model: "openrouter/auto" } }')
    assert project.rules() == {"openclaw.json": ["unknown-key"], "parts/agents.json5": []}


@pytest.mark.parametrize("first", ["openclaw.json", "parts/new.json5"])
def test_files_that_are_yet_to_be_written_belong_together(tmp_path: Path, first: str) -> None:
    texts = {
        "openclaw.json": '{ agents: { $include: "./parts/new.json5" } }',
        "parts/new.json5": "{ nonsense: true }",
    }
    project = Project(tmp_path, {})
    for name in sorted(texts, key=lambda name: name != first):
        project.open(name, texts[name])
    assert project.rules() == {"openclaw.json": [], "parts/new.json5": ["unknown-key"]}


def test_a_file_that_belongs_to_no_config_has_errors_of_its_text_only(tmp_path: Path) -> None:
    project = Project(
        tmp_path, {"tsconfig.json5": "{ lobster: 1, }", "broken.json5": "{ lobster: "}
    )
    project.open("tsconfig.json5")
    project.open("broken.json5")
    assert project.rules() == {"tsconfig.json5": [], "broken.json5": ["unclosed-bracket"]}
    assert project.workspace.opened(project.path("tsconfig.json5")).report.document is None


def test_an_include_that_is_typed_makes_its_file_a_part_of_the_config(tmp_path: Path) -> None:
    project = Project(tmp_path, {**FRAGMENTS, "openclaw.json": "{}"})
    project.open("openclaw.json")
    project.open("parts/agents.json5")
    assert project.rules() == {"openclaw.json": [], "parts/agents.json5": []}
    project.workspace.change(project.path("openclaw.json"), FRAGMENTS["openclaw.json"])
    assert project.rules()["parts/agents.json5"] == ["unknown-key"]
    assert project.workspace.opened(project.path("parts/agents.json5")).mount == ("agents",)
    project.workspace.change(project.path("openclaw.json"), "{}")
    assert project.rules() == {"openclaw.json": [], "parts/agents.json5": []}


def test_settings_and_suppressions_count_as_in_a_check(tmp_path: Path) -> None:
    project = Project(
        tmp_path,
        {
            ".openclaw-config.toml": 'ignore = ["unknown-key"]\nignroe = []\n',
            "openclaw.json": BAD,
        },
    )
    project.open("openclaw.json")
    assert project.rules() == {"openclaw.json": [], ".openclaw-config.toml": ["unknown-setting"]}
    (tmp_path / ".openclaw-config.toml").write_text("")
    project.workspace.change(
        project.path("openclaw.json"),
        f"// openclaw-config: ignore[unknown-key] ours\n{BAD}",
    )
    assert project.rules() == {"openclaw.json": []}


def test_half_a_character_moves_no_other(tmp_path: Path) -> None:
    project = Project(tmp_path, {})
    project.open("openclaw.json", '{ x: "\ud83d", }')
    source = project.workspace.opened(project.path("openclaw.json")).source
    assert source.text == '{ x: "?", }'


def test_a_glance_sees_the_buffer_and_waits_for_no_check(tmp_path: Path) -> None:
    project = Project(tmp_path, FRAGMENTS)
    project.open("parts/agents.json5")
    path = project.path("parts/agents.json5")
    checked = project.workspace.opened(path)
    project.workspace.change(path, '{ defaults: { model: "')
    seen = project.workspace.glance(path)
    assert seen.source.text == '{ defaults: { model: "'
    assert seen.tree.errors
    assert (seen.report, seen.mount) == (checked.report, ("agents",))
    assert project.workspace.opened(path).report != checked.report
