"""Whatever a config, a path or a message holds, an output says it and does nothing else.

Controls, escape sequences and marks that turn the direction around never come out raw; JSON and
XML are well-formed; and no CI system finds a command that we did not mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from openclaw_config.diagnostics.formats import (
    as_json,
    concise,
    github,
    gitlab,
    junit,
    markdown,
    sarif,
)
from openclaw_config.diagnostics.model import SEVERITIES, Report
from openclaw_config.diagnostics.text import render as text_blocks
from tests.diagnostics.reports import reports

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "output"
SARIF = Draft7Validator(json.loads((FIXTURES / "sarif-schema-2.1.0.json").read_text("utf-8")))

NOT_SHOWN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
"""What a terminal obeys, or what deceives its reader. A line feed is ours."""

many_reports = st.lists(reports(), max_size=3)
patient = settings(suppress_health_check=[HealthCheck.too_slow])


def text(found: Sequence[Report]) -> str:
    """The findings as text, as ``check`` writes them."""
    return "".join(f"{block}\n" for one in found for block in text_blocks(one.diagnostics))


FORMATS: dict[str, Callable[[Sequence[Report]], str]] = {
    "text": text,
    "concise": concise,
    "json": as_json,
    "github": github,
    "sarif": sarif,
    "junit": junit,
    "gitlab": gitlab,
    "markdown": markdown,
}


@pytest.mark.parametrize("form", FORMATS)
@patient
@given(many_reports)
def test_nothing_reaches_the_reader_raw(form: str, found: list[Report]) -> None:
    shown = FORMATS[form](found)
    assert not NOT_SHOWN.search(shown)
    assert shown.encode("utf-8").decode() == shown


@patient
@given(many_reports)
def test_decoded_json_holds_no_deception_in_what_we_say(found: list[Report]) -> None:
    said = [row["description"] for row in json.loads(gitlab(found))]
    for result in json.loads(sarif(found))["runs"][0]["results"]:
        said += result["message"]["text"].split("\n")
    assert not any(NOT_SHOWN.search(line) or "\n" in line for line in said)


@patient
@given(many_reports)
def test_sarif_is_valid_under_the_published_schema(found: list[Report]) -> None:
    log = json.loads(sarif(found, "/repo"))
    assert [error.message for error in SARIF.iter_errors(log)] == []


@patient
@given(many_reports, st.sampled_from(SEVERITIES))
def test_xml_is_well_formed_and_counts_right(found: list[Report], fail_on: str) -> None:
    root = ElementTree.fromstring(junit(found, fail_on=fail_on))
    assert len(root.findall("testsuite/testcase/failure")) == int(root.attrib["failures"])
    assert len(root.findall("testsuite/testcase/skipped")) == int(root.attrib["skipped"])
    assert len(root.findall("testsuite/testcase")) == int(root.attrib["tests"])
    assert {element.tag for element in root.iter()} <= {
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
        "skipped",
    }


_COMMAND = re.compile(
    r"::(error|warning|notice) ((?:[a-zA-Z]+=[^,:]*)(?:,[a-zA-Z]+=[^,:]*)*)::(.*)"
)
"""A workflow command as GitHub's runner splits it: at the first ``::`` and at every comma."""


@patient
@given(many_reports)
def test_github_finds_our_annotations_and_no_other_command(found: list[Report]) -> None:
    total = sum(len(report.diagnostics) for report in found)
    lines = github(found).split("\n")[:-1]
    annotations = 0
    for line in lines:
        match = _COMMAND.fullmatch(line)
        if match is None:
            assert not line.lstrip().startswith("::")
            assert not re.search(r"##\w*\[", line)
        else:
            annotations += 1
            keys = [part.partition("=")[0] for part in match[2].split(",")]
            assert keys in (
                ["file", "title"],
                ["file", "line", "col", "title"],
                ["file", "line", "col", "endLine", "endColumn", "title"],
            )
    assert annotations == total if total <= 10 else annotations <= 30


@pytest.mark.parametrize("form", ["concise", "github"])
@patient
@given(many_reports)
def test_a_finding_takes_one_line(form: str, found: list[Report]) -> None:
    total = sum(len(report.diagnostics) for report in found)
    assert len(FORMATS[form](found).splitlines()) == total
