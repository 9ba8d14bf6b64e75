"""Tables that a user supplies: what is accepted, and where each finding points.

A case is a file ``fixtures/capabilities/tables/<name>.yaml`` beside ``<name>.txt``, which holds the
findings as text. To add a case, write the YAML, run

    python tests/capabilities/test_user_tables.py

which writes the text of every case, and read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from openclaw_config.capabilities import lookup
from openclaw_config.capabilities.user_tables import (
    MAX_BYTES,
    MAX_FINDINGS,
    invalid_capability_table,
    load_user_table,
    parse_user_table,
    unreadable_capability_table,
)
from openclaw_config.diagnostics.model import Diagnostic, Rule, all_rules, documented, key_path_text
from openclaw_config.facts import folder, read_json
from openclaw_config.syntax.text import Source

FOLDER = os.path.join(os.path.dirname(__file__), "..", "..", "fixtures", "capabilities", "tables")
CASES = sorted(name.removesuffix(".yaml") for name in os.listdir(FOLDER) if ".yaml" in name)


def text_of(case: str) -> str:
    with open(os.path.join(FOLDER, f"{case}.yaml"), encoding="utf-8", newline="") as file:
        return file.read()


def findings(case: str) -> str:
    source = Source(text_of(case), f"{case}.yaml")
    tables, found = parse_user_table(source)
    lines = [f"tables: {', '.join(tables) or 'none'}"]
    for one in found:
        assert one.location is not None
        span = one.location.span
        lines.append(f"{one.location} {one.rule}: {one.message}")
        lines.append(
            f"  at {key_path_text(one.key_path)!r}: {source.text[span.start : span.end]!r}"
        )
        lines += [f"  help: {text}" for text in one.helps]
        lines += [f"  {other.location}: {other.message}" for other in one.related]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("case", CASES)
def test_findings(case: str) -> None:
    with open(os.path.join(FOLDER, f"{case}.txt"), encoding="utf-8") as file:
        assert findings(case) == file.read()


@pytest.mark.parametrize("case", CASES)
def test_a_valid_table_is_valid_by_the_published_schema(case: str) -> None:
    # Ours is stricter (order of bounds, whole numbers), never looser.
    tables, _ = parse_user_table(Source(text_of(case)))
    if tables:
        value = YAML(typ="safe", pure=True).load(text_of(case))
        jsonschema.validate(value, read_json("capabilities.schema.json"))


def test_a_good_table_is_used() -> None:
    mine, found = load_user_table(os.path.join(FOLDER, "good.yaml"))
    assert found == ()
    tables = lookup.overlay(lookup.built_in(), mine)
    clip = lookup.mode("acme", "video", "clip-1", "imageToVideo", tables)
    assert clip is not None
    assert (clip.max_images, clip.sources) == (2, ("url",))
    assert clip.constraints[0].when == (("resolution", ("1080P",)), ("inputImages", ("given",)))
    assert lookup.mode("acme", "video", "other", "generate", tables) is None
    speech = lookup.speech("acme", tables)
    assert speech is not None
    assert speech.ranges == (("speed", (0.5, 2)),)
    talk = lookup.chat_model("acme", "talk-1", tables)
    assert talk is not None
    assert (talk.name, talk.cost) == (
        "talk-1",
        {"input": 0.1, "output": 0.2},
    )
    assert lookup.mode("acme", "image", "still-1", "generate", tables) is not None


@pytest.mark.parametrize("name", sorted(os.listdir(os.path.join(folder(), "capabilities"))))
def test_every_built_in_table_could_be_a_users(name: str) -> None:
    tables, found = load_user_table(os.path.join(folder(), "capabilities", name))
    assert found == ()
    (provider,) = tables
    built = {key: value for key, value in lookup.built_in()[provider].items() if key != "chat"}
    assert tables[provider] == built


def only(found: tuple[Diagnostic, ...]) -> Diagnostic:
    (one,) = found
    assert one.rule == unreadable_capability_table.name
    return one


def test_files_that_cannot_be_read(tmp_path: os.PathLike[str]) -> None:
    missing = os.path.join(tmp_path, "missing.yaml")
    assert only(load_user_table(missing)[1]).location is None
    assert only(load_user_table(os.fspath(tmp_path))[1]).location is None
    latin = os.path.join(tmp_path, "latin.yaml")
    with open(latin, "wb") as file:
        file.write("label: \xe9".encode("latin-1"))
    assert "UTF-8" in only(load_user_table(latin)[1]).message
    large = os.path.join(tmp_path, "large.yaml")
    with open(large, "wb") as file:
        file.write(b"#" * (MAX_BYTES + 1))
    assert "larger than" in only(load_user_table(large)[1]).message


def test_findings_have_an_end() -> None:
    rows = "".join(f"    m{number}: {{colour: red}}\n" for number in range(MAX_FINDINGS))
    text = f"target: 2026.4.29\nprovider: acme\nchat:\n  models:\n{rows}"
    assert len(parse_user_table(Source(text))[1]) == MAX_FINDINGS


def test_a_byte_order_mark_moves_no_place(tmp_path: os.PathLike[str]) -> None:
    path = os.path.join(tmp_path, "mark.yaml")
    with open(path, "wb") as file:
        file.write(b"\xef\xbb\xbf" + text_of("misspelt-key").encode())
    _, found = load_user_table(path)
    _, plain = parse_user_table(Source(text_of("misspelt-key")))
    assert [one.location and one.location.span for one in found] == [
        one.location and one.location.span for one in plain
    ]


@given(st.text())
@example("a: !!python/object/apply:os.system [x]")
@example("a: !!timestamp 2026-13-45")
@example("a: !!int x")
@example("? [a]\n: b")
@example("<<: {a: 1}")
@example("%YAML 9.9\n---\na: b")
@example("target: " + "9" * 5000)
@example("- " * 3000)
def test_any_text_gives_tables_or_findings(text: str) -> None:
    tables, found = parse_user_table(Source(text))
    assert bool(tables) != bool(found)
    for one in found:
        assert one.location is not None
        start, end = one.location.span
        assert 0 <= start <= end <= len(text)


@given(st.data())
def test_any_damage_to_a_table_gives_tables_or_findings(data: st.DataObject) -> None:
    text = text_of("good")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 20, len(text))))
    piece = data.draw(st.sampled_from(["", " ", ":", "{", "]", "null", "5", "x", "\n", "- ", "*a"]))
    tables, found = parse_user_table(Source(text[:start] + piece + text[end:]))
    assert bool(tables) != bool(found)


@pytest.mark.parametrize("rule", [unreadable_capability_table, invalid_capability_table])
def test_the_examples_of_the_rules(rule: Rule) -> None:
    rule = documented(rule)
    assert all_rules()[rule.name] == rule
    assert rule.subject == "table"
    bad = parse_user_table(Source(rule.bad))[1]
    assert {one.rule for one in bad} == {rule.name}
    assert parse_user_table(Source(rule.good))[1] == ()


if __name__ == "__main__":
    for name in CASES:
        with open(os.path.join(FOLDER, f"{name}.txt"), "w", encoding="utf-8") as file:
            file.write(findings(name))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = os.fspath(tmp_path / "table.yaml")
    os.mkfifo(pipe)
    assert only(load_user_table(pipe)[1]).message == f"cannot read {pipe}: not a regular file"
