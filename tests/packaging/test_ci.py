"""The action and the page about CI: scripts that are run here, command lines that are real."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from openclaw_config import __version__
from openclaw_config.cli.parameters import commands
from tests.cli.program import BAD, OK
from tests.support import sampled

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
ACTION: Any = YAML(typ="safe").load(ROOT / "action.yml")
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"] if "id" in step}
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")

posix = pytest.mark.skipif(os.name == "nt", reason="the tests run the scripts with bash")


class Job:
    """A job of a workflow, as far as the action needs one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder.parent / "output"
        self.output.touch()
        self.summary = folder.parent / "summary"
        self.program = str(Path(sys.executable).parent / "openclaw-config")

    def run(self, step: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run a step's script as the runner does."""
        given = {f"inputs.{name}": value["default"] for name, value in ACTION["inputs"].items()}
        given |= {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
        given["steps.install.outputs.program"] = self.program
        given["steps.python.outputs.python-path"] = sys.executable
        env = {
            name: _EXPRESSION.sub(lambda match: given[match[1]], value)
            for name, value in STEPS[step].get("env", {}).items()
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[step]["run"]],
            cwd=self.folder / given["inputs.working-directory"],
            env={
                **os.environ,
                **env,
                "GITHUB_WORKSPACE": str(self.folder),
                "GITHUB_OUTPUT": str(self.output),
                "GITHUB_STEP_SUMMARY": str(self.summary),
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(ROOT),
                "RUNNER_TEMP": str(self.folder.parent),
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def outputs(self) -> dict[str, str]:
        """What the steps have put out so far."""
        lines = self.output.read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    folder = tmp_path / "work space"
    (folder / "deploy").mkdir(parents=True)
    (folder / "deploy" / "bad.json").write_text(BAD, encoding="utf-8")
    (folder / "deploy" / "ok.json").write_text(OK, encoding="utf-8")
    return Job(folder)


@posix
def test_the_action_annotates_and_fails(job: Job) -> None:
    done = job.run("check", files="deploy/ok.json\n\ndeploy/bad.json\n")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("::error file=deploy/bad.json,line=1,col=34,")
    assert done.stdout.count("\n") == 1


@posix
def test_the_action_is_quiet_when_all_is_well(job: Job) -> None:
    done = job.run("check", files="deploy/ok.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@posix
def test_paths_count_from_the_working_folder_and_annotations_from_the_root(job: Job) -> None:
    done = job.run("check", files="bad.json", working_directory="deploy")
    assert done.stdout.startswith("::error file=deploy/bad.json,")


@posix
def test_the_action_passes_its_options_on(job: Job) -> None:
    text = '{ gateway: { port: 1, port: 2 }, ui: { seamColor: "${COLOUR}" } }'
    (job.folder / "twice.json").write_text(text, encoding="utf-8")
    (job.folder / "colour.env").write_text('COLOUR="#ffffff"\n', encoding="utf-8")
    (job.folder / "wrong.env").write_text("COLOUR=x\n", encoding="utf-8")
    codes = [
        job.run("check", files="twice.json", **options).returncode
        for options in ({}, {"fail_on": "warning"}, {"env_file": "wrong.env"})
    ]
    assert codes == [0, 1, 1]
    assert job.run("check", files="twice.json", env_file="colour.env").returncode == 0


@posix
def test_the_action_writes_sarif_even_where_the_check_will_fail(job: Job) -> None:
    done = job.run("sarif", files="bad.json", working_directory="deploy", sarif_file="found.sarif")
    assert done.returncode == 0, done.stderr
    assert job.outputs() == {"file": "deploy/found.sarif"}
    log = json.loads((job.folder / "deploy" / "found.sarif").read_text(encoding="utf-8"))
    (result,) = log["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "deploy/bad.json"


@posix
def test_the_action_writes_what_a_migration_does_into_the_summary(job: Job) -> None:
    old = '{ env: { A: "${B}" }, bindings: [{ agentId: "ghost", match: { channel: "slack" } }] }'
    (job.folder / "deploy" / "old.json").write_text(old, encoding="utf-8")
    done = job.run("migrate", files="old.json\nok.json", working_directory="deploy")
    assert (done.returncode, done.stdout) == (0, "")  # what is left to decide fails no step
    summary = job.summary.read_text(encoding="utf-8")
    assert "### old.json: OpenClaw 2026.4.29 → 2026.9.6" in summary
    assert "- env.A: moved to env.vars.A; refused since 2026.8.1 (old.json:1:13)" in summary
    assert "  - `--answer 'bindings[0].agentId=remove'`: it is removed" in summary
    assert "### ok.json" in summary
    assert (job.folder / "deploy" / "old.json").read_text(encoding="utf-8") == old
    assert job.run("migrate", files="missing.json").returncode == 2


@posix
def test_the_action_writes_the_findings_into_the_summary(job: Job) -> None:
    done = job.run("summary", files="bad.json\nok.json", working_directory="deploy")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    lines = job.summary.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "### deploy/bad.json: 1 error"
    assert lines[2].startswith(
        "- **error** unknown key \\`primry\\` in agents.defaults.model (line 1,"
    )
    assert not any("ok.json" in line for line in lines)
    assert job.run("summary", files="missing.json").returncode == 2


@posix
def test_the_action_writes_what_changes_in_the_requests_into_the_summary(job: Job) -> None:
    def git(*arguments: str) -> str:
        names = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        command = ["git", *names, *arguments]
        return subprocess.run(
            command, cwd=job.folder, check=True, capture_output=True, text=True
        ).stdout.strip()

    config = job.folder / "deploy" / "openclaw.json"
    config.write_text(OK, encoding="utf-8")
    git("init", "-q")
    git("add", "deploy/openclaw.json")
    git("commit", "-qm", "a config")
    base = git("rev-parse", "HEAD")
    config.write_text(OK.replace("auto", "x/y"), encoding="utf-8")
    git("commit", "-qam", "another model")
    for files in (".", "deploy/openclaw.json\ndeploy/ok.json"):  # the last is new
        job.summary.unlink(missing_ok=True)
        done = job.run("compare", files=files, compare_with=base)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        title, *lines = job.summary.read_text(encoding="utf-8").splitlines()
        assert title.startswith("### ")
        assert title.endswith("deploy/openclaw.json: the requests change")
        assert "**chat**" in lines and "- `+` openrouter/x/y" in lines
    assert job.run("compare", files=".", compare_with="0" * 40).returncode == 2


INJECTIONS = ["$(touch pwned)", "`touch pwned`", '"; touch pwned; "', "--output=pwned", "-h"]


@posix
@pytest.mark.parametrize("text", sampled(INJECTIONS, 4))
def test_no_input_is_run(job: Job, text: str) -> None:
    for step in ("sarif", "summary", "compare", "check", "migrate"):
        given = {"files": text, "env_file": text, "fail_on": text, "compare_with": text}
        done = job.run(step, sarif_file="x", **given)
        assert done.returncode == 2
    assert not list(job.folder.rglob("pwned*"))


def test_inputs_are_never_part_of_a_script() -> None:
    scripts = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]
    assert len(scripts) == 6
    assert not any("${{" in script for script in scripts)


@pytest.mark.slow
@posix
def test_the_action_installs_itself(job: Job) -> None:
    done = job.run("install")
    assert done.returncode == 0, done.stderr
    job.program = job.outputs()["program"]
    assert job.program.startswith(str(job.folder.parent))
    assert job.run("check", files="deploy/bad.json").returncode == 1


# --- the page -------------------------------------------------------------------------------------


def command_lines() -> list[str]:
    return re.findall(
        r"^ *(?:- )?openclaw-config ((?:check|compile|diff|fmt) .*)$", PAGE, re.MULTILINE
    )


@pytest.mark.parametrize("line", command_lines())
def test_the_page_s_command_lines_are_real(line: str) -> None:
    name, *arguments = shlex.split(line)
    command = commands.get_command(click.Context(commands), name)
    assert command is not None
    context = command.make_context(name, arguments)  # raises for what there is not
    assert context.params


def test_the_page_has_command_lines() -> None:
    assert len(command_lines()) == 7


def test_the_page_names_every_format() -> None:
    from openclaw_config.cli.check import FORMATS

    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == sorted(
        FORMATS,
        key=["text", "concise", "json", "markdown", "github", "sarif", "gitlab", "junit"].index,
    )


@pytest.mark.parametrize("block", [body for name, body in _BLOCK.findall(PAGE) if name == "yaml"])
def test_the_page_s_workflows(block: str) -> None:
    workflow = YAML(typ="safe").load(block)
    for job in workflow.get("jobs", {}).values():
        for step in job["steps"]:
            if "openclaw-config@" in step["uses"]:
                assert set(step.get("with", {})) <= set(ACTION["inputs"])
    outputs = set(re.findall(r"steps\.config\.outputs\.([\w-]+)", block))
    assert outputs <= set(ACTION["outputs"])


def test_the_python_of_the_job_stays_what_it_is() -> None:
    (setup,) = (step for step in ACTION["runs"]["steps"] if "setup-python" in step.get("uses", ""))
    assert setup["with"]["update-environment"] is False
    assert "python-path" in STEPS["install"]["env"]["PYTHON"]
    assert not re.search(r"^\s*python", STEPS["install"]["run"], re.MULTILINE)


RELEASE: Any = YAML(typ="safe").load(ROOT / ".github" / "workflows" / "release.yml")


def test_a_release_is_made_of_a_tag_alone_with_an_attestation() -> None:
    assert RELEASE["on"] == {"push": {"tags": ["v*"]}}
    assert RELEASE["permissions"] == {}
    used = [step.get("uses", "") for step in RELEASE["jobs"]["release"]["steps"]]
    assert any(name.startswith("actions/attest-build-provenance@") for name in used)
    assert RELEASE["jobs"]["release"]["permissions"]["attestations"] == "write"
    scripts = [step.get("run", "") for job in RELEASE["jobs"].values() for step in job["steps"]]
    assert any("python -m build" in script for script in scripts)
    # What stands in a script itself would be run.
    assert not any("${{" in script for script in scripts)


@posix
@pytest.mark.parametrize("tag, code", [(f"v{__version__}", 0), ("v0.0.0", 1), ("v1$(false)", 1)])
def test_a_tag_must_name_the_version(tag: str, code: int) -> None:
    steps = RELEASE["jobs"]["build"]["steps"]
    (script,) = (step["run"] for step in steps if "TAG" in step.get("env", {}))
    folder = os.path.dirname(sys.executable)
    env = {**os.environ, "TAG": tag, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-e", "-c", script], cwd=ROOT, env=env, check=False)
    assert done.returncode == code
