"""What the ``capabilities`` command prints.

``fixtures/capabilities/show/questions.json`` names the questions; beside it stand the answers, as
text and as JSON. To add one, add a question, run

    python tests/capabilities/test_show.py

which writes every answer, and read the difference.
"""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.capabilities import describe, lookup
from openclaw_config.diagnostics.display import json_text

FOLDER = os.path.join(os.path.dirname(__file__), "..", "..", "fixtures", "capabilities", "show")

with open(os.path.join(FOLDER, "questions.json"), encoding="utf-8") as questions:
    QUESTIONS: dict[str, str | None] = json.load(questions)


def answers(asked: str | None) -> dict[str, str]:
    answer = describe.capabilities(asked)
    return {"txt": describe.as_text(answer), "json": json_text(answer)}


@pytest.mark.parametrize("name", QUESTIONS)
def test_answer(name: str) -> None:
    for form, text in answers(QUESTIONS[name]).items():
        with open(os.path.join(FOLDER, f"{name}.{form}"), encoding="utf-8") as file:
            assert text == file.read()


@pytest.mark.parametrize("name", QUESTIONS)
def test_lines_are_short_enough(name: str) -> None:
    text = answers(QUESTIONS[name])["txt"]
    assert max(map(len, text.splitlines())) <= 100


def test_what_counts_as_found() -> None:
    assert describe.found(describe.capabilities())
    assert describe.found(describe.capabilities("openrouter"))
    assert describe.found(describe.capabilities("openrouter/google/veo-3.1-fast"))
    assert not describe.found(describe.capabilities("openrouter/acme/model-9"))
    assert not describe.found(describe.capabilities("nobody"))


def test_every_listed_model_can_be_shown() -> None:
    for name in lookup.built_in():
        for surface in lookup.SURFACES:
            for model in lookup.models(name, surface):
                answer = describe.capabilities(f"{name}/{model}")
                assert describe.found(answer), f"{name}/{model}"
                assert surface in answer["surfaces"]


def test_a_users_table_is_shown() -> None:
    mine = {
        "acme": {
            "target": "2026.4.29",
            "video": {
                "default": "clip",
                "modes": {"generate": {"durations": [5]}},
                "models": {"clip": {}},
            },
        }
    }
    tables = lookup.overlay(lookup.built_in(), mine)
    assert "5 s" in describe.as_text(describe.capabilities("acme/clip", tables))
    assert not describe.found(describe.capabilities("acme/clip"))


@given(st.text(max_size=30))
def test_any_question_has_an_answer(asked: str) -> None:
    answer = describe.capabilities(asked)
    text = describe.as_text(answer)
    assert "\x1b" not in text
    assert all(line == line.rstrip() for line in text.split("\n"))
    assert json.loads(json.dumps(answer)) == answer


if __name__ == "__main__":
    for title, question in QUESTIONS.items():
        for suffix, content in answers(question).items():
            with open(os.path.join(FOLDER, f"{title}.{suffix}"), "w", encoding="utf-8") as target:
                target.write(content)
