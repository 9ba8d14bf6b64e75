"""The cases of ``fixtures/plans``: a config in, what ``check`` and ``compile`` say out.

A case is a folder with an ``openclaw.json`` and, where it needs one, a ``case.json`` with

- ``environment``: exactly the variables there are (without it, every named one is taken to be set)
- ``agent`` and ``surfaces``: as the options of ``compile``

and the expected ``check.txt``, ``plan.txt`` and ``plan.json``; the plans are missing where the
config does not load. After a change, ``python -m tests.plans.regenerate`` writes the expected
files anew, and a reviewer reads the difference.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openclaw_config import api
from openclaw_config.diagnostics import text as diagnostics_text
from openclaw_config.diagnostics.display import Style
from openclaw_config.loading.environment import Environment
from openclaw_config.plan import json_form, text
from openclaw_config.plan.model import SURFACES

FOLDER = Path(__file__).parents[2] / "fixtures" / "plans"
EXPECTED = ("check.txt", "plan.txt", "plan.json")
PLAIN = Style(width=100, colour=False, unicode=True)


def names() -> list[str]:
    """The cases' folders."""
    return sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir())


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Work in a folder, so that files are shown by their bare names."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def produce(name: str) -> dict[str, str]:
    """What the tool says of a case today, by the names of the expected files."""
    folder = FOLDER / name
    options = folder / "case.json"
    case = json.loads(options.read_text(encoding="utf-8")) if options.exists() else {}
    variables = case.get("environment")
    environment = Environment.assumed() if variables is None else Environment.of(variables)
    with inside(folder):
        report = api.check("openclaw.json", environment=environment)
        blocks = [*diagnostics_text.render(list(report.diagnostics), PLAIN)]
    found = {"check.txt": "\n\n".join(blocks) + "\n" if blocks else ""}
    if report.loads and report.document is not None:
        surfaces = tuple(case.get("surfaces", SURFACES))
        config = api.Config(report)
        plan = config.compile(agent=case.get("agent", ""), surfaces=surfaces)
        found |= {"plan.txt": text.render(plan), "plan.json": json_form.dumps(plan)}
    return found
