"""What is offered at a cursor, in whole and in half-typed texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openclaw_config.diagnostics.model import Edit
from openclaw_config.lsp.complete import MOST, Item, complete
from openclaw_config.lsp.workspace import Workspace
from openclaw_config.syntax.edits import apply
from tests.lsp.cases import cases, marked, opened


def taken(text: str, item: Item) -> str:
    """The text after an item is taken by an editor without snippets."""
    return apply(text, [*item.edits, Edit(item.span, item.plain)])


@pytest.mark.parametrize("case", cases("complete"), ids=lambda case: case["it"])
def test_what_is_offered(case: dict[str, Any]) -> None:
    file, offset = marked(case)
    found = complete(file, offset)
    labels = [item.label for item in found]
    first = case.get("first", [])
    assert labels[: len(first)] == first
    assert not ("nothing" in case and labels)
    assert set(case.get("has", [])) <= set(labels)
    assert set(case.get("lacks", [])).isdisjoint(labels)
    if "gives" in case:
        item = found[labels.index(case["take"]) if "take" in case else 0]
        assert taken(file.source.text, item) == case["gives"]


def test_a_key_says_its_type_and_what_it_is_for() -> None:
    (item,) = complete(opened("{ env: { shellEnv: { timeo } } }"), 26)[:1]
    assert (item.label, item.detail[:14]) == ("timeoutMs", "a whole number")
    assert item.description


def test_a_snippet_has_places_for_what_is_required() -> None:
    text = "{ models: { providers: { mine } } }"
    file = opened(text.replace("mine", "openrouter"))
    item = next(one for one in complete(file, 35) if one.label == "openrouter")
    assert item.text == 'openrouter: { baseUrl: "$1", models: [$2] }'
    assert item.plain == 'openrouter: { baseUrl: "", models: [] }'


def test_the_files_beside_an_include(tmp_path: Path) -> None:
    for name in "openclaw.json", "agents.json5", "parts/tools.json", "notes.txt", ".hidden.json":
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    workspace = Workspace()
    path = str(tmp_path / "openclaw.json")

    def offered(typed: str) -> list[str]:
        text = f'{{ agents: {{ $include: "{typed}" }} }}'
        workspace.open(path, text)
        return [item.label for item in complete(workspace.opened(path), text.rindex('"'))]

    assert offered("") == ["./agents.json5", "./parts/"]
    assert offered("./ag") == ["./agents.json5"]
    assert offered("./parts/") == ["./parts/tools.json"]
    assert offered("../") == []


def test_a_fragment_is_completed_where_it_is_included(tmp_path: Path) -> None:
    (tmp_path / "openclaw.json").write_text('{ agents: { $include: "./a.json5" } }')
    (tmp_path / "a.json5").write_text("{}")
    workspace = Workspace()
    workspace.open(str(tmp_path / "a.json5"), "{ def }")
    found = complete(workspace.opened(str(tmp_path / "a.json5")), 5)
    assert [item.label for item in found][:1] == ["defaults"]


def test_no_value_of_a_secret_is_offered() -> None:
    text = '{ env: { vars: { A_KEY: "hunter2" } }, gateway: { auth: { token: "hunter3" } } }'
    file = opened(text)
    offered = [item for at in range(len(text)) for item in complete(file, at)]
    assert not [item for item in offered if "hunter" in f"{item.label}{item.text}{item.detail}"]


WHOLE = """{
  // a comment
  "agents": { defaults: { model: { primary: 'openrouter/auto', fallbacks: ["x/y"] } } },
  gateway: { port: 1, auth: { token: "${TOKEN}" } }, /* more */ bindings: [{ agentId: "main" }]
}"""


@given(st.integers(0, len(WHOLE)), st.integers(0, 30))
@settings(max_examples=2 * settings().max_examples)
def test_wherever_a_text_is_cut_something_sensible_happens(cut: int, lost: int) -> None:
    text = WHOLE[:cut] + WHOLE[cut + lost :]
    found = complete(opened(text), cut)
    assert len(found) <= MOST
    for item in found:
        assert 0 <= item.span.start <= cut <= item.span.end <= len(text)
        taken(text, item)  # no edit overlaps another
