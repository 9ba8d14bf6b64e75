"""A plan as a flow chart: which candidate is tried when, and where a call ends."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import openclaw_config as oc
from openclaw_config.plan.text import render_chart
from tests.cli.program import run

PLANS = Path(__file__).resolve().parents[2] / "fixtures" / "plans"
CONFIG = """{
  meta: { lastTouchedVersion: "2026.4.29" },
  env: { OPENROUTER_API_KEY: "sk-or-v1-0123456789abcdef" },
  agents: { defaults: {
    mediaGenerationAutoProviderFallback: false,
    videoGenerationModel: { primary: "openrouter/a/b", fallbacks: ["nobody/c"] },
  } },
}"""


def test_a_flow() -> None:
    result = run("compile", "-", "--surface", "video", "--format", "mermaid", stdin=CONFIG.encode())
    assert result.code == 0
    lines = [line.strip() for line in result.out.splitlines()]
    assert lines[:3] == [
        "flowchart LR",
        'subgraph a0video["main · video"]',
        'a0videocall(["a call:<br>the first answer counts"]) --> a0video0',
    ]
    assert lines[3].startswith('a0video0["1. openrouter/a/b<br>key: the auth-profile store')
    assert "<br>submit POST https://openrouter.ai/api/v1/videos, 60 s<br>" in lines[3]
    assert lines[4] == 'a0video0 -- "fails over" --> a0video1'
    assert lines[5].startswith('a0video1["2. nobody/c<br>') and lines[5].endswith('"]:::bad')
    assert lines[6:] == [
        'a0video1 -- "fails" --> a0videoend',
        'a0videoend(["All video generation models failed"])',
        "end",
        "classDef bad stroke-dasharray:4",
    ]
    assert "sk-or" not in result.out


NODE = re.compile(
    r'(?:(?:subgraph )?\w+(?:\[|\(\[)"[^"]*"(?:\]|\]\))(?::::bad)?( --> \w+)?'
    r"|end|flowchart LR|classDef bad .*"
    r'|\w+ -- "fails(?: over)?" --> \w+)'
)


@pytest.mark.parametrize(
    "config", sorted(PLANS.glob("*/openclaw.json")), ids=lambda p: p.parent.name
)
def test_every_line_is_of_a_known_form(config: Path) -> None:
    for line in run("compile", str(config), "--format", "mermaid").out.splitlines():
        assert NODE.fullmatch(line.strip()), line


def test_no_name_is_a_sign() -> None:
    name = 'a/b\\"]; click x \\n<b>%%{init}%%'
    text = f'{{ agents: {{ defaults: {{ model: "{name}" }} }} }}'
    chart = render_chart([oc.compile(text=text, surfaces=("chat",))])
    for line in chart.splitlines():
        assert NODE.fullmatch(line.strip()), line
    assert "#34;#93;#59; click x" in chart
