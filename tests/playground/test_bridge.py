"""What the page asks of the library, without a browser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import openclaw_config as oc
from openclaw_config.targets import releases
from scripts.build_playground import EXAMPLES, archive, examples

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "docs" / "playground"
PROGRAM = """
import json, sys
sys.path[:0] = sys.argv[1:]
import playground
known = set(sys.modules)
for line in sys.stdin:
    question, given = json.loads(line)
    print(playground.answer(question, json.dumps(given)))
packages = {name.partition(".")[0] for name in sys.modules}
print(json.dumps(sorted(packages - sys.stdlib_module_names)))
"""


def answers(folder: Path, *questions: tuple[str, dict[str, Any]]) -> tuple[list[Any], list[str]]:
    """The answers of a fresh process with the archive alone, and the packages that it imported."""
    path = folder / "openclaw_config.zip"
    archive(path)
    unpacked = folder / "unpacked"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", path, unpacked], check=True)
    done = subprocess.run(
        [sys.executable, "-S", "-c", PROGRAM, str(unpacked), str(SOURCES)],
        input="\n".join(map(json.dumps, questions)),
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    *found, packages = map(json.loads, done.stdout.splitlines())
    return found, packages


def test_the_archive_answers_all_questions_without_any_other_package(tmp_path: Path) -> None:
    several = (ROOT / "fixtures/fixes/several.json5").read_text(encoding="utf-8")
    old = (ROOT / "fixtures/plans/everything/openclaw.json").read_text(encoding="utf-8")
    (about, checked, why, one, everything, plan, moved), packages = answers(
        tmp_path,
        ("about", {}),
        ("check", {"text": several, "target": ""}),
        ("explain", {"rule": "unknown-key"}),
        ("fix", {"text": several, "target": "", "index": 0}),
        ("fix_all", {"text": several, "target": "", "unsafe": False}),
        ("plan", {"text": old, "target": "", "agent": "writer", "columns": 80}),
        ("migrate", {"text": old, "answers": {}}),
    )
    assert packages == ["__main__", "openclaw_config", "playground"]
    assert about["releases"] == [*reversed(releases())]
    assert checked["diagnostics"][0]["rule"] == "wrong-comment"
    assert why["bad"] and why["good"] and why["why"]
    assert one["text"] == several.replace("#", "//", 1)
    fixed = (ROOT / "fixtures/fixes/several.fixed.json5").read_text(encoding="utf-8")
    assert (everything["text"], everything["errors"]) == (fixed, 0)
    assert (plan["agents"], plan["agent"]) == (["main", "writer"], "writer")
    assert "openrouter/openai/gpt-5.5" in plan["text"]
    assert plan["page"].startswith("<!doctype html>")
    assert moved["loads"] and moved["requests"] == []
    assert oc.check(text=moved["text"], target=moved["to"]).loads


def test_the_examples_show_what_their_titles_say() -> None:
    reports = {one["title"]: oc.check(text=one["text"]) for one in examples()}
    assert list(reports) == list(EXAMPLES)
    assert reports["Several mistakes"].error_count > 1
    assert [one.rule for one in reports["A number with underscores"].diagnostics] == [
        "numeric-separator"
    ]
    assert reports["Everything at once"].loads
    old = reports["An older config, to migrate"].document
    assert old is not None
    assert old.release == releases()[0]


def test_the_page_names_only_what_is_served() -> None:
    """Every file that a source names stands beside it, and nothing comes from elsewhere."""
    made = {"pyodide/pyodide.mjs", "pyodide/", "openclaw_config.zip", "examples.json"}
    for file in (*SOURCES.glob("*.js"), SOURCES / "index.html", SOURCES / "playground.css"):
        source = file.read_text(encoding="utf-8")
        assert not re.search(r"https?://|//cdn", source), file
        for name in re.findall(r'"(?:\./)?([\w/]+\.(?:js|mjs|css|py|zip|json))"', source):
            assert name in made or (SOURCES / name).is_file() or name == "openclaw.json", name
