"""``$include`` on real files: links, pipes, sizes and bounds (LOAD-22 to LOAD-25).

What can be shown with ordinary files alone is in ``fixtures/loading/cases``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.loading import includes
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import Document, load
from openclaw_config.syntax.nodes import MAX_DEPTH, ArrayNode, ObjectNode, to_value

MARKER = "NOTHING-OF-THIS-MAY-SHOW"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    (tmp_path / "outside.json5").write_text(f'{{ outside: "{MARKER}" }}', encoding="utf-8")
    return folder


def read(folder: Path, text: str = '{ $include: "./x.json5" }') -> Document:
    (folder / "openclaw.json").write_text(text, encoding="utf-8")
    return load(os.fspath(folder / "openclaw.json"))


def only(document: Document) -> Diagnostic:
    (found,) = document.diagnostics
    assert found.severity == "error"
    assert not document.readable
    return found


def shown(document: Document) -> str:
    """Everything that a person could get to see of a document."""
    return f"{document!r} {document.diagnostics!r} {[source.text for source in document.sources]}"


@pytest.mark.parametrize(
    ("roots", "target", "readable"),
    [
        ("~/shared", "2026.9.6", True),
        ("/nowhere:~/shared", "2026.9.6", True),
        ("~/share", "2026.9.6", False),
        ("", "2026.9.6", False),
        ("~/shared", "2026.4.29", False),
    ],
)
def test_other_folders_may_hold_includes(
    folder: Path, roots: str, target: str, readable: bool
) -> None:
    """LOAD-22 of 2026.9.6."""
    (folder.parent / "shared").mkdir()
    (folder.parent / "shared" / "t.json5").write_text("{ profile: 'coding' }", encoding="utf-8")
    document = load(
        os.fspath(folder / "openclaw.json"),
        text='{ tools: { $include: "../shared/t.json5" } }',
        environment=Environment.of({"OPENCLAW_INCLUDE_ROOTS": roots}),
        home=os.fspath(folder.parent),
        target=target,
    )
    assert document.readable is readable


def test_a_link_from_another_folder_of_includes_leads_nowhere_else(folder: Path) -> None:
    (folder.parent / "shared").mkdir()
    (folder.parent / "shared" / "t.json5").symlink_to(folder.parent / "outside.json5")
    document = load(
        os.fspath(folder / "openclaw.json"),
        text='{ $include: "../shared/t.json5" }',
        environment=Environment.of({"OPENCLAW_INCLUDE_ROOTS": os.fspath(folder.parent / "shared")}),
        target="2026.9.6",
    )
    assert only(document).rule == "include-outside"
    assert MARKER not in shown(document)


# --- links --------------------------------------------------------------------------------------


def test_a_symbolic_link_inside_is_fine(folder: Path) -> None:
    """LOAD-22."""
    (folder / "real.json5").write_text("{ a: 1 }", encoding="utf-8")
    (folder / "x.json5").symlink_to("real.json5")
    document = read(folder)
    assert document.readable
    assert document.root is not None
    assert to_value(document.root) == {"a": 1}
    # The file is known by the name that the author wrote.
    assert document.sources[1].path == os.fspath(folder / "x.json5")


@pytest.mark.parametrize("target", ["../outside.json5", "../not-there.json5", "/etc/passwd"])
def test_a_symbolic_link_out_is_refused(folder: Path, target: str) -> None:
    """LOAD-22. Whether there is such a file outside cannot be told from the answer."""
    (folder / "x.json5").symlink_to(target)
    document = read(folder)
    found = only(document)
    assert found.rule == "include-outside"
    assert "symbolic link" in found.message
    assert found.blocks
    assert MARKER not in shown(document)
    assert "root:" not in shown(document)


def test_a_linked_folder_that_leads_out_is_refused(folder: Path) -> None:
    (folder / "sub").symlink_to("..")
    document = read(folder, '{ $include: "./sub/outside.json5" }')
    assert only(document).rule == "include-outside"
    assert MARKER not in shown(document)


def test_the_configs_own_folder_may_be_a_link(tmp_path: Path) -> None:
    """LOAD-22: the path must lie in the folder as it is named, the file in the real one."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real/x.json5").write_text("{ a: 1 }", encoding="utf-8")
    (tmp_path / "link").symlink_to("real")
    document = read(tmp_path / "link")
    assert document.root is not None
    assert to_value(document.root) == {"a": 1}
    real_path = os.fspath(tmp_path / "real/x.json5")
    refused = read(tmp_path / "link", f"{{ $include: '{real_path}' }}")
    assert only(refused).rule == "include-outside"


def test_a_hard_link_is_refused(folder: Path, tmp_path: Path) -> None:
    """LOAD-23."""
    (folder / "x.json5").hardlink_to(tmp_path / "outside.json5")
    document = read(folder)
    found = only(document)
    assert found.rule == "unreadable-include"
    assert "hard link" in found.message
    assert MARKER not in shown(document)


def test_a_dangling_link_is_a_missing_file(folder: Path) -> None:
    (folder / "x.json5").symlink_to("none.json5")
    found = only(read(folder))
    assert (found.rule, found.message) == (
        "unreadable-include",
        f"there is no file `{folder}/x.json5`",
    )


# --- files --------------------------------------------------------------------------------------


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    """LOAD-23: only regular files."""
    os.mkfifo(folder / "x.json5")
    assert only(read(folder)).rule == "unreadable-include"


def test_an_absolute_path_inside_is_fine(folder: Path) -> None:
    """LOAD-22."""
    (folder / "x.json5").write_text("{ a: 1 }", encoding="utf-8")
    for path in (f"{folder}/x.json5", f"{folder}/./sub/../x.json5", f"/{folder}/x.json5"):
        document = read(folder, f"{{ $include: '{path}' }}")
        assert document.readable, path


def test_a_slash_at_the_end(folder: Path) -> None:
    """Node's path functions drop it from a relative path and keep it on an absolute one."""
    (folder / "x.json5").write_text("{ a: 1 }", encoding="utf-8")
    assert read(folder, "{ $include: './x.json5/' }").readable
    found = only(read(folder, f"{{ $include: '{folder}/x.json5/' }}"))
    assert found.rule == "unreadable-include"


def test_the_largest_file(folder: Path) -> None:
    """LOAD-23: 2 MiB are fine, one byte more is not."""
    limit = includes.MAX_FILE_BYTES
    assert limit == 2_097_152
    (folder / "x.json5").write_bytes(b"{}" + b" " * (limit - 2))
    assert read(folder).readable
    (folder / "x.json5").write_bytes(b"{}" + b" " * (limit - 1))
    found = only(read(folder))
    assert found.rule == "unreadable-include"
    assert "2 MiB" in found.message


def test_errors_of_a_text_are_told_once(folder: Path) -> None:
    (folder / "x.json5").write_text("{ a: 1_0 }", encoding="utf-8")
    document = read(folder, '{ a: { $include: "./x.json5" }, b: { $include: ["./x.json5"] } }')
    found = [one for one in document.diagnostics if one.location is not None]
    assert [one.location.source.path for one in found if one.location] == [f"{folder}/x.json5"]
    assert [related.message for related in found[0].related][-1] == "included here"
    assert not document.readable


def test_the_chain_is_told(folder: Path) -> None:
    (folder / "x.json5").write_text('{\n  y: { $include: "./y.json5" } }', encoding="utf-8")
    (folder / "y.json5").write_text('{ z: { $include: "./none.json5" } }', encoding="utf-8")
    found = only(read(folder))
    assert str(found.location) == f"{folder}/y.json5:1:18"
    assert found.key_path == ("y", "z")
    assert found.notes == (
        f"included from {folder}/x.json5:2:18",
        f"included from {folder}/openclaw.json:1:13",
    )


# --- bounds -------------------------------------------------------------------------------------


def test_a_billion_laughs(folder: Path) -> None:
    """Ten includes of a file with ten includes, ten levels deep, would be ten thousand million."""
    for level in range(9):
        ten = ", ".join([f'"./{level + 1}.json5"'] * 10)
        (folder / f"{level}.json5").write_text(f"{{ $include: [{ten}] }}", encoding="utf-8")
    (folder / "9.json5").write_text("{ ha: [1] }", encoding="utf-8")
    found = only(read(folder, '{ $include: "./0.json5" }'))
    assert found.rule == "include-chain"
    assert f"{includes.MAX_INCLUDES:,} includes" in found.message
    assert not found.blocks  # our bound, not OpenClaw's


def test_a_long_list_of_mistakes(folder: Path) -> None:
    document = read(folder, f"{{ $include: [{'5, ' * 100_000}] }}")
    assert len(document.diagnostics) == includes.MAX_INCLUDES + 1


def test_the_total_size(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(includes, "MAX_TOTAL", 3000)
    (folder / "x.json5").write_bytes(b"[1]" + b" " * 997)
    assert read(folder, '{ a: { $include: ["./x.json5", "./x.json5", "./x.json5"] } }').readable
    found = only(read(folder, "{ a: { $include: [" + '"./x.json5", ' * 5 + "] } }"))
    assert found.rule == "include-chain"
    assert not found.blocks


def test_the_total_depth(folder: Path) -> None:
    """Ten files of 490 levels each would make 4,900, more than later stages are made for."""
    around = '{"a":' * 490
    for level in range(9):
        inner = f'{{ "$include": "./{level + 1}.json5" }}'
        text = f"{around}{inner}{'}' * 490}"
        (folder / f"{level}.json5").write_text(text, encoding="utf-8")
    (folder / "9.json5").write_text("{}", encoding="utf-8")
    found = only(read(folder, '{ $include: "./0.json5" }'))
    assert found.rule == "include-chain"
    assert str(MAX_DEPTH) in found.message
    assert not found.blocks


def test_a_deep_place_for_a_shallow_file(folder: Path) -> None:
    text = "[" * (MAX_DEPTH - 1) + '{ $include: "./x.json5" }' + "]" * (MAX_DEPTH - 1)
    (folder / "x.json5").write_text("5", encoding="utf-8")
    document = read(folder, f"{{ a: {text[1:-1]} }}")
    assert document.readable
    (folder / "x.json5").write_text("{ a: {} }", encoding="utf-8")
    assert only(read(folder, f"{{ a: {text[1:-1]} }}")).rule == "include-chain"


def test_many_small_arrays_are_joined_in_one_go(folder: Path) -> None:
    """Joining a thousand files one by one would copy the first of them a thousand times."""
    (folder / "x.json5").write_text(f"[{'1,' * 500}]", encoding="utf-8")
    document = read(folder, "{ a: { $include: [" + '"./x.json5", ' * 999 + "] } }")
    assert isinstance(document.root, ObjectNode)
    joined = document.root.get("a")
    assert isinstance(joined, ArrayNode)
    assert len(joined.items) == 999 * 500
    assert len(document.sources) == 2


# --- where things come from ---------------------------------------------------------------------


def test_every_value_knows_its_file(folder: Path) -> None:
    (folder / "x.json5").write_text('{ a: { b: "x" }, c: 1 }', encoding="utf-8")
    document = read(folder, '{ $include: "./x.json5", a: { d: "y" } }')
    root = document.root
    assert isinstance(root, ObjectNode)
    inner = root.get("a")
    assert isinstance(inner, ObjectNode)
    here, there = f"{folder}/openclaw.json", f"{folder}/x.json5"
    assert [str(member.key_location) for member in inner.members] == [
        f"{there}:1:8",
        f"{here}:1:31",
    ]
    assert str(root.index["c"].value.location) == f"{there}:1:21"
    assert [tree.source for tree in document.trees] == list(document.sources)
    assert [source.path for source in document.sources] == [here, there]


def test_included_files_are_named_beside_the_config(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub/x.json5").write_text("{}", encoding="utf-8")
    (folder / "openclaw.json").write_text('{ $include: "sub/x.json5" }', encoding="utf-8")
    document = load(os.fspath(folder / "openclaw.json"), name="conf/openclaw.json")
    assert [source.name for source in document.sources] == [
        "conf/openclaw.json",
        "conf/sub/x.json5",
    ]
