"""A syntax error hides nothing that is certain, and nothing uncertain is reported beside it."""

from __future__ import annotations

import random

import pytest
from hypothesis import settings

from openclaw_config import api
from openclaw_config.diagnostics.model import Diagnostic, Rule, key_path_text
from openclaw_config.syntax import errors
from openclaw_config.validation import certain
from tests.support import OLDEST
from tests.syntax.broken import broken
from tests.validation.cases import names, read

SYNTAX = {rule.name for rule in vars(errors).values() if isinstance(rule, Rule)}
ORDINARY = [name for name in names() if not read(name).startswith("// environment")]


def beside(text: str) -> list[Diagnostic]:
    """What is reported about a config, its syntax errors aside."""
    return [
        found
        for found in api.check(text=text, target=OLDEST).diagnostics
        if found.rule not in SYNTAX
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # All errors have safe fixes: rules look at everything.
        ("{ gateway: { prt: 1 } tools: { allow: ['read'], alsoAllow: ['exec'] } }", "tools"),
        ("{ gateway: { prt: 1 } logging: {} }", "gateway.prt"),
        ("{ gateway: { prt: 1 }; logging: {} }", "gateway.prt"),
        # A text without quotes is in doubt, what stands beside it is not.
        ('{ logging: { level: yes, file: 5 }, gateway: { mode: "locl" } }', "logging.file"),
        ('{ logging: { level: yes, file: 5 }, gateway: { mode: "locl" } }', "gateway.mode"),
        # The indentation shows which bracket is missing; what stands before it is certain.
        ("{\n  gateway: { prt: 1 },\n  agents: {\n    list: [],\n  logging: {},\n}", "gateway.prt"),
    ],
)
def test_what_is_certain_is_reported(text: str, expected: str) -> None:
    assert any(key_path_text(found.key_path).startswith(expected) for found in beside(text))


@pytest.mark.parametrize(
    "text",
    [
        # The value, or the key, is what the error is about.
        "{ logging: { level: yes } }",
        "{ gateway: { port: 18789x } }",
        "{ gateway: { oops port: 1 } }",
        # The key that seems to be missing may stand where the error is.
        '{ models: { providers: { x: { baseUrl: "https://a.example", mod els: [] } } } }',
        # What stands beside it may be what allows it.
        """{ agents: { defaults: { sandbox: { docker: {
            network: "container:db", dangerouslyAllowContainerNamespaceJoin: undefined } } } } }""",
        # Which bracket is wrong decides where everything stands.
        "{ agents: { defaults: {} }, list: [] } }",
        "{ agents: { defaults: { model: 'a/b' }, gateway: { port: 1 }",
        '{ agents: "x, defaults: { modle: 1 }, list: [] }',
        "<<<<<<< HEAD\n{ nonsense: 1 }\n=======\n{}\n>>>>>>> main\n",
    ],
)
def test_what_is_not_certain_is_not_reported(text: str) -> None:
    assert beside(text) == []


def test_fixes_wait_until_the_text_parses() -> None:
    report = api.check(text='{ gateway: { prt: 1 } logging: { levl: "info" } }', target=OLDEST)
    assert not report.loads
    assert [found.rule for found in report.diagnostics if found.fix] == ["missing-comma"]


@pytest.mark.parametrize("name", ORDINARY)
def test_a_broken_text_shows_nothing_that_the_whole_one_does_not(name: str) -> None:
    text = read(name)
    known = {(found.rule, found.key_path) for found in beside(text)}
    # Where a text lost its beginning, all of it stands elsewhere, and nobody can know.
    ways = [one for one in broken(text) if one[0] != "starts_here"]
    count = min(settings().max_examples // 4, len(ways))
    for way, result in random.Random(name).sample(ways, count):
        report = api.check(text=result, target=OLDEST)
        if not any(found.rule in SYNTAX and found.blocks for found in report.diagnostics):
            continue  # the text is right, and another one
        new = {(found.rule, found.key_path) for found in beside(result)} - known
        assert not new, f"{way}: {new}\n{result}"


def test_the_errors_that_leave_everything_in_its_place_exist() -> None:
    assert certain.LOCAL < certain.SYNTAX
