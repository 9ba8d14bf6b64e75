"""Lists of models as OpenRouter answers them, beside the tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openclaw_config.capabilities import lookup, refresh
from openclaw_config.capabilities.user_tables import with_user_table
from openclaw_config.cli.main import main
from openclaw_config.targets import DEFAULT
from tests.support import modes_of

ROWS: list[dict[str, Any]] = [
    {
        "id": "acme/clip",
        "supported_durations": [5, 2.6, 0],
        "supported_resolutions": ["480p"],
        "supported_frame_images": ["first_frame"],
        "generate_audio": False,
    },
    {"id": "acme/still", "supported_durations": [5]},
    {
        "id": "acme/thinker",
        "architecture": {"modality": "text+image->text"},
        "supported_parameters": ["reasoning"],
        "context_length": 9000,
        "top_provider": {"max_completion_tokens": None},
    },
    {"id": 1},
]


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "models.json"
    path.write_text(json.dumps({"data": ROWS}))
    return path


def test_a_list_becomes_a_table_that_can_be_given(
    listed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new.yaml"
    assert main(["capabilities", "--refresh", str(listed), "--output", str(out)]) == 0
    assert "+++ video acme/clip" in capsys.readouterr().out
    tables, problems = with_user_table(str(out), DEFAULT)
    assert problems == ()
    clip = lookup.mode("openrouter", "video", "acme/clip", "imageToVideo", tables)
    assert clip is not None
    assert (clip.durations, clip.resolutions, clip.audio, clip.max_images) == (
        (3, 5),
        ("480P",),
        False,
        1,
    )
    assert modes_of("openrouter", "video", "acme/still", tables) == ("generate",)
    model = lookup.chat_model("openrouter", "acme/thinker", tables)
    assert model is not None
    assert (model.context_window, model.max_tokens, model.reasoning) == (9000, 9000, True)
    assert refresh.diff(refresh.table_of(ROWS, tables, "2026.4.29"), tables) == ""


@pytest.mark.parametrize("text", ["", "[1]", '{"data": {}}', "nonsense", '{"data": []}'])
def test_what_is_no_list_is_said(text: str, tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    path.write_text(text)
    assert main(["capabilities", "--refresh", str(path)]) == 1


def test_what_a_list_does_not_tell_stays() -> None:
    name, row = next(iter(lookup.section("openrouter", "chat")["models"].items()))
    architecture = {"modality": "text->text"}
    found = refresh.table_of(
        [{"id": name, "architecture": architecture, "context_length": 1}], lookup.built_in(), "x"
    )
    assert found["chat"]["models"][name].get("cost") == row.get("cost")
