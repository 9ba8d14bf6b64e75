"""What is offered at a cursor, in whole and in half-typed texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from openclaw_config.diagnostics.model import Edit
from openclaw_config.lsp.complete import MOST, complete
from openclaw_config.lsp.workspace import Workspace
from openclaw_config.syntax.edits import apply
from openclaw_config.syntax.text import Source
from tests.lsp.cases import cases, marked, opened, span_of


def taken(source: Source, item: types.CompletionItem) -> str:
    """The text after an item is taken."""
    assert isinstance(item.text_edit, types.TextEdit)
    edits = [*(item.additional_text_edits or ()), item.text_edit]
    return apply(source.text, [Edit(span_of(source, one.range), one.new_text) for one in edits])


@pytest.mark.parametrize("case", cases("complete"), ids=lambda case: case["it"])
def test_what_is_offered(case: dict[str, Any]) -> None:
    file, offset = marked(case)
    found = complete(file, offset, snippets=False).items
    labels = [item.label for item in found]
    first = case.get("first", [])
    assert labels[: len(first)] == first
    assert not ("nothing" in case and labels)
    assert set(case.get("has", [])) <= set(labels)
    assert set(case.get("lacks", [])).isdisjoint(labels)
    if "gives" in case:
        item = found[labels.index(case["take"]) if "take" in case else 0]
        assert taken(file.source, item) == case["gives"]


def test_a_key_says_its_type_and_what_it_is_for() -> None:
    (item,) = complete(opened("{ env: { shellEnv: { timeo } } }"), 26).items[:1]
    assert (item.label, item.detail and item.detail[:14]) == ("timeoutMs", "a whole number")
    assert item.documentation


def test_a_snippet_has_places_for_what_is_required() -> None:
    text = "{ models: { providers: { mine } } }"
    file = opened(text.replace("mine", "openrouter"))
    for snippets, text in (
        (True, 'openrouter: { baseUrl: "$1", models: [$2] }'),
        (False, 'openrouter: { baseUrl: "", models: [] }'),
    ):
        found = complete(file, 35, snippets).items
        item = next(one for one in found if one.label == "openrouter")
        assert item.text_edit and item.text_edit.new_text == text


def test_no_form_is_offered_twice() -> None:
    found = complete(opened("{ gateway:  }"), 11).items
    assert [one.label for one in found] == ["{  }"]


def test_the_files_beside_an_include(tmp_path: Path) -> None:
    for name in "openclaw.json", "agents.json5", "parts/tools.json", "notes.txt", ".hidden.json":
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    workspace = Workspace()
    path = str(tmp_path / "openclaw.json")

    def offered(typed: str) -> list[str]:
        text = f'{{ agents: {{ $include: "{typed}" }} }}'
        workspace.open(path, text)
        return [item.label for item in complete(workspace.opened(path), text.rindex('"')).items]

    assert offered("") == ["./agents.json5", "./parts/"]
    assert offered("./ag") == ["./agents.json5"]
    assert offered("./parts/") == ["./parts/tools.json"]
    assert offered("../") == []


def test_a_fragment_is_completed_where_it_is_included(tmp_path: Path) -> None:
    (tmp_path / "openclaw.json").write_text('{ agents: { $include: "./a.json5" } }')
    (tmp_path / "a.json5").write_text("{}")
    workspace = Workspace()
    workspace.open(str(tmp_path / "a.json5"), "{ def }")
    found = complete(workspace.opened(str(tmp_path / "a.json5")), 5).items
    assert [item.label for item in found][:1] == ["defaults"]


def test_no_value_of_a_secret_is_offered() -> None:
    text = '{ env: { vars: { A_KEY: "hunter2" } }, gateway: { auth: { token: "hunter3" } } }'
    file = opened(text)
    offered = [item for at in range(len(text)) for item in complete(file, at).items]
    assert not [item for item in offered if "hunter" in f"{item}"]


WHOLE = """{
  // a comment
  "agents": { defaults: { model: { primary: 'openrouter/auto', fallbacks: ["x/y"] } } },
  gateway: { port: 1, auth: { token: "${TOKEN}" } }, /* more */ bindings: [{ agentId: "main" }]
}"""


@given(st.integers(0, len(WHOLE)), st.integers(0, 30))
@settings(max_examples=2 * settings().max_examples)
def test_wherever_a_text_is_cut_something_sensible_happens(cut: int, lost: int) -> None:
    text = WHOLE[:cut] + WHOLE[cut + lost :]
    file = opened(text)
    found = complete(file, cut).items
    assert len(found) <= MOST
    for item in found:
        assert isinstance(item.text_edit, types.TextEdit)
        span = span_of(file.source, item.text_edit.range)
        assert 0 <= span.start <= cut <= span.end <= len(text)
        taken(file.source, item)  # no edit overlaps another
