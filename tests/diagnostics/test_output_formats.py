"""Each format for programs, by example; what holds for any finding is in test_output_security."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft7Validator

from openclaw_config.diagnostics.display import escape_ci_commands
from openclaw_config.diagnostics.formats import (
    FINGERPRINT,
    concise,
    github,
    gitlab,
    junit,
    markdown,
    name_from,
    sarif,
    uri_of,
)
from openclaw_config.diagnostics.model import ERROR, INFO, WARNING, Diagnostic, Report, all_rules
from openclaw_config.syntax.text import Location, Source, Span
from tests.diagnostics.reports import TEXT, example, many

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "output"
SARIF = Draft7Validator(json.loads((FIXTURES / "sarif-schema-2.1.0.json").read_text("utf-8")))

FINE = Report("openclaw.json", (), True)

# --- concise --------------------------------------------------------------------------------------


def test_concise() -> None:
    assert concise([example(), FINE]).splitlines() == [
        "conf/openclaw.json: error: there is no file [missing-file]",
        "conf/openclaw.json:4:31: error: OpenClaw knows no key `primery` here [unknown-key]",
        "conf/openclaw.json:5:22: warning: numbers have no separators: 100% [numeric-separator]",
    ]
    assert concise([FINE]) == ""


COMMANDS = [
    ("::error::x", ": :error::x"),
    ("  ::add-mask::x", "  : :add-mask::x"),
    ("a\n::error::x", "a\n: :error::x"),
    ("a ##[group]b", "a # #[group]b"),
    ("##vso[task.complete]b", "# #vso[task.complete]b"),
    ("## a [heading] and a::b", "## a [heading] and a::b"),
]


@pytest.mark.parametrize("line, expected", COMMANDS)
def test_what_a_ci_system_would_obey_is_broken_up(line: str, expected: str) -> None:
    assert escape_ci_commands(line) == expected


# --- Markdown -------------------------------------------------------------------------------------


def test_markdown() -> None:
    assert markdown([FINE, example()]).splitlines() == [
        "### conf/openclaw.json: 2 errors, 1 warning",
        "",
        "- **error** there is no file `missing-file`",
        "- **error** OpenClaw knows no key \\`primery\\` here (line 4, column 31) `unknown-key`",
        "  - here: did you mean \\`primary\\`?",
        "  - conf/openclaw.json:3:5: in this object",
        "  - allowed: fallbacks, primary",
        "  - help: write primary",
        "  - help: rename it",
        "- **warning** numbers have no separators: 100% (line 5, column 22) `numeric-separator`",
        "",
    ]
    assert markdown([FINE]) == "No problems found in the configuration.\n"


# --- GitHub ---------------------------------------------------------------------------------------


def test_github() -> None:
    # The gravest first, and the properties escaped as the runner unescapes them.
    assert github([example(), FINE]).splitlines() == [
        "::error file=conf/openclaw.json,title=missing-file::there is no file",
        "::error file=conf/openclaw.json,line=4,col=31,endLine=4,endColumn=38,title=unknown-key::"
        "OpenClaw knows no key `primery` here%0Ahere: did you mean `primary`?"
        "%0Aconf/openclaw.json:3:5: in this object%0Aallowed: fallbacks, primary"
        "%0Ahelp: write primary%0Ahelp: rename it",
        "::warning file=conf/openclaw.json,line=5,col=22,endLine=5,endColumn=29,"
        "title=numeric-separator::numbers have no separators: 100%25",
    ]
    assert github([FINE]) == ""


def test_the_gravest_finding_is_the_first_annotation() -> None:
    source = Source("abc", "a,b:c.json")
    place = Location(source, Span(0, 1))
    found = tuple(Diagnostic(f"{kind}-rule", kind, "x", place) for kind in (INFO, WARNING, ERROR))
    lines = github([Report("x", found, False)]).splitlines()
    assert [line.split()[0] for line in lines] == ["::error", "::warning", "::notice"]
    assert "file=a%2Cb%3Ac.json," in lines[0]


def test_a_span_of_several_lines_has_its_start_only() -> None:
    # GitHub takes columns only where start and end are on one line.
    found = Diagnostic("a-rule", ERROR, "x", Location(Source("{\n}", "a.json"), Span(0, 3)))
    text = github([Report("a.json", (found,), False)])
    assert text == "::error file=a.json,line=1,col=1,title=a-rule::x\n"


def test_github_s_limit_and_what_goes_beyond_it() -> None:
    lines = github([many(12), many(10, INFO), many(11, WARNING)]).splitlines()
    commands = [line for line in lines if line.startswith("::")]
    kinds = [line[2:].split()[0] for line in commands]
    assert kinds == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 10
    assert lines[30:] == [
        "3 more without an annotation: GitHub takes 10 of a kind",
        "openclaw.json:11:1: error: number 10 [unknown-key]",
        "openclaw.json:12:1: error: number 11 [unknown-key]",
        "openclaw.json:11:1: warning: number 10 [unknown-key]",
    ]


# --- SARIF ----------------------------------------------------------------------------------------


def sarif_run(*reports: Report, root: str | None = None) -> Any:
    """The one run of the log, held against the published schema."""
    text = sarif(reports, root)
    assert text.isascii()
    log = json.loads(text)
    errors = [f"{error.json_path}: {error.message}" for error in SARIF.iter_errors(log)]
    assert errors == []
    (run,) = log["runs"]
    return run


def test_the_published_schema_is_a_schema() -> None:
    Draft7Validator.check_schema(SARIF.schema)
    assert not SARIF.is_valid({"version": "2.1.0", "runs": [{"results": []}]})


def test_sarif_without_findings() -> None:
    run = sarif_run(FINE)
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []


def test_sarif_results() -> None:
    run = sarif_run(example())
    nowhere, error, warning = run["results"]
    assert [nowhere["level"], error["level"], warning["level"]] == ["error", "error", "warning"]
    (place,) = error["locations"]
    assert place == {
        "physicalLocation": {
            "artifactLocation": {"uri": "conf/openclaw.json", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 4, "startColumn": 31, "endLine": 4, "endColumn": 38},
        },
        "logicalLocations": [
            {
                "fullyQualifiedName": "agents.defaults.videoGenerationModel.primery",
                "kind": "member",
            }
        ],
    }
    assert error["message"]["text"].startswith("OpenClaw knows no key `primery` here\n")
    (related,) = error["relatedLocations"]
    assert related["message"] == {"text": "in this object"}
    assert related["physicalLocation"]["region"]["startLine"] == 3
    assert "region" not in nowhere["locations"][0]["physicalLocation"]


def test_sarif_describes_the_rules_that_occur_and_no_others() -> None:
    run = sarif_run(example())
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["missing-file", "numeric-separator", "unknown-key"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    known = all_rules()["unknown-key"]
    assert rules[2]["fullDescription"]["text"] == known.why
    assert known.bad.strip() in rules[2]["help"]["markdown"]
    assert rules[0] == {"id": "missing-file"}


def test_every_rule_s_documentation_fits_into_sarif() -> None:
    source = Source("{}", "a.json")
    found = tuple(
        Diagnostic(name, ERROR, "x", Location(source, Span(0, 1))) for name in all_rules()
    )
    rules = sarif_run(Report("a.json", found, False))["tool"]["driver"]["rules"]
    assert len(rules) == len(found)
    assert all(re.search(r"[^.]\.\Z", rule["shortDescription"]["text"]) for rule in rules)


def test_sarif_makes_no_link_out_of_a_key() -> None:
    found = Diagnostic("a-rule", ERROR, "no key `[click](https://evil.test)`")
    (result,) = sarif_run(Report("a.json", (found,), False))["results"]
    assert result["message"]["text"] == "no key `[click] (https://evil.test)`"


def test_columns_count_code_points_and_the_log_says_so() -> None:
    source = Source("'😀' é", "a.json")
    found = Diagnostic("a-rule", ERROR, "x", Location(source, Span(4, 5)))
    run = sarif_run(Report("a.json", (found,), False))
    assert run["columnKind"] == "unicodeCodePoints"
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startColumn"], region["endColumn"]) == (5, 6)


# --- fingerprints ---------------------------------------------------------------------------------


def marks(*reports: Report) -> list[str]:
    return [result["partialFingerprints"][FINGERPRINT] for result in sarif_run(*reports)["results"]]


MOVED = {
    "lines above": "\n\n// a comment\n" + TEXT,
    "indentation": TEXT.replace("  ", "\t"),
    "line ends": TEXT.replace("\n", "\r\n"),
    "white space in the line": TEXT.replace("{ primery:", "{primery :"),
    "other lines": TEXT.replace("180_000", "180_000 /* ms */").replace(" /* ms */", ""),
}


@pytest.mark.parametrize("text", MOVED.values(), ids=MOVED.keys())
def test_fingerprints_survive_what_does_not_matter(text: str) -> None:
    assert marks(example(text)) == marks(example())


def test_fingerprints_survive_another_name() -> None:
    assert marks(example(name="elsewhere.json")) == marks(example())


def test_fingerprints_tell_findings_apart() -> None:
    assert len(set(marks(example(), many(40)))) == 43
    changed = marks(example(TEXT.replace("primery:", "primery =")))
    assert [a == b for a, b in zip(changed, marks(example()), strict=True)] == [True, False, True]


def secret_line(value: str) -> Report:
    source = Source(f'{{ models: {{ apiKey: "{value}", nam: 1 }} }}', "a.json")
    at = source.text.index("nam:")
    found = Diagnostic("unknown-key", ERROR, "x", Location(source, Span(at, at + 3)))
    return Report("a.json", (found,), False)


def test_no_secret_goes_into_a_fingerprint() -> None:
    # A password of four digits could be found by trying them all.
    assert marks(secret_line("1234")) == marks(secret_line("hunter2"))


# --- GitLab ---------------------------------------------------------------------------------------


def test_gitlab() -> None:
    rows = json.loads(gitlab([example(), FINE]))
    assert [row["severity"] for row in rows] == ["blocker", "blocker", "minor"]
    assert rows[2] | {"fingerprint": ""} == {
        "description": "numbers have no separators: 100%",
        "check_name": "numeric-separator",
        "fingerprint": "",
        "severity": "minor",
        "location": {"path": "conf/openclaw.json", "lines": {"begin": 5}},
    }
    assert rows[0]["location"]["lines"] == {"begin": 1}
    assert gitlab([FINE]) == "[]\n"


def test_gitlab_s_fingerprints_are_unique_across_files() -> None:
    rows = json.loads(gitlab([example(), example(name="other.json"), many(30), many(30)]))
    assert len({row["fingerprint"] for row in rows}) == len(rows) == 66


# --- JUnit ----------------------------------------------------------------------------------------


def junit_root(*reports: Report, fail_on: str = ERROR) -> ElementTree.Element:
    text = junit(reports, fail_on=fail_on)
    assert text.isascii()
    return ElementTree.fromstring(text)


def test_junit() -> None:
    root = junit_root(example(), FINE)
    counts = {"tests": "4", "failures": "2", "errors": "0", "skipped": "1"}
    assert root.attrib == {"name": "openclaw-config", **counts}
    findings, fine = root
    assert findings.attrib["name"] == "conf/openclaw.json"
    assert [case.attrib["name"] for case in findings] == [
        "missing-file",
        "unknown-key agents.defaults.videoGenerationModel.primery at 4:31",
        "numeric-separator agents.defaults.maxConcurrent at 5:22",
    ]
    assert [case[0].tag for case in findings] == ["failure", "failure", "skipped"]
    assert findings[1].attrib["line"] == "4"
    failure = findings[1][0]
    assert failure.attrib["message"] == "OpenClaw knows no key `primery` here"
    assert "^^^^^^^ did you mean `primary`?" in (failure.text or "")
    assert [len(case) for case in fine] == [0]


def test_junit_fails_what_the_run_fails() -> None:
    (suite,) = junit_root(example(), fail_on=WARNING)
    assert suite.attrib["failures"] == "3"
    assert [case[0].tag for case in suite] == ["failure"] * 3


# --- names of files -------------------------------------------------------------------------------

NAMES = [
    ("openclaw.json", None, None, "openclaw.json"),
    ("./a/../openclaw.json", None, None, "openclaw.json"),
    ("<stdin>", None, "/repo", "<stdin>"),
    ("openclaw.json", "/repo/deploy/openclaw.json", "/repo", "deploy/openclaw.json"),
    ("openclaw.json", "/repo/deploy/openclaw.json", "/repo/", "deploy/openclaw.json"),
    ("/etc/openclaw.json", "/etc/openclaw.json", "/repo", "/etc/openclaw.json"),
    ("/repository/a.json", "/repository/a.json", "/repo", "/repository/a.json"),
    ("\0", None, "/repo", "\0"),
]


@pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")
@pytest.mark.parametrize("name, path, root, expected", NAMES)
def test_names_from_the_root(name: str, path: str | None, root: str | None, expected: str) -> None:
    place = Location(Source("", name, path), Span(0, 0))
    assert name_from(name, root, place) == expected


def test_a_relative_name_counts_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deploy").mkdir()
    monkeypatch.chdir(tmp_path / "deploy")
    assert name_from("openclaw.json", str(tmp_path)) == "deploy/openclaw.json"


URIS = [
    ("deploy/openclaw.json", "deploy/openclaw.json"),
    ("a b%20.json", "a%20b%2520.json"),
    ("a:b#c?.json", "a%3Ab%23c%3F.json"),
    ("größe.json", "gr%C3%B6%C3%9Fe.json"),
    ("<stdin>", "%3Cstdin%3E"),
    ("\udcff.json", "%FF.json"),
    ("\ud800.json", "%ED%A0%80.json"),
    ("/etc/a.json", "file:///etc/a.json"),
]


@pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")
@pytest.mark.parametrize("name, expected", URIS)
def test_uris(name: str, expected: str) -> None:
    assert uri_of(name) == expected
