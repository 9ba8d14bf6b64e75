"""Where names are defined and used, and what renaming one changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openclaw_config.lsp.navigate import RenameError, definition, links, references, rename
from openclaw_config.lsp.workspace import Opened, Workspace
from openclaw_config.syntax.edits import apply
from openclaw_config.syntax.text import Location
from tests.lsp.cases import MARK, cases


def placed(case: dict[str, Any], folder: Path) -> tuple[Opened, int]:
    """A case's files in a folder, the one with the mark open."""
    workspace, at, path = Workspace(), 0, ""
    for name, text in case["files"].items():
        before, mark, after = text.partition(MARK)
        (folder / name).write_text(before + after, encoding="utf-8")
        if mark:
            at, path = len(before), str(folder / name)
    if "target" in case:
        (folder / ".openclaw-config.toml").write_text(f'target = "{case["target"]}"\n')
    workspace.open(path, Path(path).read_text(encoding="utf-8"))
    return workspace.opened(path), at


def shown(found: list[Location]) -> list[str]:
    return [
        f"{Path(place.source.path or '').name}:{'{}:{}'.format(*place.position)}" for place in found
    ]


@pytest.mark.parametrize("case", cases("navigate"), ids=lambda case: case["it"])
def test_names(case: dict[str, Any], tmp_path: Path) -> None:
    opened, at = placed(case, tmp_path)
    assert shown(definition(opened, at)) == case["defined"]
    assert shown(references(opened, at, declaration=False)) == case["used"]
    assert sorted(shown(references(opened, at))) == sorted([*case["defined"], *case["used"]])
    linked = [Path(link.target or "").name for link in links(opened)]
    assert linked == case.get("links", linked)
    if "refused" in case:
        with pytest.raises(RenameError, match=case["refused"]):
            rename(opened, at, case["rename"])
    elif "rename" in case:
        for path, edits in rename(opened, at, case["rename"]).items():
            text = apply(Path(path).read_text(encoding="utf-8"), edits)
            assert text == case["gives"].pop(Path(path).name)
        assert case["gives"] == {}


def test_what_includes_a_file_is_found_from_its_root(tmp_path: Path) -> None:
    case = {
        "files": {
            "openclaw.json": '{ gateway: { $include: "./gate.json5" } }',
            "gate.json5": f"{{{MARK} port: 1 }}",
        }
    }
    opened, at = placed(case, tmp_path)
    assert shown(references(opened, at, declaration=False)) == ["openclaw.json:1:25"]
