"""Plans, locks and saved jobs that somebody altered: refused with a place, or of use as they are.

Whatever is done to one, nothing but our own errors comes out of reading, showing, binding or
executing it.
"""

from __future__ import annotations

import asyncio
import json
import random
from contextlib import suppress
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from openclaw_config.plan import checking, diff, json_form, text
from openclaw_config.plan.model import Plan
from openclaw_config.runtime import show
from openclaw_config.runtime.bind import bind
from openclaw_config.runtime.errors import CallError, ExecutionError, UnusableError
from openclaw_config.runtime.execute import Executor
from openclaw_config.runtime.results import Job, JobError
from openclaw_config.runtime.secrets import Secrets
from tests.conformance.requests import RECORDING, _usual
from tests.plans.cases import FOLDER
from tests.plans.test_plans import SCHEMA, WITH_PLAN
from tests.runtime.virtual import ScriptedTransport, VirtualClock

HI = {"messages": [{"role": "user", "content": "hi"}], "thinking": "low"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
CALLS: dict[str, list[dict[str, Any]]] = {
    "video": [
        {"prompt": "p"},
        {"prompt": "p", "images": [PNG], "durationSeconds": 5, "size": "9x9", "timeoutMs": 9e4},
    ],
    "image": [
        {"prompt": "p"},
        {"prompt": "p", "images": [PNG], "count": 3, "size": "9x16", "aspectRatio": "1:2"},
    ],
    "music": [
        {"prompt": "p"},
        {"prompt": "p", "images": [PNG], "durationSeconds": 500, "lyrics": "l", "format": "mp3"},
    ],
    "speech": [{"text": "t", "voice": "v", "speed": 2}],
    "transcription": [{"audios": [RECORDING], "language": "de", "timeoutMs": 9}],
    "vision": [{"images": [PNG], "prompt": "p", "maxTokens": 9}, {"images": [PNG]}],
    "chat": [{**HI, "params": {"temperature": 1, "extra_body": {"a": 1}}}, {**HI, "tools": [{}]}],
}
ODD: list[Any] = [
    None, True, False, -1, 0, 1, 2.5, 1e308, 2**80, "", "x", "²", "{", "/*", "\ud800", [], {}, [[]],
    ["x"], [None], {"x": 1}, {"$slot": {}}, {"$literal": 1}, {"$choose": "thinking"}, "chat",
    "drop", "object",
]  # fmt: skip


def texts() -> list[str]:
    return [(FOLDER / name / "plan.json").read_text(encoding="utf-8") for name in WITH_PLAN]


def places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Every container with each of its keys."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, item in list(steps):
        found.append((value, step))
        if isinstance(item, dict | list):
            places(item, found)
    return found


def mutated(value: Any, choose: random.Random) -> Any:
    """The value with one to three things in it put amiss."""
    for _ in range(choose.choice((1, 1, 1, 2, 3))):
        spots = places(value, [])
        if not spots:
            return value
        holder, step = choose.choice(spots)
        other_holder, other = choose.choice(spots)
        what = choose.randrange(5)
        if what == 0:
            del holder[step]
        elif what == 1 and isinstance(holder, dict):
            holder[choose.choice(["x", "", "$slot", "values", "ref"])] = holder.pop(step)
        elif what == 2:
            holder[step] = json.loads(json.dumps(other_holder[other]))
        else:
            holder[step] = choose.choice(ODD)
    return value


def use(plan: Plan) -> None:
    """Do with a plan what can be done with one; only our own errors may come."""
    text.render(plan)
    text.render_keys([plan])
    text.keys_as_data([plan])
    again = json_form.loads(json_form.dumps(plan))
    assert diff.diff([plan], [again]) == ()
    for surface in plan.surfaces:
        for call in CALLS[surface.surface]:
            try:
                bound = bind(surface, call)
            except (CallError, UnusableError):
                continue
            show.as_text(bound)
            show.as_curl(bound)
            json.dumps(show.as_json(bound))
            asyncio.run(_execute(bound))


async def _execute(bound: Any) -> None:
    clock = VirtualClock()
    executor = Executor(
        Secrets({"OPENROUTER_API_KEY": "k"}),
        transport=ScriptedTransport(clock, {}, _usual),
        clock=clock,
    )
    with suppress(ExecutionError):
        await executor.run(bound)


def check_mutants(seeds: range) -> None:
    validator = Draft202012Validator(SCHEMA)
    sources = texts()
    for seed in seeds:
        choose = random.Random(seed)
        value = mutated(json.loads(choose.choice(sources)), choose)
        try:
            plan = json_form.from_json(value)
        except json_form.PlanError as error:
            assert str(error), seed
            continue
        assert validator.is_valid(value), seed
        try:
            use(plan)
        except Exception as error:
            raise AssertionError(f"the mutant {seed}") from error


def test_a_few_mutants() -> None:
    check_mutants(range(40))


@pytest.mark.slow
def test_many_mutants() -> None:
    check_mutants(range(1000, 2500))


@pytest.mark.slow
def test_what_the_published_schema_allows_is_read() -> None:
    validator = Draft202012Validator(SCHEMA)
    sources = texts()
    for seed in range(600):
        choose = random.Random(seed)
        value = mutated(json.loads(choose.choice(sources)), choose)
        if validator.is_valid(value):
            found = checking.problem(value)
            # Only here are we stricter: 1.0 is no whole number.
            assert found is None or "whole number" in found.message, seed


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["chat"], 3, "chat: it must be an object"),
        (["video", "candidates", 0, "steps", 0, "url"], 3,
         "video.candidates[0].steps[0].url: it must be a string"),
        (["image", "candidates", 0, "steps", 0, "body", "model"], {"$slot": {"parameter": 3}},
         "image.candidates[0].steps[0].body.model[\"$slot\"].parameter: it must be a string"),
        (["chat", "parameters", 0, "checks"], [{"check": "words"}],
         "chat.parameters[0].checks[0]: the key table is missing"),
        (["speech", "extra"], 1, "speech.extra: there is no such key"),
        (["video", "candidates", 0, "steps", 1, "poll", "intervalMs"], -5,
         "video.candidates[0].steps[1].poll.intervalMs: it must be at least 0"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(path: list[Any], value: Any, message: str) -> None:
    plan = json.loads((FOLDER / "everything" / "plan.json").read_text(encoding="utf-8"))
    holder = plan
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    with pytest.raises(json_form.PlanError) as refused:
        json_form.loads(json.dumps(plan))
    assert str(refused.value) == f"this is not a plan: {message}"


@pytest.mark.parametrize("depth", [400, 100_000])
def test_a_deep_plan_is_refused(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    text = f'{{"planVersion": 2, "agent": "main", "target": "x", "environment": {deep}}}'
    with pytest.raises(json_form.PlanError):
        json_form.loads(text)


def jobs_from(seeds: range) -> None:
    good = {
        "jobVersion": 1,
        "surface": "video",
        "ref": "openrouter/google/veo-3.1-fast",
        "responses": {"submit": {"id": "j", "polling_url": "/x"}},
    }
    surface = json_form.loads(
        (FOLDER / "everything" / "plan.json").read_text(encoding="utf-8")
    ).video
    assert surface is not None
    for seed in seeds:
        choose = random.Random(seed)
        value = mutated(json.loads(json.dumps(good)), choose)
        try:
            job = Job.from_json(json.dumps(value))
        except JobError:
            continue
        clock = VirtualClock()
        executor = Executor(
            Secrets({"OPENROUTER_API_KEY": "k"}),
            transport=ScriptedTransport(clock, {}, _usual),
            clock=clock,
        )
        try:
            asyncio.run(executor.resume(surface, job))
        except (ExecutionError, UnusableError):
            pass
        except Exception as error:
            raise AssertionError(f"the job {seed}: {value}") from error


@pytest.mark.slow
def test_mutated_jobs() -> None:
    jobs_from(range(1500))
