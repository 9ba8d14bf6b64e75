"""``diff`` and the plan that is committed: what changes in the requests."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from openclaw_config.facts import read_json
from tests.cli.program import BAD, run

CONFIG = """\
{
  meta: { lastTouchedVersion: "2026.4.29" },
  agents: { defaults: {
    mediaGenerationAutoProviderFallback: false,
    imageGenerationModel: { primary: "openrouter/x/y", timeoutMs: 5000 },
  } },
}
"""
SLOWER = CONFIG.replace("5000", "6000")
MOVED = "// the same, further down\n\n" + CONFIG
INCLUDING = "{ $include: './agents.json' }"
LINE = "  ~ openrouter/x/y steps[generate].timeoutMs: 5000 -> 6000\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (
        ("old.json", CONFIG),
        ("new.json", SLOWER),
        ("moved.json", MOVED),
        ("bad.json", BAD),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def answer(*arguments: str) -> Any:
    """What ``--format json`` prints, held against the published schema."""
    value = json.loads(run(*arguments, "--format", "json").out)
    schema = read_json("answers.schema.json")
    Draft202012Validator({"$ref": "#/$defs/diff", "$defs": schema["$defs"]}).validate(value)
    return value


# --- diff -----------------------------------------------------------------------------------------


def test_every_agent_is_compared(folder: Path) -> None:
    """A change of one agent's requests alone is no "the same"."""
    text = '{ agents: { list: [{ id: "a", default: true }, { id: "b", model: "openai/x" }] } }'
    (folder / "one.json").write_text(text, encoding="utf-8")
    (folder / "two.json").write_text(text.replace("openai/x", "openai/y"), encoding="utf-8")
    result = run("diff", "--surface", "chat", "one.json", "two.json")
    assert (result.code, result.out) == (1, "b chat\n  - openai/x\n  + openai/y\n")
    found = answer("diff", "--surface", "chat", "one.json", "two.json")
    assert {row["agent"] for row in found["changes"]} == {"b"}
    only = run("diff", "--agent", "a", "one.json", "two.json")
    assert (only.code, only.out) == (0, "")


def test_the_same_requests() -> None:
    same = run("diff", "old.json", "moved.json")
    assert same == (0, "", "the requests are the same\n")
    assert answer("diff", "old.json", "moved.json") == {
        "version": 1,
        "requestsChange": False,
        "changes": [],
    }


def test_other_requests() -> None:
    assert run("diff", "old.json", "new.json") == (1, f"image\n{LINE}", "")
    assert answer("diff", "old.json", "new.json") == {
        "version": 1,
        "requestsChange": True,
        "changes": [
            {
                "where": "image",
                "kind": "changed",
                "candidate": "openrouter/x/y",
                "field": "steps[generate].timeoutMs",
                "old": 5000,
                "new": 6000,
            }
        ],
    }


def test_markdown() -> None:
    """For the summary of a pull request: what a config holds is no sign of Markdown's."""
    head = "### old.json → {}: the requests {}\n"
    assert run("diff", "--format", "markdown", "old.json", "new.json") == (
        1,
        head.format("new.json", "change")
        + "\n**image**\n\n- `~` openrouter/x/y steps\\[generate\\].timeoutMs: 5000 -\\> 6000\n",
        "",
    )
    same = run("diff", "--format", "markdown", "old.json", "moved.json")
    assert same == (0, head.format("moved.json", "are the same"), "")


def test_one_surface() -> None:
    assert run("diff", "old.json", "new.json", "--surface", "video").code == 0
    assert run("diff", "old.json", "new.json", "--surface", "image").code == 1


def test_a_variable_alone_is_shown_and_does_not_count(folder: Path) -> None:
    text = CONFIG.replace("  agents", '  ui: { seamColor: "${COLOUR}" },\n  agents', 1)
    (folder / "variable.json").write_text(text, encoding="utf-8")
    result = run("diff", "old.json", "variable.json")
    assert (result.code, result.out) == (0, "environment\n  + COLOUR is needed\n")


def test_standard_input() -> None:
    assert run("diff", "old.json", "-", stdin=SLOWER.encode()).code == 1


def test_a_config_that_does_not_load() -> None:
    for arguments in (("bad.json", "old.json"), ("old.json", "bad.json")):
        result = run("diff", *arguments)
        assert (result.code, result.out) == (1, "")
        assert "error[unknown-key]" in result.err


def test_what_a_config_holds_cannot_steer_the_terminal(folder: Path) -> None:
    text = CONFIG.replace("openrouter/x/y", "openrouter/x/\\u001b[2J\\u202e\\ny")
    (folder / "odd.json").write_text(text, encoding="utf-8")
    result = run("diff", "old.json", "odd.json")
    assert result.code == 1
    assert not {"\x1b", "\u202e"} & set(result.out)
    assert "x/\\x1B[2J\\u202E" in result.out
    assert all(line.startswith(("image", "  ")) for line in result.out.splitlines())


WRONG_USE = [
    (["diff", "absent.json", "old.json"], "there is no file 'absent.json'"),
    (["diff", "old.json"], "NEW"),
    (["diff", "old.json", "new.json", "--agent", "nobody"], "there is no agent 'nobody'"),
    (["diff", "HEAD:old.json", "old.json"], "cannot read 'HEAD:old.json'"),
]


@pytest.mark.parametrize("arguments, message", WRONG_USE)
def test_wrong_use(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err


# --- git ------------------------------------------------------------------------------------------


def git(*arguments: str) -> None:
    identity = {"NAME": "a", "EMAIL": "a@b.test"}
    names = {
        f"GIT_{who}_{key}": value
        for who in ("AUTHOR", "COMMITTER")
        for key, value in identity.items()
    }
    nowhere = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(
        ["git", *arguments], check=True, capture_output=True, env={**os.environ, **names, **nowhere}
    )


@pytest.fixture
def repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose ``deploy/openclaw.json`` was changed, staged and changed again."""
    (folder / "deploy").mkdir()
    path = folder / "deploy" / "openclaw.json"
    git("init", "--quiet")
    for text in (CONFIG, SLOWER):
        path.write_text(text, encoding="utf-8")
        git("add", "deploy")
        git("commit", "--quiet", "--message", "change")
    path.write_text(CONFIG.replace("5000", "7000"), encoding="utf-8")
    git("add", "deploy")
    path.write_text(CONFIG.replace("5000", "8000"), encoding="utf-8")
    return folder


REVISIONS = [
    ("HEAD~1:deploy/openclaw.json", "HEAD:deploy/openclaw.json", "5000 -> 6000"),
    ("HEAD:deploy/openclaw.json", "deploy/openclaw.json", "6000 -> 8000"),
    ("HEAD:deploy/openclaw.json", ":deploy/openclaw.json", "6000 -> 7000"),
    (":0:deploy/openclaw.json", "deploy/openclaw.json", "7000 -> 8000"),
    ("HEAD^{/change}:deploy/openclaw.json", "HEAD~1:./deploy/openclaw.json", "6000 -> 5000"),
]


@pytest.mark.parametrize("old, new, change", REVISIONS)
def test_revisions(repository: Path, old: str, new: str, change: str) -> None:
    result = run("diff", old, new)
    assert (result.code, result.err) == (1, "")
    assert change in result.out


def test_a_path_from_here(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "deploy")
    assert "5000 -> 8000" in run("diff", "HEAD~1:./openclaw.json", "openclaw.json").out
    result = run("diff", "HEAD:openclaw.json", "openclaw.json")
    assert result.code == 2
    assert "cannot read 'HEAD:openclaw.json': path " in result.err


def test_a_folder_is_no_config(repository: Path) -> None:
    assert "it is no file" in run("diff", "HEAD:deploy", "old.json").err


@pytest.mark.parametrize("revision", ["HEAD", ""])
def test_includes_are_those_of_the_revision(repository: Path, revision: str) -> None:
    included = repository / "deploy" / "agents.json"
    included.write_text(CONFIG, encoding="utf-8")
    (repository / "deploy" / "openclaw.json").write_text(INCLUDING, encoding="utf-8")
    git("add", "deploy")
    git("commit", "--quiet", "--message", "split")
    included.write_text(SLOWER, encoding="utf-8")
    names = f"{revision}:deploy/openclaw.json", "deploy/openclaw.json"
    assert run("diff", *names) == (1, f"image\n{LINE}", "")
    included.unlink()
    assert run("diff", f"{revision}:./deploy/openclaw.json", "old.json").code == 0
    result = run("diff", *names)
    assert (result.code, result.out) == (1, "")
    assert "there is no file `deploy/agents.json`" in result.err


def test_an_include_that_a_revision_has_not(repository: Path) -> None:
    (repository / "deploy" / "openclaw.json").write_text(INCLUDING, encoding="utf-8")
    git("add", "deploy")
    (repository / "deploy" / "agents.json").write_text(CONFIG, encoding="utf-8")
    result = run("diff", ":deploy/openclaw.json", "deploy/openclaw.json")
    assert (result.code, result.out) == (1, "")
    assert ":deploy/openclaw.json:1:" in result.err


def test_an_include_without_conflict_is_that_of_the_merge(repository: Path) -> None:
    (repository / "deploy" / "agents.json").write_text(CONFIG, encoding="utf-8")
    (repository / "deploy" / "openclaw.json").write_text(INCLUDING, encoding="utf-8")
    git("add", "deploy")
    git("commit", "--quiet", "--message", "base")
    for branch, part in (("theirs", "./agents.json"), ("ours", "agents.json")):
        git("checkout", "--quiet", "-B", branch, *(["HEAD~1"] if branch == "ours" else []))
        text = INCLUDING.replace("agents.json", part, 1) + f"// {branch}\n"
        (repository / "deploy" / "openclaw.json").write_text(text, encoding="utf-8")
        git("commit", "--quiet", "--all", "--message", branch)
    with pytest.raises(subprocess.CalledProcessError):
        git("merge", "theirs")
    assert run("diff", ":2:deploy/openclaw.json", ":3:deploy/openclaw.json").code == 0


def test_links_of_a_revision(repository: Path) -> None:
    (repository / "deploy" / "agents.json").symlink_to("real.json")
    (repository / "deploy" / "real.json").write_text(CONFIG, encoding="utf-8")
    (repository / "deploy" / "openclaw.json").write_text(INCLUDING, encoding="utf-8")
    git("add", "deploy")
    git("commit", "--quiet", "--message", "link")
    assert run("diff", "HEAD:deploy/openclaw.json", "old.json").code == 0


def test_no_program_that_a_repository_names_is_run(repository: Path) -> None:
    marker = repository / "marker"
    program = repository / "program"
    program.write_text(f"#!/bin/sh\necho run >> '{marker}'\n", encoding="utf-8")
    program.chmod(0o755)
    hooks = repository / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-index-change", "reference-transaction", "pre-auto-gc"):
        (hooks / hook).symlink_to(program)
    for key in (
        *("core.fsmonitor", "core.sshCommand", "core.gitProxy", "core.askPass", "core.pager"),
        *("diff.external", "diff.x.textconv", "filter.x.clean", "filter.x.smudge"),
        *("filter.x.process", "credential.helper", "remote.origin.uploadpack", "remote.y.vcs"),
    ):
        git("config", key, str(program))
    (repository / ".gitattributes").write_text("* filter=x diff=x\n", encoding="utf-8")
    # Objects that are not there are fetched from where the repository says: a partial clone.
    settings = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": "ssh://host.test/x",
    }
    for key, value in settings.items():
        git("config", key, value)
    blob = subprocess.check_output(["git", "rev-parse", "HEAD:deploy/openclaw.json"], text=True)
    marker.unlink(missing_ok=True)
    (repository / ".git" / "objects" / blob[:2] / blob[2:].strip()).unlink()
    for url in ("ssh://host.test/x", f"ext::{program} %S", f"{repository}/.git", "git://h.test/x"):
        # Written, since git itself would run what stands there.
        text = (repository / ".git" / "config").read_text("utf-8")
        old = next(line for line in text.splitlines() if line.strip().startswith("url ="))
        (repository / ".git" / "config").write_text(text.replace(old, f'\turl = "{url}"'), "utf-8")
        for old_name in ("HEAD:missing.json", "HEAD:deploy/openclaw.json", ":deploy/openclaw.json"):
            run("diff", old_name, "old.json")
        run("check", ".")
    assert not marker.exists()


def test_a_program_called_git_in_the_working_folder_is_not_run(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "git").write_text("#!/bin/sh\ntouch marker\n", encoding="utf-8")
    (repository / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.pathsep}{os.environ['PATH']}")
    assert run("diff", "HEAD~1:deploy/openclaw.json", "old.json").code == 0
    assert not (repository / "marker").exists()


def test_a_file_with_a_colon_in_its_name_is_a_file(folder: Path) -> None:
    (folder / "HEAD:old.json").write_text(SLOWER, encoding="utf-8")
    assert run("diff", "old.json", "HEAD:old.json") == (1, f"image\n{LINE}", "")


# --- the committed plan ---------------------------------------------------------------------------


def test_a_lock_is_the_plan_in_json(folder: Path) -> None:
    assert run("compile", "old.json", "--lock", "plan.json") == (0, "", "")
    expected = run("compile", "old.json", "--format", "json").out
    assert (folder / "plan.json").read_text("utf-8") == expected
    assert run("compile", "old.json", "--check", "plan.json") == (0, "", "")


def test_lines_that_move_leave_the_lock_as_good_as_it_was() -> None:
    run("compile", "old.json", "--lock", "plan.json")
    assert run("compile", "moved.json", "--check", "plan.json") == (0, "", "")


def test_another_plan_is_shown() -> None:
    run("compile", "old.json", "--lock", "plan.json")
    assert run("compile", "new.json", "--check", "plan.json") == (
        1,
        f"image\n{LINE}",
        "plan.json is out of date; 'compile --lock' writes it anew\n",
    )
    assert answer("compile", "new.json", "--check", "plan.json")["requestsChange"] is True


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"planVersion": 99}', "{"])
def test_a_lock_that_is_no_plan(folder: Path, text: str) -> None:
    (folder / "plan.json").write_text(text, encoding="utf-8")
    result = run("compile", "old.json", "--check", "plan.json")
    assert (result.code, result.out) == (1, "")
    assert "'compile --lock' writes it anew" in result.err


LOCK_MISUSE = [
    (["--check", "absent.json"], "cannot read 'absent.json': No such file"),
    (["--lock", "absent/plan.json"], "cannot write 'absent/plan.json': No such file"),
    (["--lock", "a", "--check", "b"], "give one of them"),
]


@pytest.mark.parametrize("options, message", LOCK_MISUSE)
def test_wrong_use_of_locks(options: list[str], message: str) -> None:
    result = run("compile", "old.json", *options)
    assert (result.code, result.out) == (2, "")
    assert message in result.err


AGENTS = """{ agents: { list: [{ id: "main" }, { id: "writer", model: "openrouter/a/b" }] } }"""


def test_one_lock_may_hold_all_agents(folder: Path) -> None:
    (folder / "agents.json").write_text(AGENTS, encoding="utf-8")
    assert run("compile", "agents.json", "--all-agents", "--lock", "plan.json").code == 0
    plans = json.loads((folder / "plan.json").read_text("utf-8"))["plans"]
    assert [plan["agent"] for plan in plans] == ["main", "writer"]
    assert run("compile", "agents.json", "--all-agents", "--check", "plan.json").code == 0
    (folder / "agents.json").write_text(AGENTS.replace("a/b", "c/d"), encoding="utf-8")
    result = run("compile", "agents.json", "--all-agents", "--check", "plan.json")
    assert (result.code, result.out.splitlines()[0]) == (1, "writer chat")
    answer("compile", "agents.json", "--all-agents", "--check", "plan.json")


def test_an_agent_that_the_lock_has_not(folder: Path) -> None:
    (folder / "agents.json").write_text(AGENTS, encoding="utf-8")
    run("compile", "agents.json", "--lock", "plan.json")
    result = run("compile", "agents.json", "--all-agents", "--check", "plan.json")
    assert (result.code, result.out) == (1, "+ agent writer\n")
    answer("compile", "agents.json", "--all-agents", "--check", "plan.json")


@pytest.mark.parametrize(
    "lock, place",
    [
        ('{"planVersion": 2, "agent": 3, "target": ""}', "agent: it must be a string"),
        ('{"plans": [{"planVersion": 2, "agent": "a"}]}', "plans[0]: this is not a plan"),
        ('{"planVersion": ' + "[" * 5000, "not a plan in JSON"),
        ("[" * 100_000, "not a plan in JSON"),
        ('{"planVersion": []}', "not a plan in JSON"),
    ],
)
def test_a_lock_that_somebody_altered(folder: Path, lock: str, place: str) -> None:
    (folder / "plan.json").write_text(lock, encoding="utf-8")
    result = run("compile", "old.json", "--check", "plan.json")
    assert (result.code, result.out) == (1, "")
    assert place in result.err


# --- remarks --------------------------------------------------------------------------------------


def test_warnings_are_counted_and_not_repeated(folder: Path) -> None:
    text = CONFIG.replace(
        "{\n", '{\n  gateway: { auth: { mode: "token", token: "sk-abcdefgh" } },\n', 1
    )
    (folder / "warned.json").write_text(text, encoding="utf-8")
    result = run("compile", "warned.json")
    assert result.err == "warned.json: 1 warning ('openclaw-config check' shows more)\n"
    assert run("compile", "warned.json", "-q") == (0, result.out, "")
    assert run("diff", "warned.json", "warned.json", "--quiet") == (0, "", "")


def test_errors_are_shown_all_the_same(folder: Path) -> None:
    result = run("compile", "bad.json", "-q")
    assert result.code == 1
    assert "error[unknown-key]" in result.err


def test_every_command_can_be_quiet() -> None:
    from openclaw_config.cli.command import COMMANDS

    names = [name for name in COMMANDS if name != "run"]
    for command in (*([name] for name in names), ["run", "chat"], ["run", "video"]):
        assert "-q, --quiet" in run(*command, "--help").out
