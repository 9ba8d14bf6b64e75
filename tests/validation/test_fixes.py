"""What holds for every fix, wherever it is offered."""

from __future__ import annotations

import os
from typing import Any

import pytest

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.loading.load import load
from openclaw_config.syntax.edits import apply
from openclaw_config.syntax.nodes import to_value
from openclaw_config.validation.validate import Validation, validate
from tests.conformance import loads
from tests.support import OLDEST
from tests.syntax.safe_fixes import safe_edits
from tests.validation import cases

FOLDER = os.path.join(os.path.dirname(__file__), "..", "..", "fixtures", "conformance")


def texts() -> dict[str, str]:
    """Configs with something to mend: our own cases, and every third recorded one."""
    found = {name: cases.read(name) for name in cases.names()}
    for file in ("generated", "mutants"):
        for case in list(loads.cases(os.path.join(FOLDER, f"{file}.ndjson")))[::3]:
            if "text" in case and "files" not in case:
                found[case["id"]] = case["text"]
    return found


TEXTS = texts()


def judged(text: str) -> tuple[Validation, tuple[Diagnostic, ...]] | None:
    """What validation says of a text, with the findings of loading; None when it is no config."""
    document = load(text=text, name="openclaw.json", target=OLDEST)
    if not document.readable:
        return None
    validation = validate(document)
    return validation, (*document.diagnostics, *validation.diagnostics)


def blocked(findings: tuple[Diagnostic, ...]) -> int:
    return sum(finding.blocks for finding in findings)


def repeated_keys(findings: tuple[Diagnostic, ...]) -> int:
    return sum(finding.rule == "duplicate-key" for finding in findings)


def value_of(validation: Validation) -> Any:
    """The config as OpenClaw reads it; that nothing is in a list or an object does not matter."""
    assert validation.document.root is not None
    return filled(to_value(validation.document.root))


def filled(value: Any) -> Any:
    if isinstance(value, list):
        return [filled(item) for item in value]
    if isinstance(value, dict):
        inner = {key: filled(item) for key, item in value.items()}
        return {key: item for key, item in inner.items() if item not in ({}, [])}
    return value


def test_a_fix_removes_its_finding_and_brings_no_other_error() -> None:
    tried = 0
    for name, text in TEXTS.items():
        before = judged(text)
        if before is None:
            continue
        validation, everything = before
        for finding in validation.diagnostics:
            if finding.fix is None:
                continue
            tried += 1
            after = judged(apply(text, finding.fix.edits))
            assert after is not None, (name, finding.message)
            left = after[1]
            same = [
                (item.rule, item.key_path, item.message)
                for item in left
                if (item.rule, item.key_path, item.message)
                == (finding.rule, finding.key_path, finding.message)
            ]
            assert same == [], name
            if finding.rule != "unknown-key":  # what a key holds is looked into once it is known
                assert blocked(left) <= blocked(everything), name
            assert repeated_keys(left) <= repeated_keys(everything), (name, finding.message)
            if not blocked(everything):
                assert not blocked(left), (name, finding.message)
    assert tried > 200


def test_a_fix_of_an_old_key_changes_nothing_that_openclaw_reads() -> None:
    tried = 0
    for name, text in TEXTS.items():
        before = judged(text)
        if before is None:
            continue
        old = [item for item in before[0].diagnostics if item.rule == "legacy-key"]
        fixes = [item.fix.edits for item in old if item.fix]
        # One by one, and all at once as a program would make them.
        for edits in [*fixes, safe_edits(old)]:
            tried += 1
            after = judged(apply(text, edits))
            assert after is not None
            assert value_of(after[0]) == value_of(before[0]), name
            assert repeated_keys(after[1]) <= repeated_keys(before[1]), name
    assert tried > 100


@pytest.mark.parametrize("name", cases.names())
def test_safe_fixes_come_to_an_end(name: str) -> None:
    text = cases.read(name)
    for _ in range(20):
        findings = judged(text)
        if findings is None:
            return
        edits = safe_edits(findings[0].diagnostics)
        if not edits:
            return
        text = apply(text, edits)
    pytest.fail("there is still something to mend")


@pytest.mark.parametrize("name", [name for name in cases.names() if name.startswith("legacy/")])
def test_most_old_keys_can_be_mended_by_machine(name: str) -> None:
    """What is left after all safe fixes is what a person has to decide."""
    text = cases.read(name)
    for _ in range(20):
        text = apply(text, safe_edits(cases.findings(text)))
    left = [item.key_path for item in cases.findings(text) if item.rule == "legacy-key"]
    assert left == LEFT.get(name, [])


LEFT: dict[str, list[tuple[str | int, ...]]] = {
    # The ref, its fallbacks and agentRuntime change together.
    "legacy/agents": [("agents", "defaults", "model", "primary"), ("agents", "list", 0, "model")],
    # Written out, the mode opens more than the address did.
    "legacy/gateway": [("gateway", "bind")],
    # Something that is no object stands on the way.
    "legacy/in-the-way": [
        ("channels", "discord", "accounts", "a", "voice", "tts", "elevenlabs"),
        ("channels", "telegram", "draftChunk"),
    ],
    "legacy/skill": [("skills", "entries", "nano-banana-pro")],
    # OpenClaw reads the records before it drops the key.
    "legacy/models": [("plugins", "installs")],
    # One of the values is lost.
    "legacy/tools": [("tools", "media", "audio", "models", 0, "deepgram")],
}
"""The old keys for which there is no safe fix."""


def test_no_fix_puts_a_text_in_place_of_a_variable() -> None:
    text = '// environment: {"BIND": "0.0.0.0"}\n{ gateway: { bind: "${BIND}" } }'
    (finding,) = cases.findings(text)
    assert (finding.rule, finding.fix) == ("legacy-key", None)
