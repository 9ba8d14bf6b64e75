"""What OpenClaw reads, however deep it is nested, every command reads too."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from tests.cli.program import run
from tests.support import sampled

DEPTH = 1050
COMMANDS = (
    ("check", "--env", "process"),
    ("check", "--format", "json"),
    ("compile",),
    ("compile", "--format", "json"),
    ("compile", "--format", "yaml"),
    ("compile", "--format", "html"),
    ("keys",),
    ("env",),
    ("fmt", "--diff"),
    ("migrate",),
    ("migrate", "--format", "json"),
    ("migrate", "--write"),
)
DEEP = {
    "parameters": '{ agents: { defaults: { model: "openrouter/auto", models: { "openrouter/auto":'
    " { params: { extra_body: %s } } } } } }",
    "an unknown key": "{ unknown: %s }",
}


@pytest.mark.parametrize(
    "case", sampled(product(COMMANDS, DEEP), 3), ids=lambda case: " ".join((*case[0], case[1]))
)
def test_a_deep_value_ends_no_command(tmp_path: Path, case: tuple[tuple[str, ...], str]) -> None:
    command, config = case
    path = tmp_path / "openclaw.json"
    path.write_text(DEEP[config] % ("{ a: [" * (DEPTH // 2) + '"${X}"' + "] }" * (DEPTH // 2)))
    assert run(*command, str(path)).code in {0, 1}
