"""What is said of a key, a model, a variable."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types

from openclaw_config.lsp.hints import hover
from openclaw_config.lsp.workspace import Opened
from openclaw_config.syntax.parser import parse
from tests.lsp.cases import cases, marked, opened, span_of


def said(found: types.Hover) -> str:
    assert isinstance(found.contents, types.MarkupContent)
    return found.contents.value


@pytest.mark.parametrize("case", cases("hover"), ids=lambda case: case["it"])
def test_what_is_said(case: dict[str, Any]) -> None:
    file, offset = marked(case)
    found = hover(file, offset)
    if "nothing" in case:
        assert found is None
        return
    assert found is not None
    text = said(found)
    assert [part for part in case.get("has", []) if part not in text] == []
    assert [part for part in case.get("lacks", []) if part in text] == []
    if "on" in case:
        assert found.range is not None
        assert file.source.text[slice(*span_of(file.source, found.range))] == case["on"]


def test_a_file_that_belongs_to_no_config_is_read_as_one() -> None:
    file = opened("{ gateway: { port: 1 } }")
    alone = Opened(file.source, parse(file.source), file.report._replace(document=None), ())
    found = hover(alone, 14)
    assert found is not None
    assert "gateway.port" in said(found)
