"""The stages of a check, the places that OpenClaw reports, and what holds for any config."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import Document, load
from openclaw_config.syntax.nodes import to_value
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation.validate import Validation, validate
from tests.cli.secret_paths import config_with, secret_paths
from tests.conformance.issue_paths import issue_paths
from tests.support import OLDEST
from tests.validation.instances import anything, mutated, of_shape


def document_of(text: str, env: dict[str, str] | None = None) -> Document:
    environment = Environment.assumed() if env is None else Environment.of(env)
    return load(text=text, name="openclaw.json", environment=environment, target=OLDEST)


def check(text: str, env: dict[str, str] | None = None) -> Validation:
    return validate(document_of(text, env))


def loads(validation: Validation) -> bool:
    return not any(finding.blocks for finding in validation.diagnostics)


# --- stages -------------------------------------------------------------------------------------

LATER = "{ agents: { list: [{ id: 'a', identity: { avatar: '../x.png' } }] }"


@pytest.mark.parametrize(
    ("text", "issues"),
    [
        ("{}", ()),
        # An old key that stayed hides everything after it.
        ("{ heartbeat: 5, gateway: { prot: 1 } }", (("heartbeat",),)),
        # The schema hides avatars, folders, Tailscale and plugins.
        (LATER + ", gateway: { port: 'x' } }", (("gateway", "port"),)),
        (LATER + ", channels: { nope: {} } }", (("agents", "list", 0, "identity", "avatar"),)),
        (
            "{ agents: { list: [{ id: 'a', agentDir: '/x' }, { id: 'b', agentDir: '/x' }] },"
            " gateway: { bind: 'lan', tailscale: { mode: 'serve' } } }",
            (("agents", "list"),),
        ),
        (
            "{ gateway: { bind: 'lan', tailscale: { mode: 'serve' } }, channels: { nope: {} } }",
            (("gateway", "bind"),),
        ),
        ("{ channels: { nope: {} } }", (("channels", "nope"),)),
        # heartbeat-target: a blank one is found among the channels' errors, not the schema's.
        (
            "{ agents: { defaults: { heartbeat: { target: ' ' } } }, channels: { nope: {} } }",
            (("agents", "defaults", "heartbeat", "target"), ("channels", "nope")),
        ),
        (
            "{ agents: { defaults: { heartbeat: { target: ' ' } } }, gateway: { port: 'x' } }",
            (("gateway", "port"),),
        ),
        # OpenClaw stumbles over a text that is no URL, and reports only that.
        ("{ mcp: { servers: { a: { url: '!!' } } }, gateway: { port: 'x' } }", ((),)),
        ("{ cron: { webhook: 'http://' } }", ((),)),
        ("{ cron: { webhook: 'ftp://x' } }", (("cron", "webhook"),)),
        # An old key of an account that stayed: the accounts.
        (
            "{ channels: { slack: { accounts: { work:"
            " { streaming: { nativeTransport: true }, nativeStreaming: true } } } } }",
            (("channels", "slack", "accounts"),),
        ),
    ],
)
def test_openclaw_stops_at_the_first_stage_that_fails(
    text: str, issues: tuple[KeyPath, ...]
) -> None:
    found = check(text)
    assert issue_paths(document_of(text)) == issues
    assert loads(found) is (not issues)


def test_people_are_told_about_every_stage() -> None:
    text = LATER + ", gateway: { prot: 1 }, channels: { nope: {} }, heartbeat: 5 }"
    assert {finding.rule for finding in check(text).diagnostics} == {
        "refused-legacy-key",
        "unknown-key",
        "avatar-path",
        "unknown-channel",
    }


# --- where OpenClaw reports it, and where we do -------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ours", "theirs"),
    [
        # An unknown key: we at the key, OpenClaw at its object.
        ("{ gateway: { prot: 1 } }", [("gateway", "prot")], [("gateway",)]),
        ("{ nope: 1 }", [("nope",)], [()]),
        # A missing key: both at the key.
        (
            "{ models: { providers: { acme: { models: [] } } } }",
            [("models", "providers", "acme", "baseUrl")],
            [("models", "providers", "acme", "baseUrl")],
        ),
        # Inside a union: OpenClaw at the union, when more than one branch is quite wrong.
        (
            "{ agents: { defaults: { model: { primary: 5 } } } }",
            [("agents", "defaults", "model", "primary")],
            [("agents", "defaults", "model")],
        ),
        # A binding of type acp is looked into, and only its deepest problem is reported.
        (
            "{ bindings: [{ type: 'acp', agenttId: 'a',"
            " match: { channel: 'x', peer: { kind: 'direct', id: '1' } } }] }",
            [("bindings", 0, "agenttId")],
            [("bindings", 0, "agentId")],
        ),
        (
            "{ bindings: [{ type: 'acp', agentId: 'a',"
            " match: { channel: 'x', peer: { kind: 'nobody', id: '1' } } }] }",
            [("bindings", 0, "match", "peer", "kind")],
            [("bindings", 0)],
        ),
        # A branch that is only a little wrong is looked into.
        (
            "{ agents: { defaults: { model: { primry: 'x' } } } }",
            [("agents", "defaults", "model", "primry")],
            [("agents", "defaults", "model")],
        ),
        # A channel's own schema reports the union and every branch.
        (
            "{ channels: { telegram: { botToken: 5 } } }",
            [("channels", "telegram", "botToken")],
            [("channels", "telegram", "botToken")],
        ),
        # Agents that share a folder: the list.
        (
            "{ agents: { list: [{ id: 'a', agentDir: '/x' }, { id: 'b', agentDir: '/x' }] } }",
            [("agents", "list", 1, "agentDir")],
            [("agents", "list")],
        ),
        # A plugin that is denied and unknown: the list of denied ones.
        ("{ plugins: { deny: ['breve'] } }", [("plugins", "deny", 0)], [("plugins", "deny")]),
        # An old key with a value that cannot be moved: its section, for some keys.
        (
            "{ agents: { list: [{ id: 'a', sandbox: { perSession: 5 } }] } }",
            [("agents", "list", 0, "sandbox", "perSession")],
            [("agents", "list")],
        ),
    ],
)
def test_places(text: str, ours: list[KeyPath], theirs: list[KeyPath]) -> None:
    found = check(text)
    assert [item.key_path for item in found.diagnostics if item.blocks] == ours
    assert list(issue_paths(document_of(text))) == theirs


# --- the document -------------------------------------------------------------------------------


def test_a_config_without_old_keys_stays_the_very_same() -> None:
    document = load(text="{ gateway: { port: 1 }, agents: { defaults: {} } }", target=OLDEST)
    assert validate(document).document is document


def test_old_keys_are_read_in_the_document_that_comes_back() -> None:
    document = load(text="{ memorySearch: { enabled: true } }", target=OLDEST)
    validation = validate(document)
    assert validation.document.root is not None
    assert to_value(validation.document.root) == {
        "agents": {"defaults": {"memorySearch": {"enabled": True}}}
    }
    assert document.root is not None
    assert to_value(document.root) == {"memorySearch": {"enabled": True}}  # itself unchanged


@pytest.mark.parametrize("text", ["", "[]", "5", "{ a: ", "\x00", '{ $include: "./none.json5" }'])
def test_what_cannot_be_read_is_not_looked_into(text: str, tmp_path: Any) -> None:
    document = load(str(tmp_path / "openclaw.json"), text=text, target=OLDEST)
    validation = validate(document)
    assert validation.diagnostics == ()
    assert issue_paths(document) == ((),) or document.readable


# --- variables ----------------------------------------------------------------------------------


def test_a_text_with_an_assumed_variable_may_be_anything() -> None:
    text = '{ gateway: { mode: "${MODE}", bind: "x${BIND}" }, channels: { "telegram": {} } }'
    assert check(text).diagnostics == ()


@pytest.mark.parametrize(("value", "valid"), [("local", True), ("Local", False), ("", False)])
def test_a_variable_is_put_in_before_anything_is_judged(value: str, valid: bool) -> None:
    assert loads(check('{ gateway: { mode: "${MODE}" } }', {"MODE": value})) is valid


def test_a_variable_never_becomes_a_number() -> None:
    assert not loads(check('{ gateway: { port: "${PORT}" } }', {"PORT": "18789"}))


def test_a_variable_without_a_value_stays_as_it_is_written() -> None:
    assert not loads(check('{ gateway: { mode: "${MODE}" } }', {}))


# --- any config ---------------------------------------------------------------------------------


def texts_of(finding: Diagnostic) -> list[str]:
    """Every text of a finding that a person or a program may see."""
    return [
        finding.message,
        finding.label,
        *finding.notes,
        *finding.helps,
        *(related.message for related in finding.related),
        finding.fix.title if finding.fix else "",
    ]


def _is_odd(step: str | int) -> bool:
    """A key that no message can show as it is; renderers escape it."""
    return not str(step).isprintable()


def sound(finding: Diagnostic, size: int) -> bool:
    """Whether a finding has its place in the text, and its fix is one."""
    if finding.location is None or not finding.message:
        return False
    span = finding.location.span
    edits = [edit.span for edit in finding.fix.edits] if finding.fix else []
    return (
        0 <= span.start <= span.end <= size
        and ("\n" not in finding.message or any(_is_odd(step) for step in finding.key_path))
        and not finding.message.endswith(".")
        and edits == sorted(edits)
        and all(edit.start <= edit.end <= size for edit in edits)
        and all(one.end <= other.start for one, other in pairwise(edits))
    )


@settings(max_examples=2 * settings().max_examples)
@given(mutated() | of_shape() | st.dictionaries(st.sampled_from(("agents", "talk", "x")), anything))
def test_no_config_makes_it_fail(value: Any) -> None:
    text = json.dumps(value, indent=1)
    document = load(text=text, name="openclaw.json", target=OLDEST)
    if not document.readable:
        return
    validation = validate(document)
    assert all(sound(finding, len(text)) for finding in validation.diagnostics)
    assert bool(issue_paths(document)) is not loads(validation)


def test_depth_does_no_harm() -> None:
    deep = "[" * 480 + '"__OPENCLAW_REDACTED__"' + "]" * 480
    text = f"{{ plugins: {{ entries: {{ acme: {{ config: {{ a: {deep} }} }} }} }}, tools: {deep} }}"
    rules = {finding.rule for finding in check(text).diagnostics}
    assert {"redacted-value", "wrong-type"} <= rules


CANARY = "Zq7canary4Zq"
NUMBER = 7261234509


@pytest.mark.parametrize("path", secret_paths(), ids=lambda path: ".".join(map(str, path)))
def test_no_finding_shows_what_stands_at_a_secret_key(path: KeyPath) -> None:
    """Whatever it is, and however wrong."""
    wrong = [
        CANARY,
        NUMBER,
        [CANARY],
        {"source": CANARY, "provider": CANARY, "id": CANARY},
        {"source": "env", "provider": "default", "id": CANARY},
        {"source": "env", "provider": CANARY, "id": "NAME"},
        {"value": CANARY},
    ]
    for value in wrong:
        text = json.dumps(config_with(path, value))
        for finding in check(text).diagnostics:
            shown = " ".join(texts_of(finding))
            assert CANARY not in shown
            assert str(NUMBER) not in shown


def test_a_config_without_findings_does_not_pay_for_their_words() -> None:
    """A hook pays for every module that is imported, on every commit."""
    code = (
        "import sys\n"
        "from openclaw_config import api\n"
        "text = '''{ gateway: { port: 1 }, channels: { telegram: {} }, plugins: { allow: [] },"
        " agents: { defaults: { model: \"openrouter/auto\" } } }'''\n"
        "assert not api.check(text=text).diagnostics\n"
        "names = ('structure', 'wording', 'edits', 'certain')\n"
        "print([name for name in names if f'openclaw_config.validation.{name}' in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
