"""What the page asks of the library: questions and answers are JSON, and nothing leaves the page.

The worker calls ``answer``. Shown texts are masked as on the command line; only the texts that go
back into the editor, from where they came, are whole.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from openclaw_config import __version__
from openclaw_config.api import Config
from openclaw_config.diagnostics.formats import as_json
from openclaw_config.diagnostics.model import Report
from openclaw_config.diagnostics.text import render_change
from openclaw_config.lint.linter import Linter
from openclaw_config.lint.options import Options, Outcome, Settings, Target
from openclaw_config.syntax.edits import apply
from openclaw_config.syntax.text import Source
from openclaw_config.targets import DEFAULT, releases

NAME = "openclaw.json"


def about() -> dict[str, Any]:
    """What the page says of the library, and the releases that it offers."""
    return {"version": __version__, "releases": releases()[::-1], "newest": DEFAULT, "name": NAME}


def check(text: str, target: str) -> dict[str, Any]:
    """The findings, in the shape of ``check --format json``."""
    found: dict[str, Any] = json.loads(as_json([_checked(text, target)]))
    return found


def explain(rule: str) -> dict[str, Any]:
    """What a rule means."""
    from openclaw_config.diagnostics.model import declared, documented, rules_of

    if rule not in declared():
        return {}
    found = next(documented(one) for one in rules_of(declared()[rule]) if one.name == rule)
    return {"summary": found.summary, "why": found.why, "bad": found.bad, "good": found.good}


def fix(text: str, target: str, index: int) -> dict[str, Any]:
    """The text after the fix of one finding, given by its number among the findings."""
    found = _checked(text, target).diagnostics[index]
    if found.fix is None or found.location is None:
        return {"text": text}
    return {"text": apply(found.location.source.text, found.fix.edits)}


def fix_all(text: str, target: str, unsafe: bool) -> dict[str, Any]:
    """The text after all fixes that do good, and the difference."""
    outcome = _outcome(text, Options(Settings(target=target), settings="", fix=True, unsafe=unsafe))
    fixed = text if outcome.text is None else outcome.text.decode()
    rules = [rule for change in outcome.changes for rule in change.rules]
    left = outcome.report
    return {
        "text": fixed,
        "diff": render_change(Source(text, NAME), fixed),
        "rules": rules,
        "errors": left.error_count,
        "warnings": left.warning_count,
    }


def plan(text: str, target: str, agent: str, columns: int) -> dict[str, Any]:
    """The plan of an agent, "" being the default one, as ``compile`` shows it: text and page."""
    report = _checked(text, target)
    if not report.loads:
        return {"errors": report.error_count, "agents": ()}
    from openclaw_config import page
    from openclaw_config.compiler.compile import agents_of
    from openclaw_config.plan import text as plan_text

    config = Config(report)
    agents = agents_of(config.document)
    made = config.compile(agent=agent if agent in agents else "")
    return {
        "errors": 0,
        "agents": agents,
        "agent": made.agent,
        "text": plan_text.render(made, columns),
        "page": page.render(page.Side(NAME, report, [made])),
    }


def migrate(text: str, answers: dict[str, str]) -> dict[str, Any]:
    """What the config becomes in the newest release, and the report about it."""
    from openclaw_config.migration import migrate as migrated
    from openclaw_config.migration_report import report_of, report_text

    found = migrated(text=_bytes(text), name=NAME, answers=answers)
    if found.errors or not found.trees:
        return {"readable": False}
    differences = found.requests() if found.texts else []
    return {
        "readable": True,
        **report_of(found, differences),
        "verdict": report_text(found, differences).rstrip().rsplit("\n\n", 1)[-1],
        "markdown": report_text(found, differences, markdown=True),
        "text": found.text,
        "diff": found.diff(),
    }


QUESTIONS = {each.__name__: each for each in (about, check, explain, fix, fix_all, plan, migrate)}


def answer(question: str, arguments: str) -> str:
    """The answer to a question, which is the name of a function; arguments and answer are JSON."""
    return json.dumps(QUESTIONS[question](**json.loads(arguments)))


@lru_cache(maxsize=1)
def _checked(text: str, target: str) -> Report:
    return _outcome(text, Options(Settings(target=target), settings="")).report


def _outcome(text: str, options: Options) -> Outcome:
    return Linter(options).check(Target(text=_bytes(text), name=NAME))


def _bytes(text: str) -> bytes:
    # Half a surrogate pair becomes one other sign, so that every offset stays.
    return text.encode(errors="replace")
