"""The difference of two plans counts what is sent, not where the config says it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.compiler.compile import compile_plan
from openclaw_config.plan import text
from openclaw_config.plan.diff import Change, diff, render
from openclaw_config.plan.model import Plan
from tests.support import document

VEO = "openrouter/google/veo-3.1-fast"


def plan(text: str) -> Plan:
    """The plan of a config, with a key in the environment."""
    return compile_plan(document(text, {"OPENROUTER_API_KEY": "k"}))


def video(*refs: str, **keys: object) -> str:
    """A config with these video models."""
    model = {"primary": refs[0], "fallbacks": list(refs[1:])}
    return json.dumps({"agents": {"defaults": {"videoGenerationModel": model, **keys}}})


def test_layout_and_comments_do_not_count() -> None:
    old = plan(video(VEO, "openrouter/a/b"))
    new = plan("// moved down\n\n" + video(VEO, "openrouter/a/b").replace(",", ",\n"))
    assert diff([old], [new]) == ()
    assert render(()) == ""


def test_a_candidate_added_removed_and_moved() -> None:
    old = plan(video(VEO, "openrouter/a/b", "openrouter/c/d"))
    new = plan(video("openrouter/c/d", VEO, "openrouter/e/f"))
    found = {(c.kind, c.candidate) for c in diff([old], [new])}
    assert ("removed", "openrouter/a/b") in found
    assert ("added", "openrouter/e/f") in found
    assert ("moved", "openrouter/c/d") in found


def test_a_changed_field_is_named_with_both_values() -> None:
    image = (
        '{agents: {defaults: {imageGenerationModel: {primary: "openrouter/x/y", timeoutMs: %d}}}}'
    )
    changes = diff([plan(image % 5000)], [plan(image % 6000)])
    assert (
        Change("image", "changed", "openrouter/x/y", "steps[generate].timeoutMs", 5000, 6000)
        in changes
    )
    assert "timeoutMs: 5000 -> 6000" in render(changes)


def test_a_new_route_changes_the_requests() -> None:
    base = '{models: {providers: {openrouter: {baseUrl: "https://%s/v1", models: []}}}}'
    changes = diff([plan("{}")], [plan(base % "proxy.test")])
    assert any(c.field == "route.verified" for c in changes)
    assert any(c.field.endswith("origin") for c in changes)
    assert all(c.changes_requests for c in changes)


@pytest.mark.parametrize("text", ["{}", video(VEO)])
def test_a_plan_does_not_differ_from_itself(text: str) -> None:
    assert diff([plan(text)], [plan(text)]) == ()


@given(
    st.lists(
        st.sampled_from(["openrouter/a/b", "openrouter/c/d", VEO]),
        min_size=1,
        max_size=4,
        unique=True,
    ),
    st.lists(
        st.sampled_from(["openrouter/a/b", "openrouter/c/d", VEO]),
        min_size=1,
        max_size=4,
        unique=True,
    ),
)
def test_no_difference_exactly_when_the_same_is_tried_in_the_same_order(
    first: list[str], second: list[str]
) -> None:
    switched_off = {"mediaGenerationAutoProviderFallback": False}
    changes = diff([plan(video(*first, **switched_off))], [plan(video(*second, **switched_off))])
    assert (changes == ()) == (first == second)


def test_what_json_cannot_write_goes_out_as_null() -> None:
    # JavaScript's JSON writer does the same, and a plan must stay JSON.
    params = "params: {provider: {x: NaN}, extra_body: {y: [Infinity]}}"
    chat = plan(f'{{agents: {{defaults: {{model: "openrouter/a/b", {params}}}}}}}').chat
    assert chat is not None
    body = chat.candidates[0].steps[-1].body
    assert body["provider"]["$slot"]["default"] == {"x": None}
    assert body["$merge"]["$slot"]["default"] == {"y": [None]}


def test_a_move_changes_the_place() -> None:
    old = plan(video("openrouter/a/a", "openrouter/v/v", "openrouter/y/y"))
    new = plan(video("openrouter/y/y", "openrouter/v/v", "openrouter/z/z"))
    moves = [change for change in diff([old], [new]) if change.kind == "moved"]
    assert [(move.candidate, move.old, move.new) for move in moves] == [("openrouter/y/y", 3, 1)]


@pytest.mark.parametrize("columns", [40, 60, 80, 100])
def test_a_plan_as_text_is_as_wide_as_it_may_be(columns: int) -> None:
    shown = text.render(plan(video(VEO, "openrouter/a/b")), columns)
    for line in shown.splitlines():
        assert len(line) <= columns or " " not in line.strip(), line
    whole = text.render(plan(video(VEO, "openrouter/a/b")), 1000)
    assert shown.split() == whole.split()
