"""However many findings loading has, a report shows a thousand and says that there are more."""

from __future__ import annotations

import pytest

import openclaw_config as oc

MANY = range(3000)
FLOODS = {
    "invalid names": "{ env: { " + ", ".join(f'"a-{n}": "x"' for n in MANY) + " } }",
    "blocked names": "{ env: { " + ", ".join(f'LD_{n}: "x"' for n in MANY) + " } }",
    "missing variables": "{ env: { " + ", ".join(f'A{n}: "${{B{n}}} "' for n in MANY) + " } }",
    "words like variables": "{ env: { " + ", ".join(f'A{n}: "$HOME_{n}"' for n in MANY) + " } }",
    "repeated keys": "{ env: { " + ", ".join(f'A{n}: "x", A{n}: "x"' for n in MANY) + " } }",
}


@pytest.mark.parametrize("text", FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_is_cut(text: str) -> None:
    report = oc.check(text=text, environment=oc.Environment.of({}), target="2026.4.29")
    assert len(report.diagnostics) == 1001
    assert report.diagnostics[-1].rule == "more-findings"
    assert report.loads
