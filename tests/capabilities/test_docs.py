"""The examples of ``docs/capabilities.md`` are what the tool does."""

from __future__ import annotations

import json
import os
import re

from openclaw_config.capabilities import describe, lookup
from openclaw_config.capabilities.user_tables import parse_user_table
from openclaw_config.facts import read_json
from openclaw_config.syntax.text import Source
from tests.support import modes_of

PAGE = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "capabilities.md")

with open(PAGE, encoding="utf-8") as page:
    TEXT = page.read()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_the_console_example() -> None:
    command, _, output = blocks("console")[0].partition("\n")
    asked = command.rpartition(" ")[2]
    assert describe.as_text(describe.capabilities(asked)) == output


def test_the_table_example() -> None:
    table, constraint = blocks("yaml")
    mine, findings = parse_user_table(Source(table))
    assert findings == ()
    tables = lookup.overlay(lookup.built_in(), mine)
    assert modes_of("acme", "video", "clip-1", tables) == ("generate", "imageToVideo")
    assert modes_of("acme", "video", "clip-mini", tables) == ("generate",)
    indented = constraint.replace("\n", "\n        ").rstrip()
    _, findings = parse_user_table(
        Source(table.replace("      audio: true\n", f"      audio: true\n      {indented}\n"))
    )
    assert findings == ()


def test_the_json_example() -> None:
    (example,) = [json.loads(block) for block in blocks("json")]
    answer = describe.capabilities(example["asked"])
    assert list(answer) == list(example)
    video = {**answer["surfaces"].pop("video"), "modes": {}}
    assert {**answer, "surfaces": {"video": video}} == example


def test_every_key_of_a_mode_is_explained() -> None:
    forms = read_json("capabilities.schema.json")["$defs"]
    for form in ("VideoMode", "ImageMode", "MusicMode", "Inputs", "Constraint"):
        for name in forms[form]["properties"]:
            assert f"`{name}`" in TEXT, f"{form}.{name}"
