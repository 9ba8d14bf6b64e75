"""A migration edits the text: nothing is lost, and what no rule names keeps every byte."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import openclaw_config as oc
from openclaw_config.syntax.nodes import to_value
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source
from tests.cli.program import run

FIXTURES = Path(__file__).parents[2] / "fixtures" / "migrations"
TEXTS: list[dict[str, str]] = json.loads((FIXTURES / "texts.json").read_text(encoding="utf-8"))
EXAMPLES: list[dict[str, Any]] = json.loads(
    (FIXTURES / "examples.json").read_text(encoding="utf-8")
)


INCLUDES: list[dict[str, Any]] = json.loads(
    (FIXTURES / "includes.json").read_text(encoding="utf-8")
)


def value(text: str) -> Any:
    root = parse(Source(text)).root
    assert root is not None
    return to_value(root)


def comments(text: str) -> Counter[str]:
    tree = parse(Source(text))
    return Counter(text[start:end] for start, end in tree.comments)


@pytest.mark.parametrize("case", TEXTS, ids=[case["of"] for case in TEXTS])
def test_texts(case: dict[str, str]) -> None:
    assert oc.migrate(text=case["before"]).text == case["after"]


@pytest.mark.parametrize("case", EXAMPLES, ids=[case["of"] for case in EXAMPLES])
def test_a_second_run_changes_nothing(case: dict[str, Any]) -> None:
    once = oc.migrate(text=json.dumps(case["in"], indent=2)).text
    assert oc.migrate(text=once).text == once


@pytest.mark.parametrize(
    "text",
    [
        '{ agents: { defaults: { model: "codex-cli/gpt-5.4" } } }',
        '{ agents: { list: [{ id: "A b" }, { id: "a-b" }] } }',
        '{ channels: { telegram: { dmPolicy: "open" } } }',
    ],
)
def test_what_a_migration_adds_is_not_migrated(text: str) -> None:
    once = oc.migrate(text=text).text
    assert once != text
    assert oc.migrate(text=once).text == once  # MIG-6


@pytest.mark.parametrize("section", ["channels", "agents", "tools", "models", "gateway", "plugins"])
@pytest.mark.parametrize("wrong", [[], [1], "x", None, True, 5])
def test_a_section_of_the_wrong_kind_is_left_for_the_check(section: str, wrong: Any) -> None:
    migration = oc.migrate(text=json.dumps({section: wrong}))
    assert value(migration.text)[section] == wrong
    assert not migration.after.loads


def test_a_list_of_models_that_a_new_release_wrote_allows_as_much_as_before() -> None:
    models = '"agents": { "defaults": { "models": { "openrouter/a/b": {} } } }'
    old = oc.migrate(text=f"{{ {models} }}")
    assert value(old.text)["agents"]["defaults"]["modelPolicy"] == {"allow": ["openrouter/a/b"]}
    text = f'{{ "meta": {{ "lastTouchedVersion": "2026.9.6" }}, {models} }}'
    assert oc.migrate(text=text).text == text
    assert oc.migrate(text=f"{{ {models} }}", old="2026.9.6").texts == {}


def commented(data: Any, draw: Any, indent: str = "") -> str:
    """The value as JSON5 with comments wherever a comment may stand."""
    if not isinstance(data, dict | list) or not data:
        return json.dumps(data)
    inner = indent + "  "
    parts = []
    for entry in data.items() if isinstance(data, dict) else enumerate(data):
        key = f"{json.dumps(entry[0])}: " if isinstance(data, dict) else ""
        number = draw(st.integers(0, 10**6))
        above = f"{inner}// above {number}\n" if draw(st.booleans()) else ""
        within = f"/* at {number} */ " if draw(st.integers(0, 9)) == 0 else ""
        behind = f" // behind {number}" if draw(st.booleans()) else ""
        blank = "\n" if draw(st.integers(0, 9)) == 0 else ""
        parts.append(
            f"{blank}{above}{inner}{key}{within}{commented(entry[1], draw, inner)},{behind}\n"
        )
    opening, closing = "{}" if isinstance(data, dict) else "[]"
    return f"{opening}\n{''.join(parts)}{indent}{closing}"


@given(st.data())
@settings(max_examples=3 * settings().max_examples)
def test_every_comment_of_the_old_text_is_in_the_new_one(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(EXAMPLES))
    text = commented(case["in"], data.draw)
    migration = oc.migrate(text=text)
    assert not comments(text) - comments(migration.text)
    assert value(migration.text) == value(oc.migrate(text=json.dumps(case["in"])).text)


@given(st.sampled_from(EXAMPLES), st.data())
@settings(max_examples=2 * settings().max_examples)
def test_a_config_without_old_keys_comes_back_byte_for_byte(
    case: dict[str, Any], data: st.DataObject
) -> None:
    text = commented(value(oc.migrate(text=json.dumps(case["in"])).text), data.draw)
    migration = oc.migrate(text=text)
    assert (migration.text, migration.texts) == (text, {})


@pytest.mark.parametrize("case", EXAMPLES, ids=[case["of"] for case in EXAMPLES])
def test_the_way_back_loses_nothing(case: dict[str, Any]) -> None:
    new = oc.migrate(text=json.dumps(case["in"]))
    old = oc.migrate(text=new.text, old="2026.9.6", new="2026.4.29")
    again = oc.migrate(text=old.text)
    if not (old.open or again.open):
        assert old.after.loads
        assert leaves(value(new.text)) <= leaves(value(again.text))


def test_the_way_back_takes_no_list_apart() -> None:
    text = '{ memory: { search: { extraPaths: ["x"] } } }'
    back = oc.migrate(text=text, old="2026.9.6", new="2026.4.29")
    search = {"extraPaths": ["x"]}
    assert value(back.text) == {"agents": {"defaults": {"memorySearch": search}}}


def leaves(data: Any, path: str = "") -> set[str]:
    """The values of a config that are no objects, with their paths."""
    if not isinstance(data, dict):
        return {f"{path} = {json.dumps(data, sort_keys=True)}"}
    return {leaf for key, inner in data.items() for leaf in leaves(inner, f"{path}.{key}")}


def test_edits_lead_from_the_old_text_to_the_new_one() -> None:
    from openclaw_config.syntax.edits import apply

    text = TEXTS[0]["before"]
    migration = oc.migrate(text=text)
    assert apply(text, migration.edits[""]) == migration.text


def test_a_value_that_stops_counting_is_a_warning_that_names_its_place() -> None:
    migration = oc.migrate(text='{\n  cron: { webhook: "https://example.com/x" },\n}')
    [change] = [change for change in migration.changes if change.kind != "note"]
    assert (change.kind, change.severity, change.path) == (
        "removed",
        "warning",
        ("cron", "webhook"),
    )
    assert change.location is not None
    assert change.location.position.line == 2


def test_what_a_person_must_decide_is_left_and_can_be_answered() -> None:
    text = '{ bindings: [{ agentId: "ghost", match: { channel: "telegram" } }] }'
    asked = oc.migrate(text=text)
    [change] = asked.open
    assert set(change.choices) == {"remove", "add"}
    assert asked.text == text
    answered = oc.migrate(text=text, answers={"bindings[0].agentId": "remove"})
    assert not answered.open
    assert value(answered.text) == {}


@pytest.mark.parametrize("inner", ['"secretref-env:B"', '"${B}"'])
def test_a_config_as_deep_as_it_may_be_is_migrated(inner: str) -> None:
    deep = "{ a: [" * 500 + inner + "] }" * 500
    migration = oc.migrate(text=f'{{ env: {{ A: "1" }}, models: {{ x: {deep} }} }}')
    assert [change.path for change in migration.open] == [("models", "x")]
    assert migration.edits


def test_a_text_that_does_not_parse_asks_nothing() -> None:
    migration = oc.migrate(text="{ env: ", answers={"env": "remove"})
    assert migration.errors
    assert (migration.changes, migration.texts) == ((), {})


def test_a_working_folder_that_is_gone_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert value(oc.migrate(text='{ env: { A: "1" } }').text) == {"env": {"vars": {"A": "1"}}}


def test_a_secret_stays_a_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "very-secret")
    migration = oc.migrate(text='{ env: { A: "${TOKEN}" } }')
    assert value(migration.text) == {"env": {"vars": {"A": "${TOKEN}"}}}


def put(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return os.fspath(folder / "openclaw.json")


@pytest.mark.parametrize("case", INCLUDES, ids=[case["of"] for case in INCLUDES])
def test_each_file_of_a_config_is_changed_in_its_place(
    case: dict[str, Any], tmp_path: Path
) -> None:
    migration = oc.migrate(put(tmp_path, case["files"]))
    changed = {os.path.relpath(path, tmp_path): text for path, text in migration.texts.items()}
    assert (changed, [change.key for change in migration.open]) == (case["after"], case["asks"])
    assert migration.after.loads or migration.open


@given(st.sampled_from(EXAMPLES), st.data())
@settings(max_examples=2 * settings().max_examples)
def test_files_that_are_merged_come_to_the_same_as_one(
    case: dict[str, Any], data: st.DataObject
) -> None:
    """MIG-57, however the sections are spread over files."""
    alone = oc.migrate(text=json.dumps(case["in"]))
    parts: list[dict[str, Any]] = [{}, {}, {}]
    for section, inner in case["in"].items():
        spread = isinstance(inner, dict) and data.draw(st.booleans())
        for key, item in inner.items() if spread else [("", inner)]:
            part = parts[data.draw(st.integers(0, 2))]
            if spread:
                part.setdefault(section, {})[key] = item
            else:
                part[section] = item
    with tempfile.TemporaryDirectory() as folder:
        main = {"$include": ["./a.json5", "./b.json5"], **parts[0]}
        texts = dict(zip(("a.json5", "b.json5"), map(json.dumps, parts[1:]), strict=True))
        path = put(Path(folder), {"openclaw.json": json.dumps(main), **texts})
        migration = oc.migrate(path)
        before, after = alone.after.document, migration.after.document
    assert "$include" in migration.text
    assert before is not None and after is not None
    assert leaves(value_of(after)) == leaves(value_of(before))


def value_of(document: Any) -> Any:
    return to_value(document.root)


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.mkdir(),
        os.mkfifo,
        lambda path: path.symlink_to(path.name),
        lambda path: path.symlink_to("/dev/null"),
        lambda path: None,
    ],
)
def test_what_is_no_file_is_an_error_of_both_checks(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    make(tmp_path / "c.json")
    migration = oc.migrate(tmp_path / "c.json")
    (found,) = migration.errors
    assert found.rule == "unreadable-config"
    for report in (migration.before, migration.after):
        assert (report.diagnostics, report.loads) == ((found,), False)
    assert migration.plans() is None


def test_a_pipe_is_refused_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "openclaw.json"
    os.mkfifo(pipe)
    result = run("migrate", "--write", str(pipe))
    assert (result.code, result.out) == (1, "")
    assert "not a regular file" in result.err
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    "text",
    [
        "{ agents: { list: [{ id: 'a' }] }, bindings: [{ agentId: 'KEY', match: {} }] }",
        "{ channels: { feishu: { groupPolicy: 'KEY' } } }",
        "{ agents: { defaults: { workspace: 'KEY' }, list: [{ id: 'a' }, { id: 'b' }] } }",
        "{ agents: { defaults: { models: { 'KEY': {} } } } }",
    ],
)
def test_what_looks_like_a_key_is_in_no_message(text: str) -> None:
    """Where the schema wants an id or a word, a person may have pasted a key."""
    key = "sk-or-v1-" + "a1b2c3d4" * 8
    changes = oc.migrate(text=text.replace("KEY", key)).changes
    assert any("•••" in change.message for change in changes)
    assert not any(key in part for it in changes for part in (it.message, *it.choices.values()))


def test_what_only_the_new_release_can_do_is_no_difference() -> None:
    text = '{agents: {defaults: {videoGenerationModel: "openrouter/google/veo-3.1-fast"}}}'
    lines = oc.migrate(text=text).requests()
    assert lines is not None
    assert not [line for line in lines if "the surface" in line or "music" in line]


@pytest.mark.parametrize("key", ["", ', apiKey: "sk-or-abc"', ', apiKey: "K", auth: "api-key"'])
def test_another_store_of_profiles_is_no_difference(key: str) -> None:
    block = f'models: {{providers: {{openrouter: {{baseUrl: "", models: []{key}}}}}}}'
    block = block.replace('""', '"https://openrouter.ai/api/v1"')
    text = f'{{env: {{A: "1"}}, {block}, agents: {{defaults: {{model: "openrouter/auto"}}}}}}'
    assert oc.migrate(text=text).requests() == []  # AUTH-24, AUTH-30'
