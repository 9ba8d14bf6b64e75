"""The plans of whole configs: against the expected files, the schema and the laws they obey."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from openclaw_config import api
from openclaw_config.plan import json_form
from scripts import build_plan_schema
from tests.plans.cases import EXPECTED, FOLDER, names, produce

SCHEMA = json.loads(build_plan_schema.TARGET.read_text(encoding="utf-8"))
WITH_PLAN = [name for name in names() if (FOLDER / name / "plan.json").exists()]


@lru_cache
def produced(name: str) -> dict[str, str]:
    return produce(name)


def plan_of(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(produced(name)["plan.json"])
    return value


@pytest.mark.parametrize("name", names())
def test_a_case_gives_what_its_files_say(name: str) -> None:
    expected = {
        file: path.read_text(encoding="utf-8")
        for file in EXPECTED
        if (path := FOLDER / name / file).exists()
    }
    assert produced(name) == expected


PAGE = ["chat", "everything", "image", "speech", "video"]
"""The examples of the provider's page, in the form of 2026.4.29; beside each, that of 2026.9.6."""


@pytest.mark.parametrize("name", PAGE)
def test_an_example_of_the_page_is_clean_and_planned_alike_in_either_form(name: str) -> None:
    forms = [plan_of(name), plan_of(f"{name}-2026.9.6")]
    assert [form["target"] for form in forms] == ["2026.4.29", "2026.9.6"]
    assert [produced(case)["check.txt"] for case in (name, f"{name}-2026.9.6")] == ["", ""]
    for surface in ("chat", "image", "video", "speech") if name == "everything" else (name,):
        # What OpenClaw adds of other providers differs between the two.
        refs = [[one.get("ref", "") for one in form[surface]["candidates"]] for form in forms]
        old, new = ([ref for ref in some if ref.startswith("openrouter/")] for some in refs)
        assert old == new != []


def test_the_published_schema_is_that_of_the_types() -> None:
    assert build_plan_schema.TARGET.read_text(encoding="utf-8") == build_plan_schema.text()


def _names(schema: Any) -> Iterator[str]:
    """Every key and every word that a schema knows."""
    if isinstance(schema, dict):
        properties = schema.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        yield from (word for word in schema.get("enum", ()) if isinstance(word, str))
    for item in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(item, dict | list):
            yield from _names(item)


def test_the_page_explains_every_name_of_the_schema() -> None:
    page = (build_plan_schema.TARGET.parents[1] / "docs" / "plan.md").read_text(encoding="utf-8")
    known = set(re.findall(r"\$?[A-Za-z][A-Za-z0-9-]*", page))
    assert {name for name in _names(SCHEMA) if name} - known == set()
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", WITH_PLAN)
def test_a_plan_keeps_the_published_schema(name: str) -> None:
    Draft202012Validator(SCHEMA).validate(plan_of(name))


@pytest.mark.parametrize("name", WITH_PLAN)
def test_a_plan_read_back_is_the_same_plan(name: str) -> None:
    text = produced(name)["plan.json"]
    assert json_form.dumps(json_form.loads(text)) == text


@pytest.mark.parametrize("name", WITH_PLAN)
def test_the_same_config_gives_the_same_bytes(name: str) -> None:
    assert produce(name) == produced(name)


@pytest.mark.parametrize("name", WITH_PLAN)
def test_provenance_names_fields_that_exist(name: str) -> None:
    plan = plan_of(name)
    for pointer, origin in plan["provenance"].items():
        assert at(plan, pointer) is not None, pointer
        assert origin["kind"] in {"config", "env", "default"}


@pytest.mark.parametrize("name", WITH_PLAN)
def test_what_the_config_decided_is_in_the_config_at_the_place_named(name: str) -> None:
    lines = (FOLDER / name / "openclaw.json").read_text(encoding="utf-8").split("\n")
    for origin in plan_of(name)["provenance"].values():
        if origin["kind"] == "config":
            rest = lines[origin["line"] - 1][origin["column"] - 1 :]
            assert rest[:1] not in {"", " ", ",", ":"}, origin


def at(value: Any, pointer: str) -> Any:
    """The value at a JSON pointer."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"planVersion": 99}', '{"planVersion": 2, "chat": 3}']
)
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(json_form.PlanError):
        json_form.loads(text)


def test_plans_of_several_agents_are_no_plan() -> None:
    plan = json_form.loads(produced(WITH_PLAN[0])["plan.json"])
    with pytest.raises(json_form.PlanError, match="several agents"):
        json_form.loads(json_form.dumps(plan, plan))


def test_plans_hold_no_key() -> None:
    for name in WITH_PLAN:
        for path in (FOLDER / name).iterdir():
            if path.name in {"plan.json", "plan.txt"}:
                assert "sk-or" not in Path(path).read_text(encoding="utf-8")


RECORDED = (FOLDER.parent / "conformance" / "requests.ndjson").read_text("utf-8").splitlines()


def test_the_plans_of_recorded_configs_are_read_back() -> None:
    found = 0
    for line in RECORDED[::19]:
        config = json.loads(line).get("config")
        report = api.check(text=config if isinstance(config, str) else json.dumps(config))
        if report.loads and report.document is not None:
            text = json_form.dumps(api.Config(report).plan)
            assert json_form.dumps(json_form.loads(text)) == text
            found += 1
    assert found > 5
